"""Whatever a service or a model does: one clear sentence, and the files as before."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from app_files import files
from scripted_model import Refuse, Say, ScriptedModel

from overskill_nb.errors import GenerationError, ModelError
from overskill_nb.pipeline import Engine
from overskill_nb.protocol_generation import Budget, CancelGeneration, GenerateComponent, GenerationInfo, GetGeneration

BOTH = pytest.mark.parametrize("format_", ["openai", "anthropic"])
COUNTER = 'export default function Counter() {\n  return <p className="p-2">1</p>;\n}\n'


def request(app: str, model: str, **more: Any) -> GenerateComponent:
    return GenerateComponent(app=app, name="Counter", prompt="A counter", model=model, **more)


FAULTS = [
    ("401", Refuse(401, kind="authentication_error", code="invalid_api_key"), "was refused: check it", "ModelError"),
    ("404", Refuse(404, kind="not_found_error", code="model_not_found"), "There is no model", "ModelError"),
    ("429", Refuse(429, kind="rate_limit_error", headers={"retry-after": "0"}), "being too many", "ModelError"),
    ("500", Refuse(500, kind="api_error"), "overloaded or out of order", "ModelError"),
    ("529", Refuse(529, "Overloaded", kind="overloaded_error"), "overloaded or out of order", "ModelError"),
    ("cut", Say("```tsx\n" + COUNTER * 20, cut=True), "broke off in the middle", "ModelError"),
    ("refusal", Say("", stop="refusal"), "declined to answer", "GenerationError"),
]


@BOTH
@pytest.mark.parametrize(("fault", "says", "kind"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
async def test_faults_of_the_service(
    format_: str, fault: Any, says: str, kind: str, app: str, root: Path, finish: Any, wire: Any
) -> None:
    before = files(root)
    async with ScriptedModel(fault).running() as server:
        done = await finish(request(app, wire(server, format_)))
    assert (done.status, done.error_kind) == ("failed", kind), done.error
    assert says in done.error
    assert "\n" not in done.error
    assert files(root) == before


@pytest.mark.parametrize(
    ("format_", "fault"),
    [
        (
            "openai",
            Refuse(400, "This model's maximum context length is 8192 tokens.", code="context_length_exceeded"),
        ),
        ("anthropic", Refuse(400, "prompt is too long: 250000 tokens > 200000 maximum")),
    ],
)
async def test_a_prompt_that_is_longer_than_the_model_reads(
    format_: str, fault: Refuse, app: str, finish: Any, wire: Any
) -> None:
    async with ScriptedModel(fault).running() as server:
        done = await finish(request(app, wire(server, format_)))
    assert "longer than" in done.error
    assert "give less context" in done.error


@BOTH
async def test_a_service_that_recovers_is_asked_again(
    format_: str, app: str, root: Path, finish: Any, wire: Any
) -> None:
    path = "src/components/Counter.tsx"
    script = (
        Refuse(429, kind="rate_limit_error", headers={"retry-after": "0"}),
        Refuse(503, kind="api_error", headers={"retry-after": "0"}),
        Say(calls=[("write_file", {"path": path, "content": COUNTER})]),
        Say("Done."),
    )
    async with ScriptedModel(*script).running() as server:
        done = await finish(request(app, wire(server, format_)))
    assert done.status == "kept", done.error
    assert (root / path).read_text() == COUNTER


async def test_nothing_answers(app: str, finish: Any) -> None:
    done = await finish(request(app, "http://127.0.0.1:9/v1#qwen"))
    assert "cannot be reached" in done.error


ANSWERS = [
    ("prose", Say("I would be happy to help you with that. What colour should it be?"), "holds no code"),
    ("half", Say("```tsx\n" + COUNTER[:60], stop="length"), "ends in the middle"),
    ("open", Say("```tsx\nexport default function Counter() {\n  return <p>{[1, 2].map((n) => "), "ends in the middle"),
    ("python", Say("```python\ndef counter():\n    return 1\n```"), "is Python"),
    ("html", Say("```html\n<!DOCTYPE html>\n<html><body>1</body></html>\n```"), "is HTML"),
    ("empty", Say(" "), ""),
    ("elsewhere", Say(f"```tsx\n{COUNTER.replace('Counter', 'Other')}```"), ""),
]


@pytest.mark.parametrize(("answer", "says"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
async def test_answers_that_are_of_no_use(answer: Say, says: str, app: str, root: Path, finish: Any, wire: Any) -> None:
    before = files(root)
    async with ScriptedModel(answer).running() as server:
        done = await finish(request(app, wire(server, "small"), budget=Budget(attempts=2)))
    if done.status == "kept":
        # Another name in the right file is the component all the same.
        assert "export default function Other" in done.files[0].after
        return
    assert done.error_kind == "GenerationError"
    assert says in done.error
    assert files(root) == before


async def test_endless_text_is_stopped(app: str, root: Path, finish: Any, wire: Any) -> None:
    before = files(root)
    long = "```tsx\n" + "const a = 1;\n" * 200
    async with ScriptedModel(Say(long, endless=True, pause=0.0005)).running() as server:
        done = await finish(request(app, wire(server, "small"), budget=Budget(attempts=1)))
    assert "repeats itself" in done.error or "thousand characters" in done.error
    assert files(root) == before


@BOTH
async def test_a_model_that_takes_too_long(format_: str, app: str, finish: Any, wire: Any) -> None:
    async with ScriptedModel(Say(COUNTER * 50, pause=0.2)).running() as server:
        began = time.monotonic()
        done = await finish(request(app, wire(server, format_), budget=Budget(seconds=1)))
    assert time.monotonic() - began < 10
    assert "did not answer in time" in done.error


async def test_tokens_end(app: str, finish: Any, wire: Any) -> None:
    async with ScriptedModel(Say("```tsx\nexport default () => <p>{a}</p>;\n```")).running() as server:
        done = await finish(request(app, wire(server, "small"), budget=Budget(tokens=150, attempts=9)))
    assert done.error_kind == "GenerationError"
    assert "used up its" in done.error


@pytest.mark.parametrize(
    ("prompt", "says"), [("", "is empty"), (" \n\t ", "is empty"), ("x" * 2**20, "1,048,576 characters")]
)
async def test_prompts_that_cannot_be_asked(engine: Engine, app: str, prompt: str, says: str) -> None:
    with pytest.raises(GenerationError, match=says):
        await engine.handle(GenerateComponent(app=app, name="Counter", prompt=prompt, model="openai:gpt-5"))


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("anthropic:claude-x", "set ANTHROPIC_API_KEY"),
        ("openai:gpt-x", "set OPENAI_API_KEY"),
        ("", "No model was named"),
        ("claude", "names no model"),
        ("nobody:model", "cannot be asked"),
        ("/nowhere/model.gguf", "There is no model file"),
    ],
)
async def test_models_that_cannot_be_asked(app: str, root: Path, finish: Any, model: str, says: str) -> None:
    before = files(root)
    if model == "claude":
        with pytest.raises(ModelError, match=says):
            await finish(request(app, model))
    else:
        done = await finish(request(app, model))
        assert done.error_kind == "ModelError"
        assert says in done.error
        assert "\n" not in done.error
    assert files(root) == before


async def test_a_generation_can_be_stopped_at_once(
    engine: Engine, app: str, root: Path, wire: Any, finish: Any
) -> None:
    before = files(root)
    async with ScriptedModel(Say("```tsx\n" + COUNTER * 40, pause=0.05)).running() as server:
        info = await engine.handle(request(app, wire(server, "small")))
        assert isinstance(info, GenerationInfo)
        wait = GetGeneration(app=app, generation=info.generation.id, seen=1, seconds=20)
        await engine.handle(wait)
        began = time.monotonic()
        stopped = await engine.handle(CancelGeneration(app=app, generation=info.generation.id))
        assert time.monotonic() - began < 0.5
        assert isinstance(stopped, GenerationInfo)
        assert stopped.generation.status == "cancelled"
        await asyncio.sleep(0.2)
        assert server.gone, "the connection to the model is closed"
    assert files(root) == before


async def test_a_model_writes_only_what_is_the_apps(app: str, root: Path, finish: Any, wire: Any) -> None:
    before = files(root)
    (root / ".env").write_text("SECRET=swordfish\n")
    bad = [".github/workflows/x.yml", ".env", ".git/hooks/pre-commit", ".overskill/x", "../out.ts", "vite.config.ts"]
    script = [Say(calls=[("write_file", {"path": path, "content": "x"})]) for path in bad]
    script += [Say(calls=[("read_file", {"path": ".env"})]), Say(calls=[("search", {"text": "SECRET"})]), Say("Done.")]
    async with ScriptedModel(*script).running() as server:
        done = await finish(request(app, wire(server), budget=Budget(attempts=1)))
    assert done.status == "failed"
    assert "swordfish" not in str(server.requests)
    (root / ".env").unlink()
    assert files(root) == before
    assert not (root.parent / "out.ts").exists()
