"""Which engine a notebook talks to, and how.

In order: the server extension named by the environment (it sets that for its kernels), the Jupyter server that started
this kernel, a JupyterHub user's server; where none answers, an engine inside this process. Nothing is guessed from the
list of running servers: with two of them the guess would be wrong.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from . import config
from .background import Background
from .errors import Unreachable, from_failure
from .message import Message
from .protocol import Call, Cancel, Event, Progress, Reply, Request, Result, decode_to_client, encode
from .server_link import Send, Server, ServerLink, ServerSocket

if TYPE_CHECKING:
    from .pipeline import Connection, Engine

R = TypeVar("R", bound=Message)
OnProgress = Callable[[Progress], None]


class Link(Protocol):
    """One client's connection to the engine, for a preview that has no socket of its own."""

    def receive(self, data: str) -> None:
        """Pass on a message from the browser."""

    def close(self) -> None: ...


class Session(Protocol):
    """A way to an engine."""

    host: Literal["server", "kernel"]
    reason: str
    """Why this engine was chosen."""

    def call(
        self,
        request: Request,
        expect: type[R],
        on_progress: OnProgress | None = None,
        on_late: Callable[[], object] | None = None,
    ) -> R:
        """Ask the engine and wait. Raises OverskillError; interrupting the cell stops the work.

        ``on_late`` is called while the engine works, where it does not answer at once.
        """

    def link(self, send: Send) -> Link:
        """A connection of its own for a preview over comm; ``send`` takes the engine's messages, on another thread."""

    def close(self) -> None: ...


class KernelSession:
    """An engine in this process."""

    host: Literal["server", "kernel"] = "kernel"

    def __init__(self, workspace: Path, reason: str) -> None:
        self.reason = reason
        self._background = Background()
        self._workspace = workspace
        self._progress: OnProgress | None = None
        self._engine, self._own = self._background.run(self._start())

    async def _start(self) -> tuple[Engine, Connection]:
        from .pipeline import Engine

        engine = Engine(self._workspace, "kernel")
        return engine, engine.connect(self._heard)

    def _heard(self, data: bytes) -> None:
        if self._progress is not None:
            message = decode_to_client(data)
            if isinstance(message, Event) and isinstance(message.event, Progress):
                self._progress(message.event)

    def call(
        self,
        request: Request,
        expect: type[R],
        on_progress: OnProgress | None = None,
        on_late: Callable[[], object] | None = None,
    ) -> R:
        self._progress = on_progress
        try:
            result: Result = self._background.run(self._engine.handle(request), on_late)
        finally:
            self._progress = None
        assert isinstance(result, expect)
        return result

    def link(self, send: Send) -> Link:
        return _ThreadedLink(self._background, self._engine, send)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._background.run(self._engine.close())
        self._background.stop()


class _ThreadedLink:
    """A connection to an engine on the background thread."""

    def __init__(self, background: Background, engine: Engine, send: Send) -> None:
        self._background = background

        async def connect() -> Connection:
            return engine.connect(send)

        self._connection = background.run(connect())

    def receive(self, data: str) -> None:
        self._background.loop.call_soon_threadsafe(self._connection.receive, data)

    def close(self) -> None:
        self._background.loop.call_soon_threadsafe(self._connection.close)


class ServerSession:
    """The engine in a Jupyter server, over one WebSocket."""

    host: Literal["server", "kernel"] = "server"

    def __init__(self, server: Server) -> None:
        self.reason = server.reason
        self._server = server
        self._background = Background()
        self._waiting: dict[int, asyncio.Future[Result]] = {}
        self._next = 0
        self._progress: OnProgress | None = None
        try:
            self._socket = self._background.run(self._connect())
        except BaseException:
            self._background.stop()
            raise

    async def _connect(self) -> ServerSocket:
        socket = ServerSocket(self._server, self._heard)
        await socket.open()
        return socket

    def _heard(self, data: str | bytes) -> None:
        if not data:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(Unreachable(f"The Jupyter server at {self._server.url} went away."))
            return
        message = decode_to_client(data)
        if isinstance(message, Reply):
            asked = self._waiting.get(message.id)
            if asked is not None and not asked.done():
                if message.failure is not None:
                    asked.set_exception(from_failure(message.failure))
                elif message.result is not None:
                    asked.set_result(message.result)
        elif isinstance(message, Event) and isinstance(message.event, Progress) and self._progress is not None:
            self._progress(message.event)

    def call(
        self,
        request: Request,
        expect: type[R],
        on_progress: OnProgress | None = None,
        on_late: Callable[[], object] | None = None,
    ) -> R:
        self._progress = on_progress
        try:
            result = self._background.run(self._call(request), on_late)
        finally:
            self._progress = None
        assert isinstance(result, expect)
        return result

    async def _call(self, request: Request) -> Result:
        self._next += 1
        number = self._next
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await self._socket.send(encode(Call(id=number, request=request)))
            return await answer
        except asyncio.CancelledError:
            await self._socket.send(encode(Cancel(id=number)))
            raise
        finally:
            self._waiting.pop(number, None)

    def link(self, send: Send) -> Link:
        return ServerLink(self._background, self._server, send)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._background.run(self._socket.close())
        self._background.stop()


# ------------------------------------------------------------------------------------------------------ choosing


def _named_by_environment() -> Server | None:
    url, token = os.environ.get(config.URL), os.environ.get(config.TOKEN)
    return Server(url, token, "its address is in the environment of this kernel") if url and token else None


def _parent_server() -> Server | None:
    """The server that started this kernel, by its process id."""
    parent = os.environ.get("JPY_PARENT_PID")
    if not parent:
        return None
    with contextlib.suppress(ImportError, OSError, ValueError, KeyError):
        from jupyter_core.paths import jupyter_runtime_dir

        read: dict[str, Any] = json.loads((Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json").read_text())
        return Server(read["url"], read.get("token", ""), "it started this kernel")
    return None


def _hub_server() -> Server | None:
    url, token = os.environ.get("JUPYTERHUB_SERVICE_URL"), os.environ.get("JUPYTERHUB_API_TOKEN")
    return Server(url, token, "it is this user's server of the JupyterHub") if url and token else None


def choose() -> Session:
    """Find an engine. Raises Unreachable where the environment demands a server and none answers."""
    wanted = os.environ.get(config.ENGINE, "auto")
    passed_over: list[str] = []
    if wanted != "kernel":
        for candidate in (_named_by_environment(), _parent_server(), _hub_server()):
            if candidate is None:
                continue
            try:
                return ServerSession(candidate)
            except Unreachable as error:
                passed_over.append(str(error))
    if wanted == "server":
        raise Unreachable(
            " ".join(passed_over)
            or f"No Jupyter server with overskill_nb is known to this kernel, and {config.ENGINE}=server asks for one."
        )
    reason = " ".join(passed_over) or (
        f"{config.ENGINE}=kernel asks for it" if wanted == "kernel" else "no Jupyter server is known to this kernel"
    )
    return KernelSession(config.find_workspace(Path.cwd()), reason)


_current: Session | None = None


def current() -> Session:
    """This process's session; the first call chooses it."""
    global _current
    if _current is None:
        _current = choose()
        atexit.register(close)
    return _current


def close() -> None:
    """End the session; the next call chooses anew."""
    global _current
    session, _current = _current, None
    if session is not None:
        session.close()
