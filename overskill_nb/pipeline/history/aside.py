"""Work in a thread that lets the engine's loop, on which updates are, go first."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")

SWITCH_SECONDS = 0.0005
"""How long the loop waits for Python while such work is done; Python itself would let it wait ten times as long."""

_lock = threading.Lock()
_working = 0
_usual = 0.0


async def run(work: Callable[[], T]) -> T:
    """Do it in a thread."""

    def gently() -> T:
        with _switching_often():
            return work()

    return await asyncio.to_thread(gently)


@contextlib.contextmanager
def _switching_often() -> Iterator[None]:
    global _working, _usual
    with _lock:
        if _working == 0:
            _usual = sys.getswitchinterval()
            sys.setswitchinterval(min(SWITCH_SECONDS, _usual))
        _working += 1
    try:
        yield
    finally:
        with _lock:
            _working -= 1
            if _working == 0:
                sys.setswitchinterval(_usual)
