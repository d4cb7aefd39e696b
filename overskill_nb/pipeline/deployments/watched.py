"""What reconciliation looks after: deployments and syncs, each with its run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from . import ledger, moves, sync_ledger
from .models import DeploymentRow, SyncRow
from .runs import UNFINISHED, Runs
from .steps import slot_of
from .sync_steps import slot_of_syncs


@dataclass(frozen=True)
class Watched:
    """A kind of row that has a run while it is under way."""

    what: str
    """Its name, which is also that of its run."""
    under_way: Callable[[Session], Sequence[moves.Row]]
    row: Callable[[Session, str], moves.Row]
    slot: Callable[[Any], str]
    give_up: Callable[[Session, Runs, Any, str], None]
    """Its run ended without a result, as this status says."""


def _abandon(session: Session, runs: Runs, row: DeploymentRow, status: str) -> None:
    """Have what may be put undone by a run of its own; where that ended too, only say it."""
    successor = f"{row.id}-abandon"
    reason = f"This deployment was given up, because {NOT_CARRIED_OUT} ({status.lower()}); deploy again."
    undoing = runs.statuses([successor]).get(successor)
    if undoing is None:
        runs.enqueue("abandon", successor, slot_of(row.app, row.environment), row.id, reason)
    elif undoing.status not in UNFINISHED:
        ledger.finish(session, row.id, error=reason, note="What its address serves was not looked at.")


def _fail(session: Session, _runs: Runs, row: SyncRow, status: str) -> None:
    """Nothing is to be undone."""
    sync_ledger.finish(
        session, row.id, error=f"This sync was given up, because {NOT_CARRIED_OUT} ({status.lower()}); sync again."
    )


NOT_CARRIED_OUT = "the process that ran it died each time, or ended it"
DEPLOYMENTS = Watched(
    "deployment", ledger.under_way, ledger.row, lambda row: slot_of(row.app, row.environment), _abandon
)
SYNCS = Watched("sync", sync_ledger.under_way, sync_ledger.row, lambda row: slot_of_syncs(row.app), _fail)
