"""Waits until the machine is idle enough for a fair sample."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import psutil


async def quiet(idle: float = 0.7, window: float = 0.12, patience: float = 5.0) -> bool:
    """True once a share ``idle`` of the CPU was idle for ``window`` seconds; false after ``patience`` seconds."""
    end = time.monotonic() + patience
    while True:
        before = psutil.cpu_times()
        await asyncio.sleep(window)
        now = psutil.cpu_times()
        # Not cpu_times_percent: it takes windows below a second for a whole one.
        if _resting(now) - _resting(before) >= idle * (sum(now) - sum(before)):
            return True
        if time.monotonic() > end:
            return False


def _resting(times: Any) -> float:
    return float(times.idle + getattr(times, "iowait", 0.0))
