"""A person's steps in a preview, written down by roles and names, and replayed on a fresh build."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from .conftest import Host
from .jupyter import Notebook, until

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_HOSTS = ("lab",)

START = "import overskill_nb as ov\napp = ov.App('form')"
FORM = """%%component Form
import { useState } from "react";

export default function Form() {
  const [sent, setSent] = useState<string[]>([]);
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState("");
  return (
    <div className="p-4">
      <form onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        setSent([...sent, [...data.values()].join(", ")]);
      }}>
        <label>Name <input name="name" /></label>
        <label>Password <input name="word" type="password" /></label>
        <label>Size <select name="size"><option>Small</option><option>Large</option></select></label>
        <label><input name="gift" type="checkbox" value="as a gift" /> Gift</label>
        <textarea aria-label="Note" name="note" value={note} onChange={(e) => setNote(e.target.value)} />
        <button><b>Send</b> it</button>
      </form>
      <ul onKeyDown={(event) => event.key === "Escape" && setOpen(false)}>
        {sent.map((text, n) => <li key={n}>{text} <button onClick={() => setOpen(true)}>Show</button></li>)}
      </ul>
      <span onClick={() => setSent([])}>Forget all</span>
      <p onDoubleClick={() => setNote("Once more")}>Fill it in</p>
      {open && <div role="dialog" aria-label="Details">It was sent.</div>}
    </div>
  );
}
"""
STEPS = """type "Ada" into textbox "Name"
press Enter in textbox "Name"
type "••••••••" into field "Password"
select "Large" in combobox "Size"
click checkbox "Gift"
type "Two
lines" into textbox "Note"
click button "Send it"
click button "Show" (2nd)
press Escape in button "Show" (2nd)
click text "Forget all"
double-click text "Fill it in\""""


async def begun(host: Host, folder: str) -> Notebook:
    notebook = await host.open(folder, START, FORM)
    for number in (0, 1):
        outcome = await notebook.run_cell(number)
        assert outcome.ok, outcome.error
    return notebook


async def use(notebook: Notebook) -> None:
    """As a person does, with mouse and keyboard."""
    frame = await notebook.frame_with("textarea")
    await frame.get_by_label("Name").click()
    keyboard = notebook.page.keyboard
    await keyboard.type("Ada")
    await keyboard.press("Enter")
    await frame.get_by_label("Password").click()
    await keyboard.type("secret")
    await frame.get_by_label("Size").focus()
    await keyboard.press("ArrowDown")
    await frame.get_by_text("Gift").click()
    await frame.get_by_label("Note").click()
    await keyboard.type("Two")
    await keyboard.press("Enter")
    await keyboard.type("lines")
    await frame.get_by_role("button", name="Send it").click()
    await frame.get_by_role("button", name="Show").nth(1).click()
    await frame.get_by_text("It was sent.").wait_for()
    await keyboard.press("Escape")
    await frame.get_by_text("Forget all").click()
    await frame.get_by_text("Fill it in").dblclick()


async def test_the_toolbars_button_records_what_is_done_until_it_is_kept(host: Host) -> None:
    notebook = await begun(host, "recording")
    toolbar = notebook.page.get_by_role("toolbar", name="Preview form · Form")
    await toolbar.get_by_role("button", name="Record what you do").click()
    await use(notebook)
    panel = notebook.page.get_by_role("form", name="Recording")
    await expect(panel.get_by_role("listitem")).to_have_count(11)
    await panel.get_by_role("textbox", name="Name of the recording").fill("…")
    await panel.get_by_role("button", name="Stop and keep").click()
    await expect(panel.get_by_role("alert")).to_have_text("'…' cannot be a name here: give it letters or digits.")
    await (await notebook.frame_with("textarea")).get_by_label("Gift").click()
    await expect(panel.get_by_role("listitem")).to_have_count(12)
    await panel.get_by_role("button", name="Leave out step 12").click()
    await panel.get_by_role("textbox", name="Name of the recording").fill("sends it")
    await panel.get_by_role("button", name="Stop and keep").click()
    await expect(notebook.page.get_by_text("'sends it' is recorded: 11 steps.")).to_be_visible(timeout=60_000)
    printed = await notebook.run("print(app.interactions['sends it'])")
    assert printed.text.strip() == STEPS.replace("\nlines", "\\nlines")
    kept = (host.root / "recording/recordings/nb/sends-it.yaml").read_text("utf-8")
    assert "- listitem:\n" in kept
    assert "Ada, ••••••••, Large, as a gift, Two" in kept
    assert "secret" not in kept
    assert "Once more" in kept
    replayed = await notebook.run("print(app.replay('sends it'))")
    assert replayed.text.strip() == "'sends it' went as recorded: 11 steps."


async def test_python_begins_and_ends_a_recording(lab: Host) -> None:
    notebook = await begun(lab, "begun")
    outcome = await notebook.run("r = app.record('types a name')\nr")
    assert "Recording 'types a name' in the preview of form · Form" in outcome.text
    frame = await notebook.frame_with("textarea")
    panel = notebook.page.get_by_role("form", name="Recording")
    await expect(panel.get_by_role("textbox", name="Name of the recording")).to_have_value("types a name")
    await frame.get_by_label("Name").fill("Ada")
    await frame.get_by_label("Gift").click()
    await expect(panel.get_by_role("listitem")).to_have_count(2)
    outcome = await notebook.run("print(r.stop())")
    assert outcome.text.strip().endswith("'types a name' is recorded: 2 steps.")
    await expect(panel).to_have_count(0)
    assert "[checked]" in (lab.root / "begun/recordings/nb/types-a-name.yaml").read_text("utf-8")


async def test_a_change_of_the_source_does_not_end_a_recording(lab: Host) -> None:
    notebook = await begun(lab, "changed")
    toolbar = notebook.page.get_by_role("toolbar", name="Preview form · Form")
    await toolbar.get_by_role("button", name="Record what you do").click()
    await toolbar.get_by_role("button", name="Reload the preview").click()
    frame = await notebook.frame_with("textarea")
    panel = notebook.page.get_by_role("form", name="Recording")

    async def recorded() -> bool:
        await frame.get_by_label("Gift").click()
        await asyncio.sleep(0.2)
        return await panel.get_by_text('click checkbox "Gift"').count() > 0

    await until(recorded)
    await toolbar.get_by_role("button", name="Drop what is recorded").click()
    await expect(panel).to_have_count(0)
    assert not (lab.root / "changed/recordings").exists()
