"""Which apps are connected to GitHub, and their syncs with it: what there are, and what can be asked for."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from sqlalchemy.orm import Session

from ...protocol_github import LAST_SYNC, Repository, Sync, SyncReason
from . import repositories, sync_ledger
from .opened import Opened

log = logging.getLogger(__name__)
LONGEST_WAIT = 60.0


class Connections(Opened):
    """The part of a workspace's deployments that is about GitHub."""

    async def connect_repository(self, app: str, root: Path, repository: Repository) -> None:
        """Take note of an app's repository. What it should have is for a sync, which is asked for apart."""
        before = await self.repository(app)
        if before is not None and (before.name, before.branch) != (repository.name, repository.branch):
            await self._end_syncs(app)
        await self._written(lambda session: repositories.connect(session, app, root, repository))

    async def disconnect_repository(self, app: str) -> None:
        """Let go of the app's repository, and end its syncs. Nothing is changed at GitHub."""
        await self._written(lambda session: repositories.disconnect(session, app))
        await self._end_syncs(app)

    async def repository(self, app: str) -> Repository | None:
        """The repository that an app is connected to."""

        def find(session: Session) -> Repository | None:
            found = repositories.of_app(session, app)
            return repositories.as_protocol(found) if found else None

        return await self._read(find)

    async def sync(self, app: str, reason: SyncReason = "asked", *, pull: bool = False) -> Sync:
        """Exchange the app's history with its repository. Given at once, as pending; one of an app goes on at a time,
        and one that has not begun gives its place to a newer one."""
        await self.start()

        def submit() -> Sync:
            def write(session: Session) -> tuple[sync_ledger.Submitted, Sync, list[str]]:
                submitted = sync_ledger.submit(session, sync_ledger.connected(session, app), reason, pull=pull)
                waiting = [found.id for found in sync_ledger.under_way(session, app) if found.status == "syncing"]
                return submitted, _one(session, submitted.id), waiting

            submitted, sync, waiting = self._write(write)
            # Written down first: a process that ends here leaves a sync that reconciliation finds a run for.
            self._begin(submitted)
            assert self._stepping is not None
            for id_ in waiting:
                self._stepping.hurry(id_)
            return sync

        sync = await asyncio.to_thread(submit)
        assert self._reconciliation is not None
        self._reconciliation.hurry()
        return sync

    async def get_sync(self, id: str) -> Sync:  # noqa: A002
        """One sync. Raises GithubError where there is none."""
        return await self._read(lambda session: _one(session, id))

    async def last_sync(self, app: str) -> Sync | None:
        """The app's newest sync."""

        def find(session: Session) -> Sync | None:
            found = sync_ledger.last(session, app)
            return sync_ledger.as_protocol(session, [found])[0] if found else None

        return await self._read(find)

    async def step_of_sync(self, id: str, *, seen: int, seconds: float) -> Sync:  # noqa: A002
        """A sync once it has more than ``seen`` transitions, or when time is up."""
        came = asyncio.Event()
        leave = self.follow_syncs(lambda told: came.set() if told.id == id and len(told.transitions) > seen else None)
        try:
            found = await self.get_sync(id)
            if seconds > 0 and len(found.transitions) <= seen and found.status not in LAST_SYNC:
                try:
                    await asyncio.wait_for(came.wait(), min(seconds, LONGEST_WAIT))
                except asyncio.TimeoutError:
                    log.debug("the sync %s took no step in %s seconds", id, seconds)
                found = await self.get_sync(id)
        finally:
            leave()
        return found

    async def _end_syncs(self, app: str) -> None:
        """End what is under way for the app."""
        ended = await self._written(lambda session: [found.id for found in sync_ledger.ask_cancel(session, app)])
        for id_ in ended:
            if self._stepping is not None:
                self._stepping.abort(id_)
            await asyncio.to_thread(self._sync_changed, id_, ())


def _one(session: Session, id_: str) -> Sync:
    return sync_ledger.as_protocol(session, [sync_ledger.row(session, id_)])[0]
