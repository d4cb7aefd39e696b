"""The JavaScript tools of the worker: installed once per user, from the lockfile inside this package."""

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

SOURCE = Path(__file__).parent / "toolchain"
_FILES = ("package.json", "package-lock.json", ".npmrc")


def folder() -> Path:
    """Where the tools of this version of the lockfile are installed, or will be."""
    lock = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()
    return config.cache_folder() / "tools" / lock[:16]


def installed() -> bool:
    return (folder() / "node_modules").is_dir()


async def ensure(node: Node, on_line: Callable[[str], None]) -> Path:
    """The folder whose ``node_modules`` holds the tools; installs them where they are missing."""
    target = folder()
    if installed():
        return target
    on_line("Installing the JavaScript tools")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tools-", dir=target.parent) as scratch:
        made = Path(scratch) / "tools"
        made.mkdir()
        for name in _FILES:
            shutil.copyfile(SOURCE / name, made / name)
        done = await process.run([*node.npm, "ci", "--ignore-scripts", *npm.QUIET], cwd=made, env=node.environment)
        if done.code != 0:
            raise ToolsError(f"The JavaScript tools could not be installed: {npm.reason(done.tail)}")
        process.publish(made, target)
    return target
