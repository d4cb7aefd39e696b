"""Builds of apps for deployment."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from ... import diagnostics
from ...protocol import Diagnostic
from ..artefacts import Artefact, ArtefactStore, BuiltFiles
from ..node import Node
from .builder import Builder, Limits


class _Told(msgspec.Struct):
    """What the builder has to say beside what it built."""

    diagnostics: list[Diagnostic]


_built = msgspec.json.Decoder(BuiltFiles).decode
_told = msgspec.json.Decoder(_Told).decode


class Production:
    """Turns apps into artefacts, in one process that keeps what it learned from build to build."""

    def __init__(
        self, node: Node, tools: Path, cache: Path, store: ArtefactStore, limits: Limits | None = None
    ) -> None:
        self.store = store
        self._builder = Builder(node, tools, cache, limits or Limits())
        self._scratch = tempfile.TemporaryDirectory(prefix="overskill-build-")

    @property
    def pid(self) -> int | None:
        """The builder's process id while it runs."""
        return self._builder.pid

    async def build(
        self, root: Path, modules: Path, *, app: str, on_line: Callable[[str], None] = lambda _: None
    ) -> Artefact:
        """Build an app against the ``node_modules`` in ``modules``. Raises BuildError. Cancelling stops the build."""
        started = time.monotonic()
        answer = await self._builder.ask(
            "build",
            app=app,
            root=str(root),
            modules=str(modules),
            out=self._scratch.name,
            have=str(self.store.blobs),
        )
        built = _built(answer)
        built.warnings = texts = [_sentence(warning) for warning in _told(answer).diagnostics]
        artefact = await asyncio.to_thread(self.store.put, built)
        for text in texts:
            on_line(text)
        seconds = time.monotonic() - started
        size = artefact.first_load_gzip / 1000
        on_line(f"Built {len(artefact.files)} files in {seconds:.2f} s; the first load is {size:.0f} kB compressed")
        return artefact

    async def warm(self, root: Path, modules: Path) -> None:
        """Do beforehand what builds of this app have in common, while its user still edits."""
        out, have = self._scratch.name, str(self.store.blobs)
        await self._builder.ask("warm", root=str(root), modules=str(modules), out=out, have=have)

    async def close(self) -> None:
        """End the builder."""
        await self._builder.close()
        self._scratch.cleanup()


def _sentence(warning: Diagnostic) -> str:
    where = diagnostics.place(warning)
    text = f"{where}: {warning.message}" if where else warning.message
    return f"{text.rstrip('.')}. {warning.hint}".strip() if warning.hint else text
