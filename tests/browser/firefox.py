"""Firefox for Playwright: the system's own, over WebDriver BiDi.

Playwright starts this file in Firefox's place. It starts Firefox, and passes messages on both ways; a command of
Playwright's that Firefox has not learned yet, and that no test needs, it answers itself.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from tornado import httpserver, netutil, web, websocket

MOST = 2**28
"""Bytes of a message."""


def find() -> str | None:
    """Firefox, where the machine has one."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


@asynccontextmanager
async def launch() -> AsyncIterator[Browser]:
    """A headless Firefox."""
    with tempfile.TemporaryDirectory(prefix="firefox-") as folder:
        program = Path(folder) / "firefox"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "$@"\n')
        program.chmod(0o755)
        async with async_playwright() as playwright:
            browser = await playwright.firefox.launch(channel="moz-firefox", executable_path=program, headless=True)
            try:
                yield browser
            finally:
                await browser.close()


class Between(websocket.WebSocketHandler):
    """One connection of Playwright's, and Firefox behind it."""

    def initialize(self, firefox: str) -> None:
        self.firefox = firefox
        self.early: list[str | bytes] = []
        self.connection: websocket.WebSocketClientConnection | None = None

    async def open(self, *_: str) -> None:
        connection = await websocket.websocket_connect(
            f"{self.firefox}/session", on_message_callback=self.back, max_message_size=MOST
        )
        self.connection = connection
        for message in self.early:
            await connection.write_message(message)

    def on_message(self, message: str | bytes) -> None:
        if self.connection is None:
            self.early.append(message)
        else:
            self.connection.write_message(message)

    def back(self, message: str | bytes | None) -> None:
        if message is None:
            self.close()
            return
        if isinstance(message, str) and '"unknown command"' in message:
            answer = json.loads(message)
            if answer.get("error") == "unknown command" and "emulation." in answer["message"]:
                message = json.dumps({"type": "success", "id": answer["id"], "result": {}})
        self.write_message(message)

    def on_close(self) -> None:
        if self.connection is not None:
            self.connection.close()


async def serve(arguments: list[str]) -> int:
    """Start Firefox, say where it listens, and pass on what is said until it ends."""
    program = find()
    assert program
    firefox = await asyncio.create_subprocess_exec(program, *arguments, stderr=subprocess.PIPE)
    assert firefox.stderr
    while line := (await firefox.stderr.readline()).decode():
        if not (told := re.search(r"WebDriver BiDi listening on (ws://\S+)", line)):
            print(line, end="", file=sys.stderr)
            continue
        (listening,) = netutil.bind_sockets(0, "127.0.0.1")
        application = web.Application([("/session", Between, {"firefox": told[1]})], websocket_max_message_size=MOST)
        httpserver.HTTPServer(application).add_sockets([listening])
        port = listening.getsockname()[1]
        print(f"WebDriver BiDi listening on ws://127.0.0.1:{port}", file=sys.stderr, flush=True)
    return await firefox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(sys.argv[1:])))
