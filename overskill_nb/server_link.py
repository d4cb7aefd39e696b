"""A kernel's connections to the Jupyter server that hosts the engine: its own, and those it relays for previews."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from .background import Background
from .errors import OverskillError, Unreachable
from .protocol import Ack, Subscribe, Unsubscribe, decode_to_engine, encode

if TYPE_CHECKING:
    from tornado.websocket import WebSocketClientConnection

Send = Callable[[bytes], None]

CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 1.0
PING_SECONDS = 30.0
"""A server that vanished without a word shows after two of these; one that stands still for a while is waited for."""
MOST_SECONDS = 8.0
"""Between two tries to connect again."""


@dataclass(frozen=True)
class Server:
    """Where a Jupyter server with our extension may be."""

    url: str
    token: str
    reason: str

    @property
    def socket_url(self) -> str:
        return f"{self.url.rstrip('/')}/overskill-nb/api/socket".replace("http", "ws", 1)


class ServerSocket:
    """A WebSocket to the server extension. Lives on the background thread."""

    def __init__(self, server: Server, on_message: Callable[[str | bytes], None]) -> None:
        self._server = server
        self._on_message = on_message
        self._connection: WebSocketClientConnection | None = None
        self._opening = asyncio.Lock()
        self._gone = asyncio.Event()

    async def open(self) -> None:
        """Connect, unless connected. Raises Unreachable."""
        async with self._opening:
            if self._connection is not None:
                return
            from tornado.httpclient import HTTPClientError, HTTPRequest
            from tornado.websocket import websocket_connect

            request = HTTPRequest(
                self._server.socket_url,
                headers={"Authorization": f"token {self._server.token}"},
                connect_timeout=CONNECT_SECONDS,
                request_timeout=CONNECT_SECONDS,
            )
            try:
                self._connection = await asyncio.wait_for(
                    websocket_connect(
                        request,
                        on_message_callback=self._heard,
                        max_message_size=512 * 2**20,
                        ping_interval=PING_SECONDS,
                        ping_timeout=PING_SECONDS,
                    ),
                    CONNECT_SECONDS,
                )
            except HTTPClientError as error:
                if error.code == 599:  # tornado's own: no answer came
                    raise Unreachable(f"The Jupyter server at {self._server.url} does not answer.") from error
                what = {
                    401: "it refuses this kernel's token",
                    403: "it refuses this kernel's token",
                    404: "overskill_nb is not enabled there",
                }.get(error.code, f"it answered {error.code}")
                raise Unreachable(f"The Jupyter server at {self._server.url} was passed over: {what}.") from error
            except (OSError, asyncio.TimeoutError) as error:
                raise Unreachable(f"The Jupyter server at {self._server.url} does not answer.") from error

    def _heard(self, message: str | bytes | None) -> None:
        if message is None:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            self._gone.set()
        self._on_message(message if message is not None else b"")

    async def send(self, data: bytes | str) -> None:
        """Send a message, connecting again first where the connection was lost."""
        from tornado.websocket import WebSocketClosedError

        await self.open()
        assert self._connection is not None
        try:
            await self._connection.write_message(data if isinstance(data, str) else data.decode())
        except WebSocketClosedError as error:
            self._connection = None
            raise Unreachable(f"The Jupyter server at {self._server.url} closed the connection.") from error

    async def close(self) -> None:
        """Take leave of the server, and do not wait long for its answer."""
        connection = self._connection
        if connection is None:
            return
        stream = connection.protocol.stream if connection.protocol else None
        self._gone.clear()
        connection.close()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._gone.wait(), CLOSE_SECONDS)
        if stream is not None:
            stream.close()


class _Numbers(msgspec.Struct):
    type: str
    build: str = ""
    seq: int = -1


class _Told(msgspec.Struct):
    """As much of a message to a preview as its numbers take."""

    client: str = ""
    event: _Numbers | None = None


_told = msgspec.json.Decoder(_Told).decode


class ServerLink:
    """A preview's own connection to the server, for pages that cannot open one themselves.

    It knows what its previews follow and how far they are, so that after a cut it asks for what they missed.
    """

    def __init__(self, background: Background, server: Server, send: Send) -> None:
        self._background = background
        self._send = send
        self._socket = ServerSocket(server, self._heard)
        self._following: dict[str, Subscribe] = {}
        self._acknowledged: dict[str, Ack] = {}
        self._coming_back: asyncio.Task[None] | None = None
        self._closed = False

    def receive(self, data: str) -> None:
        """Pass on a message from the browser."""
        asyncio.run_coroutine_threadsafe(self._receive(data), self._background.loop)

    async def _receive(self, data: str) -> None:
        with contextlib.suppress(msgspec.MsgspecError):  # the server says what is wrong with it
            self._note(data)
        try:
            await self._socket.send(data)
        except OverskillError:
            self._lost()

    def _note(self, data: str) -> None:
        message = decode_to_engine(data)
        if isinstance(message, Subscribe):
            self._following[message.client] = message
        elif isinstance(message, Unsubscribe):
            self._following.pop(message.client, None)
            self._acknowledged.pop(message.client, None)
        elif isinstance(message, Ack):
            self._acknowledged[message.client] = message

    def _heard(self, data: str | bytes) -> None:
        if not data:
            self._lost()
            return
        told = _told(data)
        if told.event is not None and told.event.type in ("snapshot", "update") and told.client in self._following:
            self._following[told.client] = msgspec.structs.replace(
                self._following[told.client], build=told.event.build, seq=told.event.seq
            )
        self._send(data if isinstance(data, bytes) else data.encode())

    def _lost(self) -> None:
        if self._following and not self._closed and (self._coming_back is None or self._coming_back.done()):
            self._coming_back = asyncio.get_running_loop().create_task(self._come_back())

    async def _come_back(self) -> None:
        for failures in count(1):
            jitter = random.uniform(0.5, 1)  # noqa: S311
            await asyncio.sleep(min(MOST_SECONDS, 0.15 * 2 ** min(failures, 10)) * jitter)
            try:
                for message in [*self._following.values(), *self._acknowledged.values()]:
                    await self._socket.send(encode(message))
            except OverskillError:
                continue
            return

    def close(self) -> None:
        """Take leave."""
        asyncio.run_coroutine_threadsafe(self._close(), self._background.loop)

    async def _close(self) -> None:
        self._closed = True
        if self._coming_back is not None:
            self._coming_back.cancel()
        await self._socket.close()
