"""What previews of an app needed of packages when they were opened last, and so are likely to need again."""

from __future__ import annotations

import contextlib
import json
import os

from .. import config
from .chunk import FOLDER, Chunk, kept

MODULES = 64
"""Of so many of an app's components it is kept."""


class LikelyChunks:
    """The chunks of one app, by the module that a preview shows. They are named by their content: a wrong guess costs
    a preview some time, and nothing else."""

    def __init__(self, app: str) -> None:
        self._file = config.cache_folder() / FOLDER / "likely" / f"{app}.json"

    def of(self, module: str) -> list[str]:
        """The ids of those that are still kept."""
        return [name for name in self._read().get(module, []) if kept(name)]

    def note(self, module: str, chunks: list[Chunk]) -> None:
        """A preview needed these. Whole or not at all: several engines may share the folder."""
        known = self._read()
        names = [chunk.id for chunk in chunks]
        if known.pop(module, None) == names:
            return
        likely = dict([*known.items(), (module, names)][-MODULES:])
        scratch = self._file.with_suffix(f".{os.getpid()}.tmp")
        # Where it cannot be kept nothing is guessed.
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            scratch.write_text(json.dumps(likely), "utf-8")
            os.replace(scratch, self._file)

    def _read(self) -> dict[str, list[str]]:
        try:
            read = json.loads(self._file.read_text("utf-8"))
            return {str(module): [str(name) for name in names] for module, names in read.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}
