"""What could go wrong around the visual editor, and what it does then: nothing crashes, and nothing is lost."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from .conftest import Host
from .editor import CARD, PAGE, Desk
from .jupyter import PATIENT, until

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_HOSTS = ("lab",)

PATIENCE = PATIENT * 1000
FIRST = '<Card   title="First" tone="warm" />'
FORGER = """\
import { useEffect, useState } from "react";
export function Forger() {
  const [state, setState] = useState("tries");
  useEffect(() => {
    const stolen: MessagePort[] = [];
    const listen = (event: MessageEvent) => stolen.push(...event.ports);
    addEventListener("message", listen);
    const data = { root: { props: {} }, content: [] };
    let edit = 100;
    const timer = setInterval(() => {
      const edited = { type: "editor", message: { type: "edited", edit: edit++, data, base: "" } };
      for (const there of [window, parent, top!]) {
        for (const message of [edited, edited.message]) there.postMessage(message, "*");
      }
      for (const port of stolen) port.postMessage(edited);
      if (edit > 120) setState(`tried, ${stolen.length} ports`);
    }, 20);
    return () => clearInterval(timer);
  }, []);
  return <i className="forger">{state}</i>;
}
"""


async def test_a_file_that_is_gone_is_told_and_the_canvas_goes_on_when_it_is_back(host: Host) -> None:
    desk = await Desk.open(host, "gone")
    file = desk.folder / "src/App.tsx"
    file.unlink()
    alert = desk.notebook.page.get_by_role("alert").filter(has_text="src/App.tsx is gone").first
    await alert.wait_for()
    await expect(desk.canvas.locator("h1")).to_have_text("Hello page")
    await desk.select("First 0")
    await desk.field("Title").locator("input").fill("Kept")
    await desk.says("Not saved: the file is gone")
    assert not file.exists()
    # What was done meanwhile is written once the file is back as it was.
    file.write_text(PAGE, "utf-8")
    await desk.writes(PAGE.replace('"First"', '"Kept"'))
    await expect(alert).to_have_count(0)
    await desk.says("Saved")


async def test_a_component_that_is_not_there_keeps_its_place_and_its_props(lab: Host) -> None:
    unknown = '<Card title="Second"'
    page = PAGE.replace(unknown, f'<Gone to="there" many={{3}} />\n      {unknown}').replace(
        'from "./components/Card";\n', 'from "./components/Card";\nimport { Gone } from "./components/Gone";\n'
    )
    desk = await Desk.open(lab, "unknown", more={"src/components/Gone.tsx": "export const Gone = () => <s>here</s>;\n"})
    await desk.write("src/App.tsx", page)
    await expect(desk.canvas.locator("s")).to_have_text("here", timeout=PATIENCE)
    (desk.folder / "src/components/Gone.tsx").unlink()
    await until(lambda: _counts(desk, '[data-overskill-card="Gone"]', 0))
    assert desk.source() == page
    await desk.select("First 0")
    await desk.field("Title").locator("input").fill("Changed")
    await desk.writes(page.replace('"First"', '"Changed"'))
    # The canvas shows the change although the page as it is does not compile.
    await expect(desk.canvas.locator(".card h2").first).to_have_text("Changed 0", timeout=PATIENCE)
    await desk.write("src/components/Gone.tsx", "export const Gone = () => <s>back</s>;\n")
    await expect(desk.canvas.locator("s")).to_have_text("back", timeout=PATIENCE)
    assert desk.source() == page.replace('"First"', '"Changed"')


async def test_props_of_wrong_types_are_shown_and_kept(lab: Host) -> None:
    wrong = '<Card title={7} tone="purple" count="many" open="yes" tags={{ a: 1 }} accentColor={5} />'
    page = PAGE.replace(FIRST, wrong)
    card = CARD.replace("tags.join", "[tags].flat().map(String).join")
    desk = await Desk.open(lab, "wrong", page=page, more={"src/components/Card.tsx": card})
    await desk.canvas.locator(".card h2").first.click()
    await expect(desk.selection).to_have_text("Card")
    await expect(desk.field("Title").locator("input")).to_have_value("7")
    await expect(desk.field("Accent color").locator("input[type=text]")).to_have_value("5")
    for label, value in {"Tone": '"purple"', "Count": '"many"', "Open": '"yes"', "Tags": '{"a":1}'}.items():
        await expect(desk.field(label)).to_contain_text(f"Now it is {value}, which does not fit.")
    await desk.field("Title").locator("input").fill("Text")
    await desk.writes(page.replace("title={7}", 'title={"Text"}'))
    await desk.field("Tone").get_by_text("cold").click()
    await desk.writes(page.replace("title={7}", 'title={"Text"}').replace('"purple"', '"cold"'))
    assert not desk.notebook.errors


async def test_props_that_a_component_lost_are_kept_and_shown(lab: Host) -> None:
    desk = await Desk.open(lab, "lost")
    await desk.select("First 0")
    await desk.write("src/components/Card.tsx", CARD.replace("tone", "mood"))
    stray = desk.field("tone")
    await expect(stray).to_contain_text("no property of this name", timeout=PATIENCE)
    await expect(stray.locator("input")).to_have_value("warm")
    await desk.field("Title").locator("input").fill("Other")
    await desk.writes(PAGE.replace('"First"', '"Other"'))


async def test_markup_in_texts_stays_text(lab: Host) -> None:
    desk = await Desk.open(lab, "markup")
    markup = "<img src=x onerror=\"window.hacked=1\"> {1+1} & </h1> `${2}` 'q' é\\n"
    await desk.select("Hello page")
    await desk.field("Text").locator("textarea").fill(markup)
    await expect(desk.canvas.locator("h1")).to_have_text(markup)
    await until(lambda: asyncio.sleep(0, "onerror" in desk.source()))
    await desk.says("Saved")
    await desk.select("First 0")
    await desk.field("Title").locator("input").fill(markup)
    await expect(desk.canvas.locator(".card h2").first).to_have_text(f"{markup} 0")
    await desk.says("Saved")
    assert (await desk.notebook.run("app.preview()")).ok
    shown = await desk.notebook.frame_with("#root > main .card")
    await desk.notebook.wait_text(shown, "h1", markup)
    await desk.notebook.wait_text(shown, ".card h2", f"{markup} 0")
    for frame in (desk.frame, shown):
        assert not await frame.evaluate("window.hacked === 1 || document.querySelector('#root img')")


async def test_what_a_component_posts_is_no_edit(lab: Host) -> None:
    page = PAGE.replace(FIRST, "<Forger />").replace(
        '/Card";\n', '/Card";\nimport { Forger } from "./components/Forger";\n', 1
    )
    desk = await Desk.open(lab, "posts", page=page, more={"src/components/Forger.tsx": FORGER})
    # Somebody is there, so only that it has no way to the page is in its way.
    await desk.select("Second 0")
    await expect(desk.canvas.locator(".forger")).to_have_text("tried, 0 ports", timeout=PATIENCE)
    await desk.field("Title").locator("input").fill("By hand")
    await desk.writes(page.replace('"Second"', '"By hand"'))
    assert await desk.button("Put it back").count() == 0


async def test_a_component_that_throws_takes_nothing_else_away(lab: Host) -> None:
    throwing = CARD.replace("return (", 'if (count) throw new Error("boom");\n  return (', 1)
    desk = await Desk.open(lab, "throws")
    await desk.write("src/components/Card.tsx", throwing)
    await desk.select("First 0")
    await desk.field("Count").locator("input").fill("3")
    await expect(desk.canvas).to_contain_text(re.compile("Card cannot be shown: boom"), timeout=PATIENCE)
    await expect(desk.canvas.locator(".card h2")).to_have_text(["Second 0"])
    await expect(desk.canvas.locator("h1")).to_have_text("Hello page")
    await desk.field("Count").locator("input").fill("0")
    await expect(desk.canvas.locator(".card h2")).to_have_text(["First 0", "Second 0"], timeout=PATIENCE)


async def _counts(desk: Desk, selector: str, expected: int) -> bool:
    return await desk.frame.locator(selector).count() == expected
