"""The headless Chromium of this process: started when something is first tried in it, ended with the process."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from . import config
from .background import Background
from .errors import ToolsError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

T = TypeVar("T")


class NoBrowser(Exception):
    """No browser can be had; says why."""


class Headless:
    """A Chromium on a thread of its own. Playwright's own interface for threads does not work within a kernel."""

    def __init__(self) -> None:
        self._background = Background("overskill_nb headless")
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._starting: asyncio.Lock | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for what is done with the browser. Interrupting the cell stops it."""
        return self._background.run(work)

    async def browser(self) -> Browser:
        """The browser, started where it does not run. Raises NoBrowser."""
        self._starting = self._starting or asyncio.Lock()
        async with self._starting:
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._start()
            return self._browser

    async def _start(self) -> Browser:
        from . import browser as chromium

        if os.environ.get(config.CHROMIUM, "").lower() == "none":
            raise NoBrowser(f"{config.CHROMIUM} says that there is no browser")
        try:
            from playwright.async_api import Error, async_playwright
        except ImportError:
            raise NoBrowser("Playwright is not installed: pip install 'overskill-nb[browser]'") from None
        try:
            # Not on the loop: finding Playwright's own starts Playwright.
            executable = await asyncio.to_thread(chromium.find)
        except ToolsError as error:
            raise NoBrowser(str(error)) from None
        if executable is None:
            raise NoBrowser("there is no Chromium on this machine: playwright install chromium")
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        try:
            return await self._playwright.chromium.launch(executable_path=executable, args=chromium.arguments())
        except Error as error:
            raise NoBrowser(f"Chromium does not start: {str(error).strip().splitlines()[0]}") from error

    def close(self) -> None:
        """End the browser."""
        with contextlib.suppress(Exception):
            self._background.run(asyncio.wait_for(self._end(), 5))
        self._background.stop()

    async def _end(self) -> None:
        if self._browser is not None:
            await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()


_current: Headless | None = None


def current() -> Headless:
    """This process's."""
    global _current
    if _current is None:
        _current = Headless()
        atexit.register(close)
    return _current


def close() -> None:
    """End it; the next call of ``current`` starts anew."""
    global _current
    headless, _current = _current, None
    if headless is not None:
        headless.close()
