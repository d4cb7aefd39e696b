"""Pictures of previews within notebooks, for readers that run nothing: GitHub's, and others' that show a notebook.

A picture is one more form of an output's data; where the widget can be shown it is shown. They are taken when somebody
asks for them, by ``overskill pictures``, since running a notebook is not to change it.
"""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import headless
from .handover import Handover
from .notebook_previews import Place, places, take, without_widgets
from .shown import Shown
from .widgets import bundle

if TYPE_CHECKING:
    from playwright.async_api import Browser, FloatRect, Page

PICTURE = "image/png"
WIDTH = 720
HIGHEST = 1200
"""Of a picture, in pixels; what is below is left out."""
SECONDS = 20.0
STILL_SECONDS = 5.0
TURN_MS = 250
READ = """async () => {
  await Promise.all([...document.images].map((one) => one.decode().catch(() => undefined)));
  await document.fonts.ready;
}"""


def add(notebook: Path, *, only: bool = False) -> tuple[int, list[str]]:
    """Give each output that shows a preview a picture of it, as the app's folder has it now.

    With ``only``, widgets and their state go: a notebook for git shows its pictures until its cells run again.
    Gives how many there are, and why others are not. Raises NoBrowser, OSError and ValueError.
    """
    read = json.loads(notebook.read_text("utf-8"))
    if not isinstance(read, dict) or not isinstance(read.get("cells"), list):
        raise ValueError("it is no notebook of format 4")  # noqa: TRY004 - of the file, not of an argument
    found = places(read)
    page = Handover(bundle.handover())
    take(page, notebook.parent.resolve(), found)
    reasons = [reason for place in found for reason in place.taken if isinstance(reason, str)]
    live = [place for place in found if place.is_live]
    count = 0
    if live:
        chromium = headless.current()
        pictures = chromium.run(_take(chromium, page, live))
        for place, picture in zip(live, pictures, strict=True):
            if isinstance(picture, str):
                reasons.append(picture)
                continue
            place.output["data"] = dict(sorted({**place.data, PICTURE: base64.b64encode(picture).decode()}.items()))
            count += 1
    if only:
        without_widgets(read, found)
    text = json.dumps(read, ensure_ascii=False, indent=1) + "\n"
    if (count or only) and text != notebook.read_text("utf-8"):
        notebook.write_text(text, "utf-8")
    return count, list(dict.fromkeys(reasons))


async def _take(chromium: headless.Headless, page: Handover, live: list[Place]) -> list[bytes | str]:
    browser = await chromium.browser()
    return [await _picture(browser, page, place) for place in live]


async def _still(tab: Page) -> FloatRect | None:
    """Where everything is, once frames have their heights, and pictures and fonts within them are read."""
    main = tab.locator("main")
    before, box = None, await main.bounding_box()
    deadline = asyncio.get_running_loop().time() + STILL_SECONDS
    while before != box and asyncio.get_running_loop().time() < deadline:
        for frame in tab.frames:
            await asyncio.wait_for(frame.evaluate(READ), SECONDS)
        await tab.wait_for_timeout(TURN_MS)
        before, box = box, await main.bounding_box()
    return box


async def _picture(browser: Browser, page: Handover, place: Place) -> bytes | str:
    """One picture of all previews of an output; why there is none."""
    from playwright.async_api import Error

    shown = [page.place(one) for one in place.taken if isinstance(one, Shown)]
    context = await browser.new_context(
        viewport={"width": WIDTH, "height": HIGHEST}, reduced_motion="reduce", color_scheme="light", offline=True
    )
    try:
        tab = await context.new_page()
        await tab.set_content(f"<style>body{{margin:0}}</style><main>{''.join(shown)}</main>{page.shared}")
        for one in await tab.locator("[data-overskill-preview]").all():
            await one.and_(tab.locator("[data-overskill-state]")).wait_for(timeout=SECONDS * 1000)
        failed = tab.locator("[data-overskill-state=failed]")
        if await failed.count():
            return f"{place.previews[0].title}: it fails: {await failed.first.get_by_role('status').text_content()}"
        box = await _still(tab)
        height = max(1, min(HIGHEST, round(box["height"] if box else 1)))
        clip: Any = {"x": 0, "y": 0, "width": WIDTH, "height": height}
        return await tab.screenshot(clip=clip, animations="disabled", caret="hide", scale="css")
    except Error as error:
        return f"{place.previews[0].title}: {str(error).strip().splitlines()[0]}"
    finally:
        await context.close()
