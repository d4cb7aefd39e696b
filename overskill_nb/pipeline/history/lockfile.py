"""The lockfile that ``npm ci`` wants of a project."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ... import config
from ...errors import PackageError
from .. import npm, process
from ..node import Node
from ..project import Project

NAME = "package-lock.json"
REGISTRY = "https://registry.npmjs.org/"
_DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


async def lockfile(project: Project, node: Node, on_line: Callable[[str], None]) -> bytes | None:
    """The lockfile that the project lacks; None where it needs none, or has one that fits. Raises PackageError."""
    manifest = _read(project.root / "package.json")
    if manifest is None or _fits(manifest, _read(project.root / NAME)):
        return None
    kept = config.cache_folder() / "locks" / f"{_key(project.root, node)}.json"
    if kept.is_file():
        return kept.read_bytes()
    on_line("Writing package-lock.json")
    made = await _make(project.root, node)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".lock-", dir=kept.parent) as scratch:
        (Path(scratch) / "lock").write_bytes(made)
        (Path(scratch) / "lock").replace(kept)
    return made


async def _make(root: Path, node: Node) -> bytes:
    with tempfile.TemporaryDirectory(prefix="overskill-lock-") as scratch:
        folder = Path(scratch)
        for name in ("package.json", NAME, ".npmrc"):
            if (root / name).is_file():
                shutil.copyfile(root / name, folder / name)
        command = [*node.npm, "install", "--package-lock-only", "--ignore-scripts", *npm.QUIET]
        done = await process.run(command, cwd=folder, env=node.environment)
        if done.code != 0 or not (folder / NAME).is_file():
            raise PackageError(f"{NAME} could not be written: {npm.reason(done.tail)}")
        asked = await process.run([*node.npm, "config", "get", "registry"], cwd=folder, env=node.environment)
        registry = asked.tail.strip().splitlines()[-1].strip() if asked.code == 0 and asked.tail.strip() else REGISTRY
        made = (folder / NAME).read_bytes()
    return _complete(made if _names_registry(root) else _portable(made, registry))


def _complete(lock: bytes) -> bytes:
    """The lockfile without the optional packages that the registry does not have: ``npm ci`` would miss them."""
    read = json.loads(lock)
    there = read.get("packages", {})
    for place, package in there.items():
        optional = package.get("optionalDependencies", {})
        missing = [name for name in optional if not _reachable(there, place, name)]
        for name in missing if place else ():
            del optional[name]
    return _written(read)


def _reachable(there: dict[str, Any], place: str, name: str) -> bool:
    """Whether a package finds another, in its own ``node_modules`` or in one further out."""
    while True:
        if f"{place}/node_modules/{name}".lstrip("/") in there:
            return True
        if not place:
            return False
        place = place.rpartition("node_modules/")[0].rstrip("/")


def _written(lock: dict[str, Any]) -> bytes:
    return (json.dumps(lock, indent=2, ensure_ascii=False) + "\n").encode()


def _portable(lock: bytes, registry: str) -> bytes:
    """The lockfile as it would be without this machine's mirror: other machines do not know that one."""
    host = urlsplit(registry).hostname
    read = json.loads(lock)
    for package in read.get("packages", {}).values():
        resolved = package.get("resolved", "")
        if host and "/-/" in resolved and urlsplit(resolved).hostname == host:
            package["resolved"] = f"{REGISTRY}{_package_path(resolved)}"
    return _written(read)


def _package_path(resolved: str) -> str:
    """``name/-/name-1.0.0.tgz``, with the scope where there is one."""
    before, _, file = resolved.partition("/-/")
    parts = before.split("/")
    name = "/".join(parts[-2:]) if parts[-2].startswith("@") else parts[-1]
    return f"{name}/-/{file.partition('?')[0]}"


def _names_registry(root: Path) -> bool:
    """Whether the project itself says where its packages are."""
    try:
        lines = (root / ".npmrc").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return any(line.partition("=")[0].strip().endswith("registry") for line in lines)


def _fits(manifest: dict[str, Any], lock: dict[str, Any] | None) -> bool:
    if lock is None or not isinstance(lock.get("packages"), dict):
        return False
    root = lock["packages"].get("")
    return isinstance(root, dict) and all(
        (root.get(kind) or {}) == (manifest.get(kind) or {}) for kind in _DEPENDENCIES
    )


def _read(file: Path) -> dict[str, Any] | None:
    try:
        read = json.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError):
        return None
    return read if isinstance(read, dict) else None


def _key(root: Path, node: Node) -> str:
    hashed = hashlib.sha256(node.version.split(".")[0].encode())
    for name in ("package.json", NAME, ".npmrc"):
        file = root / name
        hashed.update(file.read_bytes() if file.is_file() else b"\0")
        hashed.update(b"\0")
    return hashed.hexdigest()[:32]
