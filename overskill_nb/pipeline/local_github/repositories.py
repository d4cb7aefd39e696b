"""The repositories: their rows, and their bare git repositories on the disk."""

from __future__ import annotations

import re
import shutil
import threading
import uuid
from collections import defaultdict
from pathlib import Path

import msgspec
from dulwich.refs import Ref
from dulwich.repo import Repo

from . import packs
from .database import Database, now
from .refusal import invalid, not_found

OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}")
NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
RESERVED_OWNERS = frozenset({"api", "login", "settings", "_"})
DEFAULT_BRANCH = "main"
_SELECT = (
    "SELECT id, owner, name, private, description, homepage, default_branch, archived, created_at, updated_at, "
    "pushed_at FROM repositories"
)


class Repository(msgspec.Struct):
    """One repository's row."""

    id: int
    owner: str
    name: str
    private: bool
    description: str | None
    homepage: str | None
    default_branch: str
    archived: bool
    created_at: str
    updated_at: str
    pushed_at: str

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


class Repositories:
    """``folder/<owner>/<name>.git``. What has no row is no repository."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self._database = database
        self._locks: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in (".removed", ".new"):
            shutil.rmtree(folder / left, ignore_errors=True)
        for path in folder.glob("*/*.git"):
            _tidy(path)
            packs.tidy(path)

    def find(self, owner: str, name: str) -> Repository | None:
        row = self._database.one(f"{_SELECT} WHERE owner = ? AND name = ?", owner, name)
        return msgspec.convert(dict(row), Repository, strict=False) if row else None

    def get(self, owner: str, name: str) -> Repository:
        found = self.find(owner, name)
        if found is None:
            raise not_found()
        return found

    def by_id(self, id: int) -> Repository:  # noqa: A002
        row = self._database.one(f"{_SELECT} WHERE id = ?", id)
        if row is None:
            raise not_found()
        return msgspec.convert(dict(row), Repository, strict=False)

    def all(self, owner: str = "") -> list[Repository]:
        """Every one, or an owner's; the one that was pushed to last comes first."""
        rows = self._database.all(f"{_SELECT} WHERE ? IN ('', owner) ORDER BY pushed_at DESC, id DESC", owner)
        return [msgspec.convert(dict(row), Repository, strict=False) for row in rows]

    def path(self, repository: Repository) -> Path:
        """Its git directory."""
        return self.folder / repository.owner.lower() / f"{repository.name.lower()}.git"

    def open(self, repository: Repository) -> Repo:
        return Repo(str(self.path(repository)), bare=True)

    def lock(self, repository: Repository) -> threading.Lock:
        """Held by whoever changes the repository's branches."""
        return self._locks[repository.id]

    def create(self, owner: str, wanted: str, *, private: bool, description: str | None, homepage: str | None) -> int:
        """An empty one. Gives its id."""
        name = check_name(wanted)
        if not OWNER.fullmatch(owner) or owner.lower() in RESERVED_OWNERS:
            raise not_found()
        if self.find(owner, name):
            raise invalid("Repository", "name", "name already exists on this account")
        made = self.folder / ".new" / uuid.uuid4().hex
        made.mkdir(parents=True)
        with Repo.init_bare(str(made), default_branch=DEFAULT_BRANCH.encode()) as repo:
            config = repo.get_config()
            config.set((b"gc",), b"auto", b"0")
            config.write_to_path()
        target = self.folder / owner.lower() / f"{name.lower()}.git"
        target.parent.mkdir(exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)  # without a row: left by a kill
        made.rename(target)
        at = now()
        return self._database.insert(
            "repositories",
            owner=owner,
            name=name,
            private=private,
            description=description,
            homepage=homepage,
            default_branch=DEFAULT_BRANCH,
            archived=False,
            created_at=at,
            updated_at=at,
            pushed_at=at,
        )

    def rename(self, repository: Repository, wanted: str) -> Repository:
        name = check_name(wanted)
        if name.lower() != repository.name.lower():
            if self.find(repository.owner, name):
                raise invalid("Repository", "name", "name already exists on this account")
            target = self.folder / repository.owner.lower() / f"{name.lower()}.git"
            shutil.rmtree(target, ignore_errors=True)
            with self.lock(repository):
                self.path(repository).rename(target)
        self.update(repository, name=name)
        return self.by_id(repository.id)

    def update(self, repository: Repository, **values: object) -> None:
        self._database.update("repositories", repository.id, **{"updated_at": now(), **values})

    def set_default_branch(self, repository: Repository, branch: str) -> None:
        with self.open(repository) as repo:
            repo.refs.set_symbolic_ref(Ref(b"HEAD"), Ref(f"refs/heads/{branch}".encode()))
        self.update(repository, default_branch=branch)

    def delete(self, repository: Repository) -> None:
        removed = self.folder / ".removed"
        removed.mkdir(exist_ok=True)
        with self.lock(repository):
            self._database.run("DELETE FROM repositories WHERE id = ?", repository.id)
            self.path(repository).rename(removed / uuid.uuid4().hex)
        shutil.rmtree(removed, ignore_errors=True)


def _tidy(path: Path) -> None:
    """Remove what a kill left amid a push, above all locks that nobody holds."""
    for left in [*path.rglob("*.lock"), *path.glob("objects/**/tmp_*"), *path.glob("objects/**/.tmp*")]:
        left.unlink(missing_ok=True)
    for pack in path.glob("objects/pack/*.pack"):
        if not pack.with_suffix(".idx").exists():
            pack.unlink()


def check_name(wanted: str) -> str:
    """A repository's name: what GitHub does not take in one becomes a dash."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted.strip()).removesuffix(".git")
    if not NAME.fullmatch(name) or set(name) <= {"."}:
        raise invalid("Repository", "name", "name is invalid" if wanted.strip() else "name can't be blank")
    return name
