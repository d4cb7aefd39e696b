"""What the previews of a soak show, as told by their documents."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

from playwright.async_api import BrowserContext, Frame, Page
from playwright.async_api import Error as PlaywrightError
from soak_app import CLICKS

# Runs in every document before anything else: tell which revision it shows. A new life is a new document.
PROBE = """
(() => {
  const life = Math.random().toString(36).slice(2, 10);
  let last = "";
  const look = () => {
    const rev = document.getElementById("rev")?.textContent ?? "";
    if (!rev || rev === last) return;
    last = rev;
    window.__shown(JSON.stringify({life, rev: Number(rev), count: document.getElementById("count")?.textContent}));
  };
  new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
})();
"""


class Previews:
    """The two previews: each change of what they show becomes an event."""

    def __init__(self, note: Callable[..., None], last_kill: Callable[[], str]) -> None:
        self._note = note
        self._last_kill = last_kill
        self._names: dict[Page, str] = {}
        self._lives: dict[str, str] = {}
        self._counting: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.frames: dict[str, Frame] = {}
        self.newest: dict[str, int] = {}
        self.changed = asyncio.Event()

    async def watch(self, context: BrowserContext) -> None:
        """Hear from all pages of a browser context, from now on."""
        await context.expose_binding("__shown", self._shown)
        await context.add_init_script(PROBE)

    def add(self, name: str, page: Page) -> None:
        """Name the preview that a page has."""
        self._names[page] = name

    def _shown(self, place: dict[str, Any], text: str) -> None:
        name = self._names.get(place["page"])
        if name is None:
            return
        seen = json.loads(text)
        if seen["life"] != self._lives.get(name):
            if name in self._lives:
                self._note("reload", preview=name, after=self._last_kill())
            self._lives[name] = seen["life"]
            self.frames[name] = place["frame"]
            self._counting.add(name)
            task = asyncio.create_task(self._count(name, seen["life"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self.newest[name] = seen["rev"]
        self._note("shown", preview=name, rev=seen["rev"], count=seen["count"], counting=name in self._counting)
        self.changed.set()

    async def _count(self, name: str, life: str) -> None:
        """Give a new document state that can be lost."""
        end = time.monotonic() + 20
        while time.monotonic() < end and self._lives[name] == life:
            with contextlib.suppress(PlaywrightError):
                frame = self.frames[name]
                count = await frame.text_content("#count", timeout=2000)
                if count == str(CLICKS):
                    self._counting.discard(name)
                    return
                await frame.evaluate("document.getElementById('count').click()")
            await asyncio.sleep(0.1)

    async def show(self, rev: int, timeout: float) -> bool:
        """Wait until all previews show a revision."""
        end = time.monotonic() + timeout
        while any(self.newest.get(name) != rev for name in self._names.values()):
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), max(0.0, end - time.monotonic()))
            except asyncio.TimeoutError:
                return False
        return True

    async def reach(self, rev: int, timeout: float) -> bool:
        """Wait until all previews show a revision or a later one."""
        end = time.monotonic() + timeout
        while any(self.newest.get(name, 0) < rev for name in self._names.values()):
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), max(0.0, end - time.monotonic()))
            except asyncio.TimeoutError:
                return False
        return True
