"""Time, in one place, so that a test can make it pass."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """The machine's own."""

    def now(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since 1970."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
