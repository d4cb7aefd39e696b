"""Where a repository's branch was when it was last looked at, kept beside the app's history."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec


class Known(msgspec.Struct, frozen=True):
    """Commits; empty where there was none."""

    seen: str = ""
    """What GitHub had last."""
    agreed: str = ""
    """What both sides had last."""


class Knowledge:
    """Of one app's repositories and branches. A file that cannot be read counts as none: all of it is found again."""

    def __init__(self, git_folder: Path) -> None:
        self._file = git_folder / "overskill" / "github.json"

    def read(self, repository: str, branch: str) -> Known:
        return self._all().get(f"{repository.lower()} {branch}", Known())

    def write(self, repository: str, branch: str, known: Known) -> None:
        all_known = self._all()
        key = f"{repository.lower()} {branch}"
        if all_known.get(key) == known:
            return
        all_known[key] = known
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}.writing")
        beside.write_bytes(msgspec.json.encode(all_known))
        os.replace(beside, self._file)

    def _all(self) -> dict[str, Known]:
        try:
            return msgspec.convert(json.loads(self._file.read_bytes()), dict[str, Known])
        except (OSError, ValueError, msgspec.ValidationError):
            return {}
