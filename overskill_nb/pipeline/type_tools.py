"""What checks the types of generated code: installed beside the other tools when a model is first asked."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from ..errors import OverskillError
from . import tools
from .node import Node

SOURCE = Path(__file__).parent / "type_toolchain"


def folder() -> Path:
    """Where they are installed, or will be. Until then types are not checked."""
    return tools.folder(SOURCE)


class TypeTools:
    """Installs them beside other work, which does not wait for it."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._installing: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Install them where they are missing."""
        if self._installing is None and not tools.installed(SOURCE):
            self._installing = asyncio.create_task(self._install())

    async def _install(self) -> None:
        # Checks say that they went without; the next engine tries again.
        with contextlib.suppress(OverskillError, OSError):
            await tools.ensure(self._node, lambda _: None, SOURCE, "the type checker")

    async def close(self) -> None:
        """Give up what is under way."""
        if self._installing is not None:
            self._installing.cancel()
            await asyncio.wait([self._installing], timeout=5)
