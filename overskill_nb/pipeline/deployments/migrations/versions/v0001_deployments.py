"""Deployments, their transitions, public values and executors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "overskill"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "deployments",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("app", sa.String(300), nullable=False),
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("environment", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("run", sa.String(80), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("artefact", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("superseded_by", sa.String(64), nullable=False),
        sa.Column("cancel", sa.Boolean, nullable=False),
        sa.Column("waits_until", sa.Float, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("updated", sa.Float, nullable=False),
        sa.Column("timings", sa.JSON, nullable=False),
        sa.Column("first_load_gzip", sa.Integer, nullable=False),
        sa.Column("files", sa.Integer, nullable=False),
        sa.Column("warnings", sa.JSON, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("log", sa.JSON, nullable=False),
        schema=SCHEMA,
        # Numbers are never given twice, so that the newest has the highest.
        sqlite_autoincrement=True,
    )
    op.create_index("deployments_slot", "deployments", ["app", "environment", "number"], schema=SCHEMA)
    op.create_index("deployments_status", "deployments", ["status"], schema=SCHEMA)
    op.create_index(
        "deployments_live",
        "deployments",
        ["app", "environment"],
        unique=True,
        schema=SCHEMA,
        sqlite_where=sa.text("status = 'deployed'"),
        postgresql_where=sa.text("status = 'deployed'"),
    )
    op.create_table(
        "transitions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "deployment",
            sa.String(64),
            sa.ForeignKey(f"{SCHEMA}.deployments.id", name="transitions_deployment_fk", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        schema=SCHEMA,
        sqlite_autoincrement=True,
    )
    op.create_index("transitions_deployment", "transitions", ["deployment", "number"], schema=SCHEMA)
    op.create_table(
        "variables",
        sa.Column("app", sa.String(300), primary_key=True),
        sa.Column("environment", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "executors",
        sa.Column("id", sa.String(120), primary_key=True),
        sa.Column("host", sa.String(80), nullable=False),
        sa.Column("lock", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("seen", sa.Float, nullable=False),
        schema=SCHEMA,
    )


def downgrade() -> None:
    """Remove the tables."""
    for table in ("executors", "variables", "transitions", "deployments"):
        op.drop_table(table, schema=SCHEMA)
