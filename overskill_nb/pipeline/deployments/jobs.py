"""Work on the engine's event loop that a run's thread waits for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future, wait
from contextvars import Context
from typing import Any


class Stopping(BaseException):
    """The process stops running deployments. Nothing is recorded: the run goes on in the next one."""


class OutOfTime(Exception):
    """An effect took longer than it may."""


class Job:
    """One piece of work. It has ended when ``result`` returns or raises, also where it was cancelled."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, work: Callable[[], Coroutine[Any, Any, Any]], seconds: float
    ) -> None:
        self._loop = loop
        self._work = work
        self._seconds = seconds
        self._future: Future[Any] = Future()
        self._task: asyncio.Task[Any] | None = None
        self._cancelled = False
        self._late = False
        self._call(self._start)

    def _call(self, function: Callable[[], None]) -> None:
        try:
            # A context of its own: what is done there is no part of the run whose thread this is.
            self._loop.call_soon_threadsafe(function, context=Context())
        except RuntimeError:  # the loop is closed
            raise Stopping from None

    def _start(self) -> None:
        if self._cancelled:
            self._future.set_exception(CancelledError())
            return
        self._task = self._loop.create_task(self._work())
        timer = self._loop.call_later(self._seconds, self._expire)

        def ended(task: asyncio.Task[Any]) -> None:
            timer.cancel()
            if task.cancelled():
                self._future.set_exception(OutOfTime() if self._late else CancelledError())
            elif error := task.exception():
                self._future.set_exception(error)
            else:
                self._future.set_result(task.result())

        self._task.add_done_callback(ended)

    def _expire(self) -> None:
        if self._task is not None and not self._task.done():
            self._late = True
            self._task.cancel()

    def cancel(self) -> None:
        """Stop the work. From any thread."""

        def stop() -> None:
            self._cancelled = True
            if self._task is not None:
                self._task.cancel()

        with contextlib.suppress(Stopping):
            self._call(stop)

    def result(self) -> Any:
        """Wait for the end. Raises CancelledError, OutOfTime, what the work raised, or Stopping."""
        while True:
            done, _ = wait([self._future], timeout=1.0)
            if done:
                return self._future.result()
            # A process whose main thread has ended waits for its threads: they must not wait for the loop.
            if not threading.main_thread().is_alive() or not self._loop.is_running():
                raise Stopping
