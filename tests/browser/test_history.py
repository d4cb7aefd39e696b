"""What a notebook shows of an app's history: its checkpoints, what each changed, and the way back."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import Locator, expect

from .conftest import Host
from .jupyter import PATIENT, Notebook

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_HOSTS = ("lab",)

PATIENCE = PATIENT * 1000
"""The same in milliseconds."""
PAGE = "export default function App() { return <h1>One</h1>; }\n"
BEGIN = f"""
import overskill_nb as ov
app = ov.App('tips')
app.write('src/App.tsx', {PAGE!r})
_ = app.history[0]
"""


async def ran(notebook: Notebook, source: str) -> None:
    outcome = await notebook.run(source)
    assert outcome.ok, outcome.error


async def begun(host: Host, folder: str, *sources: str) -> tuple[Notebook, Locator]:
    """A notebook whose app has a history, which is shown."""
    notebook = await host.open(folder, BEGIN)
    outcome = await notebook.run_cell(0)
    assert outcome.ok, outcome.error
    for source in sources:
        await ran(notebook, source)
    await ran(notebook, "app.history")
    shown = notebook.page.get_by_role("region", name="History of tips")
    await rows(shown).first.wait_for()
    return notebook, shown


def rows(shown: Locator) -> Locator:
    return shown.locator(".checkpoint")


async def titles(shown: Locator) -> list[str]:
    return await shown.locator(".checkpoint .what").all_inner_texts()


async def test_checkpoints_come_in_as_they_are_made(host: Host) -> None:
    """Where the engine is in the server the page has a connection of its own."""
    notebook, shown = await begun(host, "follows")
    assert await titles(shown) == ["Change src/App.tsx", "Begin"]
    about = await rows(shown).first.locator(".about").inner_text()
    assert "Python" in about
    assert "1 file" in about
    assert "as it is now" in about
    assert await rows(shown).first.get_by_role("button", name="Restore").count() == 0
    hover = await rows(shown).first.get_by_text("1 file").get_attribute("title")
    assert hover == "src/App.tsx"
    # Debounced, and told of by nobody here.
    await ran(notebook, "app.write('src/more.ts', 'export const more = 1;\\n')")
    await expect(rows(shown)).to_have_count(3, timeout=PATIENCE)
    assert await titles(shown) == ["Add src/more.ts", "Change src/App.tsx", "Begin"]
    assert await shown.locator("[data-newest]").count() == 1
    assert notebook.errors == []


async def test_what_a_checkpoint_changed_is_shown_on_demand(host: Host) -> None:
    change = f"app.write('src/App.tsx', {PAGE.replace('One', 'Two')!r}); app.write('src/a.ts', 'let a = 1;\\n')"
    _, shown = await begun(host, "differs", f"{change}; _ = app.history[0]")
    first = rows(shown).first
    button = first.get_by_role("button", name=re.compile("^Show what"))
    assert await button.get_attribute("aria-expanded") == "false"
    assert await shown.locator(".diff-line").count() == 0
    await button.click()
    await first.locator(".diff-file").first.wait_for()
    assert await first.locator(".diff-head .path").all_inner_texts() == ["src/App.tsx", "src/a.ts"]
    assert "added" in await first.locator(".diff-head").last.inner_text()
    removed = await first.locator('[data-kind="removed"] code').all_inner_texts()
    added = await first.locator('[data-kind="added"] code').all_inner_texts()
    assert [line.split("<h1>")[-1] for line in removed] == ["One</h1>; }"]
    assert ["Two" in added[0], "let a = 1;" in added[1], len(added)] == [True, True, 2]
    await first.get_by_role("button", name=re.compile("^Hide what")).click()
    await expect(first.locator(".diff-file")).to_have_count(0)


async def test_restoring_asks_and_brings_previews_back(lab: Host) -> None:
    two = f"app.write('src/App.tsx', {PAGE.replace('One', 'Two')!r}); _ = app.history[0]"
    notebook, shown = await begun(lab, "restores", "app.preview()", two)
    frame = await notebook.frame_with("h1")
    await notebook.wait_text(frame, "h1", "Two")
    restore = rows(shown).nth(1).get_by_role("button", name="Restore")
    # By keyboard, and first not.
    await restore.focus()
    await notebook.page.keyboard.press("Enter")
    asked = shown.get_by_role("group")
    assert "The files of now are kept as a checkpoint." in await asked.inner_text()
    await notebook.page.keyboard.press("Escape")
    await expect(asked).to_have_count(0)
    await expect(restore).to_be_focused()
    assert len(await titles(shown)) == 3
    await restore.click()
    await expect(asked.get_by_role("button", name="Restore")).to_be_focused()
    await notebook.page.keyboard.press("Enter")
    await rows(shown).nth(3).wait_for()
    assert re.fullmatch(r"Back to [0-9a-f]{8}: Change src/App\.tsx", (await titles(shown))[0])
    assert "restored" in await rows(shown).first.inner_text()
    await notebook.wait_text(await notebook.frame_with("h1"), "h1", "One")
    assert (lab.root / "restores/tips/src/App.tsx").read_text() == PAGE
    assert notebook.errors == []


async def test_a_checkpoint_that_did_not_compile_is_marked(lab: Host) -> None:
    notebook, shown = await begun(lab, "broken", "app.preview()")
    await notebook.frame_with("h1")
    await ran(notebook, "_ = (app.folder / 'src/App.tsx').write_text('export default function App( {\\n')")
    await shown.get_by_text("did not compile").wait_for()
    assert await rows(shown).first.get_attribute("data-broken") == "true"
    assert await rows(shown).nth(1).get_attribute("data-broken") is None


async def test_older_ones_are_loaded_on_demand(lab: Host) -> None:
    many = "for n in range(40):\n    app.write('src/n.ts', f'export const n = {n};\\n'); _ = app.history[0]"
    _, shown = await begun(lab, "older", many)
    await expect(rows(shown)).to_have_count(30)
    await shown.get_by_role("button", name="Show older ones").click()
    await expect(rows(shown)).to_have_count(42)
    assert (await titles(shown))[-1] == "Begin"
    assert await shown.get_by_role("button", name="Show older ones").count() == 0


async def test_the_page_loaded_anew_shows_it_again_and_nothing_volatile_was_saved(kernel_host: Host) -> None:
    notebook, shown = await begun(kernel_host, "saved")
    identity = await rows(shown).first.locator(".hash").inner_text()
    async with notebook.saved_with_widgets(kernel_host.root / "saved" / "nb.ipynb") as written:
        saved = json.dumps([cell["outputs"] for cell in written["cells"]])
        state = json.dumps(written["metadata"]["widgets"])
        assert '"view": "history"' in state
        assert "History(tips)" in saved
        assert identity not in saved + state
        assert "Change src" not in saved + state
        await notebook.page.reload()
        await notebook.connected()
        await rows(shown).nth(1).wait_for()
        await ran(notebook, "app.write('src/more.ts', 'export const more = 1;\\n'); _ = app.history[0]")
        await expect(rows(shown)).to_have_count(3, timeout=PATIENCE)
