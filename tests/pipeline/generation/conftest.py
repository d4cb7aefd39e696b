from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cache_folder import locked
from pytest_asyncio import is_async_test
from scripted_model import ScriptedModel

from overskill_nb import config
from overskill_nb.pipeline import Engine, type_tools
from overskill_nb.pipeline import tools as toolchain
from overskill_nb.pipeline.generation.open_app import OpenApp as Opened
from overskill_nb.pipeline.node import Node
from overskill_nb.protocol import AppInfo, OpenApp
from overskill_nb.protocol_generation import Generation, GenerationInfo, GetGeneration


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a module run on one loop: that of the engine which they share."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here and is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "OLLAMA_BASE_URL"]
    for name in (*names, config.MODEL, config.MODEL_KEY, config.MODE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def types(cache: Path, node: Node, shared_folder: Path) -> Path:
    """The type checker, installed once."""
    with locked(shared_folder / "types.lock"):
        return asyncio.run(toolchain.ensure(node, lambda _: None, type_tools.SOURCE, "the type checker"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory, tools: Path, types: Path) -> AsyncIterator[Engine]:
    """One for all of a module, with an app for each test: its processes cost more than most tests do."""
    made = Engine(tmp_path_factory.mktemp("work"))
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def app(engine: Engine, root: Path) -> str:
    info = await engine.handle(OpenApp(folder=root.name, create=True))
    assert isinstance(info, AppInfo)
    return info.app


@pytest_asyncio.fixture(loop_scope="module")
async def opened(engine: Engine, app: str) -> Opened:
    return Opened(await engine.app(app))


@pytest.fixture
def root(engine: Engine, tmp_path: Path) -> Path:
    return engine.workspace / tmp_path.name


Finish = Callable[[Any], Awaitable[Generation]]


@pytest.fixture
def finish(engine: Engine) -> Finish:
    """Send a request, and wait for what becomes of it."""

    async def run(request: Any) -> Generation:
        info = await engine.handle(request)
        assert isinstance(info, GenerationInfo)
        while info.generation.status == "running":
            wait = GetGeneration(app=info.generation.app, generation=info.generation.id, seen=info.seen, seconds=20)
            info = await asyncio.wait_for(engine.handle(wait), 60)
            assert isinstance(info, GenerationInfo)
        return info.generation

    return run


@pytest.fixture
def wire(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[ScriptedModel], str]:
    """Names the scripted model in the format of a provider."""

    def name(server: ScriptedModel, format_: str = "openai", model: str = "") -> str:
        if format_ == "anthropic":
            monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-secret-0123456789abcdef")
            monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
            return f"anthropic:{model or 'claude-scripted'}"
        if format_ == "openai":
            monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-0123456789abcdef0123")
            monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
            return f"openai:{model or 'gpt-5-scripted'}"
        if format_ == "ollama":
            monkeypatch.setenv("OLLAMA_BASE_URL", f"{server.url}/v1")
            return f"ollama:{model or 'qwen2.5-coder:1.5b'}"
        return f"{server.url}/v1#{model or 'qwen2.5-coder-1.5b'}"

    return name
