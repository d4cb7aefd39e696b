"""A clock for tests of what waits."""

from __future__ import annotations

from overskill_nb.pipeline.cloudflare.clock import Clock


class TurnedClock(Clock):
    """Time that passes only when somebody waits for it."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.passed

    def wall(self) -> float:
        return super().wall() + self.passed

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.passed += seconds
        await super().sleep(0)
