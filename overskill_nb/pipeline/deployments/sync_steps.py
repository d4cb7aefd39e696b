"""What a sync's run does: wait for its turn, exchange the histories, record."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ...errors import GithubError
from . import moves, sync_ledger
from .inside_dbos import DBOSUnexpectedStepError
from .ports import Github, OnLine, SyncTask
from .stepping import Effect, Facts, Stepping, Subject

UPGRADED = "overskill_nb was upgraded while this sync ran, and its steps changed; sync again."

log = logging.getLogger(__name__)


class SyncSteps:
    """Carries syncs' runs out."""

    def __init__(
        self,
        engine: sa.Engine,
        stepping: Stepping,
        github: Github | None,
        changed: Callable[[str, Sequence[str]], None],
    ) -> None:
        self._engine = engine
        self._stepping = stepping
        self._github = github
        self._changed = changed
        # Who works without a network has it caught up with later.
        self._exchange = Effect("exchange", 900.0, self._exchanged, parks=None)

    def carry_out(self, sync: str) -> None:
        """What the run named ``sync`` does."""
        subject = Subject(
            id=sync,
            what="sync",
            task=lambda _: self._task(sync),
            row=lambda session: sync_ledger.row(session, sync),
            changed=lambda lines: self._changed(sync, lines),
        )
        try:
            self._sync(subject)
        except Exception as error:
            self._stepping.go_on()
            if self._task(sync)[0]:  # another took its place in the moment in which it began
                raise
            log.exception("the run of the sync %s failed", sync)
            reason = (
                UPGRADED
                if isinstance(error, DBOSUnexpectedStepError)
                else f"The sync failed inside ({type(error).__name__}); the engine's log says more."
            )
            # Not a step: DBOS may be what failed. Nothing is to be undone.
            with Session(self._engine) as session, session.begin():
                sync_ledger.finish(session, sync, error=reason)
            self._changed(sync, ())
            raise

    def _sync(self, subject: Subject) -> None:
        sync = subject.id
        while turn := self._stepping.write("begin", lambda session: sync_ledger.begin(session, sync), subject):
            if turn < 0:
                return
            self._stepping.wait(subject, turn)
        outcome = self._stepping.effect(self._exchange, subject)

        def write(session: Session) -> bool:
            if "facts" in outcome:
                return sync_ledger.record(session, sync, outcome["facts"], outcome["log"])
            sync_ledger.finish(
                session,
                sync,
                error=outcome.get("error", "The sync was stopped."),
                hint=outcome.get("hint", ""),
                log=outcome["log"],
            )
            return False

        self._stepping.write("record", write, subject)

    async def _exchanged(self, task: SyncTask, on_line: OnLine) -> Facts:
        if self._github is None:
            raise GithubError("GitHub is not set up in this process, so that nothing can be synced with it.")
        facts: dict[str, Any] = msgspec.to_builtins(await self._github.exchange(task, on_line))
        return facts

    def _task(self, sync: str) -> tuple[bool, SyncTask]:
        """Whether the sync is to end, and what GitHub must know of it."""
        with Session(self._engine.execution_options(overskill_reads=True)) as session:
            found = sync_ledger.row(session, sync)
            task = SyncTask(
                id=found.id,
                app=found.app,
                root=found.root,
                repository=found.repository,
                branch=found.branch,
                pull=found.pull,
            )
            return found.cancel or moves.ended(found), task


def slot_of_syncs(app: str) -> str:
    """The queue's partition: one exchange of an app at a time."""
    return f"{app}/github"
