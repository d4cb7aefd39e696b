"""Who is told when a call waits: for the rate limit, or before it is tried again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("overskill_waiting", default=None)


@contextlib.contextmanager
def reporting(on_line: Callable[[str], None]) -> Iterator[None]:
    """Every wait within is told to ``on_line``, in one sentence; tasks that are started within inherit it."""
    before = _listener.set(on_line)
    try:
        yield
    finally:
        _listener.reset(before)


def report(line: str) -> None:
    """Tell whoever listens in this context."""
    if listener := _listener.get():
        listener(line)
