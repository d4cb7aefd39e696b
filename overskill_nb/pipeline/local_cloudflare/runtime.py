"""Runs scripts so that one that loops or eats memory hurts no other.

What is deployed runs on the main lane. New code is loaded on the trial lane first. When the main lane falls, every
version that was on it is suspected: it runs alone on a ward until it has answered once and left the ward well, and the
one that makes its ward fall is stopped for good.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from tornado import httputil

from .channel import Answer, Collected, Request
from .lane import MEGABYTE, Fallen, Lane, Reason
from .versions import Version
from .workerd import Workerd

CPU_SECONDS = 2.0
START_CPU_SECONDS = 1.0
"""Cloudflare's limit for the start of a script."""
ATTEMPTS = 6
MAX_CRASHES = 4
"""Of a ward under a version, one after the other; some may come from outside."""
SETTLED_SECONDS = 0.5
"""So long after its answer, or a while into it, a suspected version is trusted again where its ward is well."""
WARDS = 3


class Probe(msgspec.Struct):
    """What a script's code exports, or why it cannot be loaded."""

    ok: bool
    error: str = ""
    ms: int = 0
    handlers: list[str] = []
    named: list[str] = []


class Stopped(Exception):
    """The version took more time or memory than it may, and is not run any more."""


class NotRepeated(Exception):
    """workerd fell under a request that must not be sent twice."""


class Ward:
    """A lane for one version at a time."""

    def __init__(self, start: Callable[[], Awaitable[Workerd]], on_fall: Callable[[Reason, str], None]) -> None:
        self.occupant = ""
        self._on_fall = on_fall
        self.lane = Lane(
            start, self._fell, cpu_seconds=CPU_SECONDS, soft_memory=200 * MEGABYTE, hard_memory=800 * MEGABYTE
        )

    def _fell(self, reason: Reason, versions: set[str]) -> None:
        del versions  # of those who were here before it, all but the occupant left it well
        if self.occupant:
            self._on_fall(reason, self.occupant)


class Runtime:
    """``on_stop`` is told of a version that is stopped for good, and why."""

    def __init__(self, tools: Path, blobs: Path, on_stop: Callable[[str, str], None]) -> None:
        self._tools = tools
        self._blobs = blobs
        self._on_stop = on_stop
        self.host = ""
        """Where workerd asks this process."""
        self.host_key = secrets.token_hex(16)
        self.pending: dict[str, Version] = {}
        """Versions that are being tried and are not stored yet."""
        self.stopped: dict[str, str] = {}
        """Versions that are not run any more, and why."""
        self._suspected: set[str] = set()
        self._crashes: dict[str, int] = {}
        self._trial_fell: Reason | None = None
        self.main = Lane(
            self._start,
            self._main_fell,
            cpu_seconds=CPU_SECONDS,
            soft_memory=700 * MEGABYTE,
            hard_memory=1600 * MEGABYTE,
        )
        self._wards = [Ward(self._start, self._blame) for _ in range(WARDS)]
        self._free: asyncio.Queue[Ward] = asyncio.Queue()
        for ward in self._wards:
            self._free.put_nowait(ward)
        self._alone: dict[str, asyncio.Lock] = {}
        """One request at a time of a suspected version, so that it cannot take all wards."""
        self.trial = Lane(
            self._start,
            self._trial_failed,
            cpu_seconds=START_CPU_SECONDS,
            soft_memory=250 * MEGABYTE,
            hard_memory=500 * MEGABYTE,
        )
        self._trial_use = asyncio.Lock()

    async def _start(self) -> Workerd:
        return await Workerd.start(self._tools, self._blobs, self.host, self.host_key)

    async def forward(self, version: str, request: Request, answer: Answer, *, code: bool) -> None:
        """Have a version answer a request. Raises Stopped and NotRepeated."""
        for _ in range(ATTEMPTS):
            if version in self.stopped:
                raise Stopped
            try:
                if code and version in self._suspected:
                    await self._isolated(version, request, answer)
                else:
                    await self.main.send(version, request, {}, answer, code=code)
            except Fallen:
                if answer.begun:
                    raise
                if version not in self.stopped and not request.repeatable:
                    raise NotRepeated from None
            else:
                return
        raise NotRepeated

    async def _isolated(self, version: str, request: Request, answer: Answer) -> None:
        """Alone on a ward, until the answer is there or on a good way."""
        async with self._alone.setdefault(version, asyncio.Lock()):
            if version in self.stopped:
                raise Stopped
            ward = await self._free.get()
            try:
                ward.occupant = version
                sending = asyncio.ensure_future(ward.lane.send(version, request, {}, answer, code=True))
                begun = asyncio.ensure_future(answer.begin.wait())
                await asyncio.wait([sending, begun], return_when=asyncio.FIRST_COMPLETED)
                begun.cancel()
                if not sending.done() or sending.exception() is None:
                    await asyncio.sleep(SETTLED_SECONDS)
                    if await ward.lane.well():
                        self._suspected.discard(version)
                        self._crashes.pop(version, None)
            finally:
                ward.occupant = ""
                self._free.put_nowait(ward)
        await sending

    def _main_fell(self, reason: Reason, versions: set[str]) -> None:
        # A crash may have come from outside.
        if len(versions) == 1 and reason != "crash":
            self.stop(next(iter(versions)), _WHY[reason])
        else:
            self._suspected |= versions

    def _blame(self, reason: Reason, version: str) -> None:
        """A ward fell under a version."""
        self._crashes[version] = self._crashes.get(version, 0) + 1
        if reason != "crash" or self._crashes[version] >= MAX_CRASHES:
            self.stop(version, _WHY[reason])

    def stop(self, version: str, why: str) -> None:
        """Run a version no more."""
        self._suspected.discard(version)
        if version not in self.stopped:
            self.stopped[version] = why
            self._on_stop(version, why)

    def _trial_failed(self, reason: Reason, versions: set[str]) -> None:
        del versions
        self._trial_fell = reason

    async def probe(self, version: str) -> Probe:
        """Load a version's code, run none of its handlers."""
        request = Request("GET", "/", httputil.HTTPHeaders({"Host": "localhost"}), b"")
        async with self._trial_use:
            for _ in range(2):  # a crash may have come from outside
                self._trial_fell = None
                answer = Collected()
                try:
                    await self.trial.send(version, request, {"X-Overskill-Probe": "1"}, answer, code=True)
                except Fallen:
                    if self._trial_fell in {"time", "memory"}:
                        return Probe(ok=False, error=_START[self._trial_fell])
                else:
                    return msgspec.json.decode(answer.body, type=Probe)
        return Probe(ok=False, error=_START["crash"])

    async def close(self) -> None:
        await asyncio.gather(*[lane.close() for lane in (self.main, self.trial, *[ward.lane for ward in self._wards])])


_WHY: dict[Reason, str] = {
    "time": "Worker exceeded CPU time limit.",
    "memory": "Worker exceeded memory limit.",
    "crash": "Worker ended the runtime's process.",
}
_START: dict[Reason | None, str] = {
    "time": "Script startup exceeded CPU time limit.",
    "memory": "Script startup exceeded memory limit.",
    "crash": "The script ended the runtime's process when it was loaded.",
}
