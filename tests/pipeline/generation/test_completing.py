"""What runs, and does not do all that was asked: found, and tried for once more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scripted_model import Say, ScriptedModel

from overskill_nb.pipeline.generation.asked_for import missing, named
from overskill_nb.pipeline.generation.open_app import OpenApp
from overskill_nb.pipeline.generation.surroundings import Component, Surroundings
from overskill_nb.protocol import FileChange, WriteFiles
from overskill_nb.protocol_generation import Budget, GenerateComponent

PATH = "src/components/Sample.tsx"
PROMPT = "A list with the buttons Add and Clear. It says 'Nothing yet' when it is empty."


def component(body: str) -> str:
    return (
        'import { useState } from "react";\n'
        "export default function Sample() {\n  const [n, setN] = useState(0);\n"
        f"  return (\n    <div>\n      {body}\n    </div>\n  );\n}}\n"
    )


ADD = "<p>{n || 'Nothing yet'}</p><button onClick={() => setN(n + 1)}>Add</button>"
PART = component(ADD)
WHOLE = component(f"{ADD}<button onClick={{() => setN(0)}}>Clear</button>")
LESS = component("<p>{n}</p>")
FAILS = component("<p>{nothing.at}</p>")


def fenced(code: str) -> Say:
    return Say(f"```tsx\n{code}```")


def test_names_and_quoted_texts_are_read_from_a_prompt() -> None:
    assert named("A form with the fields Email and Password and a button Log.") == ["Email", "Password", "Log"]
    assert named("""It says 'Done' or "Try again", as in the user's list of buttons.""") == ["Done", "Try again"]
    assert named("A chart that isn't too large and doesn't blink.") == []


def test_what_comes_from_the_state_is_not_missed() -> None:
    prompt = "Buttons 10% and 15%. It shows 'Count: 0', then 'Step 1 of 3'."
    assert missing(prompt, "[10, 15].map((rate) => `${rate}%`)\n<p>Count: {n}</p>\nStep {n} of {last}", "") == []
    assert missing(prompt, "<p>Count: {n}</p>", "- Step 1 of 3") == ["10%", "15%"]


async def generated(server: ScriptedModel, app: str, finish: Any, wire: Any, **more: Any) -> Any:
    return await finish(
        GenerateComponent(app=app, name="Sample", **{"prompt": PROMPT, "model": wire(server, "small"), **more})
    )


async def test_what_is_missing_is_asked_for_once(app: str, root: Path, finish: Any, wire: Any) -> None:
    async with ScriptedModel(fenced(PART), fenced(WHOLE)).running() as server:
        done = await generated(server, app, finish, wire)
    assert done.status == "kept"
    assert [attempt.passed for attempt in done.attempts] == [True, True]
    assert [found.message for found in done.attempts[0].diagnostics] == [
        "The task asks for 'Clear', which is not there"
    ]
    assert "'Clear'" in server.requests[1]["messages"][-1]["content"]
    assert (root / PATH).read_text() == WHOLE


@pytest.mark.parametrize("second", [LESS, FAILS, "no code at all"], ids=["less", "fails", "prose"])
async def test_a_worse_second_answer_is_not_taken(second: str, app: str, root: Path, finish: Any, wire: Any) -> None:
    async with ScriptedModel(fenced(PART), fenced(second) if "import" in second else Say(second)).running() as server:
        done = await generated(server, app, finish, wire)
    assert done.status == "kept", done.error
    assert len(server.requests) == 2
    assert (root / PATH).read_text() == PART


async def test_a_budget_of_one_attempt_is_kept_to(app: str, root: Path, finish: Any, wire: Any) -> None:
    async with ScriptedModel(fenced(PART)).running() as server:
        done = await generated(server, app, finish, wire, budget=Budget(attempts=1))
    assert done.status == "kept"
    assert len(server.requests) == 1


async def test_a_name_that_is_to_go_is_not_missed(engine: Any, app: str, root: Path, finish: Any, wire: Any) -> None:
    await engine.handle(WriteFiles(app=app, files=[FileChange(path=PATH, content=WHOLE)]))
    renamed = WHOLE.replace("Clear", "Empty")
    async with ScriptedModel(fenced(renamed)).running() as server:
        done = await generated(server, app, finish, wire, prompt="Rename the button Clear to Empty.")
    assert done.status == "kept"
    assert len(server.requests) == 1


async def test_a_button_that_does_nothing_is_found(opened: OpenApp) -> None:
    body = """<button onClick={() => setN(1)}>Works</button><button>Idle</button>
      <form onSubmit={() => setN(2)}><button>Sends</button></form>
      <div onClick={() => setN(3)}><button>Bubbles</button></div><button disabled>Off</button>"""
    checked = await opened.check({PATH: component(body)}, PATH)
    assert checked.passed
    assert [found.message for found in checked.idle] == ["The button 'Idle' does nothing"]


@pytest.mark.parametrize("dialog", ["alert", "confirm", "prompt"])
async def test_a_dialog_that_a_preview_never_opens_is_found(dialog: str, opened: OpenApp) -> None:
    body = f"<button onClick={{() => {{ {dialog}('Saved'); setN(1); }}}}>Save</button>"
    checked = await opened.check({PATH: component(body)}, PATH)
    assert checked.passed
    assert [found.message for found in checked.idle] == [f"{dialog}() opens nothing in a preview"]


def test_small_models_are_told_only_of_what_is_named() -> None:
    around = Surroundings(
        components=[
            Component(f"src/components/{name}.tsx", name.rpartition("/")[2], True, "")
            for name in ("PriceCard", "TodoList", "ui/Button")
        ]
    )
    assert [one.name for one in around.mentioned("Show three price cards").components] == ["PriceCard", "Button"]
    assert [one.name for one in around.mentioned("uses <TodoList />").components] == ["TodoList", "Button"]
