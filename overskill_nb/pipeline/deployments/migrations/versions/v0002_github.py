"""Repositories on GitHub, syncs with them, and deployments that a workflow makes there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "overskill"


def upgrade() -> None:
    """Make the tables, and the columns of deployments."""
    for column in (
        sa.Column("commit", sa.String(64), nullable=False, server_default=""),
        sa.Column("repository", sa.String(300), nullable=False, server_default=""),
        sa.Column("branch", sa.String(300), nullable=False, server_default=""),
        sa.Column("run_url", sa.Text, nullable=False, server_default=""),
        sa.Column("workflow_run", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("dispatched", sa.Float, nullable=False, server_default="0"),
        sa.Column("digest", sa.String(64), nullable=False, server_default=""),
    ):
        op.add_column("deployments", column, schema=_schema())
    op.create_table(
        "repositories",
        sa.Column("app", sa.String(300), primary_key=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("branch", sa.String(300), nullable=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("connected", sa.Float, nullable=False),
        sa.Column("pushed", sa.String(64), nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "syncs",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("app", sa.String(300), nullable=False),
        sa.Column("repository", sa.String(300), nullable=False),
        sa.Column("branch", sa.String(300), nullable=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("pull", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("run", sa.String(80), nullable=False),
        sa.Column("commit", sa.String(64), nullable=False),
        sa.Column("pushed", sa.Integer, nullable=False),
        sa.Column("received", sa.Integer, nullable=False),
        sa.Column("conflicts", sa.JSON, nullable=False),
        sa.Column("pull_request", sa.Text, nullable=False),
        sa.Column("deployment", sa.String(64), nullable=False),
        sa.Column("cancel", sa.Boolean, nullable=False),
        sa.Column("waits_until", sa.Float, nullable=False),
        sa.Column("began", sa.Float, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("updated", sa.Float, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("log", sa.JSON, nullable=False),
        schema=SCHEMA,
        sqlite_autoincrement=True,
    )
    op.create_index("syncs_app", "syncs", ["app", "number"], schema=SCHEMA)
    op.create_index("syncs_status", "syncs", ["status"], schema=SCHEMA)
    op.create_index("syncs_deployment", "syncs", ["deployment"], schema=SCHEMA)
    op.create_index(
        "syncs_running",
        "syncs",
        ["app"],
        unique=True,
        schema=SCHEMA,
        sqlite_where=sa.text("status = 'syncing'"),
        postgresql_where=sa.text("status = 'syncing'"),
    )
    op.create_table(
        "sync_transitions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "sync",
            sa.String(64),
            sa.ForeignKey(f"{SCHEMA}.syncs.id", name="sync_transitions_sync_fk", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        schema=SCHEMA,
        sqlite_autoincrement=True,
    )
    op.create_index("sync_transitions_sync", "sync_transitions", ["sync", "number"], schema=SCHEMA)


def downgrade() -> None:
    """Remove them."""
    for table in ("sync_transitions", "syncs", "repositories"):
        op.drop_table(table, schema=SCHEMA)
    for column in ("digest", "dispatched", "workflow_run", "run_url", "branch", "repository", "commit"):
        op.drop_column("deployments", column, schema=_schema())


def _schema() -> str | None:
    """Alembic writes a change of a table as text, which the engine does not translate for SQLite."""
    return None if op.get_bind().dialect.name == "sqlite" else SCHEMA
