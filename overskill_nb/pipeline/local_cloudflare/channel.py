"""Sends a request to workerd over a kept connection and hands the answer on as it comes."""

from __future__ import annotations

from tornado import httputil
from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters
from tornado.iostream import IOStream, StreamClosedError
from tornado.tcpclient import TCPClient

MAX_IDLE = 64
_NO_LIMIT = 2**50
_HOP_BY_HOP = ("Connection", "Keep-Alive", "Transfer-Encoding", "Proxy-Connection", "Te", "Trailer")


class Request:
    """A request that can be sent more than once."""

    def __init__(self, method: str, path: str, headers: httputil.HTTPHeaders, body: bytes) -> None:
        self.method = method
        self.path = path
        self.headers = headers.copy()
        self.body = body
        for name in _HOP_BY_HOP:
            self.headers.pop(name, None)
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

    def __init__(self, client: httputil.HTTPConnection) -> None:
        self._client = client
        self.begun = False
        self.finished = False

    async def headers_received(
        self, start_line: httputil.RequestStartLine | httputil.ResponseStartLine, headers: httputil.HTTPHeaders
    ) -> None:
        assert isinstance(start_line, httputil.ResponseStartLine)
        for name in _HOP_BY_HOP:
            headers.pop(name, None)
        self.begun = True
        await self._client.write_headers(start_line, headers)

    async def data_received(self, chunk: bytes) -> None:
        await self._client.write(chunk)

    def finish(self) -> None:
        self.finished = True
        self._client.finish()


class Channel:
    """The connections to one workerd."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[IOStream] = []
        self._client = TCPClient()

    async def send(self, request: Request, extra: dict[str, str], answer: Answer) -> None:
        """Raises StreamClosedError where workerd ended before the whole answer was there."""
        while True:
            kept = self._idle.pop() if self._idle else None
            stream = kept or await self._client.connect("127.0.0.1", self._port)
            if await self._try(stream, request, extra, answer):
                return
            if kept is None or answer.begun:
                raise StreamClosedError

    async def _try(self, stream: IOStream, request: Request, extra: dict[str, str], answer: Answer) -> bool:
        connection = HTTP1Connection(
            stream, is_client=True, params=HTTP1ConnectionParameters(max_body_size=_NO_LIMIT, max_header_size=2**20)
        )
        headers = request.headers.copy()
        for name, value in extra.items():
            headers[name] = value
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
            self._idle.append(stream)
        else:
            stream.close()
        return answer.finished

    def close(self) -> None:
        for stream in self._idle:
            stream.close()
        self._idle.clear()
