"""The durable runs: DBOS launched, fed and closed. What a run does is in ``steps.py``.

The guards against DBOS's traps, each of which was seen to bite:

* a stable executor id of its own for every process, see ``executors.py``;
* the runs of dead processes are taken over, see ``reconciliation.py``;
* the application's version is a number that changes when the steps do, and runs of another version are carried over;
* one run at a time for an app's environment, and for its repository, by partitioned queues; older ones that have not
  begun are ended;
* launched in a thread without an event loop, so that no run ever goes on Jupyter's;
* JSON, not pickle, in the database; ids and digests only, never a token or a file's content.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID, SQLAlchemyDatasource

from ...errors import DeploymentError
from . import inside_dbos
from .database import explained, shown, sqlite_engine, use_wal
from .executors import Slot
from .models import SCHEMA

# Without a handler DBOS makes one of its own, for the stderr of that moment, and fails once somebody closes that.
logging.getLogger("dbos").addHandler(logging.NullHandler())

VERSION = "runs-2"
"""Raise the number with every change of a run's steps: their order, names, or what they give."""
QUEUES = {"production": 16, "github": 16}
"""Runs that one process works on, by queue. Those that may wait for GitHub for long keep no place from the others."""
QUEUE, AT_ONCE = "deployments", 8
"""All others'."""
POLL_SECONDS = 5.0
"""How often the queue is looked at without a cause. Whoever submits or ends a run wakes it up."""
WAKE_DELAYS = (0.0, 0.02, 0.05, 0.1, 0.25)
ATTEMPTS = 10
"""How often a run may be taken up again before it is given up."""
SYNC_ATTEMPTS = 100
"""Likewise for a sync, which may wait for the network through many restarts."""
KEPT_DAYS = 7.0
RUNS_SCHEMA = "overskill_runs"
UNFINISHED = frozenset({"PENDING", "ENQUEUED", "DELAYED"})
"""DBOS's statuses of a run that goes on or will."""

log = logging.getLogger(__name__)
_launched: Runs | None = None
_launching = threading.Lock()


class Runs:
    """DBOS for one database. There can be one in a process, because there can be one DBOS."""

    def __init__(self, folder: Path, engine: sa.Engine, database_url: str) -> None:
        self.folder = folder
        self._engine = engine
        self._database_url = database_url
        self.slot: Slot | None = None
        self.carry_out: Callable[[str, Sequence[str]], None] = lambda _name, _arguments: None
        """What a run does, set before the launch."""
        self.datasource: SQLAlchemyDatasource
        self._system: sa.Engine | None = None
        self._woken = threading.Event()
        self._patient = False
        self._claiming = threading.Lock()
        self._closed = False
        self._waker = threading.Thread(target=self._wake_up, name="overskill runs", daemon=True)

    # ------------------------------------------------------------------------------------------------ life

    def launch(self) -> None:
        """Start; unfinished runs of this executor go on. Must be called in a thread without an event loop."""
        global _launched
        with _launching:
            if _launched is not None:
                raise DeploymentError(
                    f"This process runs the deployments of {_launched.folder} already, and can run those of one "
                    "workspace; use another process for this one."
                )
            self.slot = Slot(self.folder)
            try:
                with explained(self._where()):
                    self._launch(self.slot.id)
            except BaseException:
                self._end()
                raise
            _launched = self
        self._waker.start()
        self.wake()

    def _where(self) -> str:
        return shown(str(self._engine.url)) if self._database_url else str(self.folder / "runs.db")

    def _launch(self, executor: str) -> None:
        config = DBOSConfig(
            name="overskill",
            application_version=VERSION,
            executor_id=executor,
            serializer=DBOSPortableJSONSerializer(),
            log_level="CRITICAL",
            enable_otlp=False,
            # Nobody waits for messages; the thread that looks for them ends after one more interval.
            notification_listener_polling_interval_sec=0.25,
        )
        if self._database_url:
            url = sa.make_url(self._database_url).set(drivername="postgresql")
            config["system_database_url"] = url.render_as_string(hide_password=False)
            config["dbos_system_schema"] = RUNS_SCHEMA
        else:
            use_wal(self.folder / "runs.db")
            url_of_runs = f"sqlite:///{self.folder / 'runs.db'}"
            config["system_database_url"] = url_of_runs
            # A step that a power failure takes from this file is done once more; nothing else hangs on it.
            self._system = sqlite_engine(url_of_runs, synchronous="NORMAL", begin=False)
            config["system_database_engine"] = self._system
        DBOS(config=config)
        inside_dbos.quiet_internal_queue(30.0)
        self.datasource = SQLAlchemyDatasource.create(
            str(self._engine.url),
            engine=self._engine,
            schema=SCHEMA if self._database_url else None,
            serializer=DBOSPortableJSONSerializer(),
        )
        DBOS.launch()
        for queue, at_once in (QUEUES | {QUEUE: AT_ONCE}).items():
            DBOS.register_queue(
                queue,
                partition_concurrency=1,
                worker_concurrency=at_once,
                polling_interval_sec=POLL_SECONDS,
                on_conflict="always_update",
            )

    def close(self) -> None:
        """Stop. Runs that have not ended go on at the next launch. Not on an event loop."""
        global _launched
        with _launching:
            if self._closed:
                return
            self._closed = True
            self._woken.set()
            if self._waker.is_alive():
                self._waker.join(timeout=5)
            self._end()
            if _launched is self:
                _launched = None

    def _end(self) -> None:
        self._closed = True
        inside_dbos.destroy(getattr(self, "datasource", None))
        if self._system is not None:
            self._system.dispose()
        if self.slot is not None:
            self.slot.release()

    # ------------------------------------------------------------------------------------------------ feeding

    def enqueue(self, name: str, run: str, slot: str, *arguments: str) -> None:
        """Have something carried out, after all that was asked for the same slot before. The same id only once."""
        function = _FUNCTIONS[name]
        with SetWorkflowID(run), SetEnqueueOptions(queue_partition_key=slot):
            DBOS.enqueue_workflow(queue_of(slot), function, *arguments)
        self.wake()

    def take_down(self, app: str, name: str, environment: str) -> None:
        """Take an app off an environment, after all that was asked for it before, and wait for that."""
        run = f"take-down-{secrets.token_hex(8)}"
        self.enqueue("take_down", run, f"{app}/{environment}", app, name, environment)
        try:
            DBOS.retrieve_workflow(run).get_result(polling_interval_sec=0.1)
        except Exception as error:
            raise DeploymentError(str(error)) from error

    def drop(self, runs: Sequence[str]) -> None:
        """Take runs off the queue whose deployments ended before they began."""
        if runs:
            DBOS.cancel_workflows(list(runs))

    def drop_queued(self, runs: Sequence[str]) -> None:
        """The like for those that wait for their turn in the queue; what has begun sees by itself that it ended."""
        self.drop([run for run, found in self.statuses(runs).items() if found.status == "ENQUEUED"])

    def wake(self, *, ended: bool = False) -> None:
        """Look at the queue now; where a run ``ended``, again a few times: it lets go of its place a moment later."""
        self._patient = self._patient or ended
        self._woken.set()

    def _wake_up(self) -> None:
        while not self._closed:
            self._woken.wait()
            self._woken.clear()
            delays, self._patient = (WAKE_DELAYS if self._patient else (0.0,)), False
            for delay in delays:
                # A new cause to look begins anew.
                if (delay and self._woken.wait(delay)) or self._closed:
                    break
                self._claim()

    def _claim(self) -> None:
        """Begin what the queues allow. Where this fails, DBOS's polling remains."""
        with self._claiming:
            try:
                for queue, at_once in ({QUEUE: AT_ONCE} | QUEUES).items():
                    inside_dbos.claim(queue, self._executor, VERSION, at_once)
            except Exception as error:
                if not self._closed:
                    log.debug("the queues could not be looked at", exc_info=error)

    @property
    def _executor(self) -> str:
        assert self.slot is not None
        return self.slot.id

    # ------------------------------------------------------------------------------------------------ looking

    def statuses(self, runs: Sequence[str]) -> dict[str, Any]:
        """DBOS's status of each of these runs that it knows."""
        found = DBOS.list_workflows(workflow_ids=list(runs), load_input=False, load_output=False) if runs else []
        return {status.workflow_id: status for status in found}

    def unfinished(self) -> list[Any]:
        """All runs that have not ended."""
        return DBOS.list_workflows(status=sorted(UNFINISHED), load_input=False, load_output=False)

    def tidy(self, days: float = KEPT_DAYS) -> int:
        """Remove runs that ended long ago; the deployments stay. How many."""
        before = datetime.fromtimestamp(time.time() - days * 86400, timezone.utc).isoformat()
        old = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            completed_before=before,
            limit=500,
            load_input=False,
            load_output=False,
        )
        if old:
            DBOS.delete_workflows([run.workflow_id for run in old])
        return len(old)

    def active(self) -> set[str]:
        """The runs that this process is working on."""
        return inside_dbos.active()

    def take_over(self, executor: str) -> int:
        """Put the runs of a dead executor back into the queue; how many."""
        return inside_dbos.take_over(executor)

    def put_back(self, run: str, queue: str) -> None:
        """Put a run that this executor claimed and does not work on back into its queue."""
        inside_dbos.put_back(run, self._executor, queue)

    def carry_over(self, run: str, successor: str, slot: str) -> None:
        """Go on with another version's run, after the last step that it recorded, under a new id."""
        steps = DBOS.list_workflow_steps(run)
        last = max((step["function_id"] for step in steps), default=0)
        with SetWorkflowID(successor):
            DBOS.fork_workflow(
                run, last + 1, application_version=VERSION, queue_name=queue_of(slot), queue_partition_key=slot
            )


def queue_of(slot: str) -> str:
    """The queue of a slot, which is its last part's."""
    last = slot.rpartition("/")[2]
    return last if last in QUEUES else QUEUE


def _carry_out(name: str, *arguments: str) -> None:
    serving = _launched
    if serving is None:
        raise RuntimeError("no deployments are open in this process")
    try:
        serving.carry_out(name, arguments)
    finally:
        serving.wake(ended=True)


@DBOS.workflow(name="overskill_deployment", max_recovery_attempts=ATTEMPTS)
def _deployment(deployment: str) -> None:
    _carry_out("deployment", deployment)


@DBOS.workflow(name="overskill_abandon", max_recovery_attempts=ATTEMPTS)
def _abandon(deployment: str, reason: str) -> None:
    _carry_out("abandon", deployment, reason)


@DBOS.workflow(name="overskill_take_down", max_recovery_attempts=ATTEMPTS)
def _take_down(app: str, name: str, environment: str) -> None:
    _carry_out("take_down", app, name, environment)


@DBOS.workflow(name="overskill_sync", max_recovery_attempts=SYNC_ATTEMPTS)
def _sync(sync: str) -> None:
    _carry_out("sync", sync)


_FUNCTIONS: dict[str, Callable[..., None]] = {
    "deployment": _deployment,
    "abandon": _abandon,
    "take_down": _take_down,
    "sync": _sync,
}
