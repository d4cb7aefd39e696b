"""The history of one app: checkpoints in a git repository, written without git."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import HistoryError
from ...protocol_history import Checkpoint
from . import packing, trees, words
from .merge import Merge, three_way
from .outside import make_executable, make_link
from .past import Past, told
from .repository import Branch
from .runs import Run
from .scan import Scan
from .trees import LINK, SUBMODULE, Flat, shown, to_bytes, to_text

if TYPE_CHECKING:
    from dulwich.index import IndexEntry
    from dulwich.repo import Repo


class History(Past):
    """Checkpoints of one app, and what is made of them. Any thread may call it."""

    # ------------------------------------------------------------------------------------------ checkpoints

    def checkpoint(
        self, origin: str, message: str = "", compiles: bool = True, author: str | None = None
    ) -> Checkpoint | None:
        """Make what is on disk a checkpoint. None where nothing changed."""
        made = self.record([Run(origin, None, message)], compiles, author)
        return made[-1] if made else None

    @told
    def record(
        self, runs: Sequence[Run], compiles: bool = True, author: str | None = None, also: Collection[str] = ()
    ) -> list[Checkpoint]:
        """Make a checkpoint of each run, oldest first, of one look at the disk. The last one takes what is left.

        ``also``: files that are taken in although the rules leave them out.
        """
        with self._repository.writing():
            repo, branch = self._repository.repo, self._repository.branch
            head = self._repository.tip(branch)
            before = self._flat_of(head)
            entries, hashed = self._look(branch, before, map(to_bytes, also))
            after = {path: (entry.mode, entry.sha) for path, entry in entries.items()}
            left = set(trees.differing(before, after))
            made: list[bytes] = []
            now, tip = dict(before), head
            for run in self._last_takes_all(runs, first=head is None):
                taken = left if run.paths is None else left & set(map(to_bytes, run.paths))
                left = left - taken
                if taken:
                    now, earlier = dict(now), now
                    for path in taken:
                        now.pop(path, None)
                    now.update((path, after[path]) for path in taken if path in after)
                    message = run.message or _describe(earlier, now, taken, first=tip is None)
                    parents = [tip] if tip else []
                    if branch.apart and not made:
                        parents = self._parents_beside(branch, tip)
                    tip = self._commit(repo, now, parents, words.compose(message, run.origin, compiles), author)
                    self._files[tip] = [shown(path) for path in sorted(taken)]
                    made.append(tip)
            if made:
                assert tip is not None
                subject = None if branch.apart else b"checkpoint"
                self._repository.move(branch.ref, self._repository.resolve(branch.ref), tip, subject)
                self._flat = (tip, now)
            if hashed or entries != self._repository.index(branch.index_file).entries:
                self._repository.write_index(branch.index_file, entries)
            return [self._checkpoint(commit) for commit in made]

    @staticmethod
    def _last_takes_all(runs: Sequence[Run], first: bool) -> list[Run]:
        if first:  # what comes with the first change was there before it
            return [runs[-1]._replace(paths=None)]
        *earlier, last = runs
        if last.paths is None:
            return [*earlier, last]
        return [*earlier, last, Run("file")]

    def _look(self, branch: Branch, before: Flat, also: Iterable[bytes] = ()) -> tuple[dict[bytes, IndexEntry], bool]:
        """What is on disk, and whether the index should know more of it than it does."""
        index = self._repository.index(branch.index_file)
        scan = Scan(
            os.fsencode(self.root),
            self._repository.repo.object_store,
            self._repository.ignored,
            index.entries,
            index.at,
            {*(index.entries.keys() if index.at else before.keys()), *also},
            before,
            self._repository.trusts_modes,
        )
        entries = scan.entries()
        return entries, bool(scan.hashed)

    def _parents_beside(self, branch: Branch, tip: bytes | None) -> list[bytes]:
        """The checkpoint before, and the user's own commit where it is not in there."""
        user = self._repository.resolve(b"HEAD")
        if tip is None or user is None or tip == user:
            return [tip] if tip else []
        return [tip] if self.contains(tip.decode(), user.decode()) else [tip, user]

    def _commit(
        self, repo: Repo, files: Flat, parents: Sequence[bytes], message: bytes, author: str | None = None
    ) -> bytes:
        from dulwich.objects import Commit, ObjectID

        made = Commit()
        made.tree = trees.build(repo.object_store, files)
        made.parents = [ObjectID(parent) for parent in parents]
        made.committer = self._repository.identity
        made.author = author.encode() if author else made.committer
        # Never before its parents, whatever the clock says: who walks a history goes by the times.
        now = max([int(time.time()), *(self._get(parent).commit_time for parent in parents)])
        made.commit_time = made.author_time = now
        made.commit_timezone = made.author_timezone = _offset(now)
        made.message = message
        repo.object_store.add_object(made)
        return made.id

    # ---------------------------------------------------------------------------------------------- merging

    @told
    def merge(self, ours: str, theirs: str) -> Merge:
        """Both histories together, for what is on neither side: nothing is written but contents."""
        from dulwich.graph import find_merge_base
        from dulwich.objects import ObjectID

        with self._repository.writing():
            repo = self._repository.repo
            found = find_merge_base(repo, [ObjectID(ours.encode()), ObjectID(theirs.encode())])
            base = bytes(found[0]) if found else b""
            sides = [self._files_of(commit) for commit in (base, ours.encode(), theirs.encode())]
            files, conflicts = three_way(repo.object_store, *sides)
            tree = "" if conflicts else trees.build(repo.object_store, files).decode()
        named = {to_text(path): (mode, sha.decode()) for path, (mode, sha) in files.items()}
        return Merge(ours, theirs, base.decode(), tree, named, conflicts)

    @told
    def commit_merge(
        self, merge: Merge, message: str = "", origin: str = "github", author: str | None = None
    ) -> Checkpoint:
        """Make a merge the newest checkpoint; its files were written to disk before. Raises HistoryError where the
        newest is not ``merge.ours`` any more."""
        if merge.conflicts:
            raise HistoryError(f"The two histories of '{self.name}' do not go together; nothing was merged.")
        with self._repository.writing():
            files = {to_bytes(path): (mode, sha.encode()) for path, (mode, sha) in merge.files.items()}
            parents = [merge.ours.encode(), merge.theirs.encode()]
            said = words.compose(message or f"Merge {merge.theirs[:8]} from GitHub", origin, compiles=True)
            made = self._commit(self._repository.repo, files, parents, said, author)
            self._go_to(made, merge.ours)
            return self._checkpoint(made)

    @told
    def advance(self, commit: str) -> None:
        """Make a fetched commit the newest; its files were written to disk before. Raises HistoryError where the newest
        is not part of its history."""
        with self._repository.writing():
            head = self.head()
            if head and not self.contains(commit, head):
                raise HistoryError(f"The history of '{self.name}' went on meanwhile; fetch and merge again.")
            self._go_to(commit.encode(), head)

    def _go_to(self, commit: bytes, expected: str) -> None:
        branch = self._repository.branch
        tip = self._repository.tip(branch)
        if (tip or b"").decode() != expected:
            raise HistoryError(f"The history of '{self.name}' went on meanwhile; merge again.")
        before, after = self._flat_of(tip), self._files_of(commit)
        message = None if branch.apart else b"merge"
        self._repository.move(branch.ref, self._repository.resolve(branch.ref), commit, message)
        self._flat = (commit, after)
        self._settle(before, after)
        self._keep_in_step(branch, after)

    @told
    def settle(self, commit: str) -> None:
        """Make links, and what can be executed, of those files whose contents were written to disk."""
        with self._repository.writing():
            branch = self._repository.branch
            self._settle(self._flat_of(self._repository.tip(branch)), self._files_of(commit.encode()))

    def _settle(self, before: Flat, after: Flat) -> None:
        for path in trees.differing(before, after):
            mode, sha = after.get(path, (SUBMODULE, b""))
            if mode == SUBMODULE or (path in before and before[path][0] == mode):
                continue
            data = self._data((mode, sha))
            if mode == LINK:
                make_link(self.root, to_text(path), data)
            elif self._repository.trusts_modes:
                make_executable(self.root / to_text(path), data, bool(mode & stat.S_IXUSR))

    def _keep_in_step(self, branch: Branch, files: Flat) -> None:
        """Have the index hold what the commit does, with what is known of the files on disk."""
        from dulwich.index import index_entry_from_tree_entry
        from dulwich.objects import ObjectID

        entries, _ = self._look(branch, files, list(files))
        kept = {}
        for path, (mode, sha) in files.items():
            entry = entries.get(path)
            same = entry is not None and (entry.mode, entry.sha) == (mode, sha)
            kept[path] = entry if same and entry else index_entry_from_tree_entry(mode, ObjectID(sha))
        self._repository.write_index(branch.index_file, kept)

    @told
    def crowded(self) -> Path | None:
        """The git directory, where its objects are to be packed and are ours."""
        folder = self._repository.folder
        return folder if self._repository.place.kind != "foreign" and packing.crowded(folder) else None

    # ---------------------------------------------------------------------------------------------- adopting

    @told
    def adopt(self) -> None:
        """Make a repository of the user's ours from now on: checkpoints go to the branch that is checked out."""
        with self._repository.writing():
            if self._repository.place.kind != "foreign":
                return
            repo, target = self._repository.repo, self._repository.user_branch
            if repo.commondir() != repo.controldir() or not (self.root / ".git").is_dir():
                raise HistoryError(
                    f"'{self.root}' is one of several work trees of a repository; connect the repository's own folder."
                )
            if target is None or self._repository.in_midst:
                raise HistoryError(
                    f"The repository of '{self.name}' is in the midst of a merge or rebase, or has no branch checked"
                    " out; end that first."
                )
            self.record([Run("file")])
            beside = self._repository.branch
            mine, user = self._repository.resolve(beside.ref), self._repository.resolve(target)
            if mine is not None:
                tip = mine
                if user is not None and not self.contains(mine.decode(), user.decode()):
                    said = words.compose("Join the checkpoints", "history", compiles=True)
                    tip = self._commit(repo, self._files_of(mine), [user, mine], said)
                self._repository.move(target, user, tip, b"checkpoints")
            self._repository.own()
            branch = self._repository.branch
            files = self._flat_of(self._repository.tip(branch))
            self._keep_in_step(branch, files)
            if mine is not None:
                repo.refs.remove_if_equals(beside.ref, mine)  # type: ignore[arg-type]


def _describe(before: Flat, after: Flat, changed: Collection[bytes], first: bool) -> str:
    paths = sorted(changed)
    return words.describe(
        [shown(path) for path in paths if path not in before],
        [shown(path) for path in paths if path in before and path in after],
        [shown(path) for path in paths if path not in after],
        first,
    )


def _offset(at: float) -> int:
    return time.localtime(at).tm_gmtoff or 0


__all__ = ["History", "Merge", "Run"]
