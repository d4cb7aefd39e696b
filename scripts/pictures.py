"""Run the tutorial's cells in JupyterLab in headless Chromium, and write what is seen to docs/images.

usage: pictures.py [--only NAME]
"""

from __future__ import annotations

import argparse
import asyncio
import io
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from page_cells import cells  # noqa: E402

from tests.browser.jupyter import Notebook, Server, launch, new_context, write_notebook  # noqa: E402

IMAGES = ROOT / "docs/images"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
LARGEST = 200_000
COLOURS = 128

COUNTER = """%%component Counter
import { useState } from "react";

export default function Counter() {
  const [count, setCount] = useState(0);
  return (
    <button className="m-6 rounded bg-indigo-600 px-5 py-2 text-white" onClick={() => setCount(count + 1)}>
      Pressed {count} times
    </button>
  );
}"""
CHANGES = (
    ("Pressed {count} times", "You pressed {count} times"),
    ("bg-indigo-600", "bg-emerald-600"),
    ("rounded bg", "rounded-full bg"),
)


@asynccontextmanager
async def opened(
    browser: Browser, theme: str, size: tuple[int, int], scale: float, *sources: str
) -> AsyncIterator[Notebook]:
    """A notebook of these cells in a server of its own; models are replayed."""
    with tempfile.TemporaryDirectory(prefix="overskill-pictures-") as folder:
        write_notebook(Path(folder) / "kitchen.ipynb", *sources)
        shutil.copyfile(ROOT / "notebooks/recordings/02-generate.yaml", Path(folder, "recordings.yaml"))
        (Path(folder) / "recordings").mkdir()
        Path(folder, "recordings.yaml").rename(Path(folder) / "recordings/kitchen.yaml")
        async with Server.start(Path(folder), env={"OVERSKILL_MODE": "replay"}) as server:
            context = await new_context(
                browser, viewport={"width": size[0], "height": size[1]}, device_scale_factor=scale
            )
            lab = await Notebook.open(await context.new_page(), server, "kitchen.ipynb", THEMES[theme])
            await lab.command("application:toggle-left-area")
            try:
                yield lab
            finally:
                await context.close()


async def run(lab: Notebook, number: int) -> None:
    """Run a cell, which must not fail."""
    outcome = await lab.run_cell(number)
    if not outcome.ok:
        raise SystemExit(f"cell {number} failed: {outcome.error}")


async def picture(lab: Notebook, number: int, below: int = 0) -> Image.Image:
    """A cell with its output. ``below``: at most so many pixels of it."""
    await lab.show(number)
    await lab.page.evaluate("document.activeElement?.blur()")
    await asyncio.sleep(1.5)  # transitions, and what a preview draws
    box: dict[str, float] = await lab.page.evaluate(
        """n => {
            const node = window.jupyterapp.shell.currentWidget.content.widgets[n].node.getBoundingClientRect();
            return {x: node.x, y: node.y, width: node.width, height: node.height};
        }""",
        number,
    )
    size = lab.page.viewport_size
    assert size is not None
    height = min(box["height"], below or box["height"], size["height"] - box["y"])
    shot = await lab.page.screenshot(clip={**box, "height": height})  # type: ignore[arg-type]
    return Image.open(io.BytesIO(shot)).convert("RGB")


def save(image: Image.Image, name: str) -> None:
    """Write a picture with few colours."""
    file = IMAGES / f"{name}.png"
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    written(file)


def written(file: Path) -> None:
    """Say how large it is."""
    size = file.stat().st_size
    print(f"{file.relative_to(ROOT)}  {size / 1000:.0f} kB")
    if size > LARGEST:
        raise SystemExit(f"{file.name} is larger than {LARGEST / 1000:.0f} kB")


async def tutorial(browser: Browser, theme: str) -> None:
    """The pictures of the tutorial, in the order of its cells."""
    sources = [cell.source for cell in cells("tutorial.md")]

    def at(beginning: str) -> int:
        return next(number for number, source in enumerate(sources) if source.startswith(beginning))

    async with opened(browser, theme, (1120, 1500), 1.5, *sources) as lab:
        wanted: dict[int, Any] = {
            at("%%component"): "component",
            at("%%generate"): "generate",
            at("editor = "): "editor",
            at("d = app.deploy"): "deploy",
        }
        for number in range(max(wanted) + 1):
            await run(lab, number)
            name = wanted.get(number)
            if name == "component":
                frame = await lab.frame_with("button")
                for _ in range(3):
                    await frame.click("button")
            if name == "generate":
                await used(lab)
            if name == "editor":
                await chosen(lab)
            if name:
                save(await picture(lab, number), f"{name}-{theme}")


async def used(lab: Notebook) -> None:
    """Enter two tasks. What the model wrote is as high as its frame: it is given room for them."""
    outcome = await lab.run("app.preview('TodoList').height = 300")
    assert outcome.ok, outcome.error
    frame = await lab.frame_with("input[placeholder='New task']")
    for task in ("Flour", "Milk"):
        await frame.fill("input", task)
        await frame.click("text=Add")


async def chosen(lab: Notebook) -> None:
    """Select the portions in the editor, so that their form is seen."""
    frame = await lab.frame_with("[data-puck-component]")
    await frame.click("text=Pancakes")
    await asyncio.sleep(1)


async def animation(browser: Browser) -> None:
    """A counter that keeps what it counted while its cell is changed."""
    setup = "import overskill_nb as ov\napp = ov.App('hot')"
    async with opened(browser, "light", (760, 700), 1.0, setup, COUNTER) as lab:
        await run(lab, 0)
        await run(lab, 1)
        frame = await lab.frame_with("button")
        frames: list[Image.Image] = []
        times: list[int] = []

        async def see(milliseconds: int) -> None:
            frames.append(await picture(lab, 1))
            times.append(milliseconds)

        await see(1200)
        for _ in range(3):
            await frame.click("button")
            await see(500)
        source = COUNTER
        for old, new in CHANGES:
            source = source.replace(old, new)
            await lab.set_cell(1, source)
            await see(1100)
            await run(lab, 1)
            await see(1500)
        await frame.click("button")
        await see(2000)
    height = min(frame.height for frame in frames)
    file = IMAGES / "hot-update.webp"
    first, *rest = [frame.crop((0, 0, frame.width, height)) for frame in frames]
    first.save(file, save_all=True, append_images=rest, duration=times, loop=0, lossless=True, quality=100, method=6)
    written(file)


async def main() -> None:
    """Make what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[*THEMES, "animation"])
    only = parser.parse_args().only
    IMAGES.mkdir(exist_ok=True)
    async with launch() as browser:
        for theme in THEMES:
            if only in (None, theme):
                await tutorial(browser, theme)
        if only in (None, "animation"):
            await animation(browser)


if __name__ == "__main__":
    asyncio.run(main())
