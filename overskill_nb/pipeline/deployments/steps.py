"""What a run does: build, publish, verify, record; and what it does when one of them fails.

The status moves in transactions that are steps of the run: each is written once, with the record that it was. What a
step gives is kept by DBOS, and what the run does next depends on nothing else, so that a run that is repeated takes
the same way.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from dbos import DBOS
from sqlalchemy.orm import Session

from ...errors import CloudflareError, OverskillError
from . import ledger, states
from .effects import Effect, Effects, Facts, Task
from .inside_dbos import DBOSUnexpectedStepError
from .jobs import Job, OutOfTime, Stopping

if TYPE_CHECKING:
    import asyncio

    from .runs import Runs

PARKS = 20
"""How often a run waits because Cloudflare asks for it."""
LIMITS = {"build": 900.0, "publish": 900.0, "verify": 300.0, "restore": 900.0, "take_down": 300.0}
"""Seconds that an effect may take."""

_ENDING = {"restore", "take_down"}
"""Effects that a deployment ends with: cancelling it does not stop them."""
UPGRADED = "overskill_nb was upgraded while this deployment ran, and its steps changed; deploy again."

log = logging.getLogger(__name__)
T = TypeVar("T")


class Steps:
    """Carries runs out, each on a thread of DBOS's."""

    def __init__(
        self,
        engine: sa.Engine,
        runs: Runs,
        effects: Effects,
        loop: asyncio.AbstractEventLoop,
        changed: Callable[[str, Sequence[str]], None],
    ) -> None:
        self._engine = engine
        self._runs = runs
        self._effects = effects
        self._loop = loop
        self._changed = changed
        """Told of each step, with the lines of the log that are not in the database yet."""
        self._jobs: dict[str, tuple[str, Job]] = {}
        self._nudged: dict[str, threading.Event] = {}
        """Ends the wait of a run that is parked."""
        self._stopping = threading.Event()
        runs.carry_out = self._carry_out

    # ---------------------------------------------------------------------------------------------- from outside

    def abort(self, deployment: str) -> None:
        """End what a deployment's run does just now; it then looks whether it was cancelled."""
        name, job = self._jobs.get(deployment, ("", None))
        if job is not None and (name not in _ENDING or self._stopping.is_set()):
            job.cancel()
        if nudged := self._nudged.get(deployment):
            nudged.set()

    def stop(self) -> None:
        """End what all runs do, and record nothing of it."""
        self._stopping.set()
        for deployment in {*self._jobs, *self._nudged}:
            self.abort(deployment)

    @property
    def working(self) -> set[str]:
        """Deployments whose effects are under way here."""
        return set(self._jobs)

    # ---------------------------------------------------------------------------------------------- the runs

    def _carry_out(self, name: str, arguments: Sequence[str]) -> None:
        deployment = arguments[0]
        try:
            if name == "deployment":
                self._deploy(deployment)
            elif name == "abandon":
                self._stop(deployment, {"error": arguments[1]})
            else:
                self._take_down(*arguments)
        except Exception as error:
            if name == "take_down":
                raise
            log.exception("the run of the deployment %s failed", deployment)
            reason = (
                UPGRADED
                if isinstance(error, DBOSUnexpectedStepError)
                else f"The run failed inside ({type(error).__name__}); the engine's log says more."
            )
            # Not a step: DBOS may be what failed. What may be put is undone by ``abandon``.
            self._runs.enqueue("abandon", f"{deployment}-abandon", self._slot(deployment), deployment, reason)
            raise

    def _deploy(self, deployment: str) -> None:
        status = self._write("begin", lambda session: ledger.begin(session, deployment), deployment)
        if not status:
            return
        if status == "building":
            outcome = self._effect("build", self._effects.build, deployment)
            if not self._advance(deployment, "built", "uploading", outcome):
                self._stop(deployment, outcome, put=False)
                return
        outcome = self._effect("publish", self._effects.publish, deployment)
        if not self._advance(deployment, "published", "verifying", outcome):
            self._stop(deployment, outcome)
            return
        outcome = self._effect("verify", self._effects.verify, deployment)
        if not self._record(deployment, outcome):
            self._stop(deployment, outcome)

    def _advance(self, deployment: str, name: str, status: Any, outcome: Facts) -> bool:
        if "facts" not in outcome:
            return False
        return self._write(
            name,
            lambda session: ledger.advance(session, deployment, status, outcome["facts"], outcome["log"]),
            deployment,
        )

    def _record(self, deployment: str, outcome: Facts) -> bool:
        if "facts" not in outcome:
            return False
        return self._write(
            "record",
            lambda session: ledger.record(session, deployment, outcome["facts"], outcome["log"]),
            deployment,
        )

    def _stop(self, deployment: str, outcome: Facts, *, put: bool = True) -> None:
        """The run ends without success. Where something may have been put, what was before is put back."""
        restored: Facts = self._effect("restore", self._effects.restore, deployment) if put else {}
        note = restored.get("facts", {}).get("note", "")
        if "error" in restored:
            note = f"What was live before could not be put back: {restored['error']}"

        def finish(session: Session) -> None:
            ledger.finish(
                session,
                deployment,
                error=outcome.get("error") or "The deployment was stopped.",
                hint=outcome.get("hint", ""),
                note=note,
                log=[*outcome.get("log", []), *restored.get("log", [])],
            )

        self._write("finish", finish, deployment)

    def _take_down(self, app: str, name: str, environment: str) -> None:
        task = Task(
            id="", app=app, name=name, environment=environment, kind="take_down", root="", artefact="", env={},
            before="", before_artefact="",
        )  # fmt: skip
        outcome = self._effect("take_down", self._effects.take_down, f"{app}/{environment}", task)
        if "error" in outcome:
            raise OverskillError(outcome["error"])

        def write(session: Session) -> list[str]:
            found = ledger.live(session, app, environment)
            ledger.taken_down(session, app, environment)
            return [found.id] if found else []

        for deployment in self._write("taken_down", write, ""):
            self._changed(deployment, ())

    # ---------------------------------------------------------------------------------------------- steps

    def _write(self, name: str, write: Callable[[Session], T], deployment: str) -> T:
        """A transaction that is a step: it is written if and only if the step is recorded."""
        datasource = self._runs.datasource
        wrote: T = datasource.run_tx_step({"name": name}, lambda: write(datasource.sql_session()))
        if deployment:
            self._changed(deployment, ())
        return wrote

    def _effect(self, name: str, effect: Effect, deployment: str, task: Task | None = None) -> Facts:
        """An effect as a step. Where Cloudflare asks to wait the run is parked, and the effect tried again."""
        for _ in range(PARKS):
            outcome: Facts = DBOS.run_step({"name": name}, lambda: self._try(name, effect, deployment, task))
            if "retry_at" not in outcome:
                return outcome
            until = float(outcome["retry_at"])
            if task is None:
                note = f"Waiting for Cloudflare until {time.strftime('%H:%M', time.localtime(until / 1000))}."
                self._write(
                    "park",
                    lambda session, until=until, note=note, lines=outcome["log"]: ledger.park(  # type: ignore[misc]
                        session, deployment, until, note, lines
                    ),
                    deployment,
                )
            self._wait(deployment, until)
        return {"error": f"Cloudflare asked to wait {PARKS} times; {outcome['reason']}", "log": []}

    def _wait(self, deployment: str, until: float) -> None:
        nudged = self._nudged.setdefault(deployment, threading.Event())
        try:
            while (left := until - ledger.now()) > 0 and not nudged.wait(min(left / 1000, 1.0)):
                self._go_on()
        finally:
            self._nudged.pop(deployment, None)
        self._go_on()

    def _go_on(self) -> None:
        if self._stopping.is_set() or not threading.main_thread().is_alive():
            raise Stopping

    def _try(self, name: str, effect: Effect, deployment: str, known: Task | None) -> Facts:
        """Have an effect, and say how it went as data: JSON is what DBOS keeps."""
        self._go_on()
        cancelled, task = (False, known) if known else self._task(deployment, name)
        if cancelled and name not in _ENDING:
            return {"cancelled": True, "log": []}
        lines: list[str] = []

        def on_line(line: str) -> None:
            lines.append(line[:2000])
            self._changed(deployment, lines)

        job = Job(self._loop, lambda: _awaited(effect, task, on_line), LIMITS[name])
        self._jobs[deployment] = (name, job)
        # One that is cancelled in between is seen by reconciliation a second later.
        if self._stopping.is_set():
            job.cancel()
        try:
            return {"facts": job.result(), "log": lines}
        except CancelledError:
            self._go_on()
            if name not in _ENDING and self._task(deployment, name)[0]:
                return {"cancelled": True, "log": lines}
            # Nobody asked for it: the loop ends.
            raise Stopping from None
        except OutOfTime:
            return {"error": f"The {name} took longer than {LIMITS[name] / 60:.0f} minutes.", "log": lines}
        except CloudflareError as error:
            if error.retry_after is not None:
                until = ledger.now() + max(1.0, error.retry_after) * 1000
                return {"retry_at": until, "reason": str(error), "log": lines}
            return {"error": str(error), "hint": "", "log": lines}
        except OverskillError as error:
            return {"error": str(error), "hint": _hint(error), "log": [*lines, *_said(error)]}
        except Exception as error:
            log.exception("the %s of the deployment %s failed inside", name, deployment)
            return {
                "error": f"The {name} failed inside ({type(error).__name__}); the engine's log says more.",
                "log": lines,
            }
        finally:
            self._jobs.pop(deployment, None)

    def _task(self, deployment: str, name: str) -> tuple[bool, Task]:
        """Whether the deployment is to end, and what the effect must know of it."""
        with Session(self._engine.execution_options(overskill_reads=True)) as session:
            found = ledger.row(session, deployment)
            before = ledger.live(session, found.app, found.environment) if name == "restore" else None
            puts = name in {"publish", "restore"}
            task = Task(
                id=found.id,
                app=found.app,
                name=found.name,
                environment=found.environment,
                kind=found.kind,
                root=found.root,
                artefact=found.artefact,
                env=ledger.variables(session, found.app, found.environment) if puts else {},
                before=before.id if before else "",
                before_artefact=before.artefact if before else "",
            )
            return found.cancel or found.status not in states.UNDER_WAY, task

    def _slot(self, deployment: str) -> str:
        _, task = self._task(deployment, "")
        return slot_of(task.app, task.environment)


def slot_of(app: str, environment: str) -> str:
    """The queue's partition: one run at a time in it."""
    return f"{app}/{environment}"


async def _awaited(effect: Effect, task: Task, on_line: Callable[[str], None]) -> Facts:
    return await effect(task, on_line)


def _hint(error: OverskillError) -> str:
    return next((diagnostic.hint for diagnostic in error.diagnostics if diagnostic.hint), "")


def _said(error: OverskillError) -> list[str]:
    """A build's diagnostics as lines of the log."""
    lines = []
    for diagnostic in error.diagnostics:
        place = diagnostic.location
        at = f"{place.file}:{place.line}:{place.column}: " if place else ""
        lines += [f"{at}{diagnostic.message}", *diagnostic.frame.splitlines()]
    return lines
