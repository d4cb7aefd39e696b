from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scripted_model import Refuse, Say, ScriptedModel

from overskill_nb.pipeline import Engine
from overskill_nb.protocol_generation import Budget, GenerateComponent, UndoGeneration

COUNTER = """import { useState } from "react";

export default function Counter() {
  const [count, setCount] = useState(0);
  return <button className="p-2" onClick={() => setCount(count + 1)}>Add {count}</button>;
}
"""
BROKEN = COUNTER.replace("count + 1", "missing.thing")
FENCED = f"Here it is:\n```tsx\n{COUNTER}```\nIt counts."
PATH = "src/components/Counter.tsx"


async def test_a_component_is_written_checked_and_kept(
    engine: Engine, app: str, root: Path, finish: Any, wire: Any
) -> None:
    async with ScriptedModel(Say(FENCED)).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="A counter", model=wire(server, "small")))
    assert done.status == "kept", done.error
    assert (root / PATH).read_text() == COUNTER
    assert [attempt.passed for attempt in done.attempts] == [True]
    assert 'button "Add 0"' in done.attempts[0].text
    assert done.diff.startswith("--- /dev/null\n+++ b/src/components/Counter.tsx\n")
    assert done.cost.requests == 1
    assert done.cost.input_tokens == 100


async def test_what_fails_is_mended_with_the_errors_that_were_found(
    app: str, root: Path, finish: Any, wire: Any
) -> None:
    async with ScriptedModel(Say(f"```tsx\n{BROKEN}```"), Say(FENCED)).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="A counter", model=wire(server, "small")))
    assert done.status == "kept", done.error
    assert [attempt.passed for attempt in done.attempts] == [False, True]
    asked = server.requests[1]["messages"][-1]["content"]
    assert "missing is not defined" in asked
    assert "Counter.tsx:5" in asked
    assert (root / PATH).read_text() == COUNTER


@pytest.mark.parametrize("format_", ["openai", "anthropic"])
async def test_large_models_work_with_tools(format_: str, app: str, root: Path, finish: Any, wire: Any) -> None:
    script = (
        Say(calls=[("write_file", {"path": PATH, "content": BROKEN})]),
        Say(calls=[("check", {})]),
        Say(calls=[("edit_file", {"path": PATH, "old": "missing.thing", "new": "count + 1"})]),
        Say("A counter that counts."),
    )
    async with ScriptedModel(*script).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="A counter", model=wire(server, format_)))
    assert done.status == "kept", done.error
    assert (root / PATH).read_text() == COUNTER
    assert done.answer == "A counter that counts."
    assert done.cost.requests == 4
    assert "missing is not defined" in str(server.requests[2])


async def test_undo_puts_back_what_was_there(engine: Engine, app: str, root: Path, finish: Any, wire: Any) -> None:
    async with ScriptedModel(Say(FENCED)).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="A counter", model=wire(server, "small")))
    assert (root / PATH).exists()
    await engine.handle(UndoGeneration(app=app, generation=done.id))
    assert not (root / PATH).exists()


async def test_identical_errors_end_the_loop(app: str, root: Path, finish: Any, wire: Any) -> None:
    async with ScriptedModel(Say(f"```tsx\n{BROKEN}```")).running() as server:
        request = GenerateComponent(
            app=app, name="Counter", prompt="A counter", model=wire(server, "small"), budget=Budget(attempts=10)
        )
        done = await finish(request)
    assert done.status == "failed"
    assert len(done.attempts) == 3
    assert "3 attempts in a row failed with the same error" in done.error
    assert not (root / PATH).exists()


async def test_a_model_that_is_out_of_order_is_named(app: str, finish: Any, wire: Any) -> None:
    async with ScriptedModel(Refuse(401, "bad key sk-secret-0123456789abcdef0123")).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="A counter", model=wire(server)))
    assert done.error_kind == "ModelError"
    assert "The key for 'openai:gpt-5-scripted' was refused" in done.error
    assert "0123456789" not in done.error
