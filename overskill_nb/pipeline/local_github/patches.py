"""How a file changed, as text."""

from __future__ import annotations

import difflib
from typing import NamedTuple

from dulwich.diff_tree import TreeChange
from dulwich.objects import Blob, ObjectID
from dulwich.repo import Repo

MAX_TEXT = 512 * 1024


class Patch(NamedTuple):
    path: str
    status: str
    """``added``, ``removed`` or ``modified``."""
    additions: int
    deletions: int
    text: str
    """The hunks; empty for files that are not text."""


def of(repo: Repo, change: TreeChange) -> Patch:
    """The patch of one change."""
    old = _lines(repo, change.old.sha if change.old else None)
    new = _lines(repo, change.new.sha if change.new else None)
    entry = change.new if change.new and change.new.path else change.old
    assert entry is not None
    assert entry.path is not None
    path = entry.path.decode("utf-8", "replace")
    added, removed = not (change.old and change.old.sha), not (change.new and change.new.sha)
    status = "added" if added else "removed" if removed else "modified"
    if old is None or new is None:
        return Patch(path, status, 0, 0, "")
    lines = list(difflib.unified_diff(old, new, lineterm=""))[2:]
    additions = sum(line.startswith("+") for line in lines)
    deletions = sum(line.startswith("-") for line in lines)
    return Patch(path, status, additions, deletions, "\n".join(lines))


def _lines(repo: Repo, sha: ObjectID | None) -> list[str] | None:
    """A file's lines; none of one that is missing, nothing of one that is not text."""
    if sha is None:
        return []
    found = repo.object_store[sha] if sha in repo.object_store else None  # noqa: SIM401
    if not isinstance(found, Blob) or b"\0" in found.data[:8000] or len(found.data) > MAX_TEXT:
        return None
    return found.data.decode("utf-8", "replace").splitlines()
