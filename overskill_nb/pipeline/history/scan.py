"""What is on disk, as git has it: only what changed since the last time is read and hashed."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...errors import HistoryError
from ..project import BEING_WRITTEN, SKIPPED_FOLDERS
from .trees import LINK, SUBMODULE, Flat

if TYPE_CHECKING:
    from dulwich.index import IndexEntry
    from dulwich.object_store import PackBasedObjectStore

MAX_BYTES = 50 * 1024 * 1024
"""Larger files are not part of the history."""

_SKIPPED = {name.encode() for name in SKIPPED_FOLDERS}
_ASSUME_UNCHANGED = 0x8000
_BEING_WRITTEN = re.compile(BEING_WRITTEN.pattern.encode())


def is_secret(name: bytes) -> bool:
    """Whether a file of this name holds what must not leave this machine."""
    return name.startswith(b".env") and name != b".env.example"


class Scan:
    """One look at an app's folder.

    ``known`` is what an index tells of files, written at ``known_at`` (nanoseconds). What is ``tracked`` stays so,
    whatever the rules say, as with git itself; and so do the submodules of ``before``.
    """

    def __init__(
        self,
        root: bytes,
        store: PackBasedObjectStore,
        ignored: Callable[[], Any],
        known: Mapping[bytes, IndexEntry],
        known_at: int,
        tracked: Collection[bytes],
        before: Flat,
        trust_mode: bool = True,
    ) -> None:
        self._root = root
        self._store = store
        self._make_ignored = ignored
        self._rules: Any = None
        self._known = known
        self._known_at = known_at
        self._tracked = tracked
        self._before = before
        self._tracked_folders = {path[:at] for path in tracked for at in range(len(path)) if path[at : at + 1] == b"/"}
        self._trust_mode = trust_mode
        self._unreadable: list[bytes] = []
        self.hashed = 0
        """Files that had to be read."""

    def entries(self) -> dict[bytes, IndexEntry]:
        """By path, with the state of the file that it was hashed in."""
        if not os.path.isdir(self._root):
            raise HistoryError("The app's folder is gone.")
        found: dict[bytes, IndexEntry] = {}
        for path, status in self._walk(self._root, b""):
            if (entry := self._entry(path, status)) is not None:
                found[path] = entry
        for path in self._tracked:
            if path not in found and (entry := self._unseen(path)) is not None:
                found[path] = entry
        return found

    # ------------------------------------------------------------------------------------------- which files

    def _walk(self, folder: bytes, prefix: bytes) -> Iterator[tuple[bytes, os.stat_result]]:
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            return
        except OSError:
            self._unreadable.append(prefix)
            return
        for entry in entries:
            name, path = entry.name, prefix + entry.name
            if _BEING_WRITTEN.fullmatch(name):
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    if self._entered(entry.path, name, path):
                        yield from self._walk(entry.path, path + b"/")
                    continue
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if path in self._tracked or self._wanted(name, path, status):
                yield path, status

    def _entered(self, folder: bytes, name: bytes, path: bytes) -> bool:
        if name in _SKIPPED or is_secret(name) or os.path.lexists(os.path.join(folder, b".git")):
            return False
        return path in self._tracked_folders or not self._ignored.may_prune_directory(os.fsdecode(path) + "/")

    def _wanted(self, name: bytes, path: bytes, status: os.stat_result) -> bool:
        if is_secret(name) or name == b".git" or status.st_size > MAX_BYTES:
            return False
        if stat.S_ISLNK(status.st_mode):
            if not self._leads_inside(path):
                return False
        elif not stat.S_ISREG(status.st_mode):
            return False
        return not self._ignored.is_ignored(os.fsdecode(path))

    @property
    def _ignored(self) -> Any:
        if self._rules is None:
            self._rules = self._make_ignored()
        return self._rules

    def _leads_inside(self, path: bytes) -> bool:
        root = os.path.realpath(self._root)
        try:
            real = os.path.realpath(os.path.join(self._root, path))
        except OSError:
            return False
        return real.startswith(root + os.sep.encode()) and not os.path.islink(real)

    def _unseen(self, path: bytes) -> IndexEntry | None:
        """What is tracked and was not come across: ignored, a submodule, not readable, or gone."""
        from dulwich.index import index_entry_from_tree_entry

        known = self._known.get(path)
        if known is not None and (known.mode == SUBMODULE or known.skip_worktree):
            return known
        if known is None and self._before.get(path, (0, b""))[0] == SUBMODULE:
            return index_entry_from_tree_entry(*self._before[path])
        if any(path.startswith(folder) for folder in self._unreadable):
            return known
        above = path.rpartition(b"/")[0]
        try:
            # Not through a link: what is behind it has a path of its own.
            if above and os.path.realpath(os.path.join(self._root, above)) != os.path.join(
                os.path.realpath(self._root), above
            ):
                return None
            return self._entry(path, os.lstat(os.path.join(self._root, path)))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            return known

    # ------------------------------------------------------------------------------------------------ hashing

    def _entry(self, path: bytes, status: os.stat_result) -> IndexEntry | None:
        from dulwich.index import index_entry_from_stat
        from dulwich.objects import Blob

        known = self._known.get(path)
        if known is not None and self._unchanged(known, status):
            return known
        if stat.S_ISDIR(status.st_mode) or (status.st_size > MAX_BYTES):
            return known if stat.S_ISREG(status.st_mode) else None
        try:
            data = self._read(path, status)
        except FileNotFoundError:
            return None
        except OSError:
            return known
        if data is None:
            return None
        self.hashed += 1
        blob = Blob.from_string(data)
        if (known is None or known.sha != blob.id) and blob.id not in self._store:
            self._store.add_object(blob)
        mode = self._mode(known, status)
        return index_entry_from_stat(status, blob.id, mode, known.flags & _ASSUME_UNCHANGED if known else 0)

    def _read(self, path: bytes, status: os.stat_result) -> bytes | None:
        full = os.path.join(self._root, path)
        if stat.S_ISLNK(status.st_mode):
            return os.readlink(full)
        if not stat.S_ISREG(status.st_mode):
            return None
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        with open(os.open(full, flags), "rb") as file:
            return file.read()

    def _mode(self, known: IndexEntry | None, status: os.stat_result) -> int:
        from dulwich.index import cleanup_mode

        mode = cleanup_mode(status.st_mode)
        if not self._trust_mode and mode != LINK and known is not None and known.mode != LINK:
            return known.mode
        return mode

    def _unchanged(self, known: IndexEntry, status: os.stat_result) -> bool:
        mtime = _nanoseconds(known.mtime)
        return (
            mtime == status.st_mtime_ns
            and known.size == status.st_size & 0xFFFFFFFF
            and known.ino & 0xFFFFFFFF == status.st_ino & 0xFFFFFFFF
            and _nanoseconds(known.ctime) == status.st_ctime_ns
            and self._mode(known, status) == known.mode
            # What was written in the instant in which it was hashed may have been written again since.
            and mtime < self._known_at
        )


def _nanoseconds(time: float | tuple[int, int]) -> int:
    return time[0] * 10**9 + time[1] if isinstance(time, tuple) else int(time * 10**9)
