"""The part of a deployment's run that GitHub's workflow does: prepared, started once, followed, taken over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from ...protocol_deployments import DeploymentStatus
from . import ledger
from .effects import Facts, Task
from .stepping import Effect, Stepping, Subject
from .workflow_effects import WorkflowEffects

if TYPE_CHECKING:
    from .ports import OnLine

STOPS = 5
"""How often a run that is to be cancelled is asked for where GitHub is not there."""


class WorkflowSteps:
    """Takes the steps between the begin and the record."""

    def __init__(self, stepping: Stepping, effects: WorkflowEffects) -> None:
        self._stepping = stepping
        self._effects = effects
        self._prepare = Effect("prepare", 900.0, effects.prepare)
        self._follow = Effect("follow", 3600.0, effects.follow)
        self._adopt = Effect("adopt", 300.0, effects.adopt)
        self._capture = Effect("capture", 900.0, effects.capture)
        self._stop = Effect("stop", 300.0, effects.stop, parks=STOPS, ending=True)

    def carry_out(self, subject: Subject) -> tuple[Facts, bool]:
        """The outcome that is to be recorded, and whether anything may have been put."""
        outcome = self._stepping.effect(self._prepare, subject)
        if not self._kept("prepared", "building", subject, outcome):
            return _refused(outcome, outcome["log"]), False
        fresh: list[bool] = []

        def intend(session: Session) -> bool:
            fresh[:] = [True]
            return ledger.intend(session, subject.id)

        # Only an attempt that wrote this down itself knows that none was made before.
        if not self._stepping.write("intend", intend, subject):
            return {"cancelled": True, "log": []}, False
        outcome = self._stepping.effect(self._dispatch(fresh), subject)
        if not self._dispatched(subject, outcome):
            return _refused(outcome, []), True
        outcome = self._stepping.effect(self._follow, subject)
        if not self._kept("followed", "verifying", subject, outcome):
            return _refused(outcome, outcome["log"]), True
        outcome = self._stepping.effect(self._adopt, subject)
        if "facts" not in outcome:
            return outcome, True
        return self._stepping.effect(self._capture, subject), True

    def stop(self, subject: Subject) -> Facts:
        """End what the workflow does; how that went."""
        return self._stepping.effect(self._stop, subject)

    def _dispatch(self, fresh: list[bool]) -> Effect:
        async def dispatch(task: Task, on_line: OnLine) -> Facts:
            first = bool(fresh)
            fresh.clear()
            return await self._effects.dispatch(task, on_line, again=not first)

        return Effect("dispatch", 300.0, dispatch, whole=True)

    def _dispatched(self, subject: Subject, outcome: Facts) -> bool:
        def write(session: Session, facts: Facts) -> bool:
            return ledger.dispatched(session, subject.id, facts, outcome["log"])

        return self._written("dispatched", subject, outcome, write)

    def _kept(self, name: str, status: DeploymentStatus, subject: Subject, outcome: Facts) -> bool:
        def write(session: Session, facts: Facts) -> bool:
            return ledger.advance(session, subject.id, status, facts, outcome["log"])

        return self._written(name, subject, outcome, write)

    def _written(self, name: str, subject: Subject, outcome: Facts, write: Callable[[Session, Facts], bool]) -> bool:
        if "facts" not in outcome:
            return False
        return self._stepping.write(name, lambda session: write(session, outcome["facts"]), subject)


def _refused(outcome: Facts, log: list[str]) -> Facts:
    """Why the run goes no further: what failed, or that the deployment is to end. Its log has ``log`` to come."""
    return {"cancelled": True, "log": log} if "facts" in outcome else outcome
