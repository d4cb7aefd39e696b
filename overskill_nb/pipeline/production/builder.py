"""The builder process: asked one thing at a time, ended with all that it started when that takes too much."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections import deque
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec

from ...errors import BuildError, EngineError
from ...protocol import Diagnostic
from ..node import Node
from ..process import environment_for_apps, kill_group
from . import memory

SCRIPT = Path(__file__).parents[1] / "static" / "builder.mjs"
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 0.5
"""How long a build that was cancelled may still take to end by itself."""


class Limits(msgspec.Struct, frozen=True):
    """What one build may take."""

    seconds: float = 120.0
    bytes: int = 2 * 1024 * 1024 * 1024


class _Fault(msgspec.Struct):
    message: str
    diagnostics: list[Diagnostic] = []


class _Answer(msgspec.Struct):
    id: int
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: _Fault | None = None


_decode = msgspec.json.Decoder(_Answer).decode


class Died(Exception):
    """The process ended without an answer."""


class Builder:
    """Starts the process when it is first asked, and again after it ended."""

    def __init__(self, node: Node, tools: Path, cache: Path, limits: Limits) -> None:
        self._command = [str(node.executable), "--max-old-space-size=768", str(SCRIPT)]
        self._environment = environment_for_apps(
            NODE_ENV="production", OVERSKILL_TOOLS=str(tools), OVERSKILL_CACHE=str(cache)
        )
        self._cache = cache
        self._limits = limits
        self._process: asyncio.subprocess.Process | None = None
        self._errors: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._number = 0
        self.waiting = 0
        """Requests that are under way or wait for their turn."""
        self.root = ""
        """The app that was built last."""
        self.last_words: deque[str] = deque(maxlen=50)
        """What it wrote to its standard error."""

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        process = self._process
        return process.pid if process and process.returncode is None else None

    async def ask(self, method: str, **params: Any) -> msgspec.Raw:
        """One request, answered as JSON. Cancelling ends the process, and so do the limits. Raises BuildError."""
        self.waiting += 1
        try:
            async with self._turn:
                self.root = str(params.get("root", ""))
                return await self._ask(method, params)
        finally:
            self.waiting -= 1

    async def _ask(self, method: str, params: dict[str, Any]) -> msgspec.Raw:
        for last in (False, True):
            process = await self._running()
            try:
                answer = await self._limited(process, self._exchange(process, method, params))
            except Died:
                if last:
                    words = self.last_words[-1] if self.last_words else "it left no message"
                    raise EngineError(f"The builder's process ended twice before the build did: {words}") from None
            else:
                if memory.of_group(process.pid) > self._limits.bytes // 2:
                    # What it keeps would count against the next build, which finds the most of it on disk.
                    await self._end(process)
                return answer
        raise AssertionError("unreachable")

    async def _exchange(self, process: asyncio.subprocess.Process, method: str, params: dict[str, Any]) -> msgspec.Raw:
        assert process.stdin is not None
        assert process.stdout is not None
        self._number += 1
        data = msgspec.json.encode({"id": self._number, "method": method, "params": params})
        try:
            process.stdin.write(struct.pack("<I", len(data)) + data)
            await process.stdin.drain()
            (size,) = struct.unpack("<I", await process.stdout.readexactly(4))
            answer = _decode(await process.stdout.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError, msgspec.DecodeError) as error:
            await self._end(process)
            raise Died from error
        if answer.error is None:
            return answer.result
        if answer.error.diagnostics:
            raise BuildError(answer.error.message, answer.error.diagnostics)
        raise EngineError(f"The build failed: {answer.error.message}")

    async def _limited(
        self, process: asyncio.subprocess.Process, work: Coroutine[Any, Any, msgspec.Raw]
    ) -> msgspec.Raw:
        """Wait for the work while it keeps to the limits."""
        loop = asyncio.get_running_loop()
        task = loop.create_task(work)
        deadline = loop.time() + self._limits.seconds
        try:
            while not task.done():
                await asyncio.wait([task], timeout=LOOK_SECONDS)
                if task.done():
                    break
                if loop.time() > deadline:
                    raise BuildError(
                        f"The build took longer than {self._limits.seconds:g} seconds and was stopped: something that "
                        "the app or its configuration loads does not end."
                    )
                if (taken := memory.of_group(process.pid)) > self._limits.bytes:
                    raise BuildError(
                        f"The build took more than {taken // 2**20} MiB of memory and was stopped: "
                        "a source is too large or nested too deeply; load large data with fetch() instead."
                    )
            return await task
        except asyncio.CancelledError:
            # Most builds are over in a moment, and what the process knows makes the next one fast.
            await asyncio.wait([task], timeout=PATIENCE_SECONDS)
            raise
        finally:
            if not task.done():
                await self._end(process)
                await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # seen: what is raised here says more

    async def _running(self) -> asyncio.subprocess.Process:
        process = self._process
        if process is not None and process.returncode is None:
            return process
        if not SCRIPT.is_file():
            raise EngineError("The package was installed without its JavaScript; reinstall overskill-nb.")
        self._cache.mkdir(parents=True, exist_ok=True)
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._environment,
            cwd=self._cache,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=2**22,
        )
        self._errors = asyncio.create_task(self._listen(process))
        return process

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        with contextlib.suppress(ValueError):  # a line beyond the limit
            async for line in process.stderr:
                self.last_words.append(line.decode("utf-8", "replace").rstrip()[:2000])

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        kill_group(process.pid)
        await process.wait()

    async def close(self) -> None:
        """End the process and what it started."""
        process = self._process
        if process is not None and process.returncode is None:
            await self._end(process)
        if self._errors is not None:
            await asyncio.wait([self._errors], timeout=2)
