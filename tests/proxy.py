"""A TCP proxy between clients and a server, whose network a test breaks."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Proxy:
    """Forwards connections to ``target``, as the fields say at the moment."""

    def __init__(self, target: int) -> None:
        self.target = target
        """Port of the server; another one where the server moves."""
        self.port = 0
        self.frozen = False
        """Nothing is forwarded, and nobody is told: no FIN, no reset, as with a cable that was pulled out."""
        self.refused = b""
        """Connections whose first bytes hold this are closed."""
        self.idle: float | None = None
        """Seconds without a byte after which a connection is dropped."""
        self.rate: float | None = None
        """Bytes a second, from the server to each client that ``slow`` picks."""
        self.slow = b""
        """What the first bytes of a slow connection hold; all are slow where it is empty."""
        self.opened = 0
        self.passed: list[bytes] = []
        """The first lines that connections began with, those that were let through."""
        self._links: set[_Link] = set()

    @classmethod
    @asynccontextmanager
    async def to(cls, target: int) -> AsyncIterator[Proxy]:
        """A proxy on a port of its own."""
        proxy = cls(target)
        listening = await asyncio.start_server(proxy._accept, "127.0.0.1", 0, limit=2**16)
        proxy.port = listening.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            listening.close()
            proxy.cut()

    def cut(self) -> None:
        """Drop every connection; both ends are told."""
        for link in list(self._links):
            link.drop()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link(self, reader, writer)
        self._links.add(link)
        self.opened += 1
        try:
            await link.run()
        finally:
            self._links.discard(link)


class _Link:
    def __init__(self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._reader = reader
        self._writers = [writer]
        self._slow = False
        self._last = time.monotonic()
        self._tasks: list[asyncio.Task[None]] = []

    def drop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for writer in self._writers:
            writer.transport.abort()

    async def run(self) -> None:
        proxy = self._proxy
        with contextlib.suppress(OSError, asyncio.CancelledError):
            first = await self._reader.read(2**16)
            while proxy.frozen:
                await asyncio.sleep(0.05)
            if proxy.refused and proxy.refused in first:
                raise ConnectionError("refused")
            proxy.passed.append(first.split(b"\r\n", 1)[0])
            self._slow = proxy.slow in first
            server, upstream = await asyncio.open_connection(sock=await self._connect(), limit=2**16)
            self._writers.append(upstream)
            upstream.write(first)
            self._tasks = [
                asyncio.ensure_future(self._forward(self._reader, upstream, False)),
                asyncio.ensure_future(self._forward(server, self._writers[0], True)),
                asyncio.ensure_future(self._look()),
            ]
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        self.drop()

    async def _connect(self) -> socket.socket:
        # A small buffer, set before it connects: what a slow client is sent must not be taken in here.
        made = socket.socket()
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**17)
        try:
            await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", self._proxy.target))
        except BaseException:
            made.close()
            raise
        return made

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, down: bool) -> None:
        proxy = self._proxy
        while True:
            throttled = down and self._slow and proxy.rate
            while proxy.frozen:
                await asyncio.sleep(0.05)
            data = await reader.read(4096 if throttled else 2**16)
            if not data:
                return
            while proxy.frozen:
                await asyncio.sleep(0.05)
            self._last = time.monotonic()
            writer.write(data)
            await writer.drain()
            if throttled and proxy.rate:
                await asyncio.sleep(len(data) / proxy.rate)

    async def _look(self) -> None:
        while self._proxy.idle is None or time.monotonic() - self._last < self._proxy.idle:
            await asyncio.sleep(0.1)
