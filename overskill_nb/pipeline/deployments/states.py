"""Which status may follow which. Nothing else in the package changes a deployment's status."""

from __future__ import annotations

from ...errors import DeploymentError
from ...protocol_deployments import DeploymentStatus

FOLLOWING: dict[DeploymentStatus, frozenset[DeploymentStatus]] = {
    "pending": frozenset({"building", "uploading", "failed", "cancelled"}),
    "building": frozenset({"uploading", "verifying", "failed", "cancelled"}),
    "uploading": frozenset({"verifying", "failed", "cancelled"}),
    "verifying": frozenset({"deployed", "failed", "cancelled"}),
    "deployed": frozenset({"superseded", "rolled_back"}),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "superseded": frozenset(),
    "rolled_back": frozenset(),
}
UNDER_WAY: tuple[DeploymentStatus, ...] = ("pending", "building", "uploading", "verifying")
"""In the order in which a run goes through them."""
ONCE_LIVE: tuple[DeploymentStatus, ...] = ("deployed", "superseded", "rolled_back")


class IllegalTransition(DeploymentError):
    """A deployment cannot go from the one status to the other: a fault of this package."""


def check(now: DeploymentStatus, then: DeploymentStatus, deployment: str) -> None:
    """Raises IllegalTransition where ``then`` cannot follow."""
    if then not in FOLLOWING[now]:
        raise IllegalTransition(f"The deployment {deployment} is {now} and cannot become {then}.")


def passed(now: DeploymentStatus, then: DeploymentStatus) -> bool:
    """Whether a run that is repeated has been at ``then`` already."""
    return now in UNDER_WAY and then in UNDER_WAY and UNDER_WAY.index(now) >= UNDER_WAY.index(then)
