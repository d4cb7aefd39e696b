# ruff: noqa: SLF001
"""What is needed of DBOS beyond its public interface. It is pinned below 4, and tests go through each of these."""

from __future__ import annotations

import contextlib

from dbos import DBOS, SQLAlchemyDatasource
from dbos import _dbos as internals
from dbos._core import execute_dequeued_workflow
from dbos._error import DBOSUnexpectedStepError
from dbos._utils import generate_uuid

__all__ = [
    "DBOSUnexpectedStepError",
    "active",
    "claim",
    "destroy",
    "put_back",
    "quiet_internal_queue",
    "take_over",
]


def quiet_internal_queue(seconds: float) -> None:
    """Nothing of ours is in DBOS's own queue, which it would look at every second. Before the launch."""
    internals._get_dbos_instance()._registry.get_internal_queue()._polling_interval_sec = seconds


def claim(queue_name: str, executor: str, version: str, at_once: int) -> None:
    """Begin what the queue allows, as DBOS's own polling does, but now."""
    instance = internals._get_dbos_instance()
    room = at_once - instance._active_workflows_set.count_for_queue(queue_name)
    queue = instance._sys_db.get_queue(queue_name)
    if room <= 0 or queue is None:
        return
    owner = generate_uuid()
    claimed = instance._sys_db.start_queued_partitioned_workflows(queue, executor, version, room, owner_xid=owner)
    for status in instance._sys_db.get_workflow_statuses(claimed) if claimed else ():
        execute_dequeued_workflow(instance, status, owner)


def active() -> set[str]:
    """The runs that this process is working on."""
    return set(internals._get_dbos_instance()._active_workflows_set.activeList())


def take_over(executor: str) -> int:
    """Put the runs of an executor that is not there any more back into the queue; how many."""
    return len(DBOS._recover_pending_workflows([executor]))


def put_back(run: str, executor: str, queue_name: str) -> None:
    """Put a run that an executor claimed back into the queue."""
    internals._get_dbos_instance()._sys_db.reenqueue_for_recovery(run, [executor], queue_name)


def destroy(datasource: SQLAlchemyDatasource | None) -> None:
    """Stop DBOS, which then has no datasource of ours."""
    registry = internals._get_or_create_dbos_registry()
    with contextlib.suppress(Exception):
        DBOS.destroy()
    with contextlib.suppress(AttributeError, ValueError):
        registry.datasources.remove(datasource)  # type: ignore[arg-type]
