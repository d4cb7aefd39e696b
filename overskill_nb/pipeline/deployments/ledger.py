"""What is written down about deployments. Every change of a status goes through ``moves.py``."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ...errors import DeploymentError, NameTaken
from ...protocol_deployments import Deployment, DeploymentKind, DeploymentStatus, Environment, Transition
from . import moves, states, sync_ledger
from .models import DeploymentRow, RepositoryRow, TransitionRow

KEPT = (
    "artefact", "url", "target", "first_load_gzip", "files", "warnings", "commit", "workflow_run", "run_url", "digest",
)  # fmt: skip
"""What steps find out."""
SYNCED = ("preview", "staging")
"""Environments after whose deployments the app's history goes to GitHub; production comes from there."""

# ------------------------------------------------------------------------------------------------------- reading


def row(session: Session, deployment: str) -> DeploymentRow:
    """One deployment. Raises DeploymentError where there is none."""
    found = session.scalar(sa.select(DeploymentRow).where(DeploymentRow.id == deployment))
    if found is None:
        raise DeploymentError(
            f"There is no deployment '{deployment[:80]}'; app.deployments lists those that there are."
        )
    return found


def live(session: Session, app: str, environment: str) -> DeploymentRow | None:
    """The deployment that an environment of an app serves."""
    return session.scalar(
        sa.select(DeploymentRow).where(
            DeploymentRow.app == app, DeploymentRow.environment == environment, DeploymentRow.status == "deployed"
        )
    )


def under_way(session: Session, app: str = "", environment: str = "") -> Sequence[DeploymentRow]:
    """Deployments that have not ended, oldest first."""
    query = sa.select(DeploymentRow).where(DeploymentRow.status.in_(states.UNDER_WAY)).order_by(DeploymentRow.number)
    if app:
        query = query.where(DeploymentRow.app == app, DeploymentRow.environment == environment)
    return session.scalars(query).all()


def previous(session: Session, app: str, environment: str) -> DeploymentRow | None:
    """What a rollback goes back to: the newest that was live before the one whose artefact is live now."""
    serving = live(session, app, environment)
    query = (
        sa.select(DeploymentRow)
        .where(DeploymentRow.app == app, DeploymentRow.environment == environment)
        .where(DeploymentRow.status.in_(states.ONCE_LIVE), DeploymentRow.kind != "rollback")
        .order_by(DeploymentRow.number.desc())
    )
    if serving is None:
        return session.scalars(query.limit(1)).first()
    origin = serving
    while origin.kind == "rollback":
        source = session.scalar(sa.select(DeploymentRow).where(DeploymentRow.id == origin.source))
        if source is None or source.environment != environment or source.number >= origin.number:
            break
        origin = source
    older = query.where(DeploymentRow.number < origin.number, DeploymentRow.artefact != serving.artefact)
    return session.scalars(older.limit(1)).first()


def deployments(session: Session, rows: Sequence[DeploymentRow]) -> list[Deployment]:
    """Rows as the protocol has them, with their transitions."""
    steps: dict[str, list[Transition]] = {found.id: [] for found in rows}
    for step in session.scalars(
        sa.select(TransitionRow).where(TransitionRow.deployment.in_(steps)).order_by(TransitionRow.number)
    ):
        steps[step.deployment].append(
            Transition(status=cast(DeploymentStatus, step.status), at=step.at, note=step.note)
        )
    followed = sync_ledger.of_deployments(session, steps)
    return [
        Deployment(
            id=found.id,
            app=found.app,
            name=found.name,
            environment=cast(Environment, found.environment),
            kind=cast(DeploymentKind, found.kind),
            status=cast(DeploymentStatus, found.status),
            url=found.url,
            artefact=found.artefact,
            source=found.source,
            target="cloudflare" if found.target == "cloudflare" else "local",
            transitions=steps[found.id],
            timings=dict(found.timings),
            first_load_gzip=found.first_load_gzip,
            files=found.files,
            warnings=list(found.warnings),
            error=found.error,
            hint=found.hint,
            superseded_by=found.superseded_by,
            commit=found.commit,
            repository=found.repository,
            run_url=found.run_url,
            sync=followed.get(found.id),
            log=list(found.log),
        )
        for found in rows
    ]


def newest(session: Session, app: str, limit: int) -> list[Deployment]:
    """An app's deployments, or all, newest first."""
    query = sa.select(DeploymentRow).order_by(DeploymentRow.number.desc()).limit(limit)
    return deployments(session, session.scalars(query.where(DeploymentRow.app == app) if app else query).all())


def changed_since(session: Session, at: float, too: Sequence[str] = ()) -> list[Deployment]:
    """Deployments that took a step since then, and these."""
    changed = sa.or_(DeploymentRow.updated >= at, DeploymentRow.id.in_(too)) if too else DeploymentRow.updated >= at
    query = sa.select(DeploymentRow).where(changed).order_by(DeploymentRow.number)
    return deployments(session, session.scalars(query).all())


def needed_artefacts(session: Session, keep: int) -> set[str]:
    """What must not be collected: all that is live or under way, and of each app's environment the last ``keep``."""
    found: set[str] = set()
    kept: dict[tuple[str, str], set[str]] = {}
    query = (
        sa.select(DeploymentRow.app, DeploymentRow.environment, DeploymentRow.status, DeploymentRow.artefact)
        .where(DeploymentRow.artefact != "")
        .order_by(DeploymentRow.number.desc())
    )
    for app, environment, status, artefact in session.execute(query):
        if status == "deployed" or status in states.UNDER_WAY:
            found.add(artefact)
        elif status in states.ONCE_LIVE:
            of_slot = kept.setdefault((app, environment), set())
            if len(of_slot) < keep:
                of_slot.add(artefact)
    return found.union(*kept.values())


# ---------------------------------------------------------------------------------------------------- submitting


def submit(
    session: Session,
    *,
    app: str,
    name: str,
    environment: str,
    kind: DeploymentKind,
    root: Path | None = None,
    artefact: str = "",
    source: str = "",
    commit: str = "",
    repository: RepositoryRow | None = None,
) -> tuple[str, list[str]]:
    """Write a new deployment down. Older ones of its app and environment that have not begun end: the newest wins.

    With a ``repository``, its workflow makes it. Gives its id, and the runs that need not begin any more.
    """
    moves.alone(session, f"{app}\n{environment}")
    clash = session.scalar(
        sa.select(DeploymentRow.app)
        .where(DeploymentRow.name == name, DeploymentRow.environment == environment, DeploymentRow.app != app)
        .where(DeploymentRow.status.in_((*states.UNDER_WAY, "deployed")))
        .limit(1)
    )
    if clash is not None:
        raise NameTaken(
            f"The name '{name}' is taken in {environment} by the app {clash}; rename one of the two folders."
        )
    at = moves.now()
    made = DeploymentRow(
        id=f"d{secrets.token_hex(8)}",
        app=app,
        name=name,
        environment=environment,
        kind=kind,
        status="pending",
        root=str(root or ""),
        artefact=artefact,
        source=source,
        commit=commit,
        created=at,
        updated=at,
    )
    made.run = made.id
    if repository is not None:
        made.root, made.repository, made.branch = repository.root, repository.name, repository.branch
    moves.begin_with(session, made)
    outdated = [found for found in under_way(session, app, environment) if found.number < made.number]
    ended = []
    for older in outdated:
        note = "A newer deployment took its place before it began."
        # One that begins in this moment goes on, and is superseded when this one is deployed.
        if older.status == "pending" and moves.move(session, older, "cancelled", note, strict=False):
            older.superseded_by = made.id
            ended.append(older.run)
    return made.id, ended


def ask_cancel(session: Session, deployment: str) -> DeploymentRow:
    """Ask for a deployment's end; one that has not begun ends now. Raises DeploymentError where it has ended."""
    found = row(session, deployment)
    if found.status not in states.UNDER_WAY:
        raise DeploymentError(
            f"The deployment {found.id} is {_said(found.status)} already; there is nothing to cancel."
        )
    moves.alone(session, f"{found.app}\n{found.environment}")
    if found.status == "pending" and moves.move(
        session, found, "cancelled", "Cancelled before it began.", strict=False
    ):
        return found
    session.refresh(found)
    if found.status in states.UNDER_WAY:
        found.cancel = True
        found.updated = moves.now()
    return found


def _said(status: str) -> str:
    return status.replace("_", " ")


# ------------------------------------------------------------------------------------------------- steps of a run


def begin(session: Session, deployment: str) -> str:
    """The run begins, or begins again. Its status then; empty where the deployment has ended."""
    found = row(session, deployment)
    if found.status == "pending":
        newer = session.scalar(
            sa.select(DeploymentRow.id)
            .where(DeploymentRow.app == found.app, DeploymentRow.environment == found.environment)
            .where(DeploymentRow.number > found.number)
            .where(DeploymentRow.status.in_((*states.UNDER_WAY, "deployed")))
            .order_by(DeploymentRow.number.desc())
            .limit(1)
        )
        if newer is not None:
            found.superseded_by = newer
            moves.move(session, found, "cancelled", "A newer deployment took its place before it began.")
            return ""
        found.timings = {**found.timings, "wait": round(moves.now() - found.created, 1)}
        moves.move(session, found, "building" if found.kind == "deploy" or found.repository else "uploading")
    return found.status if found.status in states.UNDER_WAY else ""


def advance(
    session: Session, deployment: str, status: DeploymentStatus, facts: Mapping[str, Any], log: Iterable[str]
) -> bool:
    """A step of the run is done: its facts are kept, and the next status taken. False where the run must stop."""
    found = row(session, deployment)
    if found.status not in states.UNDER_WAY or found.cancel:
        return False
    _keep(found, facts, log)
    if not states.passed(found.status, status):
        moves.move(session, found, status)
    return True


def intend(session: Session, deployment: str) -> bool:
    """The workflow is about to be started: whoever comes after must look for its run first."""
    found = row(session, deployment)
    if found.status not in states.UNDER_WAY or found.cancel:
        return False
    found.dispatched = moves.now()
    return True


def dispatched(session: Session, deployment: str, facts: Mapping[str, Any], log: Iterable[str]) -> bool:
    """The workflow's run is known, also of a deployment that is to end: it is to be stopped. False for that."""
    found = row(session, deployment)
    _keep(found, {"workflow_run": facts["run"], "run_url": facts["run_url"]}, log)
    found.updated = moves.now()
    return found.status in states.UNDER_WAY and not found.cancel


def record(
    session: Session,
    deployment: str,
    facts: Mapping[str, Any],
    log: Iterable[str],
    following: list[sync_ledger.Submitted] | None = None,
) -> bool:
    """The address serves the artefact: this one is deployed, and what was before is not. False where it must stop.

    Where the app is connected, the sync that follows is written down with it, and added to ``following``.
    """
    found = row(session, deployment)
    if found.status == "deployed":
        return True
    if found.status not in states.UNDER_WAY or found.cancel:
        return False
    _keep(found, facts, log)
    before = live(session, found.app, found.environment)
    if before is not None:
        before.superseded_by = found.id
        back = found.kind == "rollback"
        moves.move(
            session,
            before,
            "rolled_back" if back else "superseded",
            f"{'Rolled back' if back else 'Replaced'} by {found.id}.",
        )
        session.flush()
    found.timings = {**found.timings, "total": round(moves.now() - found.created, 1)}
    moves.move(session, found, "deployed")
    sync = sync_ledger.follow(session, found.app, found.id) if found.environment in SYNCED else None
    if sync is not None and following is not None:
        following.append(sync)
    return True


def finish(
    session: Session,
    deployment: str,
    *,
    error: str = "",
    hint: str = "",
    note: str = "",
    log: Iterable[str] = (),
) -> None:
    """The run ends without success: cancelled where somebody asked for that, else failed."""
    found = row(session, deployment)
    if found.status not in states.UNDER_WAY:
        return
    _keep(found, {}, log)
    found.timings = {**found.timings, "total": round(moves.now() - found.created, 1)}
    if found.cancel:
        moves.move(session, found, "cancelled", note)
        return
    found.error = error
    found.hint = hint or (f"The workflow's run is at {found.run_url}" if found.run_url else "")
    moves.move(session, found, "failed", " ".join(filter(None, (error, note))))


def taken_down(session: Session, app: str, environment: str) -> None:
    """Nothing of the app is served in the environment any more."""
    found = live(session, app, environment)
    if found is not None:
        moves.move(session, found, "superseded", "Taken off the environment.")


def _keep(found: DeploymentRow, facts: Mapping[str, Any], log: Iterable[str]) -> None:
    for name in KEPT:
        if name in facts:
            setattr(found, name, facts[name])
    if timings := facts.get("timings"):
        found.timings = {**found.timings, **timings}
    moves.keep_log(found, log)
