"""An editor, warm: its cell is run -> the page is on the canvas, and a click there selects.

Each sample is a notebook with a kernel of its own, in a new browser page whose cache is warm; the engine runs, and the
app's packages are bundled.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import quiet
from bars import Bar
from desk import APP, VIEWPORT, Place, figures, make
from playwright.async_api import BrowserContext, Frame, Page
from probe import READY
from sources import usual

from tests.browser.jupyter import Notebook, Server, launch, new_context, write_notebook

BAR = 1.0
WARM = 1
EDITOR = 1
NAMES = ("drawn", "clicked", "selected")


class Opening:
    """One page, and when it tells what."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.drawn: asyncio.Future[tuple[Frame, dict[str, Any]]] = asyncio.get_running_loop().create_future()
        self.selected: asyncio.Future[dict[str, float]] = asyncio.get_running_loop().create_future()

    @classmethod
    async def make(cls, context: BrowserContext) -> Opening:
        opening = cls(await context.new_page())
        await opening.page.expose_binding("__drawn", opening._drawn)
        await opening.page.expose_binding("__selected", opening._selected)
        await opening.page.add_init_script(READY)
        return opening

    def _drawn(self, source: dict[str, Any], text: str) -> None:
        if not self.drawn.done():
            self.drawn.set_result((source["frame"], json.loads(text)))

    def _selected(self, _: dict[str, Any], text: str) -> None:
        if not self.selected.done():
            self.selected.set_result(json.loads(text))

    async def measure(self, server: Server, name: str) -> dict[str, float]:
        """Milliseconds since the cell was sent: canvas drawn, a click that selects, its form there."""
        notebook = await Notebook.open(self.page, server, name)
        if not (outcome := await notebook.run_cell(0)).ok:
            raise RuntimeError(f"opening the app failed: {outcome.error}")
        await asyncio.sleep(1)
        calm = await quiet.quiet()
        running = asyncio.create_task(notebook.run_cell(EDITOR))
        frame, drawn = await asyncio.wait_for(self.drawn, 60)
        await self._click(frame, drawn)
        selected = await self.selected
        sent = (await running).sent
        places = {"frame": Place(frame), "page": Place(self.page.main_frame)}
        for place in places.values():
            await place.read_clock()
        sent -= places["page"].offset
        times = {"drawn": drawn["at"], "clicked": selected["clicked"], "selected": selected["at"]}
        await self.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        since = {name: at - places["frame"].offset - sent for name, at in times.items()}
        return {**since, "noisy": float(not calm)}

    async def _click(self, frame: Frame, drawn: dict[str, Any]) -> None:
        """Click the headline until it is selected."""
        x, y = 0.0, 0.0
        outer: Frame | None = frame
        while outer is not None and outer.parent_frame is not None:
            box = await (await outer.frame_element()).evaluate("e => e.getBoundingClientRect().toJSON()")
            x, y = x + box["x"], y + box["y"]
            outer = outer.parent_frame
        place = drawn["place"]
        for _ in range(100):
            if place:
                await self.page.mouse.click(x + place["x"], y + place["y"])
            await asyncio.wait([self.selected], timeout=0.05)
            if self.selected.done():
                return
            place = await frame.evaluate("window.__place()")
        raise RuntimeError("no click selected the headline")


async def measure(rounds: int) -> dict[str, Any]:
    """Openings, one after another."""
    samples: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="overskill-ready-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        async with launch(whole=True) as browser, Server.start(root) as server:
            context = await new_context(browser, viewport=VIEWPORT)
            for number in range(-WARM, rounds):
                first = make(usual()) if number == -WARM else f"import overskill_nb as ov\napp = ov.App({APP!r})"
                name = f"ready{number + WARM}.ipynb"
                write_notebook(root / name, first, "app.editor()")
                opening = await Opening.make(context)
                sample = await opening.measure(server, name)
                await opening.page.close()
                if number >= 0:
                    samples.append(sample)
    found: dict[str, Any] = {name: figures([one[name] for one in samples]) for name in NAMES}
    each = [[round(one[name]) for name in NAMES] for one in samples]
    return {**found, "samples": each, "noisy": int(sum(one["noisy"] for one in samples))}


def bars(found: dict[str, Any]) -> Iterator[Bar]:
    """Until the click has selected."""
    own = found["selected"]
    note = f"p95 {own['p95'] / 1000:.2f} s, {own['count']} openings"
    yield Bar("editor ready, warm: a click has selected", own["median"] / 1000, BAR, "s", note)


def lines(found: dict[str, Any]) -> Iterator[str]:
    """All samples."""
    yield "ready     " + ", ".join(f"{name} {found[name]['median']:.0f} ms" for name in NAMES) + " (medians)"
    yield f"          {found['samples']}"
    yield f"          {found['noisy']} were taken although the machine did not get quiet"
