"""What a notebook shows of a generation: the code as it is written, what came of it, and what can be done with it."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from playwright.async_api import Locator, expect
from scripted_model import Refuse, Say, ScriptedModel

from .conftest import Host
from .jupyter import PATIENT, Notebook, Outcome

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_HOSTS = ("comm",)

PATIENCE = PATIENT * 1000
"""The same in milliseconds."""
PATH = "src/components/Counter.tsx"


def counter(word: str = "Add") -> str:
    """A component's source."""
    return (
        'import { useState } from "react";\n\n'
        "export default function Counter() {\n"
        "  const [count, setCount] = useState(0);\n"
        f'  return <button className="p-2" onClick={{() => setCount(count + 1)}}>{word} {{count}}</button>;\n'
        "}\n"
    )


def fenced(code: str) -> str:
    """As models answer."""
    return f"Here it is:\n```tsx\n{code}```\nIt counts."


BROKEN = counter().replace("count + 1", "missing.thing")


async def begun(host: Host, folder: str) -> Notebook:
    """A notebook with an app, whose answers are not recorded."""
    source = "import os, overskill_nb as ov\nos.environ['OVERSKILL_MODE'] = 'live'\napp = ov.App('tips')"
    notebook = await host.open(folder, source)
    outcome = await notebook.run_cell(0)
    assert outcome.ok, outcome.error
    return notebook


def generates(notebook: Notebook, model: ScriptedModel, more: str = "") -> asyncio.Task[Outcome]:
    """Run a cell that has a counter written, and go on meanwhile."""
    call = f"g = app.generate('A counter', 'Counter', model='{model.url}/v1#qwen2.5-coder-1.5b'{more})"
    return asyncio.create_task(notebook.run(call))


def shown_in(notebook: Notebook, name: str = "Counter") -> Locator:
    return notebook.page.get_by_role("region", name=f"Generation of {name}")


async def says(shown: Locator, word: str) -> None:
    await expect(shown.get_by_role("status").locator(".word")).to_have_text(word, timeout=PATIENCE)


async def press(shown: Locator, name: str) -> None:
    await shown.get_by_role("button", name=name, exact=True).click()


async def test_the_code_streams_while_the_cell_runs(host: Host) -> None:
    notebook = await begun(host, "streams")
    async with ScriptedModel(Say(fenced(counter()), pause=0.2, piece=8)).running() as model:
        run = generates(notebook, model)
        shown = shown_in(notebook)
        pane = shown.get_by_label("What the model writes")
        await expect(pane).to_contain_text("useState", timeout=PATIENCE)
        assert not run.done()
        assert "Writing…" in await shown.get_by_role("status").inner_text()
        assert "about" in await shown.locator(".took").first.inner_text()
        assert await shown.get_by_role("button", name="Stop").is_enabled()
        before = await pane.inner_text()
        await expect(pane).not_to_have_text(before, timeout=PATIENCE)
        outcome = await run
    assert outcome.ok, outcome.error
    await says(shown, "Kept")
    assert (host.root / "streams/tips" / PATH).read_text() == counter()
    facts = await shown.locator(".facts").inner_text()
    assert "100 tokens in + " in facts
    assert "1 attempt" in facts
    await expect(shown.locator('[data-part="diff"] .diff-line[data-kind="added"]')).to_have_count(6)
    assert await shown.locator(".diff-head .path").inner_text() == PATH
    await notebook.wait_text(await notebook.frame_with("button"), "button", "Add 0")
    assert notebook.errors == []


async def test_the_pane_follows_the_end_until_it_is_scrolled(lab: Host) -> None:
    notebook = await begun(lab, "scrolls")
    long = "".join(f"line {number}\n" for number in range(400))
    async with ScriptedModel(Say(long, pause=0.05, piece=60)).running() as model:
        run = generates(notebook, model, ", attempts=1")
        pane = shown_in(notebook).get_by_label("What the model writes")
        await expect(pane).to_contain_text("line 40\n", timeout=PATIENCE)
        at_end = "at => at.scrollTop + at.clientHeight >= at.scrollHeight - 2"
        assert await pane.evaluate(at_end)
        height = await pane.evaluate("at => at.clientHeight")
        assert height == await pane.evaluate("at => at.getBoundingClientRect().height")
        await pane.evaluate("at => { at.scrollTop = 0 }")
        await expect(pane).to_contain_text("line 120\n", timeout=PATIENCE)
        assert await pane.evaluate("at => at.scrollTop") == 0
        await pane.evaluate("at => { at.scrollTop = at.scrollHeight }")
        await expect(pane).to_contain_text("line 200\n", timeout=PATIENCE)
        assert await pane.evaluate(at_end)
        await press(shown_in(notebook), "Stop")
        await run


async def test_stop_stops(host: Host) -> None:
    notebook = await begun(host, "stops")
    long = "".join(f"line {number}\n" for number in range(2000))
    async with ScriptedModel(Say(f"Here it is:\n{long}", pause=0.1, piece=8)).running() as model:
        run = generates(notebook, model)
        shown = shown_in(notebook)
        await expect(shown.get_by_label("What the model writes")).to_contain_text("Here", timeout=PATIENCE)
        stop = shown.get_by_role("button", name="Stop")
        await stop.focus()
        await notebook.page.keyboard.press("Enter")
        outcome = await run
        assert "stopped" in outcome.error
        await says(shown, "Stopped")
        await expect(shown.get_by_role("button", name="Retry")).to_be_focused()
        assert await shown.get_by_role("alert").count() == 0
        # Nothing that was written is lost.
        await press(shown, "What was written")
        await expect(shown.get_by_label("What the model writes")).to_contain_text("Here")
    assert not (host.root / "stops/tips" / PATH).exists()


async def test_keep_undo_and_retry_change_the_file_and_the_preview(host: Host) -> None:
    notebook = await begun(host, "keeps")
    file = host.root / "keeps/tips" / PATH
    outcome = await notebook.run(f"app.write({PATH!r}, {counter('Old')!r})\napp.preview('Counter')")
    assert outcome.ok, outcome.error
    frame = await notebook.frame_with("button")
    await notebook.wait_text(frame, "button", "Old 0")
    async with ScriptedModel(Say(fenced(counter("One"))), Say(fenced(counter("Two")))).running() as model:
        outcome = await generates(notebook, model, ", keep=False")
        assert outcome.ok, outcome.error
        shown = shown_in(notebook)
        await says(shown, "Proposed")
        assert file.read_text() == counter("Old")
        await press(shown, "Keep")
        await says(shown, "Kept")
        await expect(shown.get_by_role("button", name="Undo")).to_be_focused()
        await notebook.wait_text(frame, "button", "One 0")
        assert file.read_text() == counter("One")
        await press(shown, "Undo")
        await says(shown, "Undone")
        await notebook.wait_text(frame, "button", "Old 0")
        assert file.read_text() == counter("Old")
        await press(shown, "Retry")
        await says(shown, "Proposed")
        await expect(shown.locator('[data-kind="added"]')).to_contain_text("Two")
        await press(shown, "Keep")
        await says(shown, "Kept")
        await notebook.wait_text(frame, "button", "Two 0")
        # Python's view names the new one, and has its end.
        await notebook.prints("print(g._view.snapshot['status'], g._view.generation != g._known.id)", "kept True")
        # What was changed since is not taken back, and the reason is said.
        file.write_text(counter("Mine"))
        await notebook.wait_text(frame, "button", "Mine 0")
        await press(shown, "Undo")
        await expect(shown.get_by_role("alert")).to_contain_text("was changed since", timeout=PATIENCE)
        await says(shown, "Kept")
    assert file.read_text() == counter("Mine")


async def test_what_fails_says_why_and_can_be_kept_anyway(host: Host) -> None:
    notebook = await begun(host, "fails")
    async with ScriptedModel(Say(fenced(BROKEN)), Say(fenced(BROKEN), pause=0.2)).running() as model:
        run = generates(notebook, model, ", attempts=2")
        shown = shown_in(notebook)
        reason = re.compile(rf"^Attempt 2: .*missing is not defined \({PATH}:5\)$")
        await expect(shown.locator(".attempt-reason")).to_have_text(reason, timeout=PATIENCE)
        await expect(shown.locator(".deployment-head")).to_contain_text("attempt 2")
        assert not (await run).ok
    await says(shown, "Failed")
    await expect(shown.get_by_role("alert")).to_contain_text("missing is not defined")
    await press(shown, "2 attempts")
    found = shown.locator(".attempts > li")
    await expect(found).to_have_count(2)
    await expect(found.last).to_contain_text(f"missing is not defined ({PATH}:5)")
    await press(shown, "Keep anyway")
    await says(shown, "Kept")
    assert (host.root / "fails/tips" / PATH).read_text() == BROKEN
    assert await shown.get_by_role("alert").count() == 0


async def test_a_service_that_refuses_is_quoted(lab: Host) -> None:
    notebook = await begun(lab, "refuses")
    async with ScriptedModel(Refuse(401, "bad key")).running() as model:
        assert not (await generates(notebook, model)).ok
    shown = shown_in(notebook)
    await expect(shown.get_by_role("alert")).to_contain_text("was refused", timeout=PATIENCE)
    assert await shown.get_by_role("button").all_inner_texts() == ["Retry"]


async def test_tools_are_told_line_by_line(lab: Host) -> None:
    notebook = await begun(lab, "tools")
    script = (
        Say(calls=[("write_file", {"path": PATH, "content": counter()})], pause=0.1),
        Say("It counts whatever is clicked, slowly and in order.", pause=0.5, piece=4),
    )
    async with ScriptedModel(*script).running() as model:
        keys = f"os.environ.update(ANTHROPIC_API_KEY='sk-ant-0123456789', ANTHROPIC_BASE_URL='{model.url}')"
        assert (await notebook.run(keys)).ok
        run = asyncio.create_task(
            notebook.run("app.generate('A counter', 'Counter', model='anthropic:claude-scripted')")
        )
        shown = shown_in(notebook)
        note = shown.locator(".pane-note", has_text="write_file")
        await expect(note).to_contain_text(f"write_file {PATH} → Written.", timeout=PATIENCE)
        await expect(shown.locator(".pane-path").first).to_have_text(PATH)
        assert (await run).ok
    await says(shown, "Kept")
    await expect(shown.locator(".answer")).to_have_text("It counts whatever is clicked, slowly and in order.")


async def test_an_answer_is_shown_as_text_and_code(kernel_host: Host) -> None:
    notebook = await begun(kernel_host, "asks")
    answer = "The page is `src/App.tsx`; <b>nothing</b> else.\n\n```tsx\nconst a = <i>1</i>;\n```\n\nThat is all."
    async with ScriptedModel(Say(answer, pause=0.1, piece=12)).running() as model:
        ask = f"app.ask('Where is the page?', model='{model.url}/v1#qwen2.5-coder-1.5b')"
        outcome = await notebook.run(ask)
        assert outcome.ok, outcome.error
    shown = shown_in(notebook, "Question")
    await says(shown, "Answered")
    told = shown.locator(".answer")
    assert await told.locator("p").all_inner_texts() == [
        "The page is src/App.tsx; <b>nothing</b> else.",
        "That is all.",
    ]
    assert await told.locator("pre").all_inner_texts() == ["const a = <i>1</i>;"]
    assert await told.locator("p code").all_inner_texts() == ["src/App.tsx"]
    assert await told.locator("b, i").count() == 0


async def test_the_page_loaded_anew_shows_the_end_again(host: Host) -> None:
    notebook = await begun(host, "again")
    async with ScriptedModel(Say(fenced(BROKEN)), Say(fenced(counter()))).running() as model:
        outcome = await generates(notebook, model)
        assert outcome.ok, outcome.error
    shown = shown_in(notebook)
    await says(shown, "Kept")
    await notebook.command("docmanager:save")
    written = json.loads((host.root / "again/nb.ipynb").read_text())
    outputs = json.dumps([cell["outputs"] for cell in written["cells"]])
    assert "Generation(Counter)" in outputs
    assert not re.search(r"\bg[0-9a-f]{8}\b|tokens|widgets\":", outputs + json.dumps(written["metadata"]))
    await notebook.page.reload()
    await notebook.connected()
    await says(shown, "Kept")
    await expect(shown.locator(".diff-line").first).to_be_visible()
    await expect(shown.locator(".facts")).to_contain_text("2 attempts")
    await press(shown, "Undo")
    await says(shown, "Undone")
    assert not (host.root / "again/tips" / PATH).exists()


async def test_one_that_the_engine_does_not_know_shows_its_snapshot_or_a_sentence(host: Host) -> None:
    notebook = await begun(host, "gone")
    source = (
        "from overskill_nb.protocol_generation import GeneratedFile, Generation\n"
        "from overskill_nb.widgets.generation import GenerationView\n"
        "known = dict(id='g0', app=app.id, task='component', prompt='p', model='openai:m')\n"
        "files = [GeneratedFile(path='src/a.ts', before=None, after='x')]\n"
        "diff = '--- /dev/null\\n+++ b/src/a.ts\\n@@ -0,0 +1 @@\\n+x\\n'\n"
        "ended = Generation(name='Ended', status='kept', files=files, diff=diff, **known)\n"
        "display(GenerationView(app._session, ended))\n"
        "display(GenerationView(app._session, Generation(name='Lost', **known)))\n"
    )
    outcome = await notebook.run(source)
    assert outcome.ok, outcome.error
    ended, lost = shown_in(notebook, "Ended"), shown_in(notebook, "Lost")
    await says(lost, "Interrupted")
    await expect(lost).to_contain_text("This generation is not known any more; run the cell again.")
    await says(ended, "Kept")
    await expect(ended.locator(".diff-line")).to_contain_text("x")
    await expect(ended.get_by_role("button", name="Undo")).to_have_count(0)
    assert await lost.get_by_role("button").count() == 0
