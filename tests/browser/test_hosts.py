"""The same notebook in every host that can be had here: shown, changed, calling Python and called, edited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Frame

from . import firefox
from .conftest import HOSTS, StartHost
from .hosts import Hosted, Name, missing
from .jupyter import App, Notebook, Server, launch, new_context, until, write_notebook

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

COUNTER = """import { useState } from "react";

export default function Counter({ step = 1, onSave }: { step?: number; onSave?: (n: number) => void }) {
  const [count, setCount] = useState(0);
  return (
    <div className="p-4">
      <b id="label">v1</b>
      <button id="count" data-step={step} onClick={() => setCount(count + step)}>{count} clicks</button>
      <button id="save" data-to={typeof onSave} onClick={() => onSave?.(count)}>save</button>
    </div>
  );
}
"""
CELLS = [
    f"""import overskill_nb as ov
demo = ov.App("demo")
demo.write("src/components/Counter.tsx", {COUNTER!r})
preview = demo.preview("Counter")

def save(count):
    open("saved.txt", "w").write(str(count))
    preview.props = {{"step": 10}}

_ = preview.on("save", save)""",
    """_ = open("shown.txt", "a").write("1")
preview""",
    "demo.editor()",
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def whole() -> AsyncIterator[Browser]:
    """Chromium as people have it: the other tests leave out what draws its windows."""
    async with launch(whole=True) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fox(tools: Path) -> AsyncIterator[Browser]:
    if not firefox.find():
        pytest.skip("Firefox is not installed: run `scripts/hosts`")
    async with firefox.launch() as browser:
        yield browser


async def promises(notebook: Notebook, folder: Path) -> Frame:
    """The counter's frame, after all that a preview promises was seen in it, and the editor beside it."""
    frame = await notebook.frame_with("#count")
    for _ in range(3):
        await frame.click("#count")
    await notebook.wait_text(frame, "#count", "3 clicks")
    edit(folder / "demo/src/components/Counter.tsx", "v1", "v2")
    await notebook.wait_text(frame, "#label", "v2")
    assert await frame.text_content("#count") == "3 clicks"
    await frame.wait_for_selector("#save[data-to=function]")
    await frame.click("#save")
    await frame.wait_for_selector("#count[data-step='10']")
    assert (folder / "saved.txt").read_text() == "3"
    await frame.click("#count")
    await notebook.wait_text(frame, "#count", "13 clicks")
    canvas = await notebook.frame_with("[data-puck-component]")
    title = canvas.get_by_label("Title", exact=True)
    await title.click()
    await notebook.page.keyboard.type("seen")

    async def written() -> bool:
        return 'title="seen"' in (folder / "demo/src/App.tsx").read_text()

    await until(written)
    return frame


async def still_there(notebook: Notebook, frame: Frame, folder: Path) -> None:
    """The cell that shows the component ran again; the component is as it was, and follows edits."""

    async def twice() -> bool:
        return (folder / "shown.txt").read_text() == "11"

    await until(twice)
    edit(folder / "demo/src/components/Counter.tsx", "v2", "v3")
    await notebook.wait_text(frame, "#label", "v3")
    assert await frame.text_content("#count") == "13 clicks"
    assert len(await notebook.frames()) == 2


def edit(file: Path, old: str, new: str) -> None:
    """As another program does."""
    source = file.read_text()
    assert old in source
    file.write_text(source.replace(old, new))


@pytest.mark.parametrize("name", get_args(Name))
async def test_a_preview_and_the_editor_do_all_they_promise(name: Name, whole: Browser, tmp_path: Path) -> None:
    if package := missing(name):
        pytest.skip(f"{package} is not installed: run `scripts/hosts`")
    async with Hosted.start(name, tmp_path / "nb", CELLS) as host:
        context = await new_context(whole, viewport={"width": 1200, "height": 1000})
        notebook = Notebook(await context.new_page())
        await host.open(notebook.page)
        frame = await promises(notebook, host.folder)
        if name in ("nbclassic", "marimo edit"):
            await host.run_again(notebook.page, 1)
            await still_there(notebook, frame, host.folder)
        await context.close()


@pytest.mark.parametrize("name", HOSTS)
async def test_jupyter_does_all_they_promise(name: str, start_host: StartHost) -> None:
    host = await start_host(name)
    await kept(await host.open("nb", *CELLS), host.root / "nb")


async def test_chromium_as_people_have_it_does_all_they_promise(whole: Browser, start_host: StartHost) -> None:
    host = (await start_host("lab")).seen_by(whole)
    await kept(await host.open("whole", *CELLS), host.root / "whole")
    await host.close_pages()


@pytest.mark.parametrize("app", get_args(App))
async def test_firefox_does_all_they_promise(app: App, fox: Browser, tmp_path: Path) -> None:
    write_notebook(tmp_path / "nb.ipynb", *CELLS)
    async with Server.start(tmp_path, app) as server:
        context = await new_context(fox, viewport={"width": 1200, "height": 1000})
        await kept(await Notebook.open(await context.new_page(), server, "nb.ipynb"), tmp_path)
        await context.close()


async def kept(notebook: Notebook, folder: Path) -> None:
    """Run the cells, see all that they promise, and see it again after the preview's cell ran once more."""
    for number in range(len(CELLS)):
        assert (await notebook.run_cell(number)).ok
    frame = await promises(notebook, folder)
    assert (await notebook.run_cell(1)).ok
    await still_there(notebook, frame, folder)
