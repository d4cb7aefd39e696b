"""A workspace's deployments with everything real: the build, the store, the record, and the local Cloudflare."""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import pytest_asyncio
from client import Client

from overskill_nb.errors import NameTaken
from overskill_nb.pipeline import Engine
from overskill_nb.protocol import AppInfo, Done, FileChange, OpenApp, WriteFiles, Written
from overskill_nb.protocol_deployments import (
    LAST,
    Deploy,
    Deployment,
    DeploymentInfo,
    DeploymentTable,
    GetDeployment,
    ListDeployments,
    ListSecrets,
    Logs,
    Promote,
    ReadLogs,
    Rollback,
    Secrets,
    SetSecret,
    SetVariables,
    Undeploy,
    Variables,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

APP = "export default function App() { return <h1>%s {import.meta.env.PLACE}</h1>; }\n"


class World:
    """An engine, a client of it, and an app."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.client = Client.of(engine)
        self.app = ""
        self.name = name
        self.folder = engine.workspace / name

    async def begin(self, text: str) -> None:
        self.app = (await self.client.ask(OpenApp(folder=self.name, create=True, live=False), AppInfo)).app
        self.write(text)

    def write(self, text: str) -> None:
        (self.folder / "src/App.tsx").write_text(APP % text)

    async def done(self, request: Deploy | Promote | Rollback) -> Deployment:
        """Ask for a deployment and wait for its end."""
        now = (await self.client.ask(request, DeploymentInfo)).deployment
        while now.status not in LAST:
            more = GetDeployment(app=self.app, deployment=now.id, seen=len(now.transitions), seconds=20)
            now = (await self.client.answer(self.client.start(more))).deployment  # type: ignore[attr-defined]
        return now


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines(tmp_path_factory: pytest.TempPathFactory, tools: Path) -> AsyncIterator[list[Engine]]:
    """The last is the one for all, with its local Cloudflare: each test has an app of its own there."""
    made = [Engine(tmp_path_factory.mktemp("work"))]
    yield made
    await made[-1].close()


@pytest_asyncio.fixture(loop_scope="module")
async def world(engines: list[Engine]) -> AsyncIterator[World]:
    made = World(engines[-1], f"tips-{uuid4().hex[:8]}")
    await made.begin("First")
    yield made
    made.client.close()


def served(url: str, path: str = "/") -> str:
    """What an address serves. Names below localhost need not resolve."""
    parts = urlsplit(url)
    request = urllib.request.Request(f"http://127.0.0.1:{parts.port}{path}", headers={"Host": parts.netloc})
    with urllib.request.urlopen(request, timeout=10) as response:
        return str(response.read().decode())


def script_of(page: str) -> str:
    return page.split('src="/assets/')[1].split('"', maxsplit=1)[0]


async def test_an_app_goes_live_is_promoted_rolled_back_and_taken_off(world: World) -> None:
    first = await world.done(Deploy(app=world.app))
    assert (first.status, first.error) == ("deployed", "")
    page = served(first.url)
    assert "First" in served(first.url, f"/assets/{script_of(page)}")
    assert served(first.url, "/any/where") == page  # routes of the app's own
    world.write("Second")
    second = await world.done(Deploy(app=world.app))
    assert second.status == "deployed"
    assert "Second" in served(second.url, f"/assets/{script_of(served(second.url))}")

    values = SetVariables(app=world.app, environment="staging", values={"PLACE": "stage"})
    await world.client.ask(values, Variables)
    staging = await world.done(Promote(app=world.app, to="staging"))
    assert (staging.status, staging.artefact, staging.kind) == ("deployed", second.artefact, "promote")
    assert served(staging.url) == served(second.url)
    assert "stage" in served(staging.url, "/_overskill/env.js")
    assert "stage" not in served(second.url, "/_overskill/env.js")

    back = await world.done(Rollback(app=world.app, environment="preview"))
    assert (back.status, back.artefact) == ("deployed", first.artefact)
    assert served(back.url) == page
    rows = (await world.client.ask(ListDeployments(app=world.app), DeploymentTable)).deployments
    assert [row.status for row in rows] == ["deployed", "deployed", "rolled_back", "superseded"]

    await world.client.ask(Undeploy(app=world.app, environment="staging"), Done)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        served(staging.url)
    assert served(back.url) == page


async def test_what_does_not_build_says_where_and_leaves_what_was_live(world: World) -> None:
    first = await world.done(Deploy(app=world.app))
    page = served(first.url)
    (world.folder / "src/App.tsx").write_text("export default function App() {\n  return <h1>;\n}\n")
    failed = await world.done(Deploy(app=world.app))
    assert failed.status == "failed"
    assert failed.error.startswith("src/App.tsx:3:1: ")
    assert failed.error.count("\n") == 0
    assert served(first.url) == page


async def test_secrets_are_set_before_the_first_deployment_and_stay(world: World) -> None:
    secret = SetSecret(app=world.app, environment="preview", name="KEY", value="hunter2")
    assert (await world.client.ask(secret, Secrets)).names == ["KEY"]
    assert (await world.done(Deploy(app=world.app))).status == "deployed"
    names = await world.client.ask(ListSecrets(app=world.app, environment="preview"), Secrets)
    assert names.names == ["KEY"]
    for file in (world.folder.parent / ".overskill").glob("*.db*"):
        assert b"hunter2" not in file.read_bytes()


async def test_the_apps_own_worker_gets_secrets_and_what_it_writes_is_read(world: World) -> None:
    (world.folder / "worker").mkdir()
    (world.folder / "worker/index.ts").write_text(
        "export default { async fetch(request: Request, env: { KEY: string }) {\n"
        "  console.log('asked', new URL(request.url).pathname);\n"
        "  return new Response(`${env.KEY.length} letters`);\n"
        "} };\n"
    )
    secret = SetSecret(app=world.app, environment="preview", name="KEY", value="hunter2")
    await world.client.ask(secret, Secrets)
    live = await world.done(Deploy(app=world.app))
    assert (live.status, live.error) == ("deployed", "")
    began = time.time() * 1000
    assert await asyncio.to_thread(served, live.url, "/api/key") == "7 letters"
    reading = ReadLogs(app=world.app, environment="preview", since=began - 1000)
    for _ in range(100):
        lines = (await world.client.ask(reading, Logs)).lines
        if lines:
            break
        await asyncio.sleep(0.1)
    assert ("log", "asked /api/key") in [(line.level, line.text) for line in lines]
    assert all(abs(line.at - began) < 60_000 for line in lines)
    later = ReadLogs(app=world.app, environment="preview", since=began + 60_000)
    assert (await world.client.ask(later, Logs)).lines == []


async def test_another_app_of_the_same_name_is_refused_before_anything_changes(world: World) -> None:
    first = await world.done(Deploy(app=world.app))
    page = served(first.url)
    other = await world.client.ask(OpenApp(folder=f"more/{world.name}", create=True, live=False), AppInfo)
    secret = SetSecret(app=other.app, environment="preview", name="KEY", value="x")
    for request in (Deploy(app=other.app), secret):
        with pytest.raises(NameTaken, match=f"'{world.name}' is taken in preview"):
            await world.client.answer(world.client.start(request))
    assert (await world.client.ask(ListDeployments(app=other.app), DeploymentTable)).deployments == []
    assert served(first.url) == page


async def test_what_is_deployed_is_served_again_by_the_next_engine(world: World, engines: list[Engine]) -> None:
    first = await world.done(Deploy(app=world.app))
    page = served(first.url)
    await world.engine.close()
    engines.append(Engine(world.engine.workspace))
    again = World(engines[-1], world.name)
    again.app = world.app
    await again.client.ask(OpenApp(folder=world.name), AppInfo)
    changed = WriteFiles(app=again.app, files=[FileChange(path="src/extra.ts", content="export {};\n")])
    await again.client.ask(changed, Written)
    second = await again.done(Deploy(app=again.app))
    assert second.status == "deployed"
    assert second.artefact == first.artefact  # nothing that is served changed
    assert served(second.url) == page
