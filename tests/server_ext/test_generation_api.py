"""Generations over REST, from a server that answers as a model does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from scripted_model import Refuse, Say, ScriptedModel

from overskill_nb import config

pytestmark = pytest.mark.usefixtures("tools")
API = "overskill-nb/api/apps"
CARD = "export default function Card() {\n  return <p>One card</p>;\n}\n"
PATH = "src/components/Card.tsx"


def fenced(code: str) -> Say:
    return Say(f"```tsx\n{code}```\n")


class Generations:
    """Those of one app."""

    def __init__(self, fetch: Any, app: str, file: Path) -> None:
        self.fetch, self.app, self.file = fetch, app, file

    async def __call__(
        self, *path: str, body: Any = None, code: int = 200, params: dict[str, str] | None = None
    ) -> dict[str, Any]:
        response = await self.fetch(
            *(API, self.app, "generations", *path),
            method="GET" if body is None else "POST",
            body=None if body is None else json.dumps(body),
            params=params or {},
            raise_error=False,
        )
        assert response.code == code, response.body
        data: dict[str, Any] = json.loads(response.body)
        return data

    async def begin(self, **body: Any) -> str:
        begun = (await self(body=body, code=202))["generation"]
        assert begun["status"] == "running"
        return str(begun["id"])

    async def end(self, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The generation when it is over, and its steps."""
        steps: list[dict[str, Any]] = []
        seen = -1
        while not steps or steps[-1]["type"] != "ended":
            more = await asyncio.wait_for(self(name, params={"seen": str(seen), "seconds": "20"}), 60)
            steps += more["steps"]
            seen = more["seen"]
            assert seen == len(steps) - 1
        return more["generation"], steps


Scripted = Callable[..., Awaitable[ScriptedModel]]


@pytest_asyncio.fixture
async def model(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scripted]:
    """Starts a server with a script; it is the model that the environment names."""
    for name in (*config.MODEL_ENVIRONMENT, config.MODE):
        monkeypatch.delenv(name, raising=False)
    running: list[Any] = []

    async def start(*script: Say | Refuse) -> ScriptedModel:
        server = ScriptedModel(*script)
        running.append(server.running())
        await running[-1].__aenter__()
        monkeypatch.setenv(config.MODEL, f"{server.url}/v1#coder-1.5b")
        return server

    yield start
    for one in running:
        await one.__aexit__(None, None, None)


@pytest_asyncio.fixture
async def generations(jp_fetch: Any, workspace: Path) -> Generations:
    response = await jp_fetch(API, method="POST", body=json.dumps({"folder": "tips", "create": True}))
    return Generations(jp_fetch, json.loads(response.body)["app"], workspace / "tips" / PATH)


async def test_a_component_is_written_taken_back_and_written_anew(generations: Generations, model: Scripted) -> None:
    server = await model(fenced(CARD), fenced(CARD.replace("One", "Other")))
    name = await generations.begin(name="Card", prompt="A card.")
    done, steps = await generations.end(name)
    assert (done["status"], done["files"][0]["path"]) == ("kept", PATH)
    assert CARD in "".join(step["text"] for step in steps if step["type"] == "text")
    assert [step["attempt"]["passed"] for step in steps if step["type"] == "checked"] == [True]
    assert generations.file.read_text() == CARD
    assert (await generations(name, "undo", body={}))["generation"]["status"] == "undone"
    assert not generations.file.exists()
    again = (await generations(name, "retry", body={}, code=202))["generation"]["id"]
    assert (await generations.end(again))[0]["status"] == "kept"
    assert "Other card" in generations.file.read_text()
    assert len(server.requests) == 2
    generations.file.write_text("export default () => null;\n")
    assert "was changed since" in (await generations(again, "undo", body={}, code=409))["message"]


async def test_what_is_proposed_is_kept_on_request(generations: Generations, model: Scripted) -> None:
    await model(fenced(CARD))
    name = await generations.begin(name="Card", prompt="A card.", keep=False)
    done, _ = await generations.end(name)
    assert done["status"] == "proposed"
    assert not generations.file.exists()
    assert (await generations(name, "keep", body={}))["generation"]["status"] == "kept"
    assert generations.file.read_text() == CARD
    assert "nothing that could be kept" in (await generations(name, "keep", body={}, code=422))["message"]


async def test_a_generation_is_stopped(generations: Generations, model: Scripted) -> None:
    await model(Say(CARD, endless=True, pause=0.01))
    name = await generations.begin(task="app", prompt="A card.")
    stopped = (await asyncio.wait_for(generations(name, "cancel", body={}), 10))["generation"]
    assert stopped["status"] == "cancelled"
    assert (await generations.end(name))[0]["error"] == "The generation was stopped."


async def test_questions_are_answered(generations: Generations, model: Scripted) -> None:
    server = await model(Say("It is a card."))
    data = {"table": "2 rows. Columns: a (int64)"}
    name = await generations.begin(task="ask", prompt="What is it?", context=["src/App.tsx"], data=data)
    done, _ = await generations.end(name)
    assert (done["status"], done["answer"], done["prompt"]) == ("answered", "It is a card.", "What is it?")
    asked = json.dumps(server.requests)
    assert "src/App.tsx" in asked
    assert "2 rows. Columns" in asked


async def test_what_cannot_be_asked_is_refused_with_its_reason(generations: Generations, model: Scripted) -> None:
    for body, code, says in (
        ({"name": "Card", "prompt": " "}, 422, "The prompt is empty"),
        ({"prompt": "A card."}, 422, "cannot be a component's name"),
        ({"task": "fix"}, 422, "There is nothing to fix"),
        ({"name": "Card", "prompt": "A", "context": ["src/nowhere.ts"]}, 404, "src/nowhere.ts"),
        ({"name": "Card", "prompt": "A", "context": ["../secret.ts"]}, 400, "../secret.ts"),
        ({"name": "Card", "prompt": "A", "budget": {"attempts": 1000}}, 422, "up to 20 attempts"),
        ({"name": "Card", "prompt": "A", "recording": "/etc/passwd"}, 400, "unknown field"),
    ):
        assert says in (await generations(body=body, code=code))["message"], body
    await model(Refuse(500, "down"))
    name = await generations.begin(name="Card", prompt="A card.", budget={"seconds": 5})
    done, _ = await generations.end(name)
    assert (done["status"], bool(done["error"])) == ("failed", True)
    assert "has no generation 'g0'" in (await generations("g0", code=404))["message"]
    assert "has no generation 'g0'" in (await generations("g0", "keep", body={}, code=404))["message"]
