"""Deployment: what ``app.deploy()`` gives, and the table of all of an app's deployments."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, get_args, overload

from . import protocol_deployments as wire
from .errors import DeploymentError
from .github import Sync
from .notebook import current_cell
from .protocol_deployments import LAST, Environment, Transition

if TYPE_CHECKING:
    from .session import Session
    from .widgets.deployments import DeploymentsView, DeploymentView

ENVIRONMENTS: tuple[Environment, ...] = get_args(Environment)
POLL_SECONDS = 20.0
"""How long the engine is asked to wait for a step before it is asked anew."""


def checked_environment(name: str) -> Environment:
    """An environment by its name. Raises DeploymentError where there is none."""
    for environment in ENVIRONMENTS:
        if environment == name:
            return environment
    raise DeploymentError(f"There is no environment {name!r}; there are {', '.join(ENVIRONMENTS)}.")


class Deployment:
    """One attempt to make an app live. What it says is as of the moment when it is asked.

    In a notebook it displays as a timeline that follows the work.
    """

    def __init__(self, session: Session, known: wire.Deployment) -> None:
        self._session = session
        self._known = known
        self._view: DeploymentView | None = None
        self._shown_in: object = None

    # -------------------------------------------------------------------------------------------------- state

    def _ask(self, request: wire.GetDeployment | wire.CancelDeployment) -> wire.Deployment:
        self._known = self._session.call(request, wire.DeploymentInfo).deployment
        return self._known

    def _now(self) -> wire.Deployment:
        # What failed or was replaced stays so; what is deployed may yet be replaced.
        if self._known.status in LAST - {"deployed"}:
            return self._known
        return self._ask(wire.GetDeployment(app=self._known.app, deployment=self._known.id))

    @property
    def id(self) -> str:
        """Its name in the database, the log and the script's tags."""
        return self._known.id

    @property
    def environment(self) -> Environment:
        """``preview``, ``staging`` or ``production``."""
        return self._known.environment

    @property
    def kind(self) -> wire.DeploymentKind:
        """``deploy``, ``promote`` or ``rollback``."""
        return self._known.kind

    @property
    def status(self) -> wire.DeploymentStatus:
        """``pending``, ``building``, ``uploading``, ``verifying``, ``deployed``, ``failed``, ``cancelled``,
        ``superseded`` or ``rolled_back``. It is ``deployed`` only once its address served what was built."""
        return self._now().status

    @property
    def url(self) -> str:
        """Where the app is, or will be."""
        return self._known.url or self._now().url

    @property
    def artefact(self) -> str:
        """The hash of all that is served; empty before it is built."""
        return self._known.artefact or self._now().artefact

    @property
    def timings(self) -> dict[str, float]:
        """Milliseconds by step: ``build``, ``upload``, ``put``, ``verify`` and ``total``, as far as it got."""
        return dict(self._now().timings)

    @property
    def transitions(self) -> list[Transition]:
        """Each status that it had, and when."""
        return list(self._now().transitions)

    @property
    def log(self) -> list[str]:
        """What the steps had to say."""
        return list(self._now().log)

    @property
    def warnings(self) -> list[str]:
        """What is worth a look, such as a first load that is large."""
        return list(self._now().warnings)

    @property
    def error(self) -> str:
        """Why it failed, in one sentence; empty where it did not."""
        return self._now().error

    @property
    def hint(self) -> str:
        """What to do about the error."""
        return self._now().hint

    @property
    def superseded_by(self) -> str:
        """The id of the deployment that took its place."""
        return self._now().superseded_by

    @property
    def commit(self) -> str:
        """The checkpoint that was built; empty where none is known."""
        return self._known.commit or self._now().commit

    @property
    def repository(self) -> str:
        """The repository on GitHub whose workflow builds it; empty where that happens here."""
        return self._known.repository or self._now().repository

    @property
    def run_url(self) -> str:
        """Page of the workflow's run; empty where there is none, or not yet."""
        return self._known.run_url or self._now().run_url

    @property
    def sync(self) -> Sync | None:
        """The exchange with GitHub that followed it; ``wait()`` here does not wait for that."""
        # It may begin after the deployment's last step.
        found = self._ask(wire.GetDeployment(app=self._known.app, deployment=self._known.id)).sync
        return Sync(self._session, self._known.name, found) if found else None

    @property
    def info(self) -> wire.Deployment:
        """All of it as of now."""
        return self._now()

    # --------------------------------------------------------------------------------------------------- doing

    def wait(self, timeout: float | None = None) -> Deployment:
        """Wait until it is live. Raises DeploymentError where it does not get there, TimeoutError where it is not
        there after ``timeout`` seconds. Interrupting the cell stops the waiting, not the deployment."""
        end = None if timeout is None else time.monotonic() + timeout
        now = self._now()
        while now.status not in LAST:
            left = POLL_SECONDS if end is None else min(POLL_SECONDS, end - time.monotonic())
            if left <= 0:
                raise TimeoutError(
                    f"The deployment of {now.name} to {now.environment} is still {now.status} after {timeout:g} s;"
                    " it goes on, and cancel() ends it."
                )
            now = self._ask(wire.GetDeployment(app=now.app, deployment=now.id, seen=len(now.transitions), seconds=left))
        if now.status == "deployed" or any(step.status == "deployed" for step in now.transitions):
            return self
        raise DeploymentError(_why(now))

    def cancel(self) -> Deployment:
        """Stop it. What was live before stays live."""
        self._ask(wire.CancelDeployment(app=self._known.app, deployment=self._known.id))
        return self

    # ------------------------------------------------------------------------------------------------- showing

    def __repr__(self) -> str:
        arrow = {"deploy": "to", "promote": "promoted to", "rollback": "rolled back in"}[self.kind]
        return f"Deployment({self._known.name} {arrow} {self.environment})"

    def show(self) -> None:
        """Display the timeline here; once a cell, so that a cell which ends in the deployment shows one."""
        cell = current_cell()
        if cell is not None and cell == self._shown_in:
            return
        from IPython.display import display

        self._shown_in = cell
        display(self._timeline())  # type: ignore[no-untyped-call]

    def _ipython_display_(self) -> None:
        self.show()

    def _timeline(self) -> DeploymentView:
        if self._view is None:
            from .widgets.deployments import DeploymentView

            self._view = DeploymentView(self._session, self._known, repr(self))
        return self._view


def _why(failed: wire.Deployment) -> str:
    """One sentence for what did not become live, and what to do."""
    if failed.status == "failed":
        return " ".join(part for part in (failed.error, failed.hint) if part) or "The deployment failed."
    what = f"The deployment of {failed.name} to {failed.environment}"
    if failed.status == "superseded":
        return f"{what} gave way to a newer one ({failed.superseded_by}) before it was live."
    return f"{what} was cancelled before it was live; what was live before still is."


class Deployments(Sequence[Deployment]):
    """An app's deployments, newest first. Prints as a table; a notebook shows one that follows.

    ``records()`` is what ``pandas.DataFrame`` takes.
    """

    def __init__(self, session: Session, app: str, name: str, known: Sequence[wire.Deployment]) -> None:
        self._session = session
        self._app = app
        self._name = name
        self._known = list(known)
        self._view: DeploymentsView | None = None

    @overload
    def __getitem__(self, index: int) -> Deployment: ...
    @overload
    def __getitem__(self, index: slice) -> Deployments: ...
    def __getitem__(self, index: int | slice) -> Deployment | Deployments:
        if isinstance(index, slice):
            return Deployments(self._session, self._app, self._name, self._known[index])
        return Deployment(self._session, self._known[index])

    def __iter__(self) -> Iterator[Deployment]:
        return (Deployment(self._session, known) for known in self._known)

    def __len__(self) -> int:
        return len(self._known)

    def live(self, environment: str) -> Deployment | None:
        """The deployment that an environment serves, where there is one."""
        wanted = checked_environment(environment)
        found = (known for known in self._known if known.environment == wanted and known.status == "deployed")
        return next((Deployment(self._session, known) for known in found), None)

    def records(self) -> list[dict[str, Any]]:
        """One dict a deployment, with times as ``datetime`` and sizes in bytes."""
        return [
            {
                "id": one.id,
                "environment": one.environment,
                "kind": one.kind,
                "status": one.status,
                "started": _moment(one.transitions[0].at) if one.transitions else None,
                "seconds": round(one.timings["total"] / 1000, 3) if "total" in one.timings else None,
                "artefact": one.artefact,
                "first_load_gzip": one.first_load_gzip,
                "files": one.files,
                "url": one.url,
                "source": one.source,
                "superseded_by": one.superseded_by,
                "error": one.error,
            }
            for one in self._known
        ]

    def to_dict(self) -> dict[str, list[Any]]:
        """The same by column."""
        records = self.records()
        return {name: [record[name] for record in records] for name in (records[0] if records else ())}

    def __str__(self) -> str:
        rows = [("environment", "status", "kind", "artefact", "first load", "seconds", "started", "superseded by")]
        for one in self.records():
            rows.append(
                (
                    one["environment"],
                    one["status"],
                    one["kind"],
                    one["artefact"][:12],
                    f"{one['first_load_gzip'] / 1000:.1f} kB" if one["first_load_gzip"] else "",
                    f"{one['seconds']:.2f}" if one["seconds"] is not None else "",
                    f"{one['started'].astimezone():%Y-%m-%d %H:%M:%S}" if one["started"] else "",
                    one["superseded_by"][:8],
                )
            )
        if len(rows) == 1:
            return f"{self._name} was not deployed yet."
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
        )

    def __repr__(self) -> str:
        # The same whenever a notebook runs: no times, no ids.
        live = [
            environment
            for environment in ENVIRONMENTS
            if any(one.environment == environment and one.status == "deployed" for one in self._known)
        ]
        return f"Deployments({self._name}: {', '.join(live) + ' live' if live else 'none live'})"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if self._view is None:
            from .widgets.deployments import DeploymentsView

            self._view = DeploymentsView(self._session, self._app, self._name, repr(self))
        display(self._view)  # type: ignore[no-untyped-call]


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at / 1000, timezone.utc)


class LogLines(Sequence[wire.LogLine]):
    """What a deployed app wrote, oldest first; each line has ``at`` (Unix ms), ``level`` and ``text``."""

    def __init__(self, lines: Sequence[wire.LogLine]) -> None:
        self._lines = list(lines)

    @overload
    def __getitem__(self, index: int) -> wire.LogLine: ...
    @overload
    def __getitem__(self, index: slice) -> LogLines: ...
    def __getitem__(self, index: int | slice) -> wire.LogLine | LogLines:
        return LogLines(self._lines[index]) if isinstance(index, slice) else self._lines[index]

    def __len__(self) -> int:
        return len(self._lines)

    def __repr__(self) -> str:
        return "\n".join(f"{line.level:5} {line.text}" for line in self._lines) or "(nothing logged)"


__all__ = ["ENVIRONMENTS", "Deployment", "Deployments", "LogLines", "checked_environment"]
