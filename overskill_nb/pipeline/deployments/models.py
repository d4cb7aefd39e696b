"""The tables. ``migrations/`` makes them; a test compares the two."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "overskill"
"""In Postgres; in SQLite, which has no schemas, the tables are the file's own."""


class Base(DeclarativeBase):
    metadata = sa.MetaData(schema=SCHEMA)


class DeploymentRow(Base):
    """One attempt to make an artefact live in an environment."""

    __tablename__ = "deployments"
    __table_args__ = (
        sa.Index("deployments_slot", "app", "environment", "number"),
        sa.Index("deployments_status", "status"),
        # Whatever the code does: an environment of an app never has two live deployments.
        sa.Index(
            "deployments_live",
            "app",
            "environment",
            unique=True,
            sqlite_where=sa.text("status = 'deployed'"),
            postgresql_where=sa.text("status = 'deployed'"),
        ),
    )

    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=True)
    """Grows with every submission: the newest has the highest."""
    id: Mapped[str] = mapped_column(sa.String(64), unique=True)
    app: Mapped[str] = mapped_column(sa.String(300))
    name: Mapped[str] = mapped_column(sa.String(63))
    environment: Mapped[str] = mapped_column(sa.String(16))
    kind: Mapped[str] = mapped_column(sa.String(16))
    status: Mapped[str] = mapped_column(sa.String(16))
    root: Mapped[str] = mapped_column(sa.Text, default="")
    """The app's folder, for a build."""
    run: Mapped[str] = mapped_column(sa.String(80))
    """Id of the durable run: the deployment's own, until another version of this package took it over."""
    url: Mapped[str] = mapped_column(sa.Text, default="")
    target: Mapped[str] = mapped_column(sa.String(16), default="local")
    artefact: Mapped[str] = mapped_column(sa.String(64), default="")
    source: Mapped[str] = mapped_column(sa.String(64), default="")
    superseded_by: Mapped[str] = mapped_column(sa.String(64), default="")
    cancel: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    """Somebody asked for its end; its run sees to it."""
    waits_until: Mapped[float] = mapped_column(sa.Float, default=0.0)
    """Unix time in milliseconds until which the run is parked."""
    created: Mapped[float] = mapped_column(sa.Float)
    updated: Mapped[float] = mapped_column(sa.Float)
    timings: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    first_load_gzip: Mapped[int] = mapped_column(sa.Integer, default=0)
    files: Mapped[int] = mapped_column(sa.Integer, default=0)
    warnings: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    hint: Mapped[str] = mapped_column(sa.Text, default="")
    log: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    commit: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    """The checkpoint that was built."""
    repository: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    """Whose workflow makes it; empty where that happens here."""
    branch: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    run_url: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    workflow_run: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    """GitHub's number of the workflow's run; 0 until it is known."""
    dispatched: Mapped[float] = mapped_column(sa.Float, default=0.0, server_default="0")
    """Unix time in milliseconds, written before the workflow is started: from then on it may be running."""
    digest: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    """Names what the workflow built."""


class TransitionRow(Base):
    """A deployment's step from one status to the next, or a remark on the one that it has."""

    __tablename__ = "transitions"
    __table_args__ = (sa.Index("transitions_deployment", "deployment", "number"),)

    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=True)
    deployment: Mapped[str] = mapped_column(
        sa.String(64), sa.ForeignKey(f"{SCHEMA}.deployments.id", name="transitions_deployment_fk", ondelete="CASCADE")
    )
    status: Mapped[str] = mapped_column(sa.String(16))
    at: Mapped[float] = mapped_column(sa.Float)
    note: Mapped[str] = mapped_column(sa.Text, default="")


class VariableRow(Base):
    """A public value of an app in an environment. Secrets are never here."""

    __tablename__ = "variables"

    app: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    environment: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    value: Mapped[str] = mapped_column(sa.Text)


class ExecutorRow(Base):
    """A process that runs deployments, or did."""

    __tablename__ = "executors"

    id: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    host: Mapped[str] = mapped_column(sa.String(80))
    lock: Mapped[str] = mapped_column(sa.Text)
    """The file that it holds locked while it lives."""
    pid: Mapped[int] = mapped_column(sa.Integer)
    version: Mapped[str] = mapped_column(sa.String(40))
    """Of the runs, see ``runs.VERSION``."""
    seen: Mapped[float] = mapped_column(sa.Float)
    """Unix time in milliseconds of its last sign of life."""


class RepositoryRow(Base):
    """The repository on GitHub that an app is connected to."""

    __tablename__ = "repositories"

    app: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    """Owner and name."""
    branch: Mapped[str] = mapped_column(sa.String(300))
    root: Mapped[str] = mapped_column(sa.Text)
    """The app's folder."""
    kind: Mapped[str] = mapped_column(sa.String(16))
    """``local`` or ``github``."""
    url: Mapped[str] = mapped_column(sa.Text)
    private: Mapped[bool] = mapped_column(sa.Boolean)
    connected: Mapped[float] = mapped_column(sa.Float)
    """Unix time in milliseconds."""
    pushed: Mapped[str] = mapped_column(sa.String(64), default="")
    """The last commit that is known to be there."""


class SyncRow(Base):
    """One exchange of an app's history with its repository."""

    __tablename__ = "syncs"
    __table_args__ = (
        sa.Index("syncs_app", "app", "number"),
        sa.Index("syncs_status", "status"),
        sa.Index("syncs_deployment", "deployment"),
        # Whatever the code does: an app has one exchange at a time.
        sa.Index(
            "syncs_running",
            "app",
            unique=True,
            sqlite_where=sa.text("status = 'syncing'"),
            postgresql_where=sa.text("status = 'syncing'"),
        ),
    )

    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=True)
    """Grows with every submission."""
    id: Mapped[str] = mapped_column(sa.String(64), unique=True)
    app: Mapped[str] = mapped_column(sa.String(300))
    repository: Mapped[str] = mapped_column(sa.String(300))
    branch: Mapped[str] = mapped_column(sa.String(300))
    root: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.String(16))
    pull: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    status: Mapped[str] = mapped_column(sa.String(16))
    run: Mapped[str] = mapped_column(sa.String(80))
    """Id of the durable run, as a deployment has one."""
    commit: Mapped[str] = mapped_column(sa.String(64), default="")
    pushed: Mapped[int] = mapped_column(sa.Integer, default=0)
    received: Mapped[int] = mapped_column(sa.Integer, default=0)
    conflicts: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    pull_request: Mapped[str] = mapped_column(sa.Text, default="")
    deployment: Mapped[str] = mapped_column(sa.String(64), default="")
    """The deployment that it followed."""
    cancel: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    waits_until: Mapped[float] = mapped_column(sa.Float, default=0.0)
    began: Mapped[float] = mapped_column(sa.Float, default=0.0)
    created: Mapped[float] = mapped_column(sa.Float)
    updated: Mapped[float] = mapped_column(sa.Float)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    hint: Mapped[str] = mapped_column(sa.Text, default="")
    log: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)


class SyncTransitionRow(Base):
    """A sync's step from one status to the next, or a remark on the one that it has."""

    __tablename__ = "sync_transitions"
    __table_args__ = (sa.Index("sync_transitions_sync", "sync", "number"),)

    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=True)
    sync: Mapped[str] = mapped_column(
        sa.String(64), sa.ForeignKey(f"{SCHEMA}.syncs.id", name="sync_transitions_sync_fk", ondelete="CASCADE")
    )
    status: Mapped[str] = mapped_column(sa.String(16))
    at: Mapped[float] = mapped_column(sa.Float)
    note: Mapped[str] = mapped_column(sa.Text, default="")
