"""An app's history as syncing needs it: in threads, with what GitHub was last known to have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from .known import Knowledge, Known

if TYPE_CHECKING:
    from dulwich.object_store import DiskObjectStore

    from ..history import History, Merge
    from .remote import Heads

P = ParamSpec("P")
T = TypeVar("T")


class Clone:
    """This machine's side of a repository. Reads objects past the history, so that neither waits for the other."""

    def __init__(self, history: History, repository: str, branch: str) -> None:
        self.history = history
        self._repository = repository
        self._branch = branch
        self._knowledge: Knowledge | None = None
        self._store: DiskObjectStore | None = None

    @classmethod
    @asynccontextmanager
    async def of(cls, history_of: Callable[[], History], repository: str, branch: str) -> AsyncIterator[Clone]:
        clone = cls(await asyncio.to_thread(history_of), repository, branch)
        try:
            yield clone
        finally:
            if clone._store is not None:
                clone._store.close()

    async def do(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        return await asyncio.to_thread(work, *args, **named)

    @property
    def store(self) -> DiskObjectStore:
        """The repository's objects. For threads: it reads the disk."""
        if self._store is None:
            from dulwich.object_store import DiskObjectStore

            self._store = DiskObjectStore(Path(self.history.repo.commondir()) / "objects")
        return self._store

    async def objects(self) -> DiskObjectStore:
        return await self.do(lambda: self.store)

    async def head(self) -> str:
        return await self.do(self.history.head)

    async def contains(self, commit: str, ancestor: str) -> bool:
        """Whether ``ancestor`` is in the history of ``commit``; what is not here is in none."""

        def look() -> bool:
            from dulwich.objects import ObjectID

            store = self.store
            if not commit or any(ObjectID(sha.encode()) not in store for sha in (commit, ancestor)):
                return False
            return commit == ancestor or self.history.contains(commit, ancestor)

        return await self.do(look)

    async def merge(self, ours: str, theirs: str) -> Merge:
        return await self.do(self.history.merge, ours, theirs)

    async def changes(self, before: str, after: str) -> dict[str, bytes | None]:
        return await self.do(self.history.changes, before, after)

    async def check(self, new: str, heads: Heads, secrets: Collection[str]) -> int:
        """How many commits a push of ``new`` would bring. Raises GithubError where they hold a secret."""

        def look() -> int:
            from . import guard, pack

            store = self.store
            missing, edge = pack.missing_commits(store, [new.encode()], heads.refs.values())
            guard.refuse(store, missing, edge, new, secrets)
            return len(missing)

        return await self.do(look)

    async def ahead(self, known: Known) -> int:
        """Commits that GitHub does not have, as far as is known here."""

        def count() -> int:
            from . import pack

            head = self.history.head()
            there = [sha.encode() for sha in (known.seen, known.agreed) if sha]
            return len(pack.missing_commits(self.store, [head.encode()], there)[0]) if head else 0

        return await self.do(count)

    async def received(self, ours: str, theirs: str) -> int:
        def count() -> int:
            from . import pack

            have = [ours.encode()] if ours else []
            return len(pack.missing_commits(self.store, [theirs.encode()], have)[0])

        return await self.do(count)

    # ------------------------------------------------------------------------------------------ what is known

    async def known(self) -> Known:
        return await self.do(lambda: self._kept.read(self._repository, self._branch))

    async def learn(self, known: Known) -> None:
        await self.do(lambda: self._kept.write(self._repository, self._branch, known))

    @property
    def _kept(self) -> Knowledge:
        if self._knowledge is None:
            self._knowledge = Knowledge(Path(self.history.repo.controldir()))
        return self._knowledge
