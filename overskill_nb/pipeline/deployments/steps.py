"""What a deployment's run does: build, publish, verify, record; and what it does when one of them fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ...errors import OverskillError
from . import ledger, states, variables
from .effects import Effects, Facts, Task
from .inside_dbos import DBOSUnexpectedStepError
from .stepping import Effect, Stepping, Subject
from .sync_ledger import Submitted
from .workflow_effects import WorkflowEffects
from .workflow_steps import WorkflowSteps

if TYPE_CHECKING:
    from .runs import Runs

UPGRADED = "overskill_nb was upgraded while this deployment ran, and its steps changed; deploy again."

log = logging.getLogger(__name__)


class Steps:
    """Carries deployments' runs out."""

    def __init__(
        self,
        engine: sa.Engine,
        runs: Runs,
        stepping: Stepping,
        effects: Effects,
        workflow: WorkflowEffects,
        changed: Callable[[str, Sequence[str]], None],
        synced: Callable[[Submitted], None],
    ) -> None:
        self._engine = engine
        self._runs = runs
        self._stepping = stepping
        self._changed = changed
        """Told of each step, with the lines of the log that are not in the database yet."""
        self._synced = synced
        """Begins the sync that follows a deployment."""
        self._build = Effect("build", 900.0, effects.build)
        self._publish = Effect("publish", 900.0, effects.publish)
        self._verify = Effect("verify", 300.0, effects.verify)
        self._restore = Effect("restore", 900.0, effects.restore, ending=True)
        self._take = Effect("take_down", 300.0, effects.take_down, ending=True)
        self._workflow = WorkflowSteps(stepping, workflow)

    # ---------------------------------------------------------------------------------------------- the runs

    def carry_out(self, name: str, arguments: Sequence[str]) -> None:
        """What the runs named ``deployment``, ``abandon`` and ``take_down`` do."""
        deployment = arguments[0]
        try:
            if name == "deployment":
                self._deploy(self._subject(deployment))
            elif name == "abandon":
                self._stop(self._subject(deployment), {"error": arguments[1]})
            else:
                self._take_down(*arguments)
        except Exception as error:
            self._stepping.go_on()
            if name == "take_down":
                raise
            log.exception("the run of the deployment %s failed", deployment)
            reason = (
                UPGRADED
                if isinstance(error, DBOSUnexpectedStepError)
                else f"The run failed inside ({type(error).__name__}); the engine's log says more."
            )
            # Not a step: DBOS may be what failed. What may be put is undone by ``abandon``.
            _, task = self._task(deployment, "")
            slot = slot_of(task.app, task.environment)
            self._runs.enqueue("abandon", f"{deployment}-abandon", slot, deployment, reason)
            raise

    def _deploy(self, subject: Subject) -> None:
        deployment = subject.id
        status = self._stepping.write("begin", lambda session: ledger.begin(session, deployment), subject)
        if not status:
            return
        if self._task(deployment, "")[1].repository:
            outcome, put = self._workflow.carry_out(subject)
            if not self._record(subject, outcome):
                self._stop(subject, outcome, put=put)
            return
        if status == "building":
            outcome = self._stepping.effect(self._build, subject)
            if not self._advance(subject, "built", "uploading", outcome):
                self._stop(subject, outcome, put=False)
                return
        outcome = self._stepping.effect(self._publish, subject)
        if not self._advance(subject, "published", "verifying", outcome):
            self._stop(subject, outcome)
            return
        outcome = self._stepping.effect(self._verify, subject)
        if not self._record(subject, outcome):
            self._stop(subject, outcome)

    def _advance(self, subject: Subject, name: str, status: Any, outcome: Facts) -> bool:
        if "facts" not in outcome:
            return False
        return self._stepping.write(
            name,
            lambda session: ledger.advance(session, subject.id, status, outcome["facts"], outcome["log"]),
            subject,
        )

    def _record(self, subject: Subject, outcome: Facts) -> bool:
        if "facts" not in outcome:
            return False
        following: list[Submitted] = []

        def record(session: Session) -> bool:
            following.clear()
            return ledger.record(session, subject.id, outcome["facts"], outcome["log"], following)

        recorded = self._stepping.write("record", record, subject)
        # The last step: where it is not reached, or was recorded before, reconciliation begins the sync.
        for sync in following:
            self._synced(sync)
        return recorded

    def _stop(self, subject: Subject, outcome: Facts, *, put: bool = True) -> None:
        """The run ends without success. Where something may have been put, what was before is put back."""
        if put and self._task(subject.id, "")[1].dispatched:
            stopped = self._workflow.stop(subject)
            if "error" in stopped:
                outcome = {**outcome, "log": [*outcome.get("log", []), stopped["error"]]}
        restored: Facts = self._stepping.effect(self._restore, subject) if put else {}
        note = restored.get("facts", {}).get("note", "")
        if "error" in restored:
            note = f"What was live before could not be put back: {restored['error']}"

        def finish(session: Session) -> None:
            ledger.finish(
                session,
                subject.id,
                error=outcome.get("error") or "The deployment was stopped.",
                hint=outcome.get("hint", ""),
                note=note,
                log=[*outcome.get("log", []), *restored.get("log", [])],
            )

        self._stepping.write("finish", finish, subject)

    def _take_down(self, app: str, name: str, environment: str) -> None:
        task = Task(
            id="", app=app, name=name, environment=environment, kind="take_down", root="", artefact="", env={},
            before="", before_artefact="",
        )  # fmt: skip
        subject = Subject(f"{app}/{environment}", "app", lambda _: (False, task), None, lambda _: None)
        outcome = self._stepping.effect(self._take, subject)
        if "error" in outcome:
            raise OverskillError(outcome["error"])

        def write(session: Session) -> list[str]:
            found = ledger.live(session, app, environment)
            ledger.taken_down(session, app, environment)
            return [found.id] if found else []

        for deployment in self._stepping.write("taken_down", write, None):
            self._changed(deployment, ())

    # ---------------------------------------------------------------------------------------------- a deployment

    def _subject(self, deployment: str) -> Subject:
        return Subject(
            id=deployment,
            what="deployment",
            task=lambda name: self._task(deployment, name),
            row=lambda session: ledger.row(session, deployment),
            changed=lambda lines: self._changed(deployment, lines),
        )

    def _task(self, deployment: str, name: str) -> tuple[bool, Task]:
        """Whether the deployment is to end, and what the effect must know of it."""
        with Session(self._engine.execution_options(overskill_reads=True)) as session:
            found = ledger.row(session, deployment)
            before = ledger.live(session, found.app, found.environment) if name == "restore" else None
            puts = name in {"publish", "restore", "prepare", "dispatch"}
            task = Task(
                id=found.id,
                app=found.app,
                name=found.name,
                environment=found.environment,
                kind=found.kind,
                root=found.root,
                artefact=found.artefact,
                env=variables.read(session, found.app, found.environment) if puts else {},
                before=before.id if before else "",
                before_artefact=before.artefact if before else "",
                repository=found.repository,
                branch=found.branch,
                commit=found.commit,
                workflow_run=found.workflow_run,
                digest=found.digest,
                dispatched=bool(found.dispatched),
            )
            return found.cancel or found.status not in states.UNDER_WAY, task


def slot_of(app: str, environment: str) -> str:
    """The queue's partition: one run at a time in it."""
    return f"{app}/{environment}"
