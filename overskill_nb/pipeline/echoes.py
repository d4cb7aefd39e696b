"""What this engine wrote itself, to tell it from what another program writes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import OverskillError
from .project import Project


class Echoes:
    """The contents of an app's files as they are known; None for what is gone."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._digests: dict[str, str | None] = {}

    def know(self, digests: Mapping[str, str | None]) -> None:
        self._digests.update(digests)

    def know_disk(self, paths: Iterable[str]) -> None:
        """What stands on disk now is known."""
        for path in paths:
            with contextlib.suppress(OSError, OverskillError):
                self._digests[path] = self._project.digest(path)

    def unknown(self, paths: Iterable[str]) -> dict[str, str | None]:
        """Those of the paths whose contents on disk are other than what is known, with their digests."""
        found: dict[str, str | None] = {}
        for path in sorted(paths):
            try:
                content: str | None = self._project.digest(path)
            except FileNotFoundError:
                content = None
            except (OSError, OverskillError):  # a folder, a link out of the app, a file that vanished meanwhile
                continue
            if path not in self._digests or self._digests[path] != content:
                found[path] = content
        return found

    def outdated(self, paths: Iterable[str]) -> dict[str, str | None]:
        """Likewise, but only those that something was known of: of others the worker reads what the disk holds."""
        return self.unknown(path for path in paths if path in self._digests)


def sources(seen: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Files whose contents the worker reads from disk, or that are gone."""
    return [{"path": path, "content": None} if digest is None else {"path": path} for path, digest in seen.items()]
