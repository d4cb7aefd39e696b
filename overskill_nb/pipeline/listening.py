"""Whether something listens at a port of this machine."""

from __future__ import annotations

import asyncio
import contextlib


async def listens(port: int) -> bool:
    """Whether a connection is taken there within two seconds."""
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 2)
        writer.close()
        return True
    return False
