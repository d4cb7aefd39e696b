"""A page of 300 components: how long frames take while somebody types in a form, and drags over the canvas.

Then data that are far too large are set from Python: a sentence says so, and the editor goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import quiet
from bars import Bar
from desk import EDITS, Desk, figures
from playwright.async_api import Locator
from probe import FRAMES
from sources import PAGE, large

COMPONENTS = 300
KEYS = 40
APART = 0.15
SECONDS = 3.5
BAR = 50.0
MEGABYTES = 10
TOO_LARGE = f"""
editor = app.editor({PAGE!r})
card = lambda n: {{"type": "Card", "props": {{"id": f"big-{{n}}", "title": "x" * 10_000}}}}
data = editor.data
try:
    editor.data = {{**data, "content": [card(n) for n in range({MEGABYTES} * 105)]}}
except ov.OverskillError as error:
    print("refused:", error)
else:
    print("taken")
"""


async def _watched(desk: Desk, action: Any) -> list[float]:
    await desk.canvas.evaluate(FRAMES)
    await action
    times: list[float] = await desk.canvas.evaluate("window.__frames()")
    return times


async def _type(desk: Desk) -> None:
    for number in range(KEYS):
        await desk.page.keyboard.press("abcdefghij"[number % 10])
        await asyncio.sleep(APART)


async def _drag(desk: Desk, what: Locator) -> None:
    """Pick it up, carry it about the canvas for some seconds, and let it go there."""
    box, place = await what.bounding_box(), await desk.canvas.locator(".ov-canvas").bounding_box()
    assert box
    assert place
    mouse = desk.page.mouse
    await mouse.move(box["x"] + 20, box["y"] + 10)
    await mouse.down()
    for step in range(1, 11):
        await mouse.move(box["x"] + 20 + 3 * step, box["y"] + 10 + 2 * step)
        await asyncio.sleep(0.025)
    end = time.monotonic() + SECONDS
    step = 0
    while time.monotonic() < end:
        x, y = (step * 7) % (place["width"] - 80), (step * 5) % (place["height"] - 120)
        await mouse.move(place["x"] + 40 + x, place["y"] + 60 + y)
        step += 1
        await asyncio.sleep(0.025)
    await asyncio.sleep(0.3)
    await mouse.up()


async def measure() -> dict[str, Any]:
    """Frame times of typing, of a drag out of the palette, and of one within the page."""
    found: dict[str, Any] = {}
    async with Desk.open(large(COMPONENTS), preview=False) as desk:
        await asyncio.sleep(2)
        await desk.select()
        await desk.field.focus()
        await desk.page.keyboard.press("End")
        calm = await quiet.quiet()
        found["typing"] = figures(await _watched(desk, _type(desk)))
        await asyncio.sleep(1)
        card = desk.canvas.locator('[data-overskill-card="Counter"]').last
        item = desk.canvas.locator("[data-overskill-canvas] [data-puck-component]").nth(4)
        for name, what in (("dragging in", card), ("dragging within", item)):
            before = desk.file.read_bytes()
            calm &= await quiet.quiet()
            found[name] = figures(await _watched(desk, _drag(desk, what)))
            await asyncio.sleep(1.5)
            found[f"{name} changed the page"] = desk.file.read_bytes() != before
        found["calm"] = calm
        found["large"] = await _too_large(desk)
    return found


async def _too_large(desk: Desk) -> dict[str, Any]:
    before = desk.file.read_bytes()
    said = (await desk.run(EDITS, TOO_LARGE)).text.strip()
    same = desk.file.read_bytes() == before
    await desk.select()
    value = await desk.field.input_value()
    await desk.field.focus()
    await desk.page.keyboard.press("End")
    await asyncio.gather(desk.sees("canvas", f"{value}! (plain)"), desk.page.keyboard.press("!"))
    return {"said": said, "same": same, "refused": said.startswith("refused:"), "errors": desk.notebook.errors}


def bars(found: dict[str, Any]) -> Iterator[Bar]:
    """How long a frame may take, and what becomes of large data."""
    for name in ("typing", "dragging in", "dragging within"):
        own = found[name]
        note = f"median {own['median']:.1f} ms, longest {own['max']:.0f} ms, {own['count']} frames"
        if not found.get(f"{name} changed the page", True):
            note = f"the drag changed nothing; {note}"
        yield Bar(f"{COMPONENTS} components, {name}: frames, p95", own["p95"], BAR, "ms", note)
    own = found["large"]
    is_well = own["refused"] and own["same"] and not own["errors"]
    yield Bar(f"{MEGABYTES} MB of data do harm", float(not is_well), 0.0, "", own["said"][:120])


def lines(found: dict[str, Any]) -> Iterator[str]:
    """Whether they can be trusted."""
    yield f"frames    the machine {'was quiet' if found['calm'] else 'did not get quiet'}"
