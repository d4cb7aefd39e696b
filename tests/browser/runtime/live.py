"""A preview that the real engine feeds: sources on disk, the worker's modules, the runtime in its frames."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from overskill_nb.pipeline import Engine
from overskill_nb.protocol import (
    Call,
    FileChange,
    OpenApp,
    RenameFile,
    Request,
    Subscribe,
    TraceError,
    WriteFiles,
    encode,
)

from .preview import Compiler, Preview


class LivePreview(Preview):
    """``open`` shows an app, ``write`` changes its files through the engine."""

    def __init__(self, page: Page, compiler: Compiler, engine: Engine) -> None:
        super().__init__(page, compiler, Path())
        self._connection = engine.connect(self._hear)
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._pump = asyncio.create_task(self._forward())
        self.app = ""
        self.folder = Path()

    def _hear(self, data: bytes) -> None:
        message = json.loads(data)
        if message["type"] == "event":
            self._events.put_nowait(message["event"])
        elif message["type"] == "reply":
            self._replies.pop(message["id"]).set_result(message)

    async def _forward(self) -> None:
        while True:
            event = await self._events.get()
            if event["type"] in ("snapshot", "update"):
                await self.send(event)

    async def ask(self, request: Request) -> dict[str, Any]:
        number = len(self._replies) + 1
        self._replies[number] = asyncio.get_running_loop().create_future()
        reply = self._replies[number]
        self._connection.receive(encode(Call(id=number, request=request)))
        answer = await asyncio.wait_for(reply, 120)
        assert not answer.get("failure"), answer
        return dict(answer["result"])

    async def open(self, folder: str, files: dict[str, str]) -> None:
        """Make an app from the template, with these files in it, and show it."""
        opened = await self.ask(OpenApp(folder=folder, create=True))
        self.app, self.folder = opened["app"], Path(opened["folder"])
        await self.ask(WriteFiles(app=self.app, files=[FileChange(path=p, content=c) for p, c in files.items()]))
        await self.start()
        self._connection.receive(encode(Subscribe(client="c1", app=self.app)))
        await self.page.wait_for_function("acks.length > 0", timeout=60_000)

    async def write(self, files: dict[str, str | None]) -> dict[str, Any]:
        """Change files and wait until the frame has taken that; gives its acknowledgement, with the diagnostics."""
        changes = [FileChange(path=path, content=content) for path, content in files.items()]
        return await self._taken(await self.ask(WriteFiles(app=self.app, files=changes)))

    async def rename(self, path: str, to: str) -> dict[str, Any]:
        return await self._taken(await self.ask(RenameFile(app=self.app, path=path, to=to)))

    async def _taken(self, written: dict[str, Any]) -> dict[str, Any]:
        ack = await self.acknowledged(written["seq"], 0)
        return {**ack, "diagnostics": written["diagnostics"]}

    async def traced(self, error: dict[str, Any]) -> dict[str, Any]:
        """Where in the sources an error of the frame comes from."""
        request = TraceError(app=self.app, kind=error["kind"], message=error["message"], stack=error["stack"])
        return dict((await self.ask(request))["diagnostic"])

    async def close(self) -> None:
        self._pump.cancel()
        self._connection.close()
