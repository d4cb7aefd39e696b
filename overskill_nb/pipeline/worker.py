"""The Node worker: one process per engine, restarted when it dies, asked over its standard input and output."""

from __future__ import annotations

import asyncio
import contextlib
import re
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from ..errors import Cancelled, EngineError
from ..protocol import Diagnostic
from . import type_tools
from .node import Node
from .process import environment_for_apps, kill_group
from .watchdog import Watchdog, WorkerStalled

SCRIPT = Path(__file__).parent / "static" / "worker.mjs"
MAX_FRAME = 512 * 1024 * 1024
MAX_RESTARTS = 3
"""Deaths during one and the same call after which the call fails."""


class _Fault(msgspec.Struct):
    message: str
    diagnostics: list[Diagnostic] = []


class _Answer(msgspec.Struct):
    id: int
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: _Fault | None = None


class WorkerFault(EngineError):
    """The worker refused a request."""


Ask = Callable[[str, dict[str, Any]], Awaitable[msgspec.Raw]]

_decode = msgspec.json.Decoder(_Answer).decode
_encode = msgspec.json.Encoder().encode


def _number(data: bytes) -> int:
    """Whose answer it is, of one that cannot be read."""
    found = re.match(rb'{"id":(\d+),', data)
    return int(found[1]) if found else 0


class Worker:
    """Calls to the worker. ``on_start`` runs after each start, to tell a new process what the old one knew."""

    def __init__(self, node: Node, tools: Path, cache: Path, on_start: Callable[[Ask], Awaitable[None]]) -> None:
        self._node = node
        self._environment = environment_for_apps(
            NODE_ENV="development",
            OVERSKILL_TOOLS=str(tools),
            OVERSKILL_CACHE=str(cache),
            OVERSKILL_TYPE_TOOLS=str(type_tools.folder()),
        )
        self.type_tools = type_tools.TypeTools(node)
        self._on_start = on_start
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._errors: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._waiting: dict[int, tuple[asyncio.subprocess.Process, asyncio.Future[msgspec.Raw]]] = {}
        self._next = 0
        self._closed = False
        self._watchdog = Watchdog(lambda: self._ask("hello", {}))
        self.last_words: deque[str] = deque(maxlen=50)
        """What the worker wrote to its standard error."""
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        process = self._process
        return process.pid if process and process.returncode is None else None

    @property
    def stalled(self) -> set[str]:
        """Apps that made it stand still when they were last built."""
        return self._watchdog.stalled

    async def call(self, method: str, **params: Any) -> msgspec.Raw:
        """Ask the worker; the answer is JSON. A worker that dies meanwhile is started again and asked again."""
        known = params.get("app") in self.stalled
        for attempt in range(MAX_RESTARTS):
            try:
                await self._ensure()
                return await self._ask(method, params)
            except ConnectionError:
                if params.get("app") in self.stalled and not known:
                    raise WorkerStalled from None
                if attempt + 1 == MAX_RESTARTS:
                    words = self.last_words[-1] if self.last_words else "it left no message"
                    raise EngineError(
                        f"The JavaScript worker died {MAX_RESTARTS} times on '{method}' and was given up: {words}"
                    ) from None
        raise AssertionError("unreachable")

    async def _ask(self, method: str, params: dict[str, Any]) -> msgspec.Raw:
        process = self._process
        if process is None or process.stdin is None or process.returncode is not None:
            raise ConnectionResetError("the worker is not running")
        self._next += 1
        number = self._next
        answer: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (process, answer)
        app = params.get("app")
        watch = self._watchdog.watch(process, answer, app) if app else None
        try:
            self._write(process, {"id": number, "method": method, "params": params})
            if process.stdin.transport.get_write_buffer_size() > 2**20:
                await process.stdin.drain()
            result = await answer
        except asyncio.CancelledError:
            with contextlib.suppress(ConnectionError, RuntimeError):
                self._write(process, {"method": "cancel", "params": {"id": number}})
            raise
        else:
            if app and method == "build":
                self._watchdog.built(app)
            return result
        finally:
            self._waiting.pop(number, None)
            if watch is not None:
                watch.end()

    @staticmethod
    def _write(process: asyncio.subprocess.Process, message: dict[str, Any]) -> None:
        data = _encode(message)
        assert process.stdin is not None
        process.stdin.write(struct.pack("<I", len(data)) + data)

    async def _ensure(self) -> None:
        if self.pid is not None and not self._starting.locked():
            return
        async with self._starting:
            if self._closed:
                raise EngineError("The engine is closed.")
            if self.pid is not None:
                return
            await self._start()

    async def _start(self) -> None:
        if not SCRIPT.is_file():
            raise EngineError("The package was installed without its JavaScript; reinstall overskill-nb.")
        self._process = await asyncio.create_subprocess_exec(
            str(self._node.executable),
            str(SCRIPT),
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # A group of its own: Ctrl-C in the terminal is the server's or the kernel's to handle.
            start_new_session=True,
            limit=2**22,
        )
        self.starts += 1
        self._reader = asyncio.create_task(self._read(self._process))
        self._errors = asyncio.create_task(self._listen(self._process))
        try:
            await self._on_start(self._ask)
        except BaseException:
            # Half told is worse than gone: the next call starts it anew, from the beginning.
            kill_group(self._process.pid)
            raise

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        try:
            while True:
                (size,) = struct.unpack("<I", await process.stdout.readexactly(4))
                if size > MAX_FRAME:
                    raise ConnectionError(f"a frame of {size} bytes")
                data = await process.stdout.readexactly(size)
                try:
                    answer = _decode(data)
                except RecursionError as error:  # told to who asked: the worker itself did nothing wrong
                    _, asking = self._waiting.get(_number(data), (None, None))
                    if asking is not None and not asking.done():
                        asking.set_exception(error)
                    continue
                _, waiting = self._waiting.get(answer.id, (None, None))
                if waiting is None or waiting.done():
                    continue
                if answer.error is None:
                    waiting.set_result(answer.result)
                elif answer.error.message == "cancelled":
                    waiting.set_exception(Cancelled("The work was stopped before its end."))
                else:
                    waiting.set_exception(WorkerFault(answer.error.message, answer.error.diagnostics))
        except (asyncio.IncompleteReadError, ConnectionError, msgspec.DecodeError) as error:
            if not isinstance(error, asyncio.IncompleteReadError):
                self.last_words.append(f"unreadable answer: {error}")
        finally:
            if process.returncode is None:
                kill_group(process.pid)
            await process.wait()
            for asked, waiting in self._waiting.values():
                if asked is process and not waiting.done():
                    waiting.set_exception(ConnectionResetError("the worker died"))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        with contextlib.suppress(ValueError):  # a line beyond the limit
            async for line in process.stderr:
                self.last_words.append(line.decode("utf-8", "replace").rstrip()[:2000])

    async def close(self) -> None:
        """End the process: kindly by closing its input, then by force."""
        self._closed = True
        await self.type_tools.close()
        process = self._process
        if process is not None and process.returncode is None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), 1)
            except asyncio.TimeoutError:
                kill_group(process.pid)
                await process.wait()
        for task in (self._reader, self._errors):
            if task is not None:
                await asyncio.wait([task], timeout=2)
