"""What all tests share: the tools in a cache of their own, and an environment that names no engine."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cache_folder import locked, shared

from overskill_nb import App, config, session
from overskill_nb.pipeline import Engine, local_cloudflare
from overskill_nb.pipeline import node as nodes
from overskill_nb.pipeline import tools as toolchain
from overskill_nb.pipeline.node import Node
from overskill_nb.protocol import AppInfo, OpenApp, Prepare

pytest_plugins = ["pytest_jupyter.jupyter_server"]

ROOT = Path(__file__).resolve().parent.parent
JS = ROOT / "js"


# pytest-jupyter makes a loop and a ServerApp for every test; only those in server_ext/ need them.
@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    return None


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    return None


def pytest_collection_finish() -> None:
    """What was imported and collected stays: no later collection of garbage has to go through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine is within reach, whatever started the tests."""
    for name in (config.URL, config.TOKEN, config.ENGINE, config.WORKSPACE, "JPY_PARENT_PID", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run see."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session", autouse=True)
def cache(shared_folder: Path) -> Iterator[Path]:
    """The cache of this run. What is slow to make, and the same for everybody, is kept from run to run."""
    folder = shared("tools", "packages", "bundles", "npm", folder=shared_folder / "cache")
    before = os.environ.get(config.CACHE)
    os.environ[config.CACHE] = str(folder)
    yield folder
    if before is None:
        del os.environ[config.CACHE]
    else:
        os.environ[config.CACHE] = before


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A notebook's folder, with the engine in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(config.ENGINE, "kernel")
    monkeypatch.setattr(App, "current", None)
    yield tmp_path
    session.close()


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tools: Path) -> Path:
    """A cache in which no package was ever installed. The tools are there."""
    folder = tmp_path / "cache"
    (folder / "tools").mkdir(parents=True)
    (folder / "tools" / tools.name).symlink_to(tools, target_is_directory=True)
    monkeypatch.setenv(config.CACHE, str(folder))
    return folder


@pytest.fixture(scope="session")
def node() -> Node:
    found = nodes.find()
    assert found, "no Node 20 or later is on this machine; run `overskill setup`"
    return found


@pytest.fixture(scope="session")
def tools(cache: Path, node: Node, shared_folder: Path) -> Path:
    """The JavaScript tools, installed once, with the packages of the template: no test pays, or waits, for those."""
    with locked(shared_folder / "tools.lock"):
        folder = asyncio.run(toolchain.ensure(node, lambda _: None))
        if not (shared_folder / "warm").exists():
            asyncio.run(_open(shared_folder / "warm"))
        return folder


async def _open(workspace: Path) -> None:
    workspace.mkdir()
    engine = Engine(workspace)
    try:
        app = await engine.handle(OpenApp(folder="app", create=True))
        assert isinstance(app, AppInfo)
        await engine.handle(Prepare(app=app.app))
    finally:
        await engine.close()


@pytest.fixture(scope="session")
def workerd(cache: Path, node: Node, shared_folder: Path) -> Path:
    """Cloudflare's runtime, installed once."""
    with locked(shared_folder / "workerd.lock"):
        return asyncio.run(toolchain.ensure(node, lambda _: None, local_cloudflare.TOOLCHAIN, "workerd"))


@pytest.fixture(scope="session")
def typescript(shared_folder: Path, node: Node) -> Path:
    """The js/ folder with its development packages. Skips where they are not installed."""
    if not (JS / "node_modules/.bin/tsc").exists() or not (JS / "node_modules/esbuild").is_dir():
        pytest.skip("js/node_modules is missing: run `npm --prefix js ci --ignore-scripts`")
    return JS
