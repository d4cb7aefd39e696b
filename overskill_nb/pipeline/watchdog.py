"""Notices a worker that stands still: one app's configuration may loop, and all apps share the process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from ..errors import EngineError
from .process import kill_group

LOOK_SECONDS = 5.0
"""After this long without an answer the worker is asked for a sign of life, and again each time as much later."""
STILL_SECONDS = 10.0
"""A worker that gives none for so long does nothing any more but loop."""
CALL_SECONDS = 180.0
"""A call that takes longer waits for something that does not come."""

log = logging.getLogger(__name__)


class WorkerStalled(EngineError):
    """The worker did not end what one app asked of it."""

    def __init__(self) -> None:
        super().__init__(
            "The build did not end and was stopped: something that the app runs while it is built, such as "
            "tailwind.config or a plugin, loops or waits for ever; correct it."
        )


class Watch:
    """One call that is waited for."""

    def __init__(
        self, watchdog: Watchdog, process: asyncio.subprocess.Process, answer: asyncio.Future[Any], app: str
    ) -> None:
        self.process = process
        self.answer = answer
        self.app = app
        self._loop = answer.get_loop()
        self._began = self._loop.time()
        self._watchdog = watchdog
        self._timer = self._loop.call_later(LOOK_SECONDS, watchdog.look, self)

    @property
    def seconds(self) -> float:
        return self._loop.time() - self._began

    def again(self) -> None:
        self._timer = self._loop.call_later(LOOK_SECONDS, self._watchdog.look, self)

    def end(self) -> None:
        """The call is over."""
        self._timer.cancel()
        self._watchdog.watches.discard(self)


class Watchdog:
    """Ends a worker process that stands still. ``hello`` asks it for a sign of life."""

    def __init__(self, hello: Callable[[], Awaitable[object]]) -> None:
        self.watches: set[Watch] = set()
        self.stalled: set[str] = set()
        """Apps that made the worker stand still when they were last built."""
        self._suspected: set[str] = set()
        self._hello = hello
        self._looking: asyncio.Task[None] | None = None

    def watch(self, process: asyncio.subprocess.Process, answer: asyncio.Future[Any], app: str) -> Watch:
        """Have an eye on a call until ``end``."""
        made = Watch(self, process, answer, app)
        self.watches.add(made)
        return made

    def look(self, watch: Watch) -> None:
        """See to it that the worker still does something."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._examine(watch.process))
        watch.again()

    async def _examine(self, process: asyncio.subprocess.Process) -> None:
        waiting = [watch for watch in self.watches if watch.process is process]
        try:
            await asyncio.wait_for(self._hello(), STILL_SECONDS)
        except asyncio.TimeoutError:
            self._end(process, [watch for watch in waiting if watch in self.watches])
        except (ConnectionError, EngineError):
            return  # it ended by itself
        else:
            if late := [watch for watch in waiting if watch in self.watches and watch.seconds > CALL_SECONDS]:
                self._end(process, late)

    def _end(self, process: asyncio.subprocess.Process, waiting: list[Watch]) -> None:
        apps = {watch.app for watch in waiting}
        log.warning("the JavaScript worker stood still while it worked for %s; it is started again", sorted(apps))
        # Once may be the machine's doing, and of several apps nobody knows which it is: they are asked again, each by
        # itself when the next worker is told what this one knew.
        if len(apps) == 1 and apps <= self._suspected:
            self.stalled |= apps
            for watch in waiting:
                if not watch.answer.done():
                    watch.answer.set_exception(WorkerStalled())
        self._suspected |= apps
        kill_group(process.pid)

    def built(self, app: str) -> None:
        """The app was built to the end."""
        self.stalled.discard(app)
        self._suspected.discard(app)
