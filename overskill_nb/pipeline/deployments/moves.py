"""Changes of a status: taken where they may follow and nobody else was faster, and written down with their time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from . import states, syncs
from .models import DeploymentRow, SyncRow, SyncTransitionRow, TransitionRow

MAX_LOG_LINES = 500

Row = DeploymentRow | SyncRow
"""What has a status, a run and a log."""


def now() -> float:
    """Unix time in milliseconds."""
    return time.time() * 1000


def ended(found: Row) -> bool:
    """Whether no work is done for it any more."""
    return found.status not in (states.UNDER_WAY if isinstance(found, DeploymentRow) else syncs.UNDER_WAY)


def move(session: Session, found: Row, status: Any, note: str = "", *, strict: bool = True) -> bool:
    """Take a step, where nobody else took one meanwhile."""
    kind, before = type(found), cast(Any, found.status)
    if isinstance(found, DeploymentRow):
        states.check(before, status, found.id)
    else:
        syncs.check(before, status, found.id)
    session.flush()
    at = now()
    moved = cast(
        "sa.CursorResult[Any]",
        session.execute(
            sa.update(kind)
            .where(kind.id == found.id, kind.status == before)
            .values(status=status, updated=at, waits_until=0.0)
            .execution_options(synchronize_session=False)
        ),
    )
    if moved.rowcount != 1:
        if strict:
            raise states.IllegalTransition(f"{found.id} was {before} and is not any more.")
        return False
    for name, value in (("status", status), ("updated", at), ("waits_until", 0.0)):
        set_committed_value(found, name, value)
    _write(session, found, at, note)
    return True


def remark(session: Session, found: Row, note: str) -> None:
    """Say something about what is under way."""
    if not ended(found):
        found.updated = now()
        _write(session, found, found.updated, note)


def park(session: Session, found: Row, until: float, note: str, log: Iterable[str]) -> float:
    """The run waits, and everybody can read why."""
    if not ended(found) and found.waits_until < until:
        found.waits_until = until
        keep_log(found, log)
        remark(session, found, note)
    return until


def keep_log(found: Row, log: Iterable[str]) -> None:
    """Add lines to the log, of which the last stay."""
    if more := list(log):
        found.log = [*found.log, *more][-MAX_LOG_LINES:]


def alone(session: Session, key: str) -> None:
    """One transaction at a time for a key. In SQLite a transaction is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))


def begin_with(session: Session, made: Row) -> None:
    """Write something new down, as pending."""
    session.add(made)
    session.flush()
    _write(session, made, made.created, "")


def _write(session: Session, found: Row, at: float, note: str) -> None:
    if isinstance(found, DeploymentRow):
        session.add(TransitionRow(deployment=found.id, status=found.status, at=at, note=note))
    else:
        session.add(SyncTransitionRow(sync=found.id, status=found.status, at=at, note=note))
