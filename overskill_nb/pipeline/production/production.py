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
from .builders import Builders


class _Told(msgspec.Struct):
    """What the builder has to say beside what it built."""

    diagnostics: list[Diagnostic]


_built = msgspec.json.Decoder(BuiltFiles).decode
_told = msgspec.json.Decoder(_Told).decode


class Production:
    """Turns apps into artefacts, in processes that keep what they learned from build to build."""

    def __init__(
        self,
        node: Node,
        tools: Path,
        cache: Path,
        store: ArtefactStore,
        limits: Limits | None = None,
        processes: int = 2,
    ) -> None:
        self.store = store
        self._builders = Builders(lambda: Builder(node, tools, cache, limits or Limits()), processes)
        self._scratch = tempfile.TemporaryDirectory(prefix="overskill-build-")

    @property
    def pids(self) -> list[int]:
        """Of the builders that run."""
        return [builder.pid for builder in self._builders.all if builder.pid is not None]

    async def build(
        self, root: Path, modules: Path, *, app: str, on_line: Callable[[str], None] = lambda _: None
    ) -> Artefact:
        """Build an app against the ``node_modules`` in ``modules``. Raises BuildError. Cancelling stops the build."""
        started = time.monotonic()
        answer = await self._ask("build", root, modules)
        built = _built(answer)
        built.warnings = texts = [_sentence(warning) for warning in _told(answer).diagnostics]
        artefact = await asyncio.to_thread(self._put, built)
        for text in texts:
            on_line(text)
        seconds = time.monotonic() - started
        size = artefact.first_load_gzip / 1000
        on_line(f"Built {len(artefact.files)} files in {seconds:.2f} s; the first load is {size:.0f} kB compressed")
        return artefact

    async def warm(self, root: Path, modules: Path) -> None:
        """Do beforehand what builds of this app have in common, while its user still edits."""
        await self._ask("warm", root, modules)

    async def _ask(self, method: str, root: Path, modules: Path) -> msgspec.Raw:
        folder = str(root.resolve())
        return await self._builders.of(folder).ask(
            method, root=folder, modules=str(modules.resolve()), out=self._scratch.name, have=str(self.store.blobs)
        )

    def _put(self, built: BuiltFiles) -> Artefact:
        artefact = self.store.put(built)
        for file in [*built.files, *built.maps, *([built.worker] if built.worker else [])]:
            if file.source.startswith(self._scratch.name):
                Path(file.source).unlink(missing_ok=True)
        return artefact

    async def close(self) -> None:
        """End the builders."""
        await self._builders.close()
        self._scratch.cleanup()


def _sentence(warning: Diagnostic) -> str:
    where = diagnostics.place(warning)
    text = f"{where}: {warning.message}" if where else warning.message
    return f"{text.rstrip('.')}. {warning.hint}".strip() if warning.hint else text
