"""The visual editor in a notebook: what is done on the canvas is in the page's file, and what is there is shown."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from .conftest import Host
from .editor import CARD, PAGE, Desk
from .jupyter import PATIENT, until

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_HOSTS = ("comm",)

PATIENCE = PATIENT * 1000
FIRST = '<Card   title="First" tone="warm" />'
LINE = ".inside > [data-puck-line-placeholder]"
"""Where something goes that is let go over an empty slot."""


async def test_what_is_dragged_into_the_page_is_in_its_file(host: Host) -> None:
    desk = await Desk.open(host, "drags")
    await desk.drag(desk.palette("Counter"), desk.canvas.locator("[data-overskill-empty]").first, LINE)
    filled = PAGE.replace(FIRST, '<Card   title="First" tone="warm">\n        <Counter />\n      </Card>')
    imported = filled.replace('/Card";\n', '/Card";\nimport { Counter } from "./components/Counter";\n', 1)
    await desk.writes(imported)
    await expect(desk.canvas.locator(".counter")).to_have_text("Count: 0")
    await expect(desk.field_panel.get_by_role("heading")).to_have_text("Counter")
    # A property, and a preview beside it that follows.
    assert (await desk.notebook.run("app.preview()")).ok
    shown = await desk.notebook.frame_with("#root > main .counter")
    await desk.field("Label").locator("input").fill("Clicks")
    await desk.writes(imported.replace("<Counter />", '<Counter label="Clicks" />'))
    await desk.notebook.wait_text(shown, ".counter", "Clicks: 0")
    await desk.frame.get_by_label("Undo").click()
    await desk.frame.get_by_label("Undo").click()
    await desk.writes(PAGE)
    await desk.frame.get_by_label("Redo").click()
    await desk.writes(imported)
    assert not desk.notebook.errors


async def test_what_is_there_is_moved_and_nested(lab: Host) -> None:
    desk = await Desk.open(lab, "moves")
    # Upwards, where nothing gives way under the mouse.
    await desk.drag(desk.canvas.get_by_text("Second 0"), desk.canvas.locator("h1"), "main > :first-child.card", at=0.1)
    start, end = PAGE.index("      <Card title="), PAGE.index("      <ul>")
    heading = PAGE.index("      <h1")
    await desk.writes(PAGE[:heading] + PAGE[start:end] + PAGE[heading:start] + PAGE[end:])
    await desk.drag(desk.canvas.locator("h1"), desk.canvas.locator("[data-overskill-empty]").first, LINE)
    await until(lambda: asyncio.sleep(0, 'tone="warm">\n        <h1' in desk.source()))
    assert desk.source().count("Hello page") == 1
    assert "{/* Kept as it is. */}" in desk.source()


async def test_a_prop_changes_by_its_field_and_nothing_else_does(lab: Host) -> None:
    desk = await Desk.open(lab, "fields")
    await desk.select("First 0")
    await desk.field("Title").locator("input").fill('A <b>"title"</b> & more')
    await until(lambda: asyncio.sleep(0, "more" in desk.source()))
    await expect(desk.canvas.locator(".card h2").first).to_have_text('A <b>"title"</b> & more 0')
    await desk.frame.get_by_label("Undo").click()
    await desk.writes(PAGE)
    await desk.select("First 0")
    steps = [
        (desk.field("Tone").get_by_text("cold").click(), 'tone="cold"'),
        (desk.field("Count").locator("input").fill("3"), 'tone="cold" count={3}'),
        (desk.field("Open").get_by_text("No").click(), 'tone="cold" count={3} open={false}'),
    ]
    for step, written in steps:
        await step
        await desk.writes(PAGE.replace('tone="warm"', written))
    await expect(desk.canvas.locator(".card").first).to_have_attribute("data-tone", "cold")
    await desk.field("Count").get_by_role("button", name="Reset").click()
    await desk.writes(PAGE.replace('tone="warm"', 'tone="cold" open={false}'))
    await desk.field("Tags").get_by_role("button", name="Add").click()
    await desk.field("Tags").locator("input").fill("a")
    await desk.writes(PAGE.replace('tone="warm"', 'tone="cold" open={false} tags={["a"]}'))


async def test_it_is_all_done_by_keyboard_and_buttons_too(lab: Host) -> None:
    desk = await Desk.open(lab, "keys")
    await desk.select("Second 0")
    await desk.frame.get_by_role("button", name="Duplicate").last.click()
    await until(lambda: asyncio.sleep(0, desk.source().count("Second") == 2))
    await desk.frame.get_by_role("button", name="Delete").last.click()
    await desk.writes(PAGE)
    await desk.select("Hello page")
    await desk.frame.locator("body").press("Alt+ArrowDown")
    await until(lambda: asyncio.sleep(0, desk.source().index("Hello page") > desk.source().index('"First"')))
    await desk.frame.locator("body").press("Alt+ArrowUp")
    await until(lambda: asyncio.sleep(0, desk.source().index("Hello page") < desk.source().index('"First"')))
    await desk.palette("Counter").hover()
    await desk.frame.get_by_label("Insert Counter").last.press("Enter")
    await until(lambda: asyncio.sleep(0, "<Counter />" in desk.source()))
    await desk.frame.locator("body").press("Control+z")
    await until(lambda: asyncio.sleep(0, "Counter" not in desk.source()))


async def test_the_last_use_takes_its_import_along(lab: Host) -> None:
    desk = await Desk.open(lab, "imports")
    for title in ("First 0", "Second 0"):
        await desk.select(title)
        await desk.frame.get_by_role("button", name="Delete").last.click()
    await until(lambda: asyncio.sleep(0, "Card" not in desk.source()))
    assert 'import { useState } from "react";' in desk.source()


async def test_code_is_shown_as_it_runs_and_keeps_its_place(lab: Host) -> None:
    desk = await Desk.open(lab, "locked")
    await expect(desk.canvas.locator("li")).to_have_text(["Ada", "Grace"])
    await expect(desk.canvas.locator("main > b")).to_have_text("many")
    await desk.canvas.locator("main > b").click()
    await expect(desk.field_panel.get_by_role("heading")).to_have_text("Code")
    await expect(desk.field_panel.locator("pre")).to_contain_text("people.length > 1")
    await desk.select("Second 0")
    await expect(desk.field_panel.locator("pre")).to_contain_text('console.log("hi")')


async def test_the_file_changed_elsewhere_shows_on_the_canvas(host: Host) -> None:
    desk = await Desk.open(host, "outside")
    await desk.select("First 0")
    state = await desk.canvas.locator(".card").first.get_attribute("data-id")
    await desk.field("Title").locator("input").fill("Erste")
    await desk.writes(PAGE.replace('"First"', '"Erste"'))
    # By a cell, by another program, and by the component itself.
    assert (await desk.notebook.run("app.edit('src/App.tsx', 'Hello page', 'Good day')")).ok
    await expect(desk.canvas.locator("h1")).to_have_text("Good day", timeout=PATIENCE)
    await desk.write("src/App.tsx", desk.source().replace("Good day", "Good night"))
    await expect(desk.canvas.locator("h1")).to_have_text("Good night", timeout=PATIENCE)
    await desk.write("src/components/Card.tsx", CARD.replace("<h2>{title} {count}", "<h2>{title}: {count}"))
    await expect(desk.canvas.locator(".card h2").first).to_have_text("Erste: 0", timeout=PATIENCE)
    assert await desk.canvas.locator(".card").first.get_attribute("data-id") == state
    await expect(desk.field_panel.get_by_role("heading")).to_have_text("Card")
    await desk.write("src/components/Fresh.tsx", "export function Fresh() { return <i>fresh</i>; }\n")
    await desk.palette("Fresh").wait_for()
    # What was undone is the person's own change, as it was before those of others.
    await expect(desk.frame.get_by_label("Undo")).to_be_enabled()


async def test_a_page_that_does_not_parse_waits(lab: Host) -> None:
    desk = await Desk.open(lab, "broken")
    broken = PAGE.replace("</main>", "</mai")
    await desk.write("src/App.tsx", broken)
    alert = desk.notebook.page.get_by_role("alert").filter(has_text="src/App.tsx").first
    await alert.wait_for()
    await expect(desk.canvas.locator("h1")).to_have_text("Hello page")
    await desk.write("src/App.tsx", PAGE.replace("Hello page", "Mended"))
    await expect(desk.canvas.locator("h1")).to_have_text("Mended", timeout=PATIENCE)


@pytest.mark.parametrize("mine", [True, False], ids=["mine is kept", "the file is kept"])
async def test_both_sides_changed_is_a_question(lab: Host, mine: bool) -> None:
    desk = await Desk.open(lab, f"conflict-{mine}")
    await desk.select("First 0")
    await desk.write("src/App.tsx", PAGE.replace("</main>", "</mai"))
    await desk.notebook.page.get_by_role("alert").filter(has_text="src/App.tsx").first.wait_for()
    await desk.field("Title").locator("input").fill("Mine")
    await desk.write("src/App.tsx", PAGE.replace("Hello page", "Theirs"))
    page = desk.notebook.page
    await page.get_by_role("button", name="Keep mine").wait_for()
    await page.get_by_role("button", name="Keep mine" if mine else "Use the file").click()
    if mine:
        await desk.writes(PAGE.replace('"First"', '"Mine"'))
    else:
        await expect(desk.canvas.locator("h1")).to_have_text("Theirs", timeout=PATIENCE)
        assert desk.source() == PAGE.replace("Hello page", "Theirs")
    await expect(page.get_by_role("button", name="Keep mine")).to_have_count(0)


async def test_python_reads_and_sets_the_page_and_hears_of_changes(host: Host) -> None:
    desk = await Desk.open(host, "python", before="heard = []")
    await desk.notebook.run("editor.on('change', lambda data: heard.append(len(data['content'])))")
    await desk.select("First 0")
    await desk.notebook.prints("print(editor.selected['props']['title'])", "First")
    await desk.field("Title").locator("input").fill("Changed")
    await desk.notebook.prints("print(heard[-1:], editor.data['content'][1]['props']['title'])", "[5] Changed")
    source = "data = editor.data\ndata['content'][1]['props']['title'] = 'Set'\neditor.data = data"
    assert (await desk.notebook.run(source)).ok
    await expect(desk.canvas.locator(".card h2").first).to_have_text("Set 0", timeout=PATIENCE)
    outcome = await desk.notebook.run("editor.data = {'content': [{'type': 'Crad', 'props': {}}]}")
    assert "Did you mean 'Card'?" in outcome.error
    assert '"Set"' in desk.source()


async def test_a_narrow_page_is_narrow_for_its_styles_too(lab: Host) -> None:
    desk = await Desk.open(lab, "narrow")
    size = "getComputedStyle(document.querySelector('[data-overskill-canvas] h1')).fontSize"
    await desk.notebook.page.get_by_role("button", name="Desktop").first.click()
    await until(lambda: _is(desk, size, "48px"))
    await desk.notebook.page.get_by_role("button", name="Phone").first.click()
    await until(lambda: _is(desk, size, "20px"))


async def _is(desk: Desk, expression: str, expected: str) -> bool:
    return bool(await desk.frame.evaluate(expression) == expected)


async def test_the_cell_run_again_keeps_the_canvas(lab: Host) -> None:
    desk = await Desk.open(lab, "again")
    await desk.frame.evaluate("window.kept = true")
    await desk.notebook.run_cell(1)
    await asyncio.sleep(1)
    frame = await desk.notebook.frame_with("[data-overskill-canvas] .card")
    assert await frame.evaluate("window.kept === true")


async def test_generated_code_cannot_change_the_page_by_itself(lab: Host) -> None:
    forging = CARD.replace(
        "const [id]",
        """useEffect(() => {
    const timer = setInterval(() => {
      document.querySelector('[aria-label="Insert Counter"]')?.click();
    }, 300);
    return () => clearInterval(timer);
  }, []);
  const [id]""",
    ).replace("import { useState }", "import { useEffect, useState }")
    desk = await Desk.open(lab, "forges")
    await asyncio.sleep(16)  # until nobody was at it for long enough
    await desk.write("src/components/Card.tsx", forging)
    # To look at the page through the browser's driver counts as a person's doing: not before the code had its time.
    await asyncio.sleep(4)
    assert desk.source() == PAGE
    assert await desk.notebook.page.get_by_role("alert").filter(has_text="nobody did anything").count() == 1
    assert await desk.canvas.locator(".counter").count() > 0


async def test_it_is_dark_where_the_notebook_is(lab: Host) -> None:
    desk = await Desk.open(lab, "dark", theme="JupyterLab Dark")
    colour = "getComputedStyle(document.querySelector('.ov-panel')).backgroundColor"
    await until(lambda: _is(desk, colour, "rgb(30, 30, 30)"))
