"""A property changed in the form -> the preview in another cell changed, beside a bare hot update of the same page.

Keys in a text field and clicks on a choice, by the browser's own input; after each, the page's source is handed in with
another headline, as a program does: the same preview follows. Both end where its document changed.
"""

from __future__ import annotations

import asyncio
import random
import string
from collections.abc import Iterator
from typing import Any

import quiet
from bars import Bar
from desk import Desk, figures
from sources import usual, with_text

WARM = 3
TONES = ("warm", "cold", "plain")
MEDIAN = 100.0
RATIO = 3.0


class Headline:
    """What the page's headline says, and the ways to change it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._text, self._tone = "Hello", "plain"
        self._source = desk.file.read_text("utf-8")

    @property
    def shown(self) -> str:
        return f"{self._text} ({self._tone})"

    async def type(self, key: str) -> dict[str, float]:
        """One key at the end of the field."""
        self._text += key
        return await self._by_hand(self.desk.page.keyboard.press(key))

    async def choose(self, tone: str) -> dict[str, float]:
        """One click on a choice."""
        self._tone = tone
        choice = self.desk.canvas.locator('[data-overskill-field="Tone"]').get_by_text(tone, exact=True)
        found = await self._by_hand(choice.click())
        await self.desk.field.focus()
        return found

    async def _by_hand(self, action: Any) -> dict[str, float]:
        canvas, seen, _ = await asyncio.gather(*self._both(), action)
        done = await self.desk.canvas.evaluate("window.__done()") - self.desk.places["canvas"].offset
        return {"ms": seen["dom"] - done, "canvas": canvas["dom"] - done}

    async def hand_in(self, text: str) -> dict[str, float]:
        """Another program's source of the page, from which the tone is gone."""
        self._text, self._tone = text, "plain"
        canvas, seen, sent = await asyncio.gather(*self._both(), self.desk.hand_in(with_text(self._source, text)))
        await self.desk.page.keyboard.press("End")
        return {"ms": seen["dom"] - sent, "canvas": canvas["dom"] - sent}

    def _both(self) -> Any:
        return self.desk.sees("canvas", self.shown), self.desk.sees("preview", self.shown)


async def measure(edits: int) -> dict[str, Any]:
    """Samples of both, alternately."""
    samples: dict[str, list[dict[str, float]]] = {"key": [], "choice": [], "hot": []}
    noisy = 0
    async with Desk.open(usual()) as desk:
        headline = Headline(desk)
        await desk.select()
        await desk.field.focus()
        await desk.page.keyboard.press("End")
        for turn in range(-WARM, edits):
            kind = "choice" if turn % 4 == 3 else "key"
            for way in random.sample([kind, "hot"], 2):
                await asyncio.sleep(random.uniform(0.15, 0.35))
                noisy += not await quiet.quiet()
                if way == "hot":
                    sample = await headline.hand_in(f"Turn {turn + WARM}")
                elif way == "key":
                    sample = await headline.type(random.choice(string.ascii_lowercase))
                else:
                    sample = await headline.choose(TONES[turn // 4 % 2])
                if turn >= 0:
                    samples[way].append(sample)
    by_hand = samples["key"] + samples["choice"]
    return {
        "form": figures([one["ms"] for one in by_hand]),
        "own canvas": figures([one["canvas"] for one in by_hand]),
        **{way: figures([one["ms"] for one in own]) for way, own in samples.items()},
        "hot on the canvas": figures([one["canvas"] for one in samples["hot"]]),
        "noisy": noisy,
    }


def bars(found: dict[str, Any]) -> Iterator[Bar]:
    """What a change in the form may take."""
    form, hot = found["form"], found["hot"]["median"]
    note = f"p95 {form['p95']:.1f} ms, {form['count']} changes"
    yield Bar("change in the form -> preview, median", form["median"], MEDIAN, "ms", note)
    note = f"{form['median']:.1f} / {hot:.1f} ms"
    yield Bar("change in the form / bare hot update", form["median"] / hot, RATIO, note=note)


def lines(found: dict[str, Any]) -> Iterator[str]:
    """Each way by itself."""
    for way in ("key", "choice", "own canvas", "hot", "hot on the canvas"):
        own = found[way]
        yield f"form      {way:18} median {own['median']:.1f} ms, p95 {own['p95']:.1f} ms of {own['count']}"
    yield f"          {found['noisy']} samples were taken although the machine did not get quiet"
