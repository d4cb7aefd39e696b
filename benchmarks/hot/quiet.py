"""Waits until the machine is idle enough for a fair sample."""

from __future__ import annotations

import asyncio
import time

import psutil


async def quiet(idle: float = 0.7, window: float = 0.12, patience: float = 5.0) -> bool:
    """True once a share ``idle`` of the CPU was idle for ``window`` seconds; false after ``patience`` seconds."""
    end = time.monotonic() + patience
    while True:
        psutil.cpu_times_percent(interval=None)
        await asyncio.sleep(window)
        now = psutil.cpu_times_percent(interval=None)
        if (now.idle + getattr(now, "iowait", 0.0)) / 100 >= idle:
            return True
        if time.monotonic() > end:
            return False
