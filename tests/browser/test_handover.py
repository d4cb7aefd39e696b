"""Exported pages, opened from disk with the network off."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import nbformat
import pytest
from playwright.async_api import Browser, Locator, Page, expect
from saved_notebook import counter, saved

import overskill_nb as ov
from overskill_nb import headless, notebook_pictures, session
from overskill_nb.widgets import bundle

from .conftest import Host
from .jupyter import new_context

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("folder", "tools"),
    pytest.mark.skipif(not bundle.HANDOVER.is_file(), reason="run `node build.mjs` in js/ first"),
]

COMPONENT = """%%component Clicks
import { useState } from "react";
export default function Clicks() {
  const [n, set] = useState(0);
  return <button onClick={() => set(n + 1)}>Clicks {n}</button>;
}
"""


class Opened:
    """A page in a browser that reaches nothing."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(error.message))

    @classmethod
    async def open(cls, browser: Browser, file: Path, theme: str = "light") -> Opened:
        context = await new_context(
            browser,
            offline=True,
            color_scheme=theme,
            viewport={"width": 900, "height": 2000},
        )
        opened = cls(await context.new_page())
        await opened.page.goto(file.resolve().as_uri(), wait_until="domcontentloaded")
        return opened

    @property
    def network(self) -> list[str]:
        return [url for url in self.asked if not url.startswith(("file:", "about:", "data:", "blob:"))]

    @property
    def previews(self) -> Locator:
        return self.page.locator("[data-overskill-preview]")

    def inside(self, number: int = 0) -> Locator:
        frame = self.previews.nth(number).locator("iframe").content_frame.frame_locator("iframe")
        return frame.locator("body")

    def note(self, number: int = 0) -> Locator:
        return self.previews.nth(number).get_by_role("status")


async def test_a_component_runs_without_anything(browser: Browser) -> None:
    app = ov.App("tips")
    preview = await asyncio.to_thread(counter, app, label="Ada")
    opened = await Opened.open(browser, await asyncio.to_thread(preview.to_html, "page.html"))
    inside = opened.inside()
    await expect(inside.get_by_role("heading")).to_have_text("Ada")
    for _ in range(3):
        await inside.get_by_role("button", name="Count").click()
    await expect(inside.get_by_role("button", name="Count")).to_have_text("Count 3")
    await expect(inside.locator("section")).to_have_css("padding-top", "16px")  # Tailwind's sheet is there
    await expect(opened.previews).to_have_attribute("data-overskill-state", "live")
    await expect(opened.note()).to_be_empty()
    await inside.get_by_role("button", name="Save").click()
    await expect(opened.note()).to_contain_text('"save" is answered by Python')
    assert opened.network == []
    assert opened.errors == []


async def test_the_frame_takes_its_contents_height(browser: Browser) -> None:
    source = "export default function Tall() { return <div style={{ height: 777 }}>tall</div>; }"
    preview = await asyncio.to_thread(ov.App("tips").component, "Tall", source)
    opened = await Opened.open(browser, await asyncio.to_thread(preview.to_html, "page.html"))
    await expect(opened.previews.locator("iframe")).to_have_css("height", "777px")


async def test_the_whole_app_and_the_dark(browser: Browser) -> None:
    app = ov.App("tips")
    await asyncio.to_thread(
        app.write, "src/App.tsx", "export default () => <p>{document.documentElement.dataset.theme}</p>;"
    )
    preview = await asyncio.to_thread(app.preview)
    opened = await Opened.open(browser, await asyncio.to_thread(preview.to_html, "page.html"), "dark")
    await expect(opened.inside()).to_contain_text("dark")


async def test_the_component_reaches_nothing_but_its_frame(browser: Browser) -> None:
    source = """
import { useEffect, useState } from "react";
export default function Spy() {
  const [said, say] = useState<string[]>([]);
  useEffect(() => {
    const found: string[] = [location.origin === "null" || String(self.origin) === "null" ? "opaque" : "origin"];
    try { found.push(parent.parent.document.title); } catch { found.push("no page"); }
    fetch("https://example.com/").then(() => "fetched", () => "no network").then((last) => say([...found, last]));
  }, []);
  return <p>{said.join(", ")}</p>;
}
"""
    preview = await asyncio.to_thread(ov.App("tips").component, "Spy", source)
    opened = await Opened.open(browser, await asyncio.to_thread(preview.to_html, "page.html"))
    await expect(opened.inside().locator("p")).to_have_text("opaque, no page, no network")
    assert opened.network == []


async def test_what_fails_is_said(browser: Browser) -> None:
    source = 'export default function Broken() { throw new Error("no such thing"); return null; }'
    preview = await asyncio.to_thread(ov.App("tips").component, "Broken", source)
    opened = await Opened.open(browser, await asyncio.to_thread(preview.to_html, "page.html"))
    await expect(opened.note()).to_contain_text("no such thing")
    await expect(opened.previews).to_have_attribute("data-overskill-state", "failed")


async def test_a_notebook_exported_as_html_is_live(browser: Browser, folder: Path) -> None:
    def convert() -> str:
        from nbconvert import HTMLExporter

        apps = [ov.App(name) for name in ("one", "two", "three")]
        notebook = saved(*(counter(app, label=app.name) for app in apps))
        session.close()
        exporter = HTMLExporter(preprocessors=["overskill_nb.exporting.LivePreviews"])
        page: str = exporter.from_notebook_node(notebook, resources={"metadata": {"path": str(folder)}})[0]
        return page

    file = folder / "nb.html"
    file.write_text(await asyncio.to_thread(convert), "utf-8")
    opened = await Opened.open(browser, file)
    await expect(opened.previews).to_have_count(3)
    for number, name in enumerate(("one", "two", "three")):
        inside = opened.inside(number)
        await expect(inside.get_by_role("heading")).to_have_text(name)
        await inside.get_by_role("button", name="Count").click()
        await expect(inside.get_by_role("button", name="Count")).to_have_text("Count 1")
    # nbconvert's own: they are not needed, and not there.
    assert all("require" in url or "mathjax" in url for url in opened.network)


async def test_pictures_are_put_into_a_notebook(folder: Path) -> None:
    def take() -> None:
        notebook = saved(counter(ov.App("tips"), label="Ada"))
        session.close()
        notebook.metadata["kept"] = "ä"
        nbformat.write(notebook, folder / "nb.ipynb")
        try:
            assert notebook_pictures.add(folder / "nb.ipynb") == (1, [])
            first = (folder / "nb.ipynb").read_bytes()
            assert notebook_pictures.add(folder / "nb.ipynb") == (1, [])
            assert (folder / "nb.ipynb").read_bytes() == first
        finally:
            headless.close()

    await asyncio.to_thread(take)
    read = json.loads((folder / "nb.ipynb").read_text("utf-8"))
    nbformat.validate(nbformat.from_dict(read))
    (output,) = read["cells"][0]["outputs"]
    png = base64.b64decode(output["data"]["image/png"])
    assert png.startswith(b"\x89PNG")
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    assert width == 720
    assert 50 < height < 200
    assert output["data"]["text/plain"] == ["Preview(tips · Counter)"]
    assert len(json.dumps(read)) < 20_000

    await asyncio.to_thread(lambda: (notebook_pictures.add(folder / "nb.ipynb", only=True), headless.close()))
    (output,) = json.loads((folder / "nb.ipynb").read_text("utf-8"))["cells"][0]["outputs"]
    assert list(output["data"]) == ["image/png", "text/plain"]


async def test_jupyterlab_saves_what_it_takes_and_exports_it_live_from_its_menu(lab: Host) -> None:
    notebook = await lab.open("menu", "import overskill_nb as ov\napp = ov.App('tips')", COMPONENT)
    for number in range(2):
        assert (await notebook.run_cell(number)).ok
    await notebook.frame_with("button")
    await notebook.command("docmanager:save")
    read = json.loads((lab.root / "menu/nb.ipynb").read_text("utf-8"))
    (output,) = read["cells"][1]["outputs"]
    assert output["metadata"]["overskill"]["previews"][0]["module"] == "src/components/Clicks.tsx"
    assert "widgets" not in read["metadata"]
    page = await notebook.page.context.new_page()
    await page.route("https://**", lambda route: route.abort())
    # What the menu's download is made of.
    await page.goto(f"{lab.server.url}/nbconvert/html/{lab.path('menu/nb.ipynb')}", referer=f"{lab.server.url}/lab")
    inside = page.locator("[data-overskill-preview] iframe").content_frame.frame_locator("iframe").locator("body")
    await inside.get_by_role("button", name="Clicks").click()
    await expect(inside.get_by_role("button", name="Clicks")).to_have_text("Clicks 1")
