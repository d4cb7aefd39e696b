"""The record of a workspace, opened where it is first used, and the runs that work on it."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ...errors import DeploymentError, OverskillError
from ...protocol_deployments import Deployment
from ...protocol_github import Sync
from . import ledger, sync_ledger
from .audience import Audience, Listener, SyncListener
from .database import explained, open_database, shown
from .effects import Effects
from .workflow_effects import WorkflowEffects

if TYPE_CHECKING:
    from .ports import Github
    from .reconciliation import Reconciliation
    from .runs import Runs
    from .stepping import Stepping

T = TypeVar("T")
log = logging.getLogger(__name__)


class Opened:
    """Reads and writes the record, launches and ends the runs, and tells of their steps.

    Methods are called on one event loop, where builds and clients run too. The runs are on threads: see ``runs.py`` and
    ``stepping.py``.
    """

    def __init__(
        self, folder: Path, database_url: str, effects: Effects, workflow: WorkflowEffects, github: Github | None
    ) -> None:
        self._folder = folder
        self._database_url = database_url
        self._effects = effects
        self._workflow = workflow
        self._github = github
        self._audience: Audience[Deployment] = Audience()
        self._sync_audience: Audience[Sync] = Audience()
        self._engine: sa.Engine | None = None
        self._runs: Runs | None = None
        self._stepping: Stepping | None = None
        self._reconciliation: Reconciliation | None = None
        self._opening = asyncio.Lock()
        self._launching = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beginning: set[asyncio.Task[None]] = set()
        self._closed = False

    # ---------------------------------------------------------------------------------------------- life

    async def start(self) -> None:
        """Launch the runs; unfinished ones go on. Called by what needs it; calling it early saves the first wait."""
        if self._reconciliation is not None and not self._closed:
            return
        engine = await self._open()
        async with self._launching:
            if self._reconciliation is not None:
                return
            loop = self._loop
            assert loop is not None
            self._runs, self._stepping, self._reconciliation = await asyncio.to_thread(self._launch, engine, loop)

    def _launch(self, engine: sa.Engine, loop: asyncio.AbstractEventLoop) -> tuple[Runs, Stepping, Reconciliation]:
        # DBOS takes a second to import, so that only those who deploy pay for it.
        from .reconciliation import Reconciliation
        from .runs import Runs
        from .stepping import Stepping
        from .steps import Steps
        from .sync_steps import SyncSteps

        runs = Runs(self._folder, engine, self._database_url)
        stepping = Stepping(runs, loop)
        steps = Steps(engine, runs, stepping, self._effects, self._workflow, self._changed, self._begin_soon)
        syncs = SyncSteps(engine, stepping, self._github, self._sync_changed)

        def carry_out(name: str, arguments: Sequence[str]) -> None:
            if name == "sync":
                syncs.carry_out(arguments[0])
            else:
                steps.carry_out(name, arguments)

        runs.carry_out = carry_out
        runs.launch()
        try:
            reconciliation = Reconciliation(engine, runs, stepping, self._tell_since)
            reconciliation.start()
        except BaseException:
            runs.close()
            raise
        return runs, stepping, reconciliation

    async def close(self) -> None:
        """End. Runs that are under way stop where they are, and go on when the workspace is opened again."""
        if self._closed:
            return
        self._closed = True
        async with self._launching, self._opening:
            await asyncio.gather(*self._beginning, return_exceptions=True)
            if self._reconciliation is not None:
                await asyncio.to_thread(self._reconciliation.close)
            if self._stepping is not None:
                self._stepping.stop()
                await self._settled(self._stepping)
            if self._runs is not None:
                await asyncio.to_thread(self._runs.close)
            if self._engine is not None:
                await asyncio.to_thread(self._engine.dispose)

    @staticmethod
    async def _settled(stepping: Stepping) -> None:
        """Wait until no effect is under way: a build's processes are ended, not left behind."""
        for _ in range(200):
            if not stepping.working:
                return
            await asyncio.sleep(0.05)

    async def _open(self) -> sa.Engine:
        if self._closed:
            raise DeploymentError("The deployments of this workspace are closed.")
        if self._engine is None:
            async with self._opening:
                if self._engine is None:
                    self._loop = asyncio.get_running_loop()
                    self._engine = await asyncio.to_thread(open_database, self._folder, self._database_url)
        return self._engine

    # ---------------------------------------------------------------------------------------------- the record

    def _opened(self) -> sa.Engine:
        assert self._engine is not None
        return self._engine

    def _where(self) -> str:
        return shown(self._opened().url.render_as_string(hide_password=False))

    async def _read(self, work: Callable[[Session], T]) -> T:
        engine = (await self._open()).execution_options(overskill_reads=True)

        def run() -> T:
            with explained(self._where()), Session(engine) as session:
                return work(session)

        return await asyncio.to_thread(run)

    async def _written(self, work: Callable[[Session], T]) -> T:
        await self._open()
        return await asyncio.to_thread(self._write, work)

    def _write(self, work: Callable[[Session], T]) -> T:
        with explained(self._where()), Session(self._opened()) as session, session.begin():
            return work(session)

    # ---------------------------------------------------------------------------------------------- syncs' runs

    def _begin(self, submitted: sync_ledger.Submitted) -> None:
        """Have a sync that is written down carried out. Not on the event loop, nor in a run."""
        from .sync_steps import slot_of_syncs

        runs, stepping = self._runs, self._stepping
        assert runs is not None
        assert stepping is not None
        with explained(self._where()):
            runs.enqueue("sync", submitted.id, slot_of_syncs(submitted.app), submitted.id)
            runs.drop_queued(submitted.runs)
        for ended in submitted.ended:
            stepping.nudge(ended)
        for changed in (*submitted.ended, submitted.id):
            self._sync_changed(changed, ())

    def _begin_soon(self, submitted: sync_ledger.Submitted) -> None:
        """The like for one that was written down with the end of a deployment, whose run does not wait for it."""
        loop = self._loop
        if loop is None or self._closed:
            return

        async def begin() -> None:
            try:
                await asyncio.to_thread(self._begin, submitted)
            except OverskillError as error:
                log.warning("the sync %s begins later: %s", submitted.id, error)

        def schedule() -> None:
            if not self._closed and self._runs is not None:
                beginning = loop.create_task(begin())
                self._beginning.add(beginning)
                beginning.add_done_callback(self._beginning.discard)

        try:
            # In a context of its own: in that of the run, DBOS would take the sync for a part of it.
            loop.call_soon_threadsafe(schedule, context=contextvars.Context())
        except RuntimeError:
            log.debug("the loop is closed; the sync %s begins at the next start", submitted.id)

    # ---------------------------------------------------------------------------------------------- telling

    def follow(self, listener: Listener) -> Callable[[], None]:
        """Be told of each step and each line of a log, on the event loop. Gives what ends that."""
        return self._audience.follow(listener)

    def follow_syncs(self, listener: SyncListener) -> Callable[[], None]:
        """The like of syncs."""
        return self._sync_audience.follow(listener)

    def _changed(self, deployment: str, lines: Sequence[str]) -> None:
        """A run took a step, or its effect said a line that is not in the database yet. On any thread."""
        if not self._audience or self._engine is None:
            return
        try:
            with Session(self._engine.execution_options(overskill_reads=True)) as session:
                found = ledger.deployments(session, [ledger.row(session, deployment)])[0]
        except (sa.exc.SQLAlchemyError, OverskillError):
            log.debug("a step could not be told", exc_info=True)
            return
        found.log = [*found.log, *lines]
        self._on_loop(self._deliver, found)

    def _sync_changed(self, sync: str, lines: Sequence[str]) -> None:
        """The like of a sync, of which the deployment tells that it followed."""
        if self._engine is None or not (self._sync_audience or self._audience):
            return
        try:
            with Session(self._engine.execution_options(overskill_reads=True)) as session:
                found = sync_ledger.as_protocol(session, [sync_ledger.row(session, sync)])[0]
        except (sa.exc.SQLAlchemyError, OverskillError):
            log.debug("a step could not be told", exc_info=True)
            return
        found.log = [*found.log, *lines]
        self._on_loop(self._deliver_sync, found)
        if found.deployment and not lines:
            self._changed(found.deployment, ())

    def _tell_since(self, session: Session, at: float) -> None:
        """Tell of what took a step since then, in whichever process. On any thread."""
        syncs = sync_ledger.changed_since(session, at)
        for sync in syncs:
            self._on_loop(self._deliver_sync, sync)
        for deployment in ledger.changed_since(session, at, [sync.deployment for sync in syncs if sync.deployment]):
            self._on_loop(self._deliver, deployment)

    def _on_loop(self, deliver: Callable[[T], None], news: T) -> None:
        loop = self._loop
        if loop is not None and not self._closed:
            try:
                loop.call_soon_threadsafe(deliver, news, context=contextvars.Context())
            except RuntimeError:
                log.debug("the loop is closed")

    def _deliver(self, deployment: Deployment) -> None:
        self._audience.deliver(deployment)

    def _deliver_sync(self, sync: Sync) -> None:
        self._sync_audience.deliver(sync)
