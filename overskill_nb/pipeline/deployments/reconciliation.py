"""Sees to it that nothing is lost or stands still, deployment or sync: at start, and for as long as they are open."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from . import moves
from .executors import Executors, abandoned, host
from .models import ExecutorRow
from .runs import UNFINISHED, VERSION, Runs
from .stepping import Stepping
from .watched import DEPLOYMENTS, SYNCS, Watched

BUSY_SECONDS = 1.0
IDLE_SECONDS = 10.0
"""How often it looks: while a deployment is under way, and else."""
GRACE_MS = 3000.0
"""A submission's row is there before its run, and a run may end before its row says so."""
UNBEGUN_MS = 10_000.0
UNHEARD_MS = 20 * 60 * 1000.0
"""Without progress for so long, a run is reported."""
TIDY_SECONDS = 3600.0

log = logging.getLogger(__name__)


class Reconciliation:
    """A thread that compares what is under way with the runs that there are."""

    def __init__(
        self,
        engine: sa.Engine,
        runs: Runs,
        stepping: Stepping,
        tell_since: Callable[[Session, float], None],
    ) -> None:
        assert runs.slot is not None
        self._engine = engine
        self._runs = runs
        self._stepping = stepping
        self._tell_since = tell_since
        """Tells of all that took a step since then."""
        self._executors = Executors(engine, runs.slot, VERSION)
        self._told = moves.now()
        self._reported: set[str] = set()
        self._tidied = -TIDY_SECONDS
        self._due = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="overskill reconciliation", daemon=True)

    def start(self) -> None:
        """Compare once, then go on on a thread. Raises where the database cannot be used."""
        self._executors.beat()
        with contextlib.suppress(Exception):
            self.compare()
        self._thread.start()

    def close(self) -> None:
        self._closed = True
        self._due.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def hurry(self) -> None:
        """Something is under way from now on."""
        self._due.set()

    def _work(self) -> None:
        pause = BUSY_SECONDS
        while not self._closed:
            self._due.wait(pause)
            if self._due.is_set() and not self._closed:
                self._due.clear()
                self._due.wait(BUSY_SECONDS)
            if self._closed:
                return
            try:
                pause = BUSY_SECONDS if self.compare() else IDLE_SECONDS
            except Exception as error:
                if not self._closed:
                    log.warning("deployments and syncs could not be looked after: %s", error)

    def compare(self) -> bool:
        """One look. Whether anything is under way that does not wait for a service."""
        self._executors.beat()
        rows = self._rows()
        unfinished = self._runs.unfinished()
        alive = self._executors.alive()
        self._take_over(unfinished, alive)
        self._carry_over(unfinished, alive, {row.run: (watched, row) for watched, row in rows})
        for watched, row in rows:
            self._see_to(watched, row)
        self._tell_others_steps()
        if unfinished:
            self._runs.wake()
        elif time.monotonic() - self._tidied > TIDY_SECONDS:
            self._tidied = time.monotonic()
            self._runs.tidy()
        parked = {row.run for _, row in rows if row.waits_until > moves.now() + IDLE_SECONDS * 1000 and not row.cancel}
        return any(row.run not in parked for _, row in rows) or any(run.workflow_id not in parked for run in unfinished)

    def _rows(self) -> list[tuple[Watched, moves.Row]]:
        with Session(self._engine.execution_options(overskill_reads=True)) as session:
            return [(watched, row) for watched in (DEPLOYMENTS, SYNCS) for row in watched.under_way(session)]

    # ---------------------------------------------------------------------------------------------- the dead

    def _take_over(self, unfinished: list[Any], alive: dict[str, str]) -> None:
        """Put what dead executors worked on back into the queue."""
        pending = [run for run in unfinished if run.status == "PENDING"]
        for executor in {run.executor_id for run in pending} - alive.keys() - {None}:
            with self._held(executor) as free:
                if free and (count := self._runs.take_over(executor)):
                    log.warning("took over %d runs of %s, which is not there any more", count, executor)
        # What this process claimed and then could not begin.
        own, active = self._runs.slot, self._runs.active()
        assert own is not None
        idle = [run for run in pending if run.executor_id == own.id and run.workflow_id not in active]
        for run in idle:
            if moves.now() - (run.updated_at or 0) > UNBEGUN_MS:
                log.warning("put the run %s, which was not begun, back into the queue", run.workflow_id)
                self._runs.put_back(run.workflow_id, run.queue_name)

    @contextlib.contextmanager
    def _held(self, executor: str) -> Iterator[bool]:
        """Keep a dead executor from coming back while its runs are taken over, where it is of this machine."""
        with Session(self._engine.execution_options(overskill_reads=True)) as session:
            known = session.get(ExecutorRow, executor)
        if known is not None and known.host == host() and Path(known.lock).is_file():
            with abandoned(Path(known.lock)) as free:
                yield free
        else:
            yield True

    def _carry_over(
        self, unfinished: list[Any], alive: dict[str, str], rows: dict[str, tuple[Watched, moves.Row]]
    ) -> None:
        """Go on with the runs of other versions that no process of theirs goes on with."""
        for run in unfinished:
            if run.app_version in {VERSION, *alive.values()}:
                continue
            base, _, count = run.workflow_id.partition("~")
            successor = f"{base}~{int(count or 0) + 1}"
            if successor not in self._runs.statuses([successor]):
                self._runs.carry_over(run.workflow_id, successor, run.queue_partition_key)
            if known := rows.get(run.workflow_id):
                watched, row = known
                with Session(self._engine) as session, session.begin():
                    watched.row(session, row.id).run = successor
                row.run = successor
            self._runs.drop([run.workflow_id])
            log.warning("went on with the run %s of version %s", run.workflow_id, run.app_version)

    # ---------------------------------------------------------------------------------------------- a row

    def _see_to(self, watched: Watched, row: moves.Row) -> None:
        """What is under way must have a run that goes on."""
        if row.cancel:
            self._stepping.abort(row.id)
        if row.updated > moves.now() - GRACE_MS:
            return
        run = self._runs.statuses([row.run]).get(row.run)
        if run is None:
            self._runs.enqueue(watched.what, row.run, watched.slot(row), row.id)
        elif run.status in UNFINISHED:
            self._report(watched, row)
        elif self._still(watched, row):
            log.warning("the run of the %s %s ended as %s without a result", watched.what, row.id, run.status)
            with Session(self._engine) as session, session.begin():
                watched.give_up(session, self._runs, row, run.status)

    def _still(self, watched: Watched, row: moves.Row) -> bool:
        """Whether the row is as it was read: a run may have ended well in between."""
        with Session(self._engine.execution_options(overskill_reads=True)) as session:
            now = watched.row(session, row.id)
            return now.status == row.status and now.updated == row.updated

    def _report(self, watched: Watched, row: moves.Row) -> None:
        since = max(row.updated, row.waits_until)
        if since < moves.now() - UNHEARD_MS and row.id not in self._reported and row.status != "pending":
            self._reported.add(row.id)
            log.error("the %s %s has been %s for %.0f minutes", watched.what, row.id, row.status, UNHEARD_MS / 60000)
            with Session(self._engine) as session, session.begin():
                moves.remark(
                    session, watched.row(session, row.id), f"No progress for {UNHEARD_MS / 60000:.0f} minutes."
                )

    def _tell_others_steps(self) -> None:
        """Tell of steps that other processes took."""
        since, self._told = self._told, moves.now()
        with Session(self._engine.execution_options(overskill_reads=True)) as session:
            self._tell_since(session, since - 2 * BUSY_SECONDS * 1000)
