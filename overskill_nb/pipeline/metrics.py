"""What is measured while an engine works, and what the record of deployments tells."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import time
from collections import deque
from pathlib import Path
from typing import Any

from .. import config
from ..protocol_metrics import Metrics

MOST = 1000
"""Values of a kind that are told one by one."""
UPDATE_BUCKETS_MS = (5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 5000.0)
LIVE_ONCE = ("deployed", "superseded", "rolled_back")
_QUERY = "SELECT environment, kind, status, timings, artefact, first_load_gzip FROM {} ORDER BY number"


class Measures:
    """Counts what previews say."""

    def __init__(self) -> None:
        self.since = time.time() * 1000
        self.update_ms: deque[float] = deque(maxlen=MOST)
        self.updates = 0
        self.updates_below = dict.fromkeys(UPDATE_BUCKETS_MS, 0)
        self.updates_ms = 0.0
        """All of them together."""
        self.failed_updates = 0
        self.connections = 0
        self.dropped = 0

    def connected(self, again: bool) -> None:
        """A preview shows what it was sent, for the first time on this connection."""
        self.connections += 1
        self.dropped += again

    def shown(self, ms: float) -> None:
        """An update is on screen."""
        ms = max(ms, 0.0)
        self.updates += 1
        self.updates_ms += ms
        self.update_ms.append(round(ms, 2))
        for most in self.updates_below:
            self.updates_below[most] += ms <= most

    def failed(self) -> None:
        """An update could not be shown."""
        self.failed_updates += 1


class Record:
    """What the record of deployments tells. It is only read: nothing of it is started."""

    def __init__(self, workspace: Path, database_url: str) -> None:
        self.deployment_ms: list[float] = []
        self.bundle_bytes: list[int] = []
        sizes: dict[str, int] = {}
        folder = workspace / config.STATE_FOLDER
        for environment, kind, status, timings, artefact, size in (
            _rows_of_postgres(folder, database_url) if database_url else _rows_of_sqlite(folder)
        ):
            if (environment, kind) == ("preview", "deploy") and status in LIVE_ONCE and "total" in timings:
                self.deployment_ms.append(float(timings["total"]))
            if artefact and size:
                sizes[artefact] = int(size)
        self.bundle_bytes = list(sizes.values())


async def read(measures: Measures, workspace: Path, database_url: str) -> Metrics:
    """All that there is."""
    record = await asyncio.to_thread(Record, workspace, database_url)
    return Metrics(
        since=measures.since,
        update_ms=list(measures.update_ms),
        updates=measures.updates,
        failed_updates=measures.failed_updates,
        connections=measures.connections,
        dropped=measures.dropped,
        deployment_ms=record.deployment_ms[-MOST:],
        bundle_bytes=record.bundle_bytes[-MOST:],
    )


def _rows_of_sqlite(folder: Path) -> list[tuple[Any, ...]]:
    """Deployments, the oldest first; none where there is no record, or none that can be read."""
    file = folder / "overskill.db"
    if not file.is_file():
        return []
    with (
        contextlib.suppress(sqlite3.Error, ValueError),
        contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database,
    ):
        found = database.execute(_QUERY.format("deployments")).fetchall()
        return [(*row[:3], json.loads(row[3] or "{}"), *row[4:]) for row in found]
    return []


def _rows_of_postgres(folder: Path, database_url: str) -> list[tuple[Any, ...]]:
    import sqlalchemy as sa

    from ..errors import DeploymentError
    from .deployments.database import url_of
    from .deployments.models import SCHEMA

    with contextlib.suppress(sa.exc.SQLAlchemyError, DeploymentError, ImportError):
        engine = sa.create_engine(url_of(folder, database_url), connect_args={"connect_timeout": 5})
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(sa.text(_QUERY.format(f"{SCHEMA}.deployments")))]
        finally:
            engine.dispose()
    return []
