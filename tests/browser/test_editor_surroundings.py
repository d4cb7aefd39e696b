"""The visual editor among what else is in a notebook: prompts, cells, other editors, keys, the whole screen."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Frame, expect
from scripted_model import Refuse, Say, ScriptedModel

from .conftest import Host
from .editor import CARD, PAGE, Desk
from .jupyter import PATIENT, until

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_HOSTS = ("lab",)

PATIENCE = PATIENT * 1000
BADGE = """\
export default function StatusBadge({ word = "new" }: { word?: string }) {
  return <em className="badge">{word}</em>;
}
"""


def live(model: ScriptedModel) -> str:
    """Names a model whose answers are not recorded."""
    named = f"{model.url}/v1#qwen2.5-coder-1.5b"
    return f"import os\nos.environ.update(OVERSKILL_MODE='live', OVERSKILL_MODEL={named!r})"


def fenced(code: str) -> str:
    return f"Here it is:\n```tsx\n{code}```\n"


async def test_a_component_is_generated_where_one_is(host: Host) -> None:
    async with ScriptedModel(Say(fenced(BADGE), pause=0.05), Refuse(401, "bad key")).running() as model:
        desk = await Desk.open(host, "generates", before=live(model))
        await desk.select("First 0")
        page = desk.notebook.page
        await desk.button("Edit Card").wait_for()  # the page has heard what is selected
        await desk.button("Generate here").press("Enter")
        await page.get_by_label("Generate a component, at what is selected").fill("A status badge with a word")
        await expect(page.get_by_label("Name of the new component")).to_have_value("StatusBadge")
        await page.keyboard.press("Enter")
        await expect(page.locator(".prompt-said").first).to_contain_text("StatusBadge", timeout=PATIENCE)
        filled = PAGE.replace('tone="warm" />', 'tone="warm">\n        <StatusBadge />\n      </Card>')
        await until(lambda: asyncio.sleep(0, filled.split("export")[1] in desk.source()))
        assert re.search(r'^import StatusBadge from "\./components/StatusBadge";$', desk.source(), re.MULTILINE)
        await expect(desk.canvas.locator(".card .badge")).to_have_text("new", timeout=PATIENCE)
        await expect(desk.selection).to_have_text("StatusBadge")
        assert (desk.folder / "src/components/StatusBadge.tsx").read_text("utf-8") == BADGE
        # It is put in like anything else, so it is taken back like anything else.
        await desk.frame.get_by_label("Undo").click()
        await desk.writes(PAGE)
        # A refusal is said, and the prompt is there to be tried again.
        await desk.select("Second 0")
        await desk.button("Edit Card").wait_for()
        await desk.button("Generate here").press("Enter")
        field = page.get_by_label("Generate a component, at what is selected")
        await field.fill("A red box")
        await page.keyboard.press("Enter")
        await expect(page.locator("#prompt-failure")).to_contain_text("refused", timeout=PATIENCE)
        await expect(field).to_have_value("A red box")
    assert desk.source() == PAGE


async def test_what_is_selected_is_changed_by_a_prompt(lab: Host) -> None:
    changed = CARD.replace("<h2>{title} {count}", "<h2>{title} of {count}")
    async with ScriptedModel(Say(fenced(changed))).running() as model:
        desk = await Desk.open(lab, "prompts", before=live(model))
        await desk.select("First 0")
        await desk.frame.get_by_title("Prompt").or_(desk.frame.get_by_role("button", name="Prompt")).first.click()
        page = desk.notebook.page
        field = page.get_by_label("Edit Card with a prompt")
        await expect(field).to_be_focused()
        state = await desk.canvas.locator(".card").first.get_attribute("data-id")
        await page.keyboard.type("Say of before the number")
        await page.keyboard.press("Enter")
        await expect(desk.canvas.locator(".card h2").first).to_have_text("First of 0", timeout=PATIENCE)
        await expect(page.locator(".prompt-said").first).to_have_text("Card is changed.", timeout=PATIENCE)
    assert await desk.canvas.locator(".card").first.get_attribute("data-id") == state
    assert desk.source() == PAGE
    assert (desk.folder / "src/components/Card.tsx").read_text("utf-8") == changed
    assert CARD in str(model.requests[0]["messages"]) or "<h2>{title} {count}" in str(model.requests[0]["messages"])


async def test_all_is_reached_by_the_keyboard(lab: Host) -> None:
    desk = await Desk.open(lab, "tabs")
    keyboard = desk.notebook.page.keyboard
    await desk.frame.get_by_label("Find a component").focus()
    await keyboard.press("Shift+Tab")
    # The page by its outline, without a mouse.
    await expect(desk.frame.get_by_role("tab", name="Outline")).to_be_focused()
    await keyboard.press("Enter")
    layer = desk.frame.get_by_role("complementary", name="Components and outline").locator("button", has_text="Card")
    reached = await _tabs(desk, 6)
    assert "Card" in reached, reached
    await layer.first.focus()
    await keyboard.press("Enter")
    await expect(desk.selection).to_have_text("Card")
    await desk.frame.get_by_role("tab", name="Components").press("Enter")
    reached = await _tabs(desk, 90)
    for name in ("Find a component", "Insert Card", "Insert Counter", "Move up", "Move down", "Duplicate", "Delete"):
        assert name in reached, (name, reached)
    for label in ("Title", "Count"):
        assert any(name.startswith(label) for name in reached), (label, reached)
    assert reached.count("Insert Card") == 1
    # Keys that mean something else in a field do there what they always do.
    title = desk.field("Title").locator("input")
    await title.focus()
    await title.press("End")
    await title.press("Backspace")
    await desk.writes(PAGE.replace('"First"', '"Firs"'))
    await asyncio.sleep(0.4)  # nobody is faster; what is done at once is one step
    await desk.frame.get_by_role("button", name="Duplicate").last.focus()
    await keyboard.press("Delete")
    await until(lambda: asyncio.sleep(0, "<Card   title" not in desk.source()))
    await keyboard.press("Control+z")
    await desk.writes(PAGE.replace('"First"', '"Firs"'))
    await keyboard.press("Control+z")
    await desk.writes(PAGE)
    await keyboard.press("Control+y")
    await desk.writes(PAGE.replace('"First"', '"Firs"'))
    # What was typed a moment ago is taken back, and nothing else.
    await title.press("End")
    await keyboard.press("x")
    await keyboard.press("Control+z")
    await desk.says("Saved")
    await asyncio.sleep(0.5)
    assert desk.source() == PAGE.replace('"First"', '"Firs"')


async def _tabs(desk: Desk, most: int) -> list[str]:
    """What the next presses of Tab reach in the frame, by name."""
    found: list[str] = []
    for _ in range(most):
        await desk.notebook.page.keyboard.press("Tab")
        found.append(
            await desk.frame.evaluate(
                "(({activeElement: at}) => at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent"
                " ?? at.textContent.trim())(document)"
            )
        )
    return found


async def test_scroll_and_undo_are_kept_when_the_file_changes(lab: Host) -> None:
    lines = "".join(f"      <p>Line {number}</p>\n" for number in range(60))
    page = PAGE.replace("      <ul>\n", f"{lines}      <ul>\n")
    desk = await Desk.open(lab, "scrolls", page=page)
    await desk.select("First 0")
    await desk.field("Title").locator("input").fill("Mine")
    await desk.writes(page.replace('"First"', '"Mine"'))
    # What comes within a moment of it would be undone together with it.
    await expect(desk.frame.get_by_label("Undo")).to_be_enabled(timeout=PATIENCE)
    canvas = desk.frame.locator(".ov-canvas")
    await canvas.evaluate("at => { at.scrollTop = 700 }")
    at = await canvas.evaluate("at => at.scrollTop")
    assert at > 300
    cell = "%%source src/App.tsx\n" + page.replace('"First"', '"Mine"').replace("Line 59", "Last line")
    assert (await desk.notebook.run(cell)).ok
    await expect(desk.canvas.get_by_text("Last line")).to_have_count(1, timeout=PATIENCE)
    assert await canvas.evaluate("at => at.scrollTop") == at
    await expect(desk.selection).to_have_text("Card")
    # Back by what the cell did, and by what was done here.
    await desk.frame.get_by_label("Undo").click()
    await desk.writes(page.replace('"First"', '"Mine"'))
    await desk.frame.get_by_label("Undo").click()
    await desk.writes(page)


async def test_a_component_of_a_cell_is_in_the_palette_and_app_write_shows(lab: Host) -> None:
    desk = await Desk.open(lab, "cells")
    await desk.select("First 0")
    body = "{ return <i className='fresh'>{word}</i>; }"
    cell = f"%%component Fresh\nexport default function Fresh({{ word = 'fresh' }}) {body}"
    assert (await desk.notebook.run(cell)).ok
    await desk.palette("Fresh").wait_for()
    await expect(desk.selection).to_have_text("Card")
    await desk.frame.get_by_label("Insert Fresh").last.click()
    await expect(desk.canvas.locator(".card .fresh")).to_have_text("fresh", timeout=PATIENCE)
    await until(lambda: asyncio.sleep(0, "<Fresh />" in desk.source()))
    state = await desk.canvas.locator(".card").first.get_attribute("data-id")
    assert (await desk.notebook.run(cell.replace("'fresh' }", "'fresher' }"))).ok
    await expect(desk.canvas.locator(".card .fresh")).to_have_text("fresher", timeout=PATIENCE)
    assert (await desk.notebook.run(f"app.write('src/App.tsx', {PAGE.replace('Hello page', 'Written')!r})")).ok
    await expect(desk.canvas.locator("h1")).to_have_text("Written", timeout=PATIENCE)
    await expect(desk.canvas.locator(".fresh")).to_have_count(0)
    assert await desk.canvas.locator(".card").first.get_attribute("data-id") == state
    await desk.notebook.prints("print(sorted(editor.config['components']))", "'Counter', 'Fresh'")


async def test_a_colour_and_a_list_have_their_fields(lab: Host) -> None:
    desk = await Desk.open(lab, "colours")
    await desk.select("First 0")
    colour = desk.field("Accent color")
    await colour.locator("input[type=color]").fill("#ff8800")
    await desk.writes(PAGE.replace('tone="warm"', 'tone="warm" accentColor="#ff8800"'))
    await expect(desk.canvas.locator(".card").first).to_have_css("border-color", "rgb(255, 136, 0)")
    await colour.locator("input[type=text]").fill("teal")
    await desk.writes(PAGE.replace('tone="warm"', 'tone="warm" accentColor="teal"'))
    await expect(colour.locator("input[type=color]")).to_have_value("#008080")
    await colour.get_by_role("button", name="Reset").click()
    await desk.writes(PAGE)


async def test_pages_have_editors_of_their_own(lab: Host) -> None:
    desk = await Desk.open(lab, "pages")
    outcome = await desk.notebook.run("app.page('src/pages/About.tsx')")
    assert outcome.ok, outcome.error
    about = desk.folder / "src/pages/About.tsx"
    made = about.read_text("utf-8")
    assert "<h1" in made
    preview = await desk.notebook.frame_with("#root h1:only-of-type:not([data-puck-component])")
    outcome = await desk.notebook.run("other = app.editor('src/pages/About.tsx')\nother")
    assert outcome.ok, outcome.error
    frames: list[Frame] = []

    async def two() -> bool:
        frames[:] = [f for f in await desk.notebook.frames() if await f.query_selector("[data-overskill-canvas] h1")]
        return len(frames) == 2

    await until(two)
    (second,) = [frame for frame in frames if frame != desk.frame]
    await second.get_by_label("Insert Counter").last.click()
    await until(lambda: asyncio.sleep(0, "<Counter />" in about.read_text("utf-8")))
    assert desk.source() == PAGE
    await expect(preview.locator(".counter")).to_have_text("Count: 0", timeout=PATIENCE)
    await desk.notebook.show(1)
    await desk.select("First 0")
    await desk.field("Title").locator("input").fill("Mine")
    await desk.writes(PAGE.replace('"First"', '"Mine"'))
    assert about.read_text("utf-8").count("<Counter />") == 1
    assert not desk.notebook.errors


async def test_two_views_of_an_editor_show_the_same_page(lab: Host) -> None:
    desk = await Desk.open(lab, "views")
    await desk.notebook.page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1")
    await desk.notebook.command("notebook:create-output-view")
    frames: list[Frame] = []

    async def two() -> bool:
        frames[:] = [f for f in await desk.notebook.frames() if await f.query_selector("[data-overskill-canvas] h1")]
        return len(frames) == 2

    await until(two)
    await desk.select("First 0")
    await desk.field("Title").locator("input").fill("Both")
    await desk.writes(PAGE.replace('"First"', '"Both"'))
    for frame in frames:
        await expect(frame.locator("[data-overskill-canvas] .card h2").first).to_have_text("Both 0", timeout=PATIENCE)


async def test_it_takes_the_whole_screen_and_gives_it_back(lab: Host) -> None:
    desk = await Desk.open(lab, "screen")
    await desk.select("First 0")
    await desk.frame.evaluate("window.kept = true")
    before = await desk.frame.evaluate("innerHeight")
    await desk.button("Full screen").first.click()
    await desk.button("Leave full screen").first.wait_for()
    assert await desk.notebook.page.evaluate("document.fullscreenElement !== null")
    await until(lambda: desk.frame.evaluate("height => innerHeight > height", before))
    await expect(desk.selection).to_have_text("Card")
    await desk.field("Title").locator("input").fill("Full")
    await desk.writes(PAGE.replace('"First"', '"Full"'))
    await desk.button("Leave full screen").first.click()
    await desk.button("Full screen").first.wait_for()
    assert await desk.frame.evaluate("window.kept === true")


async def test_changes_are_shown_line_by_line(lab: Host) -> None:
    desk = await Desk.open(lab, "changes")
    await desk.select("First 0")
    await desk.field("Title").locator("input").fill("Diff")
    await desk.writes(PAGE.replace('"First"', '"Diff"'))
    await desk.button("Changes").press("Enter")
    since = desk.notebook.page.get_by_role("region", name="Changes of src/App.tsx")
    await expect(since.locator('.diff-line[data-kind="added"]')).to_have_count(1, timeout=PATIENCE)
    await expect(since.locator('.diff-line[data-kind="added"]')).to_contain_text('"Diff"')
    await desk.frame.get_by_label("Undo").click()
    await expect(since).to_contain_text("src/App.tsx is as it was.", timeout=PATIENCE)
