"""What previews of an app needed of packages when they were opened last: sent before it is known that they do again."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from .. import config
from .chunk import Chunk

MODULES = 64
"""Of so many of an app's components it is kept."""


class Likely:
    """The chunks of one app, by the module that a preview shows. They are named by their content: a wrong guess costs
    its sending."""

    def __init__(self, app: str) -> None:
        self._file = config.cache_folder() / "bundles" / "likely" / f"{app}.json"

    def chunks(self, module: str) -> list[Chunk]:
        """Those that are still kept."""
        files = [Path(file) for file in self._read().get(module, [])]
        return [Chunk(id=file.stem, file=str(file)) for file in files if file.is_file()]

    def note(self, module: str, chunks: list[Chunk]) -> None:
        """A preview needed these. Whole or not at all: several engines may share the folder."""
        known = self._read()
        files = [chunk.file for chunk in chunks if chunk.file]
        if known.pop(module, None) == files:
            return
        kept = dict([*known.items(), (module, files)][-MODULES:])
        scratch = self._file.with_suffix(f".{os.getpid()}.tmp")
        # Where it cannot be kept nothing is guessed.
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            scratch.write_text(json.dumps(kept), "utf-8")
            os.replace(scratch, self._file)

    def _read(self) -> dict[str, list[str]]:
        try:
            read = json.loads(self._file.read_text("utf-8"))
            return {str(module): [str(file) for file in files] for module, files in read.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}
