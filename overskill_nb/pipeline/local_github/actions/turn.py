"""Turns: what two of this machine's processes may not do at the same time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

LOOK_SECONDS = 0.2


@contextlib.asynccontextmanager
async def turn(file: Path) -> AsyncIterator[None]:
    """Wait until nobody else is between here and the end."""
    import fcntl

    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(LOOK_SECONDS)
        yield
