"""What an app's history tells: its checkpoints, their files, and what lies between them."""

from __future__ import annotations

import functools
import heapq
import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from ...errors import HistoryError, OverskillError
from ...protocol_history import Checkpoint, FileDiff
from . import diffs, trees, words
from .repository import Repository
from .trees import SUBMODULE, Flat, shown, to_bytes, to_text

if TYPE_CHECKING:
    from dulwich.objects import Commit
    from dulwich.repo import Repo

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound="Past")

KEPT_CHECKPOINTS = 4096
"""Whose files are remembered, so that they are not compared again."""


def told(
    method: Callable[Concatenate[S, P], T],
) -> Callable[Concatenate[S, P], T]:
    """Whatever a damaged repository makes of its reader becomes a HistoryError."""

    @functools.wraps(method)
    def wrapped(self: S, /, *args: P.args, **rest: P.kwargs) -> T:
        try:
            return method(self, *args, **rest)
        except OverskillError:
            raise
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            raise HistoryError(
                f"The history of '{self.name}' cannot be read or written: {error.strerror or error}{where}."
            ) from error
        except Exception as error:
            raise HistoryError(
                f"The git repository of '{self.name}' in '{self.root}' is damaged, or not of a kind that can be read"
                f" ({type(error).__name__}: {str(error)[:200]}); `git fsck` says more."
            ) from error

    return wrapped


class Past:
    """The checkpoints of one app. Any thread may ask."""

    def __init__(self, root: Path, state_folder: Path, made_here: bool = True) -> None:
        self.root = root.resolve()
        self.name = self.root.name
        self._repository = Repository(self.root, state_folder, made_here)
        self._flat: tuple[bytes, Flat] | None = None
        self._files: dict[bytes, list[str]] = {}

    @property
    @told
    def repo(self) -> Repo:
        """The repository; made where there is none yet."""
        return self._repository.repo

    @property
    @told
    def ref(self) -> bytes:
        """What names the newest checkpoint."""
        return self._repository.branch.ref

    @property
    @told
    def foreign(self) -> bool:
        """Whether the repository is somebody else's, and its branch not ours to move."""
        return self._repository.place.kind == "foreign"

    @told
    def head(self) -> str:
        """The newest checkpoint's id; empty where there is none."""
        with self._repository.lock:
            return (self._repository.tip(self._repository.branch) or b"").decode()

    def close(self) -> None:
        """Let go of open files."""
        self._repository.close()

    # ----------------------------------------------------------------------------------------------- looking

    @told
    def log(self, limit: int = 100, before: str = "") -> list[Checkpoint]:
        """Checkpoints, newest first; those that are older than ``before``, where it is given."""
        with self._repository.lock:
            if self._repository.tip(self._repository.branch) is None:
                return []
            found: list[Checkpoint] = []
            older = not before
            last = self.find(before) if before else ""
            for commit in self._walk():
                if len(found) >= limit:
                    break
                if older:
                    found.append(self._checkpoint(commit))
                older = older or commit.decode() == last
            return found

    def _walk(self) -> Iterator[bytes]:
        """All commits behind the newest checkpoint, newest first; of one second, a child before its parents."""
        tip = self._repository.tip(self._repository.branch)
        assert tip is not None
        seen, waiting = {tip}, [(-self._get(tip).commit_time, 0, tip)]
        while waiting:
            second, group = waiting[0][0], dict[bytes, set[bytes]]()
            while waiting and waiting[0][0] <= second:
                commit = heapq.heappop(waiting)[2]
                group[commit] = set(self._repository.repo.get_parents(commit))  # type: ignore[arg-type]
                for parent in group[commit] - seen:
                    seen.add(parent)
                    heapq.heappush(waiting, (-self._get(parent).commit_time, len(seen), parent))
            while group:
                behind = set[bytes]().union(*group.values())
                ready = [commit for commit in group if commit not in behind]
                for commit in ready or list(group):
                    yield commit
                    del group[commit]

    @told
    def get(self, id: str) -> Checkpoint:  # noqa: A002
        """One checkpoint, by its whole id."""
        with self._repository.lock:
            return self._checkpoint(id.encode())

    @told
    def find(self, prefix: str) -> str:
        """The whole id of the checkpoint whose id begins so. Raises HistoryError unless there is just one."""
        from dulwich.objects import Commit, ObjectID

        wanted = prefix.strip().rstrip("…").lower()
        if len(wanted) < 4 or len(wanted) > 40 or set(wanted) - set("0123456789abcdef"):
            raise HistoryError(f"{prefix!r} is no checkpoint's id; give 4 or more of its digits.")
        with self._repository.lock:
            store = self._repository.repo.object_store
            found = {bytes(name) for name in store.iter_prefix(ObjectID(wanted.encode()))}
            commits = sorted(name for name in found if isinstance(store[ObjectID(name)], Commit))
        if not commits:
            raise HistoryError(f"'{self.name}' has no checkpoint '{prefix}'; app.history lists those that it has.")
        if len(commits) > 1:
            raise HistoryError(f"'{prefix}' begins the ids of {len(commits)} checkpoints; give more of its digits.")
        return commits[0].decode()

    @told
    def diff(self, id: str, since: str = "") -> list[FileDiff]:  # noqa: A002
        """What a checkpoint changed, or what lies between ``since`` and it."""
        with self._repository.lock:
            commit = self._get(self.find(id).encode())
            parents = self._repository.repo.get_parents(commit.id)
            earlier = self.find(since).encode() if since else (parents[0] if parents else None)
            before, after = self._files_of(earlier), self._files_of(commit.id)
            return [
                diffs.between(before, after, path, self._data(before.get(path)), self._data(after.get(path)))
                for path in trees.differing(before, after)
            ]

    @told
    def tree_files(self, commit: str) -> dict[str, tuple[int, str]]:
        """Mode and hash of each file of a commit, or of a tree."""
        with self._repository.lock:
            files = self._files_of(commit.encode())
        return {to_text(path): (mode, sha.decode()) for path, (mode, sha) in files.items()}

    @told
    def read(self, blob: str) -> bytes:
        """A file's content, by its hash."""
        with self._repository.lock:
            return self._data((0, blob.encode()))

    @told
    def changes(self, from_commit: str, to_commit: str) -> dict[str, bytes | None]:
        """What to write, or with None to remove, to come from one commit (or tree; empty: nothing) to another."""
        with self._repository.lock:
            before, after = self._files_of(from_commit.encode()), self._files_of(to_commit.encode())
            return {
                to_text(path): self._data(after[path]) if path in after else None
                for path in trees.differing(before, after)
                if SUBMODULE not in {side[path][0] for side in (before, after) if path in side}
            }

    @told
    def contains(self, commit: str, ancestor: str) -> bool:
        """Whether ``ancestor`` is part of the history that ends with ``commit``."""
        from dulwich.graph import can_fast_forward
        from dulwich.objects import ObjectID

        with self._repository.lock:
            first, last = ObjectID(ancestor.encode()), ObjectID(commit.encode())
            return can_fast_forward(self._repository.repo, first, last)

    @told
    def unknown(self, paths: Collection[str]) -> list[str]:
        """Those of the paths that are on disk and not part of the newest checkpoint."""
        with self._repository.lock:
            known = self._flat_of(self._repository.tip(self._repository.branch))
        return [path for path in paths if to_bytes(path) not in known and os.path.lexists(self.root / path)]

    # ----------------------------------------------------------------------------------------------- objects

    def _get(self, name: bytes) -> Commit:
        from dulwich.objects import Commit, ObjectID

        try:
            found = self._repository.repo.object_store[ObjectID(name)]
        except KeyError:
            raise HistoryError(f"'{self.name}' has no checkpoint '{name.decode()}'.") from None
        if not isinstance(found, Commit):
            raise HistoryError(f"'{self.name}' has no checkpoint '{name.decode()}'.")
        return found

    def _files_of(self, name: bytes | None) -> Flat:
        """The files of a commit or a tree; none for none."""
        from dulwich.objects import ObjectID, Tree

        if not name:
            return {}
        store = self._repository.repo.object_store
        if ObjectID(name) in store and isinstance(store[ObjectID(name)], Tree):
            return trees.flatten(store, name)
        return trees.flatten(store, self._get(name).tree)

    def _flat_of(self, commit: bytes | None) -> Flat:
        """The same, remembered for the newest commit."""
        if commit is None:
            return {}
        if self._flat is None or self._flat[0] != commit:
            self._flat = (commit, self._files_of(commit))
        return self._flat[1]

    def _data(self, side: tuple[int, bytes] | None) -> bytes:
        from dulwich.objects import Blob, ObjectID

        if side is None or side[0] == SUBMODULE:
            return b""
        found = self._repository.repo.object_store[ObjectID(side[1])]
        assert isinstance(found, Blob)
        return found.data

    def _checkpoint(self, name: bytes) -> Checkpoint:
        commit = self._get(name)
        if name not in self._files:
            if len(self._files) > KEPT_CHECKPOINTS:
                self._files.clear()
            self._files[name] = self._changed_by(commit)
        said = words.take_apart(commit.message)
        return Checkpoint(
            id=name.decode(),
            at=commit.commit_time * 1000.0,
            origin=said.trailers.get(words.ORIGIN, ""),
            author=commit.author.decode("utf-8", "replace").partition(" <")[0],
            message=said.text,
            files=self._files[name],
            compiles=said.trailers.get(words.COMPILES) != "no",
        )

    def _changed_by(self, commit: Commit) -> list[str]:
        from dulwich.diff_tree import tree_changes

        store = self._repository.repo.object_store
        parents = self._repository.repo.get_parents(commit.id, commit)
        before = self._get(parents[0]).tree if parents else None
        paths = set()
        for change in tree_changes(store, before, commit.tree):
            side = change.new if change.new and change.new.path else change.old
            assert side is not None
            paths.add(shown(side.path or b""))
        return sorted(paths)
