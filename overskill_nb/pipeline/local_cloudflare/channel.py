"""Sends a request to workerd over a kept connection and hands the answer on as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from tornado import httputil
from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters
from tornado.iostream import IOStream, StreamClosedError
from tornado.tcpclient import TCPClient

MAX_IDLE = 64
IDLE_SECONDS = 3.0
"""workerd ends a connection that is idle for five seconds: by then it must not be used any more."""
_NO_LIMIT = 2**50
_HOP_BY_HOP = ("Connection", "Keep-Alive", "Transfer-Encoding", "Proxy-Connection", "Te", "Trailer")


class Request:
    """A request that can be sent more than once."""

    def __init__(self, method: str, path: str, headers: httputil.HTTPHeaders, body: bytes) -> None:
        self.method = method
        self.path = path
        self.headers = headers.copy()
        self.body = body
        upgrades = "upgrade" in self.headers.get("Connection", "").lower() and "Upgrade" in self.headers
        for name in _HOP_BY_HOP:
            self.headers.pop(name, None)
        if upgrades:
            self.headers["Connection"] = "Upgrade"
        for name in [name for name in self.headers if name.lower().startswith("x-overskill-")]:
            del self.headers[name]
        if body or method in {"POST", "PUT", "PATCH"}:
            self.headers["Content-Length"] = str(len(body))

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no harm."""
        return self.method in {"GET", "HEAD", "OPTIONS"}


class Answer(httputil.HTTPMessageDelegate):
    """Passes workerd's answer to the client's connection."""

    def __init__(self, client: HTTP1Connection) -> None:
        self._client = client
        self.begin = asyncio.Event()
        self.finished = False
        self.client_gone = False
        """Whether it was the client that hung up."""
        self.hang_up: Callable[[], None] = lambda: None
        """Ends the connection to workerd."""
        self.take_over: Callable[[], IOStream] | None = None
        """Gives the connection to workerd away, for a protocol of its own."""

    @property
    def begun(self) -> bool:
        return self.begin.is_set()

    async def headers_received(
        self, start_line: httputil.RequestStartLine | httputil.ResponseStartLine, headers: httputil.HTTPHeaders
    ) -> None:
        assert isinstance(start_line, httputil.ResponseStartLine)
        self.begin.set()
        if start_line.code == 101 and self.take_over is not None:
            await self._client.write_headers(start_line, headers)
            await _join(self._client.detach(), self.take_over())
            self.finished = True
            return
        for name in _HOP_BY_HOP:
            headers.pop(name, None)
        await self._to_client(self._client.write_headers(start_line, headers))

    async def data_received(self, chunk: bytes) -> None:
        await self._to_client(self._client.write(chunk))

    async def _to_client(self, written: Awaitable[None]) -> None:
        try:
            await written
        except StreamClosedError:
            self.client_gone = True
            self.hang_up()

    def finish(self) -> None:
        self.finished = True
        self._client.finish()


async def _join(one: IOStream, other: IOStream) -> None:
    """Pass on what comes, both ways, until one side ends: a WebSocket."""

    async def pass_on(source: IOStream, sink: IOStream) -> None:
        with contextlib.suppress(StreamClosedError):
            while True:
                await sink.write(await source.read_bytes(65536, partial=True))

    ways = [asyncio.ensure_future(pass_on(one, other)), asyncio.ensure_future(pass_on(other, one))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        one.close()
        other.close()
        await asyncio.wait(ways)


class Collected(Answer):
    """Keeps an answer of our own dispatcher, which no client sees."""

    def __init__(self) -> None:
        self.begin = asyncio.Event()
        self.finished = self.client_gone = False
        self.hang_up = lambda: None
        self.take_over = None
        self.body = b""

    async def headers_received(
        self, start_line: httputil.RequestStartLine | httputil.ResponseStartLine, headers: httputil.HTTPHeaders
    ) -> None:
        self.begin.set()

    async def data_received(self, chunk: bytes) -> None:
        self.body += chunk

    def finish(self) -> None:
        self.finished = True


class Channel:
    """The connections to one workerd."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[float, IOStream]] = []
        self._client = TCPClient()

    async def send(self, request: Request, extra: dict[str, str], answer: Answer) -> None:
        """Raises StreamClosedError where workerd or the client ended before the whole answer was there."""
        while True:
            kept = self._kept()
            stream = kept or await self._client.connect("127.0.0.1", self._port)
            if await self._try(stream, request, extra, answer):
                return
            if kept is None or answer.begun or not request.repeatable:
                raise StreamClosedError

    def _kept(self) -> IOStream | None:
        while self._idle:
            since, stream = self._idle.pop()
            if time.monotonic() - since < IDLE_SECONDS and not stream.closed():
                return stream
            stream.close()
        return None

    async def _try(self, stream: IOStream, request: Request, extra: dict[str, str], answer: Answer) -> bool:
        parameters = HTTP1ConnectionParameters(max_body_size=_NO_LIMIT, max_header_size=2**20)
        connection = HTTP1Connection(stream, is_client=True, params=parameters)
        headers = request.headers.copy()
        for name, value in extra.items():
            headers[name] = value
        answer.hang_up, answer.take_over = stream.close, connection.detach
        try:
            start = httputil.RequestStartLine(request.method, request.path, "HTTP/1.1")
            await connection.write_headers(start, headers, request.body or None)
            connection.finish()
            still_open = await connection.read_response(answer)
        except StreamClosedError:
            stream.close()
            return False
        except BaseException:
            stream.close()
            raise
        if still_open and answer.finished and len(self._idle) < MAX_IDLE:
            self._idle.append((time.monotonic(), stream))
        else:
            stream.close()
        return answer.finished

    def close(self) -> None:
        for _, stream in self._idle:
            stream.close()
        self._idle.clear()
