"""Ctrl-C, in commands that begin work which goes on without them."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def interrupts_later() -> Iterator[list[int]]:
    """Note Ctrl-C instead of stopping: what is begun can be cancelled only once its id is known."""
    noted: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: noted.append(number))
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)
