"""Files that are about to be written: those of a request that the disk does not hold already."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..errors import FileError
from ..file_text import as_bytes
from ..protocol import FileChange
from . import paths
from .project import Project, digest

_Change = tuple[str, Path, bytes | None]
"""Path in the app, file, and new content; None to delete it."""

_RUN_WHILE_BUILDING = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".json")
"""What Node may load from the disk while an app is compiled: Tailwind's configuration, plugins, and their imports."""


class Changes:
    """What a request changes on disk. Raises PathError or FileError, before anything is written, where it cannot be."""

    def __init__(self, project: Project, files: Sequence[FileChange]) -> None:
        paths.check_together(item.path for item in files if item.content is not None)
        self._project = project
        self._left = list(_differing(project, files))
        self.paths = [path for path, _, _ in self._left]
        """Of the files that change."""
        self.digests = {path: None if data is None else digest(data) for path, _, data in self._left}
        """By path, to know the echo of what is written; None for what is deleted."""
        self.run_while_building = any(path.endswith(_RUN_WHILE_BUILDING) for path in self.paths)
        """Whether one of the files may have to be on the disk before the app is compiled."""
        handed_in = {item.path: item.content for item in files}
        self.sources: list[dict[str, Any]] = [{"path": path, "content": handed_in[path]} for path in self.paths]
        """The new contents, for the worker."""

    def write(self) -> None:
        """Write what is not written yet."""
        while self._left:
            path, file, data = self._left[0]
            if data is None:
                self._project.delete(path)
            else:
                self._project.write(file, data)
            del self._left[0]

    def write_early(self) -> None:
        """Write what can be written; what fails is told when it is tried again."""
        with contextlib.suppress(FileError):
            self.write()


def _differing(project: Project, files: Sequence[FileChange]) -> Iterable[_Change]:
    for item in files:
        file = project.locate(item.path)
        data = None if item.content is None else as_bytes(item.path, item.content)
        if data is None and not file.exists():
            raise FileError(f"There is no file '{item.path}' in {project.name}.")
        if data is None or not project.holds(file, data):
            yield item.path, file, data
