"""What Alembic runs: the migrations, on the connection that ``database.py`` opened."""

from __future__ import annotations

from alembic import context

from overskill_nb.pipeline.deployments.models import SCHEMA, Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table="overskill_version",
    version_table_schema=None if connection.dialect.name == "sqlite" else SCHEMA,
    include_schemas=connection.dialect.name != "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
