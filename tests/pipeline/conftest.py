"""An engine with a workspace of its own, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from client import Client

from overskill_nb.pipeline.engine import Engine


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    (tmp_path / "work").mkdir()
    made = Engine(tmp_path / "work")
    yield made
    await made.close()


@pytest_asyncio.fixture
async def client(engine: Engine) -> Client:
    return Client.of(engine)
