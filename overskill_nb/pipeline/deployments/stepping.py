"""How a run takes its steps: transactions that are written once, effects that wait where a service asks for it.

The status moves in transactions that are steps of the run: each is written once, with the record that it was. What a
step gives is kept by DBOS, and what the run does next depends on nothing else, so that a run that is repeated takes
the same way.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from dbos import DBOS
from sqlalchemy.orm import Session

from ...errors import CloudflareError, GithubError, OverskillError, ServiceError
from . import moves
from .jobs import Job, OutOfTime, Stopping

if TYPE_CHECKING:
    import asyncio

    from .runs import Runs

PARKS = 20
"""How often a run waits because a service asks for it or cannot be reached."""
PAUSES = (30.0, 60.0, 120.0, 300.0)
"""Seconds between attempts where a service does not say how long to wait; the last is repeated."""

log = logging.getLogger(__name__)
T = TypeVar("T")
Facts = dict[str, Any]


@dataclass(frozen=True)
class Effect:
    """Something that a run does to the world."""

    name: str
    seconds: float
    """It may take."""
    work: Callable[[Any, Callable[[str], None]], Awaitable[Facts]]
    """Given what it must know, and where its log goes."""
    parks: int | None = PARKS
    """None: it is tried until it succeeds, fails for good, or is not wanted any more."""
    ending: bool = False
    """What a run ends with, also where it is cancelled."""
    whole: bool = False
    """Once begun it is not stopped: what it gives must be known, to be undone."""


@dataclass(frozen=True)
class Subject:
    """What a run is about."""

    id: str
    what: str
    """``deployment`` or ``sync``."""
    task: Callable[[str], tuple[bool, Any]]
    """Whether it is to end, and what the effect of this name must know of it."""
    row: Callable[[Session], moves.Row] | None
    changed: Callable[[Sequence[str]], None]
    """Told of each step, with the lines of the log that are not in the database yet."""


class Stepping:
    """Takes the steps of all runs, each on a thread of DBOS's."""

    def __init__(self, runs: Runs, loop: asyncio.AbstractEventLoop) -> None:
        self._runs = runs
        self._loop = loop
        self._jobs: dict[str, tuple[Effect, Job]] = {}
        self._nudged: dict[str, threading.Event] = {}
        """Ends the wait of a run that is parked."""
        self._out_of_reach: set[str] = set()
        """Those of them that wait because a service was not there, and did not ask for it."""
        self._stopping = threading.Event()

    # ---------------------------------------------------------------------------------------------- from outside

    def abort(self, id_: str) -> None:
        """End what a run does just now; it then looks whether it was cancelled."""
        if at_work := self._jobs.get(id_):
            effect, job = at_work
            if self._stopping.is_set() or not (effect.ending or effect.whole):
                job.cancel()
        self.nudge(id_)

    def nudge(self, id_: str) -> None:
        """Have a run that waits look again."""
        if nudged := self._nudged.get(id_):
            nudged.set()

    def hurry(self, id_: str) -> None:
        """Have a run look now whether the service that was not there is there again."""
        if id_ in self._out_of_reach:
            self.nudge(id_)

    def stop(self) -> None:
        """End what all runs do, and record nothing of it."""
        self._stopping.set()
        for id_ in {*self._jobs, *self._nudged}:
            self.abort(id_)

    @property
    def working(self) -> set[str]:
        """Of what effects are under way here."""
        return set(self._jobs)

    # ---------------------------------------------------------------------------------------------- steps

    def write(self, name: str, write: Callable[[Session], T], subject: Subject | None) -> T:
        """A transaction that is a step: it is written if and only if the step is recorded."""
        datasource = self._runs.datasource
        wrote: T = datasource.run_tx_step({"name": name}, lambda: write(datasource.sql_session()))
        if subject is not None:
            subject.changed(())
        return wrote

    def effect(self, effect: Effect, subject: Subject) -> Facts:
        """An effect as a step. Where a service asks to wait the run is parked, and the effect tried again."""
        outcome: Facts = {}
        for attempt in itertools.count() if effect.parks is None else range(effect.parks):
            outcome = DBOS.run_step({"name": effect.name}, self._try, effect, subject, attempt)
            if "retry_at" not in outcome:
                return outcome
            until = float(outcome["retry_at"])
            if subject.row is not None:
                self._park(subject, until, outcome)
            if outcome.get("out_of_reach"):
                self._out_of_reach.add(subject.id)
            try:
                self.wait(subject, until)
            finally:
                self._out_of_reach.discard(subject.id)
        reason, service = outcome["reason"], outcome.get("service", "Cloudflare")
        return {"error": f"{service} asked to wait or was not there {effect.parks} times; {reason}", "log": []}

    def _park(self, subject: Subject, until: float, outcome: Facts) -> None:
        row = subject.row
        assert row is not None
        # What an earlier version recorded has no note.
        note = outcome.get("note") or f"Waiting for Cloudflare until {_clock(until)}."
        lines: Iterable[str] = outcome["log"]
        self.write("park", lambda session: moves.park(session, row(session), until, note, lines), subject)

    def wait(self, subject: Subject, until: float) -> None:
        """Until then, or until the run is nudged."""
        nudged = self._nudged.setdefault(subject.id, threading.Event())
        try:
            while (left := until - moves.now()) > 0 and not nudged.wait(min(left / 1000, 1.0)):
                self.go_on()
        finally:
            self._nudged.pop(subject.id, None)
        self.go_on()

    def go_on(self) -> None:
        """Raises Stopping where this process runs nothing any more."""
        if self._stopping.is_set() or not threading.main_thread().is_alive():
            raise Stopping

    def _try(self, effect: Effect, subject: Subject, attempt: int) -> Facts:
        """Have an effect, and say how it went as data: JSON is what DBOS keeps."""
        self.go_on()
        name = effect.name
        cancelled, task = subject.task(name)
        if cancelled and not effect.ending:
            return {"cancelled": True, "log": []}
        lines: list[str] = []

        def on_line(line: str) -> None:
            lines.append(line[:2000])
            subject.changed(lines)

        job = Job(self._loop, lambda: _awaited(effect, task, on_line), effect.seconds)
        self._jobs[subject.id] = (effect, job)
        # One that is cancelled in between is seen by reconciliation a second later.
        if self._stopping.is_set():
            job.cancel()
        try:
            return {"facts": job.result(), "log": lines}
        except CancelledError:
            self.go_on()
            if not effect.ending and subject.task(name)[0]:
                return {"cancelled": True, "log": lines}
            # Nobody asked for it: the loop ends.
            raise Stopping from None
        except OutOfTime:
            return {"error": f"The {name} took longer than {effect.seconds / 60:.0f} minutes.", "log": lines}
        except ServiceError as error:
            return _waiting(error, attempt, lines) or {"error": str(error), "hint": _hint(error), "log": lines}
        except OverskillError as error:
            return {"error": str(error), "hint": _hint(error), "log": [*lines, *_said(error)]}
        except Exception as error:
            log.exception("the %s of the %s %s failed inside", name, subject.what, subject.id)
            return {
                "error": f"The {name} failed inside ({type(error).__name__}); the engine's log says more.",
                "log": lines,
            }
        finally:
            self._jobs.pop(subject.id, None)


def _waiting(error: ServiceError, attempt: int, lines: list[str]) -> Facts | None:
    """How long to wait before the effect is tried again, and what to say meanwhile; None where that would not help."""
    service = "Cloudflare" if isinstance(error, CloudflareError) else "GitHub"
    if error.retry_after is not None:
        until = moves.now() + max(1.0, error.retry_after) * 1000
        note = f"Waiting for {service} until {_clock(until)}."
    elif error.temporary and isinstance(error, GithubError):
        # Cloudflare's client tries again by itself for as long as that makes sense.
        until = moves.now() + PAUSES[min(attempt, len(PAUSES) - 1)] * 1000
        note = f"{error} Trying again at {_clock(until, seconds=True)}."
    else:
        return None
    return {
        "retry_at": until,
        "note": note,
        "reason": str(error),
        "service": service,
        "out_of_reach": error.retry_after is None,
        "log": lines,
    }


def _clock(at: float, *, seconds: bool = False) -> str:
    return time.strftime("%H:%M:%S" if seconds else "%H:%M", time.localtime(at / 1000))


async def _awaited(effect: Effect, task: Any, on_line: Callable[[str], None]) -> Facts:
    return await effect.work(task, on_line)


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
