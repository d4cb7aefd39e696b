"""Which app is connected to which repository on GitHub."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ...protocol_github import Repository
from . import moves
from .models import RepositoryRow


def of_app(session: Session, app: str) -> RepositoryRow | None:
    """The app's, where it is connected."""
    return session.get(RepositoryRow, app)


def connect(session: Session, app: str, root: Path, repository: Repository) -> None:
    """Connect an app, or say anew how it is. What is known to be there stays known for the same repository."""
    moves.alone(session, f"{app}\ngithub")
    before = session.get(RepositoryRow, app)
    same = before is not None and (before.name, before.branch) == (repository.name, repository.branch)
    session.merge(
        RepositoryRow(
            app=app,
            name=repository.name,
            branch=repository.branch,
            root=str(root),
            kind="local" if repository.local else "github",
            url=repository.url,
            private=repository.private,
            connected=moves.now(),
            pushed=before.pushed if before is not None and same else "",
        )
    )


def disconnect(session: Session, app: str) -> bool:
    """Let go of it; whether there was one."""
    moves.alone(session, f"{app}\ngithub")
    found = session.get(RepositoryRow, app)
    if found is not None:
        session.delete(found)
    return found is not None


def pushed(session: Session, app: str, name: str, branch: str, commit: str) -> None:
    """A commit is there now."""
    session.execute(
        sa.update(RepositoryRow)
        .where(RepositoryRow.app == app, RepositoryRow.name == name, RepositoryRow.branch == branch)
        .values(pushed=commit)
    )


def as_protocol(found: RepositoryRow) -> Repository:
    return Repository(
        name=found.name, url=found.url, branch=found.branch, local=found.kind == "local", private=found.private
    )
