"""What is written down about syncs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ...errors import GithubError
from ...protocol_github import Conflict, Sync, SyncReason, SyncStatus, SyncTransition
from . import moves, repositories, syncs
from .models import RepositoryRow, SyncRow, SyncTransitionRow


class Submitted(NamedTuple):
    """A sync that was written down, and those whose place it took, with their runs."""

    id: str
    app: str
    ended: list[str]
    runs: list[str]


UNFINISHED = "Its run ended without a result."

# ------------------------------------------------------------------------------------------------------- reading


def row(session: Session, sync: str) -> SyncRow:
    """One sync. Raises GithubError where there is none."""
    found = session.scalar(sa.select(SyncRow).where(SyncRow.id == sync))
    if found is None:
        raise GithubError(f"There is no sync '{sync[:80]}'.", status=404)
    return found


def under_way(session: Session, app: str = "") -> Sequence[SyncRow]:
    """Syncs that have not ended, oldest first."""
    query = sa.select(SyncRow).where(SyncRow.status.in_(syncs.UNDER_WAY)).order_by(SyncRow.number)
    return session.scalars(query.where(SyncRow.app == app) if app else query).all()


def last(session: Session, app: str) -> SyncRow | None:
    """The app's newest."""
    query = sa.select(SyncRow).where(SyncRow.app == app).order_by(SyncRow.number.desc()).limit(1)
    return session.scalars(query).first()


def of_deployments(session: Session, deployments: Iterable[str]) -> dict[str, Sync]:
    """The newest sync that followed each of them, where one did."""
    query = sa.select(SyncRow).where(SyncRow.deployment.in_(list(deployments))).order_by(SyncRow.number)
    newest = {found.deployment: found for found in session.scalars(query)}
    return {found.deployment: found for found in as_protocol(session, list(newest.values()))}


def changed_since(session: Session, at: float) -> list[Sync]:
    """Syncs that took a step since then."""
    query = sa.select(SyncRow).where(SyncRow.updated >= at).order_by(SyncRow.number)
    return as_protocol(session, session.scalars(query).all())


def as_protocol(session: Session, rows: Sequence[SyncRow]) -> list[Sync]:
    """Rows as the protocol has them, with their transitions."""
    if not rows:
        return []
    steps: dict[str, list[SyncTransition]] = {found.id: [] for found in rows}
    for step in session.scalars(
        sa.select(SyncTransitionRow).where(SyncTransitionRow.sync.in_(steps)).order_by(SyncTransitionRow.number)
    ):
        steps[step.sync].append(SyncTransition(status=cast(SyncStatus, step.status), at=step.at, note=step.note))
    return [
        Sync(
            id=found.id,
            app=found.app,
            repository=found.repository,
            reason=cast(SyncReason, found.reason),
            status=cast(SyncStatus, found.status),
            commit=found.commit,
            pushed=found.pushed,
            received=found.received,
            pull_request=found.pull_request,
            conflicts=msgspec.convert(found.conflicts, list[Conflict]),
            deployment=found.deployment,
            waits_until=found.waits_until,
            transitions=steps[found.id],
            ms=round(found.updated - found.began, 1) if found.began and moves.ended(found) else 0.0,
            error=found.error,
            hint=found.hint,
            log=list(found.log),
        )
        for found in rows
    ]


# ---------------------------------------------------------------------------------------------------- submitting


def submit(
    session: Session, repository: RepositoryRow, reason: SyncReason, *, pull: bool = False, deployment: str = ""
) -> Submitted:
    """Write a new sync down. Older ones of the app that have not begun end, and it does what they would have done."""
    moves.alone(session, f"{repository.app}\ngithub")
    outdated = [found for found in under_way(session, repository.app) if found.status == "pending"]
    at = moves.now()
    made = SyncRow(
        id=f"s{secrets.token_hex(8)}",
        app=repository.app,
        repository=repository.name,
        branch=repository.branch,
        root=repository.root,
        reason=reason,
        pull=pull,
        status="pending",
        deployment=deployment,
        created=at,
        updated=at,
    )
    made.run = made.id
    submitted = Submitted(made.id, made.app, [], [])
    for older in outdated:
        # One that begins in this moment goes on, and this one comes after it.
        if not moves.move(session, older, "cancelled", "A newer sync took its place.", strict=False):
            continue
        submitted.ended.append(older.id)
        submitted.runs.append(older.run)
        if (older.repository, older.branch) == (made.repository, made.branch):
            made.pull = made.pull and older.pull
            made.deployment = made.deployment or older.deployment
    moves.begin_with(session, made)
    return submitted


def follow(session: Session, app: str, deployment: str) -> Submitted | None:
    """The sync that follows a deployment, where the app is connected."""
    repository = repositories.of_app(session, app)
    return None if repository is None else submit(session, repository, "deploy", deployment=deployment)


def ask_cancel(session: Session, app: str) -> list[SyncRow]:
    """End the app's syncs. Those that have not begun end now, the others as soon as their run sees it."""
    moves.alone(session, f"{app}\ngithub")
    found = list(under_way(session, app))
    for one in found:
        if one.status == "pending" and moves.move(session, one, "cancelled", "The app was disconnected.", strict=False):
            continue
        session.refresh(one)
        if not moves.ended(one):
            one.cancel, one.updated = True, moves.now()
    return found


# ------------------------------------------------------------------------------------------------- steps of a run


def begin(session: Session, sync: str) -> float:
    """The run begins, or begins again: 0. Where it must wait for its turn the time until then, in milliseconds since
    1970; -1 where the sync has ended."""
    found = row(session, sync)
    if moves.ended(found):
        return -1.0
    if found.status == "pending":
        moves.alone(session, f"{found.app}\ngithub")
        began = session.scalars(
            sa.select(SyncRow.began)
            .where(SyncRow.app == found.app, SyncRow.number != found.number)
            .order_by(SyncRow.began.desc())
            .limit(syncs.AT_ONCE)
        ).all()
        free = began[-1] + syncs.PACE_SECONDS * 1000 if len(began) == syncs.AT_ONCE else 0.0
        # A clock that was set back must not let it wait for an hour.
        if moves.now() < free <= moves.now() + syncs.PACE_SECONDS * 1000:
            return free
        for other in under_way(session, found.app):
            # The queue lets one run of an app go at a time: this one's has ended.
            if other.status == "syncing":
                other.error = UNFINISHED
                moves.move(session, other, "failed", UNFINISHED)
        found.began = moves.now()
        moves.move(session, found, "syncing")
    return 0.0


def record(session: Session, sync: str, facts: Mapping[str, Any], log: Iterable[str]) -> bool:
    """Both sides have the same, or keep what each has in a conflict."""
    found = row(session, sync)
    if moves.ended(found):
        return found.status in {"synced", "conflict"}
    for name in ("commit", "pushed", "received", "conflicts", "pull_request", "hint"):
        if facts.get(name):
            setattr(found, name, facts[name])
    moves.keep_log(found, log)
    if facts.get("conflicts") or facts.get("pull_request"):
        moves.move(session, found, "conflict", _conflict(found))
        return True
    if found.commit and not found.pull:
        repositories.pushed(session, found.app, found.repository, found.branch, found.commit)
    moves.move(session, found, "synced")
    return True


def _conflict(found: SyncRow) -> str:
    return f"Both sides are as they were; see {found.pull_request}." if found.pull_request else ""


def finish(session: Session, sync: str, *, error: str = "", hint: str = "", log: Iterable[str] = ()) -> None:
    """The run ends without success: cancelled where somebody asked for that, else failed."""
    found = row(session, sync)
    if moves.ended(found):
        return
    moves.keep_log(found, log)
    if found.cancel:
        moves.move(session, found, "cancelled", "The app was disconnected.")
        return
    found.error, found.hint = error, hint
    moves.move(session, found, "failed", error)


def connected(session: Session, app: str) -> RepositoryRow:
    """The app's repository. Raises GithubError where it has none."""
    found = repositories.of_app(session, app)
    if found is None:
        raise GithubError(
            'This app is not connected to GitHub; connect it with app.github.connect("owner/name").', status=404
        )
    return found
