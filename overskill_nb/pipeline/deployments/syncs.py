"""Which status of a sync may follow which, and how close together exchanges may begin."""

from __future__ import annotations

from ...protocol_github import SyncStatus
from .states import IllegalTransition

FOLLOWING: dict[SyncStatus, frozenset[SyncStatus]] = {
    "pending": frozenset({"syncing", "failed", "cancelled"}),
    "syncing": frozenset({"synced", "conflict", "failed", "cancelled"}),
    "synced": frozenset(),
    "conflict": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}
UNDER_WAY: tuple[SyncStatus, ...] = ("pending", "syncing")
AT_ONCE = 2
PACE_SECONDS = 6.0
"""An app begins ``AT_ONCE`` exchanges in so many seconds; those that are asked for meanwhile become one."""


def check(now: SyncStatus, then: SyncStatus, sync: str) -> None:
    """Raises IllegalTransition where ``then`` cannot follow."""
    if then not in FOLLOWING[now]:
        raise IllegalTransition(f"The sync {sync} is {now} and cannot become {then}.")
