"""A component in a cell: shown, changed, kept. In JupyterLab, in Notebook 7, and over comm messages alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Frame, expect

from .conftest import Host
from .jupyter import PATIENT, Notebook, until

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_HOSTS = ("lab",)

CARD = PATIENT * 1000
OPEN = "import overskill_nb as ov\napp = ov.App('demo')"
STYLE = "app.write('src/panel.css', '.panel { color: rgb(1, 2, 3) }')"
WORD = "app.write('src/lib/word.ts', 'export const word = \"clicks\";')"


def counter(label: str = "v1", path: str = "@/lib/word") -> str:
    return f"""%%component Counter
import {{ useState }} from "react";
import {{ word }} from "{path}";
import "../panel.css";

export default function Counter({{ step = 1, onSave }}: {{ step?: number; onSave?: (n: number) => void }}) {{
  const [count, setCount] = useState(0);
  return (
    <div className="panel p-4">
      <b id="label">{label}</b>
      <button id="count" data-step={{step}} onClick={{() => setCount(count + step)}}>{{count}} {{word}}</button>
      <button id="save" data-to={{typeof onSave}} onClick={{() => onSave?.(count)}}>save</button>
    </div>
  );
}}
"""


async def clicked_to_three(notebook: Notebook) -> Frame:
    """The counter's frame, with the counter at 3."""
    frame = await notebook.frame_with("#count")
    for _ in range(3):
        await frame.click("#count")
    await notebook.wait_text(frame, "#count", "3 clicks")
    return frame


async def start(host: Host, folder: str, *more: str, **options: Any) -> tuple[Notebook, Frame]:
    notebook = await host.open(folder, f"{OPEN}\n{STYLE}\n{WORD}", counter(), *more, **options)
    for number in (0, 1):
        outcome = await notebook.run_cell(number)
        assert outcome.ok, outcome.error
    return notebook, await clicked_to_three(notebook)


async def test_state_is_kept_over_ten_runs_of_the_cell_that_shows_the_component(host: Host) -> None:
    notebook, frame = await start(host, "rerun")
    for turn in range(10):
        await notebook.set_cell(1, counter(f"v{turn + 2}"))
        assert (await notebook.run_cell(1)).ok
        await notebook.wait_text(frame, "#label", f"v{turn + 2}")
        assert await frame.text_content("#count") == "3 clicks"
    assert not frame.is_detached()
    assert len(await notebook.frames()) == 1
    assert not notebook.errors


async def test_state_is_kept_over_scrolling_away_and_back(host: Host) -> None:
    notebook, frame = await start(host, "scroll", *["print('line\\n' * 60)"] * 6)
    for number in range(2, 8):
        await notebook.run_cell(number)
    for _ in range(3):
        for number in (7, 1):
            await notebook.show(number)
    assert await frame.text_content("#count") == "3 clicks"
    stage = await notebook.stage_of(frame)
    await stage.wait_for_element_state("visible")
    await frame.click("#count")
    await notebook.wait_text(frame, "#count", "4 clicks")


async def test_state_is_kept_over_collapsing_the_output_and_moving_the_cell(host: Host) -> None:
    notebook, frame = await start(host, "collapse", "1", "2")
    await notebook.run_cell(2)
    await notebook.page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1")
    await notebook.command("notebook:hide-cell-outputs")
    stage = await notebook.stage_of(frame)
    await stage.wait_for_element_state("hidden")
    await notebook.command("notebook:show-cell-outputs")
    await stage.wait_for_element_state("stable")
    before = await stage.bounding_box()
    assert before
    await notebook.command("notebook:move-cell-down")

    async def lower() -> bool:
        after = await stage.bounding_box()
        return after is not None and after["y"] > before["y"]

    await until(lower)
    assert not frame.is_detached()
    await frame.click("#count")
    await notebook.wait_text(frame, "#count", "4 clicks")


async def test_edits_of_an_imported_file_and_of_css_keep_state(host: Host) -> None:
    notebook, frame = await start(host, "imports")
    assert (await notebook.run("%%source src/lib/word.ts\nexport const word = 'presses';")).ok
    await notebook.wait_text(frame, "#count", "3 presses")
    assert (await notebook.run("app.edit('src/panel.css', 'rgb(1, 2, 3)', 'rgb(4, 5, 6)')")).ok
    await frame.wait_for_function("getComputedStyle(document.querySelector('.panel')).color === 'rgb(4, 5, 6)'")
    assert await frame.text_content("#count") == "3 presses"


async def test_a_save_in_jupyterlabs_own_editor_reaches_the_preview(lab: Host) -> None:
    notebook, frame = await start(lab, "editor")
    # Typed and saved by the user's own keys, in a tab beside the notebook.
    await notebook.command(
        "docmanager:open", {"path": lab.path("editor/demo/src/lib/word.ts"), "options": {"mode": "split-right"}}
    )
    editor = notebook.page.locator(".jp-FileEditor .cm-content")
    await editor.get_by_text("clicks").wait_for()
    await editor.click()
    await notebook.page.keyboard.press("Control+A")
    await notebook.page.keyboard.type('export const word = "presses";')
    await notebook.page.keyboard.press("Control+S")
    await notebook.wait_text(frame, "#count", "3 presses")
    # The same content saved again is no update.
    seen = await notebook.update_latency()
    await notebook.page.keyboard.press("Control+S")
    await asyncio.sleep(1)
    assert await notebook.update_latency() == seen
    assert await frame.text_content("#count") == "3 presses"


async def test_a_syntax_error_keeps_the_last_view_and_the_next_good_run_recovers(host: Host) -> None:
    notebook, frame = await start(host, "syntax")
    await notebook.set_cell(1, counter("v2").replace("return (", "return ((", 1))
    outcome = await notebook.run_cell(1)
    assert not outcome.ok
    assert outcome.error.startswith("BuildError: src/components/Counter.tsx:")
    assert len(outcome.text.splitlines()) < 16, outcome.text
    assert await frame.text_content("#label") == "v1"
    assert await frame.text_content("#count") == "3 clicks"
    card = notebook.page.get_by_role("alert").filter(has_text="Counter.tsx")
    await card.wait_for()
    await notebook.set_cell(1, counter("v3"))
    assert (await notebook.run_cell(1)).ok
    await notebook.wait_text(frame, "#label", "v3")
    assert await frame.text_content("#count") == "3 clicks"
    await card.wait_for(state="detached")


async def test_a_throw_while_rendering_keeps_the_last_view_and_the_next_good_run_recovers(host: Host) -> None:
    notebook, frame = await start(host, "throws")
    await notebook.set_cell(
        1, counter("v2").replace("return (", "if (count > 1) throw new Error('boom');\n  return (", 1)
    )
    assert (await notebook.run_cell(1)).ok
    card = notebook.page.get_by_role("alert").filter(has_text="boom")
    await expect(card).to_contain_text("src/components/Counter.tsx:7", timeout=CARD)
    assert await frame.text_content("#label") == "v1"
    assert await frame.text_content("#count") == "3 clicks"
    await notebook.prints("p = app.preview('Counter'); print(p.status, p.errors[0].location.line)", "error 7\n")
    await notebook.set_cell(1, counter("v3"))
    assert (await notebook.run_cell(1)).ok
    await notebook.wait_text(frame, "#label", "v3")
    assert await frame.text_content("#count") == "3 clicks"


async def test_an_endless_loop_is_stopped_and_told_with_its_line_while_the_notebook_goes_on(host: Host) -> None:
    notebook, frame = await start(host, "loops")
    await notebook.set_cell(1, counter("v2").replace("return (", "while (count > 1) {}\n  return (", 1))
    assert (await notebook.run_cell(1)).ok
    # The frame is busy; the page, the kernel and the engine are not.
    assert (await notebook.run("print(6 * 7)")).text.strip() == "42"
    card = notebook.page.get_by_role("alert").filter(has_text="This loop did not end")
    await expect(card).to_contain_text("src/components/Counter.tsx:7:3", timeout=CARD)
    await expect(card).to_contain_text("while (count > 1) {}", timeout=CARD)
    await notebook.prints("p = app.preview('Counter'); print(p.status, p.errors[0].location.line)", "error 7\n")
    assert await frame.text_content("#count") == "3 clicks"
    await notebook.set_cell(1, counter("v3"))
    assert (await notebook.run_cell(1)).ok
    await notebook.wait_text(frame, "#label", "v3")
    assert await frame.text_content("#count") == "3 clicks"
    assert not frame.is_detached()


async def test_a_preview_that_does_not_answer_is_told_and_starts_again_with_the_next_edit(host: Host) -> None:
    """Nothing of ours is in what a regular expression does, nor in a package's loops."""
    notebook, frame = await start(host, "silent")
    hang = "/^(a+)+$/.test('a'.repeat(60) + 'b')"
    hanging = counter("v2").replace("onClick={() => onSave?.(count)}", f"onClick={{() => {{ {hang} }}}}")
    await notebook.set_cell(1, hanging)
    assert (await notebook.run_cell(1)).ok
    await notebook.wait_text(frame, "#label", "v2")
    await frame.evaluate("void setTimeout(() => document.querySelector('#save').click())")
    card = notebook.page.get_by_role("alert").filter(has_text="The preview does not answer")
    await card.wait_for()
    told = "p = app.preview('Counter'); print(p.status, p.errors[0].message)"
    await notebook.prints(told, "error The preview does not answer")
    await notebook.set_cell(1, counter("v3"))
    assert (await notebook.run_cell(1)).ok
    await card.wait_for(state="detached")
    frame = await notebook.frame_with("#count")
    await notebook.wait_text(frame, "#label", "v3")
    await frame.click("#count")
    await notebook.wait_text(frame, "#count", "1 clicks")


async def test_python_values_are_live_props_and_calls_come_back(host: Host) -> None:
    notebook, frame = await start(host, "props")
    assert (await notebook.run("preview = app.preview('Counter')\npreview.props = {'step': 10}")).ok
    await frame.wait_for_selector("#count[data-step='10']")
    await frame.click("#count")
    await notebook.wait_text(frame, "#count", "13 clicks")
    assert (await notebook.run("seen = []\nremove = preview.on('save', seen.append)")).ok
    await frame.wait_for_selector("#save[data-to=function]")
    await frame.click("#save")
    await notebook.prints("print(seen, preview.status)", "[13] live\n")


async def test_the_console_and_errors_of_handlers_reach_python(host: Host) -> None:
    source = (
        "%%component Noisy\nexport default function Noisy() {\n"
        "  return <button id='go' onClick={() => { console.warn('careful', {a: 1}); throw new Error('late'); }}>"
        "go</button>;\n}"
    )
    notebook = await host.open("noisy", OPEN, source)
    for number in (0, 1):
        assert (await notebook.run_cell(number)).ok
    frame = await notebook.frame_with("#go")
    await frame.click("#go")
    await notebook.prints(
        "p = app.preview('Noisy')\nprint(p.errors[0].message, p.errors[0].location.file, p.errors[0].location.line)",
        "late src/components/Noisy.tsx 2\n",
    )
    await notebook.prints("print([l['text'] for l in p.console if l['level'] == 'warn'])", "careful")


async def test_the_whole_app_is_previewed_and_follows_edits(host: Host) -> None:
    notebook = await host.open("whole", OPEN, "app.preview(height=300)")
    for number in (0, 1):
        assert (await notebook.run_cell(number)).ok
    frame = await notebook.frame_with("h1")
    await notebook.wait_text(frame, "h1", "New app")
    assert (await notebook.run("app.edit('src/App.tsx', 'New app', 'Changed')")).ok
    await notebook.wait_text(frame, "h1", "Changed")
