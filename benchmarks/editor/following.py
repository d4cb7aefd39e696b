"""The page's file changed -> the canvas shows it: by the kernel, and on disk by another program.

Selection and scroll position are looked at after each; what was done in the form before, and all that came after, is
taken back in the end, until the file is what it was, byte for byte.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from typing import Any

import quiet
from bars import Bar
from desk import EDITS, Desk, figures
from sources import PAGE, usual, with_text

WARM = 2
BAR = 150.0
SCROLLED = 60
STATE = """
() => {
  const scroller = document.querySelector(".ov-canvas");
  const chosen = document.querySelector('[data-overskill-field="Text"] input');
  return {scroll: scroller.scrollTop, selected: chosen?.value ?? null};
}
"""


async def _write(desk: Desk, source: str) -> None:
    """By a cell; the kernel notes when it begins to write."""
    await desk.run(EDITS, f"at = time.time() * 1000\napp.write({PAGE!r}, {source!r})")


async def measure(edits: int) -> dict[str, Any]:
    """Samples of both, in turn."""
    samples: dict[str, list[float]] = {"kernel": [], "disk": []}
    lost = {"selection": 0, "scroll": 0}
    noisy = 0
    async with Desk.open(usual(), preview=False) as desk:
        before = desk.file.read_bytes()
        plain = before.decode()
        await desk.select()
        await desk.field.focus()
        await desk.page.keyboard.press("End")
        await asyncio.gather(desk.sees("canvas", "Hello! (plain)"), desk.page.keyboard.press("!"))
        await asyncio.sleep(1)
        await desk.canvas.evaluate(f"document.querySelector('.ov-canvas').scrollTop = {SCROLLED}")
        for turn in range(-WARM, edits):
            for way, own in samples.items():
                await asyncio.sleep(random.uniform(0.15, 0.35))
                noisy += not await quiet.quiet()
                text = f"{way} {turn + WARM}"
                source = with_text(plain, text)
                shown = asyncio.create_task(desk.sees("canvas", f"{text} (plain)"))
                await asyncio.sleep(0)
                if way == "kernel":
                    await _write(desk, source)
                    began = 0.0
                else:
                    began = time.time() * 1000
                    desk.file.write_text(source, "utf-8")
                seen = await shown
                if way == "kernel":
                    began = float((await desk.run(EDITS, "print(at)")).text)
                await asyncio.sleep(0.05)
                state = await desk.canvas.evaluate(STATE)
                lost["selection"] += state["selected"] != text
                lost["scroll"] += state["scroll"] != SCROLLED
                if turn >= 0:
                    own.append(seen["dom"] - began)
        undone = await _undo(desk, before)
    return {**{way: figures(own) for way, own in samples.items()}, "lost": lost, "noisy": noisy, **undone}


async def _undo(desk: Desk, before: bytes) -> dict[str, Any]:
    """Take back all that can be taken back, and see whether that is all."""
    steps = 0
    while await desk.undo.is_enabled() and steps < 1000:
        await desk.undo.click()
        steps += 1
        await asyncio.sleep(0.1)
    end = time.monotonic() + 10
    while desk.file.read_bytes() != before and time.monotonic() < end:
        await asyncio.sleep(0.1)
    return {"undone": steps, "same": desk.file.read_bytes() == before}


def bars(found: dict[str, Any]) -> Iterator[Bar]:
    """What following a file may take, and cost."""
    for way, name in (("kernel", "app.write"), ("disk", "written on disk")):
        own = found[way]
        note = f"p95 {own['p95']:.1f} ms, {own['count']} edits"
        yield Bar(f"{name} -> canvas, median", own["median"], BAR, "ms", note)
    for what, count in found["lost"].items():
        yield Bar(f"file edits that lose the {what}", float(count), 0.0, "")
    note = f"{found['undone']} steps taken back"
    yield Bar("file edits that lose what can be undone", float(not found["same"]), 0.0, "", note)


def lines(found: dict[str, Any]) -> Iterator[str]:
    """Each way by itself."""
    for way in ("kernel", "disk"):
        own = found[way]
        yield f"file      {way:18} median {own['median']:.1f} ms, p95 {own['p95']:.1f} ms, longest {own['max']:.1f} ms"
    yield f"          {found['noisy']} samples were taken although the machine did not get quiet"
