"""An HTTP server whose answers a test spoils: alone over a handler, or as a proxy in front of another server."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

import httpx

Kind = Literal[
    "timeout",
    "drop before",
    "drop after",
    "429",
    "429 with Retry-After",
    "500",
    "502 before",
    "502 after",
    "520",
    "cut body",
    "bad JSON",
    "slow",
    "challenge",
]
"""``before`` and ``after``: whether the server had done what it was asked."""
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(httpx.QueryParams(urlsplit(self.target).query))


@dataclass
class Response:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Awaitable[Response]]


@dataclass
class Fault:
    """Spoils calls whose "METHOD path" matches, so many times after letting ``skip`` pass."""

    kind: Kind
    on: str = ""
    times: int = 1
    skip: int = 0

    def hits(self, request: Request) -> bool:
        if self.times <= 0 or not re.search(self.on, f"{request.method} {request.target}"):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class FaultyHttp:
    """Answers each request by the handler, except where a fault hits."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.faults: list[Fault] = []
        self.seen: list[Request] = []
        """Requests that arrived, spoiled ones too."""
        self.port = 0
        self.retry_after = "2"
        self.released = asyncio.Event()
        """Ends what ``timeout`` keeps waiting."""
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    @asynccontextmanager
    async def over(cls, handler: Handler) -> AsyncIterator[FaultyHttp]:
        server = cls(handler)
        listening = await asyncio.start_server(server._accept, "127.0.0.1", 0)
        server.port = listening.sockets[0].getsockname()[1]
        try:
            yield server
        finally:
            server.released.set()
            listening.close()
            for task in list(server._open):
                task.cancel()
            await asyncio.gather(*server._open, return_exceptions=True)
            await listening.wait_closed()

    @classmethod
    @asynccontextmanager
    async def before(cls, port: int) -> AsyncIterator[FaultyHttp]:
        """A proxy in front of the server at ``port``."""
        async with httpx.AsyncClient(timeout=60, verify=False) as client:

            async def forward(request: Request) -> Response:
                hop = {"connection", "content-length", "transfer-encoding"}
                answer = await client.request(
                    request.method,
                    f"http://127.0.0.1:{port}{request.target}",
                    headers={name: value for name, value in request.headers.items() if name not in hop},
                    content=request.body,
                )
                kept = {n: v for n, v in answer.headers.items() if n not in hop | {"content-encoding"}}
                return Response(answer.status_code, answer.content, kept)

            async with cls.over(forward) as server:
                yield server

    def fail(self, kind: Kind, on: str = "", *, times: int = 1, skip: int = 0) -> None:
        self.faults.append(Fault(kind, on, times, skip))

    def count(self, on: str) -> int:
        """How many requests matched."""
        return sum(bool(re.search(on, f"{request.method} {request.target}")) for request in self.seen)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while request := await _read(reader):
                    self.seen.append(request)
                    fault = next((fault for fault in self.faults if fault.hits(request)), None)
                    if not await self._respond(request, fault.kind if fault else None, writer):
                        break
        finally:
            self._open.discard(task)
            writer.close()

    async def _respond(self, request: Request, kind: Kind | None, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays open."""
        html = {"Content-Type": "text/html; charset=UTF-8"}
        pages: dict[Kind, Response] = {
            "429": Response(429, b'{"success":false,"errors":[{"code":971,"message":"slow down"}]}'),
            "429 with Retry-After": Response(429, b"rate limited", {"Retry-After": self.retry_after}),
            "500": Response(500, b'{"success":false,"errors":[{"code":10013,"message":"An unknown error"}]}'),
            "502 before": Response(502, b"<html>Bad gateway</html>", html),
            "520": Response(520, b"<html>Web server is returning an unknown error</html>", html),
            "challenge": Response(403, b"<html>Just a moment...</html>", html | {"cf-mitigated": "challenge"}),
        }
        if kind in pages:
            return await _write(writer, pages[kind])
        if kind == "drop before":
            return False
        if kind == "timeout":
            await self.released.wait()
            return False
        response = await self.handler(request)
        if kind == "drop after":
            return False
        if kind == "502 after":
            return await _write(writer, Response(502, b"<html>Bad gateway</html>", html))
        if kind == "bad JSON":
            return await _write(writer, Response(response.status, b'{"success": tru', response.headers))
        if kind == "cut body":
            await _write(writer, response, cut=True)
            return False
        if kind == "slow":
            return await _write(writer, response, slowly=True)
        return await _write(writer, response)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    body = b""
    if headers.get("transfer-encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    elif length := int(headers.get("content-length", "0")):
        body = await reader.readexactly(length)
    return Request(method, target, headers, body)


async def _write(writer: asyncio.StreamWriter, response: Response, *, cut: bool = False, slowly: bool = False) -> bool:
    lines = [f"HTTP/1.1 {response.status} x", f"Content-Length: {len(response.body)}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    body = response.body[: len(response.body) // 2] if cut else response.body
    if slowly:
        for start in range(0, len(body), max(1, len(body) // 4)):
            writer.write(body[start : start + max(1, len(body) // 4)])
            await writer.drain()
            await asyncio.sleep(0.02)
    else:
        writer.write(body)
    await writer.drain()
    return not cut
