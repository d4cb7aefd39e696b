"""Runs scripts: forwards requests to workerd, and loads new code in a process of its own first."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import msgspec
from tornado.httpclient import AsyncHTTPClient

from .channel import Answer, Channel, Request
from .versions import Version
from .workerd import Workerd


class Probe(msgspec.Struct):
    """What a script's code exports, or why it cannot be loaded."""

    ok: bool
    error: str = ""
    ms: int = 0
    handlers: list[str] = []
    named: list[str] = []


class Runtime:
    """The workerd that serves, and the one on which code is tried."""

    def __init__(self, tools: Path, blobs: Path) -> None:
        self._tools = tools
        self._blobs = blobs
        self.host = ""
        self.host_key = secrets.token_hex(16)
        self.main: Workerd | None = None
        self._starting = asyncio.Lock()
        self.pending: dict[str, Version] = {}
        """Versions that are being tried and are not stored yet."""

    async def start(self) -> Workerd:
        async with self._starting:
            if self.main is None or not self.main.running:
                self.main = await Workerd.start(self._tools, self._blobs, self.host, self.host_key)
                self._channel = Channel(self.main.port)
            return self.main

    async def forward(self, version: str, request: Request, answer: Answer) -> None:
        """Have a version answer a request."""
        main = await self.start()
        await self._channel.send(request, {"X-Overskill-Key": main.key, "X-Overskill-Version": version}, answer)

    async def probe(self, version: str) -> Probe:
        """Load a version's code without running its handlers."""
        main = await self.start()
        answer = await AsyncHTTPClient().fetch(
            f"http://127.0.0.1:{main.port}/",
            headers={"x-overskill-key": main.key, "x-overskill-version": version, "x-overskill-probe": "1"},
        )
        return msgspec.json.decode(answer.body, type=Probe)

    async def close(self) -> None:
        if self.main is not None:
            await self.main.kill()
