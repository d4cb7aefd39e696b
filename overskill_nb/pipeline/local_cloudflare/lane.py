"""One workerd at a time with the requests that are on it: it is watched, ended when it misbehaves, started again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Literal

from tornado import httputil
from tornado.iostream import StreamClosedError

from .channel import Answer, Channel, Collected, Request
from .workerd import Workerd

Reason = Literal["time", "memory", "crash"]
LOOK_SECONDS = 0.2
"""Between two looks at a workerd that has something to do."""
IDLE_LOOK_SECONDS = 1.0
WALL_SECONDS = 20.0
"""Without a sign of life for so long it is ended, whatever its processor time."""
RECENT_SECONDS = 5.0
MEGABYTE = 1024 * 1024


class Fallen(ConnectionError):
    """workerd was ended, or ended by itself, before the answer was complete."""


class Lane:
    """``on_fall`` is told why, and which versions were on it just then or a moment before, before their requests hear
    of it."""

    def __init__(
        self,
        start: Callable[[], Awaitable[Workerd]],
        on_fall: Callable[[Reason, set[str]], None],
        *,
        cpu_seconds: float,
        soft_memory: int,
        hard_memory: int,
    ) -> None:
        self._start = start
        self._on_fall = on_fall
        self.cpu_seconds = cpu_seconds
        self.soft_memory = soft_memory
        self.hard_memory = hard_memory
        self._workerd: Workerd | None = None
        self._channel: Channel | None = None
        self._starting = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None
        self._flights: dict[object, str] = {}
        self._recent: dict[str, float] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._answered = 0

    async def send(self, version: str, request: Request, extra: dict[str, str], answer: Answer, *, code: bool) -> None:
        """Have a request answered. Raises Fallen. ``code``: whether the version's own code may run."""
        workerd, channel = await self._ready()
        flight = object()
        if code:
            self._flights[flight] = version
            self._recent[version] = time.monotonic()
        try:
            await channel.send(
                request, {"X-Overskill-Key": workerd.key, "X-Overskill-Version": version, **extra}, answer
            )
            self._answered += 1
        except (StreamClosedError, OSError) as error:
            if answer.client_gone:
                raise
            await self._died(workerd)
            raise Fallen from error
        finally:
            self._flights.pop(flight, None)
            if code:
                self._recent[version] = time.monotonic()

    async def well(self) -> bool:
        """Whether it gives a sign of life; where it does not, it falls."""
        workerd, channel = self._workerd, self._channel
        if workerd is None or channel is None:
            return False
        reason = await self._look(workerd, channel)
        if reason and workerd is self._workerd:
            self._fall(reason)
            await workerd.kill()
        return reason is None

    async def _ready(self) -> tuple[Workerd, Channel]:
        if self._workerd is not None and self._channel is not None and self._workerd.running:
            return self._workerd, self._channel
        async with self._starting:
            if self._workerd is None or self._channel is None or not self._workerd.running:
                if self._workerd is not None:
                    self._fall("crash")
                self._workerd = await self._start()
                self._channel = Channel(self._workerd.port)
                if self._watching is None:
                    self._watching = asyncio.ensure_future(self._watch())
            return self._workerd, self._channel

    async def _died(self, workerd: Workerd) -> None:
        """A connection broke: where that was workerd's end, say so before anybody tries again."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(workerd.ended), 1)
        if workerd is self._workerd and not workerd.running:
            self._fall("crash")

    def _fall(self, reason: Reason) -> None:
        """Forget the process, which is at its end; the next request starts another."""
        channel, self._channel = self._channel, None
        self._workerd = None
        if channel is not None:
            channel.close()
        # Code may run on after its answer (`waitUntil`), so that nobody who was there lately is above suspicion.
        since = time.monotonic() - RECENT_SECONDS
        recent = {version for version, at in self._recent.items() if at > since}
        self._recent.clear()
        self._on_fall(reason, recent | set(self._flights.values()))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS if self._flights else IDLE_LOOK_SECONDS)
            workerd, channel = self._workerd, self._channel
            if workerd is None or channel is None:
                continue
            reason = await self._look(workerd, channel)
            if reason and workerd is self._workerd:
                self._fall(reason)
                await workerd.kill()
            elif workerd is self._workerd and workerd.memory() > self.soft_memory:
                await self._retire(workerd, channel)

    async def _look(self, workerd: Workerd, channel: Channel) -> Reason | None:
        """Ask for a sign of life; what is wrong, if anything."""
        beat = asyncio.ensure_future(_beat(workerd, channel))
        spent, began, answered = workerd.cpu(), time.monotonic(), self._answered
        try:
            while True:
                if answered != self._answered:  # busy, but with many
                    spent, began, answered = workerd.cpu(), time.monotonic(), self._answered
                if not workerd.running:
                    return "crash"
                if workerd.memory() > self.hard_memory:
                    return "memory"
                if beat.done():
                    return None
                silent = time.monotonic() - began
                burnt = workerd.cpu() - spent if spent >= 0 else silent
                if burnt > self.cpu_seconds or silent > max(WALL_SECONDS, 2 * self.cpu_seconds):
                    return "time"
                await asyncio.wait([beat], timeout=LOOK_SECONDS)
        finally:
            beat.cancel()

    async def _retire(self, workerd: Workerd, channel: Channel) -> None:
        """Start afresh without haste: what is under way ends on the old one."""
        async with self._starting:
            fresh = await self._start()
            self._workerd, self._channel = fresh, Channel(fresh.port)
            task = asyncio.ensure_future(self._drain(workerd, channel, set(self._flights)))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _drain(self, workerd: Workerd, channel: Channel, flights: set[object]) -> None:
        try:
            deadline = time.monotonic() + WALL_SECONDS
            while (left := flights & self._flights.keys()) and time.monotonic() < deadline:
                if reason := await self._look(workerd, channel):
                    self._on_fall(reason, {self._flights[flight] for flight in left if flight in self._flights})
                    return
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            channel.close()
            await workerd.kill()

    async def close(self) -> None:
        """End it. It starts again when it is next sent something."""
        tasks = [task for task in (self._watching, *self._retiring) if task is not None]
        self._watching = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5)
        workerd, self._workerd = self._workerd, None
        if self._channel is not None:
            self._channel.close()
        if workerd is not None:
            await workerd.kill()


async def _beat(workerd: Workerd, channel: Channel) -> None:
    request = Request("GET", "/", httputil.HTTPHeaders({"Host": "localhost"}), b"")
    with contextlib.suppress(StreamClosedError, OSError):
        await channel.send(request, {"X-Overskill-Key": workerd.key}, Collected())
