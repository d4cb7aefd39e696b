"""JupyterLab with an editor and a preview of the same page in two cells, and what both show."""

from __future__ import annotations

import asyncio
import http.client
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Frame, Locator, Page
from probe import PROBE
from sources import PAGE

from tests.browser.jupyter import Notebook, Outcome, Server, launch, new_context, until, write_notebook

VIEWPORT = {"width": 1300, "height": 1500}
"""Editor and preview are both in sight: Chromium draws what is not in sight less often."""
APP = "desk"
EDITOR, PREVIEW, EDITS = 1, 2, 3
"""The cells."""

Seen = dict[str, Any]


@dataclass
class Place:
    """A frame that shows the page, and its clock against ours."""

    frame: Frame | None = None
    offset: float = 0.0

    async def is_there(self) -> bool:
        """Whether it has shown the page."""
        return self.frame is not None

    async def read_clock(self) -> None:
        """By the quickest of some round trips."""
        assert self.frame is not None
        best = float("inf")
        for _ in range(15):
            before = time.time() * 1000
            there = await self.frame.evaluate("performance.timeOrigin + performance.now()")
            after = time.time() * 1000
            if after - before < best:
                best = after - before
                self.offset = there - (before + after) / 2


class Desk:
    """An open notebook. Times are Unix milliseconds in our clock."""

    def __init__(self, server: Server, root: Path, page: Page) -> None:
        self.server = server
        self.page = page
        self.file = root / APP / PAGE
        self.places = {"canvas": Place(), "preview": Place()}
        self._notebook: Notebook | None = None
        self._app = ""
        self._connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=20)
        self._waiting: dict[tuple[str, str], asyncio.Future[Seen]] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, files: dict[str, str], preview: bool = True) -> AsyncIterator[Desk]:
        """A fresh server and browser; the editor, and the preview where it is wanted, are on screen."""
        with tempfile.TemporaryDirectory(prefix="overskill-editor-", ignore_cleanup_errors=True) as name:
            root = Path(name)
            write_notebook(root / "desk.ipynb", make(files), "app.editor()", "app.preview(height=300)", "")
            async with launch(whole=True) as browser, Server.start(root) as server:
                context = await new_context(browser, viewport=VIEWPORT)
                desk = cls(server, root, await context.new_page())
                await context.expose_binding("__shown", desk._shown)
                await context.add_init_script(PROBE)
                await desk._open(preview)
                yield desk

    async def _open(self, preview: bool) -> None:
        self._notebook = await Notebook.open(self.page, self.server, "desk.ipynb")
        self._app = (await self.run(0)).text.strip()
        await self.run(EDITOR)
        if preview:
            await self.run(PREVIEW)
        shown = [name for name in self.places if preview or name == "canvas"]
        for name in shown:
            await until(self.places[name].is_there)
        await self.canvas.wait_for_selector('[data-overskill-card="Card"]')
        for name in shown:
            await self.places[name].read_clock()

    async def run(self, cell: int, source: str = "") -> Outcome:
        """Run a cell, with another source where one is given. Raises RuntimeError where it failed."""
        if source:
            await self.notebook.set_cell(cell, source)
        outcome = await self.notebook.run_cell(cell)
        if not outcome.ok:
            raise RuntimeError(f"cell {cell} failed: {outcome.error}")
        return outcome

    @property
    def notebook(self) -> Notebook:
        assert self._notebook is not None
        return self._notebook

    @property
    def canvas(self) -> Frame:
        """The frame that edits."""
        frame = self.places["canvas"].frame
        assert frame is not None
        return frame

    @property
    def field(self) -> Locator:
        """The field of the headline's text."""
        return self.canvas.locator('[data-overskill-field="Text"] input')

    @property
    def undo(self) -> Locator:
        """The button that takes back."""
        return self.canvas.get_by_role("button", name="Undo", exact=True)

    # ---------------------------------------------------------------------------------------------------- seen

    def _shown(self, source: dict[str, Any], text: str) -> None:
        seen = json.loads(text)
        place = self.places[seen["place"]]
        place.frame = source["frame"]
        seen["dom"] -= place.offset
        seen["done"] -= place.offset
        waiting = self._waiting.pop((seen["place"], seen["text"]), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(seen)

    async def sees(self, place: str, text: str) -> Seen:
        """Wait until the headline has a text there. To be waited for from before it is written."""
        known = self._waiting.setdefault((place, text), asyncio.get_running_loop().create_future())
        try:
            return await asyncio.wait_for(known, 30)
        except asyncio.TimeoutError:
            texts = [text[:200] for text in await self.notebook.texts()]
            raise RuntimeError(f"the {place} does not show {text!r}; frames: {texts}") from None

    # -------------------------------------------------------------------------------------------------- person

    async def select(self) -> None:
        """Click the headline on the canvas: its fields are in the form."""
        await self.canvas.locator("[data-overskill-canvas] [data-headline]").click()
        await self.field.wait_for()

    async def hand_in(self, text: str) -> float:
        """Hand the page's source in with another headline, as a program does; when it was sent."""
        body = json.dumps({"path": PAGE, "source": text})
        sent = time.time() * 1000
        await asyncio.to_thread(self._post, body)
        return sent

    def _post(self, body: str) -> None:
        headers = {"Authorization": f"token {self.server.token}", "Content-Type": "application/json"}
        self._connection.request("POST", f"/overskill-nb/api/apps/{self._app}/files", body, headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status >= 300:
            raise RuntimeError(f"the hook answered {response.status}: {text[:300]!r}")


def make(files: dict[str, str]) -> str:
    """A cell that makes the app and prints its id."""
    return f"import time\nimport overskill_nb as ov\napp = ov.App({APP!r})\napp.write({files!r})\nprint(app.id)"


def figures(values: list[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    ordered = sorted(values)
    return {
        "median": ordered[len(ordered) // 2],
        "p95": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
        "max": ordered[-1],
        "count": len(ordered),
    }
