"""Whether deployments or syncs were under way when the engine before this one ended. Light: every engine asks."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

_QUERIES = (
    "SELECT 1 FROM deployments WHERE status IN ('pending', 'building', 'uploading', 'verifying') LIMIT 1",
    "SELECT 1 FROM syncs WHERE status IN ('pending', 'syncing') LIMIT 1",
)


def unfinished(folder: Path, database_url: str) -> bool:
    """Whether the deployments of a workspace must be opened so that some can go on."""
    if database_url:
        return True
    file = folder / "overskill.db"
    if not file.is_file():
        return False
    # What is wrong with the database is said when somebody deploys.
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as read,
    ):
        return any(read.execute(query).fetchone() is not None for query in _QUERIES)
    return False
