"""One background thread with an event loop, for code that a cell calls and that must not need the cell's own loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, wait
from typing import Any, TypeVar

from .errors import Cancelled

T = TypeVar("T")

PROMPT_SECONDS = 0.05
"""What takes longer is late: whoever waits for it should see that something is going on."""


class Background:
    """Runs coroutines on its thread. Interrupting a cell that waits for one cancels it."""

    def __init__(self, name: str = "overskill_nb") -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        for task in (left := asyncio.all_tasks(self.loop)):
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, T], on_late: Callable[[], object] | None = None) -> T:
        """Wait for a coroutine's result. KeyboardInterrupt cancels it and is raised again at once.

        ``on_late`` is called, on this thread, while the work goes on, where it takes longer than ``PROMPT_SECONDS``.
        """
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            if on_late is not None and not wait([future], PROMPT_SECONDS).done:
                on_late()
            return future.result()
        except CancelledError:
            raise Cancelled("The work was stopped before its end.") from None
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """End the thread, and what still runs on it."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(timeout=5)
