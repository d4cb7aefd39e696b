"""An app's repository on disk: opened, made where it is missing, locked, and written to."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ...errors import HistoryError
from . import place as places
from .lock import Lock
from .place import HISTORY_REF, WORKTREE_REF, Place

if TYPE_CHECKING:
    from dulwich.index import IndexEntry
    from dulwich.repo import Repo

T = TypeVar("T")

NOBODY = b"overskill_nb <overskill_nb@localhost>"
BUSY_SECONDS = 3.0
"""How long a file is waited for that git itself has locked."""
_MIDST = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
"""What stands in a git directory while git waits for the user to end something."""


class Branch(NamedTuple):
    """Where checkpoints go now."""

    ref: bytes
    index_file: Path
    apart: bool
    """Whether that is beside the user's branch and index, which are not touched."""


class Index(NamedTuple):
    """What is known of the files on disk."""

    entries: dict[bytes, IndexEntry]
    at: int
    """When it was written, in nanoseconds; 0 where there is none."""
    unmerged: bool = False


class Repository:
    """One app's repository. Its ``lock`` is held by whoever writes."""

    def __init__(self, root: Path, state_folder: Path, made_here: bool) -> None:
        self.root = root
        self.name = root.name
        self._state_folder = state_folder
        self._made_here = made_here
        self._opened: tuple[Place, tuple[int, int], Repo] | None = None
        self._lock: tuple[Path, Lock] | None = None
        self._index: tuple[tuple[Path, int, int, int], Index] | None = None
        self._identity: tuple[float, bytes] | None = None

    # ------------------------------------------------------------------------------------------------ opening

    @property
    def place(self) -> Place:
        return places.find(self.root, self._state_folder, self._made_here)

    @property
    def repo(self) -> Repo:
        """The repository, made where there is none yet."""
        from dulwich.repo import Repo

        if not self.root.is_dir():
            raise HistoryError(f"The folder of '{self.name}' is gone.")
        place = self.place
        if place.kind != "foreign" and not place.folder.exists():
            places.make(place, self.root)
        status = os.stat(place.folder)
        identity = (status.st_dev, status.st_ino)
        if self._opened is not None and self._opened[:2] == (place, identity):
            return self._opened[2]
        self.close()
        inside = place.kind != "apart"
        repo = Repo(str(self.root if inside else place.folder))
        if not inside and (Path(repo.path) != self.root or repo.bare):
            repo.close()
            raise HistoryError(f"The history of '{self.name}' in '{place.folder}' belongs to another folder.")
        if place.kind == "inside":
            # Says whether it is one at all.
            repo.refs.follow(b"HEAD")  # type: ignore[arg-type]
        self._opened = (place, identity, repo)
        return repo

    @property
    def folder(self) -> Path:
        """The git directory."""
        return Path(self.repo.controldir())

    @property
    def lock(self) -> Lock:
        file = self.folder / "overskill" / "lock"
        if self._lock is None or self._lock[0] != file:
            self._lock = (file, Lock(file))
        return self._lock[1]

    @contextlib.contextmanager
    def writing(self) -> Any:
        """Nobody else of this package writes meanwhile, and nothing stands in the way that a killed one left."""
        lock = self.lock
        with lock:
            if lock.broken:
                lock.broken = False
                self._clear()
            yield

    def _clear(self) -> None:
        folder = Path(self.repo.commondir())
        left = [*folder.glob("objects/??/*.lock"), *folder.glob("refs/heads/**/*.lock"), *folder.glob("*.lock")]
        for file in [*left, *self.folder.glob("*.lock"), *self.folder.glob("overskill/*.lock")]:
            file.unlink(missing_ok=True)
        for file in folder.glob("refs/overskill/*.lock"):
            file.unlink(missing_ok=True)

    def close(self) -> None:
        if self._opened is not None:
            self._opened[2].close()
            self._opened = None

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError):
            self.close()

    # ------------------------------------------------------------------------------------------------- where

    @property
    def branch(self) -> Branch:
        """Where checkpoints go: the branch that is checked out in a repository of ours, else a ref of their own."""
        repo, folder = self.repo, self.folder
        target = _symbolic(repo)
        beside = target is None or not target.startswith(b"refs/heads/") or self.place.kind == "foreign"
        if beside or self.in_midst or self.index(folder / "index").unmerged:
            ref = HISTORY_REF if repo.commondir() == repo.controldir() else WORKTREE_REF
            return Branch(ref, folder / "overskill" / "index", apart=True)
        assert target is not None
        return Branch(target, folder / "index", apart=False)

    @property
    def in_midst(self) -> bool:
        """Whether the user is in the midst of a merge, a rebase or the like."""
        return any((self.folder / name).exists() for name in _MIDST)

    @property
    def user_branch(self) -> bytes | None:
        """The branch that is checked out; None where there is none."""
        target = _symbolic(self.repo)
        return target if target is not None and target.startswith(b"refs/heads/") else None

    def resolve(self, ref: bytes) -> bytes | None:
        """The commit that a ref names."""
        try:
            return bytes(self.repo.refs[ref])  # type: ignore[index]
        except KeyError:
            return None

    def tip(self, branch: Branch) -> bytes | None:
        """The newest checkpoint; beside a user's branch, its commit as long as there is none."""
        return self.resolve(branch.ref) or (self.resolve(b"HEAD") if branch.apart else None)

    def move(self, ref: bytes, old: bytes | None, new: bytes, message: bytes | None) -> None:
        """Set a ref that nobody else has moved meanwhile."""
        from dulwich.protocol import ZERO_SHA

        who = self.identity
        moved = self.patiently(
            lambda: self.repo.refs.set_if_equals(
                ref,  # type: ignore[arg-type]
                old or ZERO_SHA,  # type: ignore[arg-type]
                new,  # type: ignore[arg-type]
                committer=who,
                message=message,
            )
        )
        if not moved:
            raise HistoryError(f"The history of '{self.name}' was moved by another program meanwhile; try again.")

    def patiently(self, work: Callable[[], T]) -> T:
        """Do it; wait a little for what git itself has locked."""
        from dulwich.file import FileLocked

        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return work()
            except FileLocked as error:
                if time.monotonic() > deadline:
                    file = os.fsdecode(error.lockfilename)
                    raise HistoryError(
                        f"Another program holds '{file}'; where no git is running, remove that file."
                    ) from error
                time.sleep(0.05)

    # ------------------------------------------------------------------------------------------------- index

    def index(self, file: Path) -> Index:
        """What an index tells. One that cannot be read is as good as none."""
        from dulwich.index import Index as GitIndex
        from dulwich.index import IndexEntry

        try:
            status = file.stat()
        except OSError:
            return Index({}, 0)
        key = (file, status.st_mtime_ns, status.st_size, status.st_ino)
        if self._index is not None and self._index[0] == key:
            return self._index[1]
        try:
            read = GitIndex(str(file))
        except Exception:  # whatever a damaged file makes of its reader
            return Index({}, 0)
        entries = {path: entry for path, entry in read.items() if isinstance(entry, IndexEntry)}
        found = Index(entries, status.st_mtime_ns, read.has_conflicts())
        self._index = (key, found)
        return found

    def write_index(self, file: Path, entries: Mapping[bytes, IndexEntry]) -> None:
        from dulwich.index import Index as GitIndex

        file.parent.mkdir(parents=True, exist_ok=True)
        index = GitIndex(str(file), read=False)
        for path, entry in entries.items():
            index[path] = entry
        self.patiently(index.write)
        status = file.stat()
        key = (file, status.st_mtime_ns, status.st_size, status.st_ino)
        self._index = (key, Index(dict(entries), status.st_mtime_ns))

    # ------------------------------------------------------------------------------------------ configuration

    @property
    def identity(self) -> bytes:
        """Who makes commits here: git's own user, where one is configured."""
        if self._identity is None or self._identity[0] < time.monotonic():
            self._identity = (time.monotonic() + 30, self._configured() or NOBODY)
        return self._identity[1]

    def _configured(self) -> bytes | None:
        try:
            config = self.repo.get_config_stack()
            named = {field: os.environ.get(f"GIT_AUTHOR_{field.upper()}", "").encode() for field in ("name", "email")}
            for field, value in named.items():
                with contextlib.suppress(KeyError):
                    named[field] = value or config.get((b"user",), field.encode())
        except Exception:  # a configuration that cannot be read
            return None
        name, email = (re.sub(rb"[<>\x00-\x1f]", b"", named[field]).strip() for field in ("name", "email"))
        return name + b" <" + email + b">" if name and email else None

    @property
    def trusts_modes(self) -> bool:
        """Whether the system keeps which files can be executed."""
        return self.repo.get_config().get_boolean((b"core",), b"filemode", True)

    def ignored(self) -> Any:
        """git's rules of what is not part of the app."""
        from dulwich.ignore import IgnoreFilterManager

        return IgnoreFilterManager.from_repo(self.repo)

    def own(self) -> None:
        """Take over a repository of the user's: from now on checkpoints go to its branch."""
        name = self.root.name.replace("\\", "\\\\").replace('"', '\\"')
        # Appended: what is written in it, and how, is the user's.
        with (self.folder / "config").open("a", encoding="utf-8") as file:
            file.write(f'[overskill]\n\tapp = "{name}"\n')
        excluded = self.folder / "info" / "exclude"
        excluded.parent.mkdir(exist_ok=True)
        with excluded.open("a", encoding="utf-8") as file:
            file.write(f"\n{places.EXCLUDE}")


def _symbolic(repo: Repo) -> bytes | None:
    """What HEAD names; None where it is a commit."""
    from dulwich.refs import parse_symref_value

    value = repo.refs.read_ref(b"HEAD")  # type: ignore[arg-type]
    raw = repo.refs.read_loose_ref(b"HEAD") or value  # type: ignore[arg-type]
    try:
        return parse_symref_value(raw or b"")
    except ValueError:
        return None
