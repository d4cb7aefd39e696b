"""JavaScript tools: installed once per user, each set from a lockfile inside this package."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from .. import config
from ..errors import ToolsError
from . import npm, process
from .node import Node

WORKER = Path(__file__).parent / "toolchain"
"""The tools of the Node worker."""
_FILES = ("package.json", "package-lock.json", ".npmrc")


def folder(source: Path = WORKER) -> Path:
    """Where the tools of this version of the lockfile are installed, or will be."""
    lock = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    return config.cache_folder() / "tools" / lock[:16]


def installed(source: Path = WORKER) -> bool:
    return (folder(source) / "node_modules").is_dir()


async def ensure(
    node: Node,
    on_line: Callable[[str], None],
    source: Path = WORKER,
    what: str = "the JavaScript tools",
) -> Path:
    """The folder whose ``node_modules`` holds the tools of ``source``; installs them where they are missing."""
    target = folder(source)
    if installed(source):
        return target
    on_line(f"Installing {what}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tools-", dir=target.parent) as scratch:
        made = Path(scratch) / "tools"
        made.mkdir()
        for name in _FILES:
            shutil.copyfile(source / name, made / name)
        done = await process.run([*node.npm, "ci", "--ignore-scripts", *npm.QUIET], cwd=made, env=node.environment)
        if done.code != 0:
            raise ToolsError(f"{what[0].upper()}{what[1:]} could not be installed: {npm.reason(done.tail)}")
        process.publish(made, target)
    return target
