"""Samples the memory of all that a soak keeps running."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame
from processes import cpu_seconds, memory, renderers
from soak_kills import kernel_pid, worker_pid

from tests.browser.jupyter import Server

EVERY = 10.0
# Long enough to stand out in the process's CPU time.
SPIN = "() => { const end = performance.now() + 200; while (performance.now() < end); }"


class MemoryWatch:
    """Notes, every ten seconds, the memory of server, worker, kernel and the renderers of frames."""

    def __init__(
        self, server: Server, browser_pid: int, frames: Callable[[], dict[str, Frame]], note: Callable[..., None]
    ) -> None:
        self._server = server
        self._browser = browser_pid
        self._frames = frames
        self._note = note
        self._found: dict[str, tuple[Frame, int]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.sample()
            await asyncio.sleep(EVERY)

    async def sample(self) -> None:
        """Note the memory now."""
        pids = {
            "server": self._server.process.pid,
            "worker": await worker_pid(self._server),
            "kernel": kernel_pid(self._server),
        }
        for name, frame in self._frames().items():
            pids[name] = await self._renderer(name, frame)
        found = {name: (pid, memory(pid)) for name, pid in pids.items() if pid is not None}
        heaps = {name: heap for name, frame in self._frames().items() if (heap := await self._heap(frame)) is not None}
        self._note(
            "memory",
            processes={name: own for name, own in found.items() if own[1] is not None},
            heaps=heaps,
        )

    async def _renderer(self, name: str, frame: Frame) -> int | None:
        """The process that draws a frame: the one whose CPU time grows while the frame is made to work."""
        known = self._found.get(name)
        if known and known[0] is frame and memory(known[1]) is not None:
            return known[1]
        before = {pid: cpu_seconds(pid) for pid in renderers(self._browser)}
        try:
            await frame.evaluate(SPIN)
        except PlaywrightError:
            return None
        grown = {pid: cpu_seconds(pid) - used for pid, used in before.items()}
        pid = max(grown, key=lambda own: grown[own], default=None)
        if pid is None or grown[pid] < 0.1:
            return None
        self._found[name] = (frame, pid)
        return pid

    async def _heap(self, frame: Frame) -> float | None:
        """The frame's JavaScript heap in MB, where Chromium tells."""
        with contextlib.suppress(PlaywrightError):
            used: float | None = await frame.evaluate("() => performance.memory?.usedJSHeapSize / 2 ** 20 || null")
            return None if used is None else round(used, 2)
        return None
