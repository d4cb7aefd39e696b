"""A workspace, a world to deploy to, and what deploys from the one to the other."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from deployments_child import Nursery
from deployments_github import Capture, ScriptedGithub, repository_of
from deployments_world import FileStore, RecordingCloudflare, World, build_files
from faulty_http import FaultyHttp
from postgres_cluster import NoPostgres, cluster

from overskill_nb.pipeline.cloudflare import Target
from overskill_nb.pipeline.deployments import Deployments
from overskill_nb.pipeline.deployments.ports import OnLine
from overskill_nb.protocol_deployments import LAST, Deployment
from overskill_nb.protocol_github import LAST_SYNC, Sync


class Workspace:
    """Deployments of a folder, with what a test needs beside."""

    def __init__(self, folder: Path, world: World, database_url: str = "") -> None:
        self.folder = folder
        self.world = world
        self.store = FileStore(folder / "artefacts")
        self.builds = 0
        self.building: asyncio.Event | None = None
        """Where there is one, builds wait for it."""
        self.began = asyncio.Event()
        self._target: Target | None = None
        self.github = ScriptedGithub(world.port)
        self.deployments = Deployments(
            folder / ".overskill",
            database_url=database_url,
            build=self._build,
            store=self.store,
            target=self.target,
            commit=self._commit,
            github=self.github,
            capture=Capture(self.store).capture,
        )
        self.told: list[Deployment] = []
        self.deployments.follow(self.told.append)
        self.syncs_told: list[Sync] = []
        self.deployments.follow_syncs(self.syncs_told.append)

    async def _commit(self, app: str, root: Path, on_line: OnLine) -> str:
        return await self.github.checkpoint(app, root, on_line)

    async def connect(self, name: str) -> None:
        """Connect an app to a repository of its name."""
        root = self.folder / name
        root.mkdir(exist_ok=True)
        await self.deployments.connect_repository(f"{name}-0a1b", root, repository_of(name))

    async def synced(self, sync: str, seconds: float = 30) -> Sync:
        """A sync, once it has ended."""
        deadline = asyncio.get_running_loop().time() + seconds
        found = await self.deployments.get_sync(sync)
        while found.status not in LAST_SYNC:
            left = deadline - asyncio.get_running_loop().time()
            assert left > 0, found
            found = await self.deployments.step_of_sync(sync, seen=len(found.transitions), seconds=left)
        return found

    async def follower(self, deployment: str, seconds: float = 30) -> Sync:
        """The sync that followed a deployment, once it has ended."""
        for _ in range(int(seconds / 0.02)):
            if sync := (await self.deployments.get(deployment)).sync:
                return await self.synced(sync.id)
            await asyncio.sleep(0.02)
        raise AssertionError(f"no sync followed {deployment}")

    async def _build(self, app: str, root: Path, on_line: object) -> object:
        self.builds += 1
        on_line(f"Building {app}")  # type: ignore[operator]
        self.began.set()
        if self.building is not None:
            await self.building.wait()
        return await build_files(self.store, root)

    async def target(self) -> Target:
        self._target = self._target or self.world.target()
        return self._target

    def write(self, name: str, text: str) -> Path:
        """An app with this page."""
        root = self.folder / name
        root.mkdir(exist_ok=True)
        (root / "index.html").write_text(text)
        return root

    async def deploy(self, name: str, text: str, environment: str = "preview") -> Deployment:
        """Deploy an app with this page, and wait for its end."""
        root = self.write(name, text)
        made = await self.deployments.deploy(f"{name}-0a1b", name, root, environment)  # type: ignore[arg-type]
        return await self.ended(made.id)

    async def ended(self, deployment: str, seconds: float = 30) -> Deployment:
        """A deployment, once it has ended."""
        came = asyncio.Event()
        leave = self.deployments.follow(
            lambda told: came.set() if told.id == deployment and told.status in LAST else None
        )
        try:
            found = await self.deployments.get(deployment)
            if found.status not in LAST:
                await asyncio.wait_for(came.wait(), seconds)
            return await self.deployments.get(deployment)
        finally:
            leave()

    async def close(self) -> None:
        await self.deployments.close()
        if self._target is not None:
            await self._target.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A Postgres that all tests share."""
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(cluster())
        except NoPostgres as why:
            pytest.skip(str(why))
        yield url


@pytest.fixture
def postgres(server: str) -> str:
    """An empty database."""
    import psycopg

    name = f"d{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.rpartition("/")[0] + f"/{name}"


@pytest.fixture(scope="session")
def beside() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own, which goes on while a test's own loop stands still."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """Where a module's processes come from: to import what they need takes longer than most of them live."""
    with Nursery.open() as opened:
        yield opened


@pytest.fixture
def world(beside: asyncio.AbstractEventLoop) -> Iterator[World]:
    """A Cloudflare that answers from a thread: a process for each test would cost more than most of them."""
    served = FaultyHttp.over(RecordingCloudflare())
    yield World(asyncio.run_coroutine_threadsafe(served.__aenter__(), beside).result(20).port)
    asyncio.run_coroutine_threadsafe(served.__aexit__(None, None, None), beside).result(20)


@pytest.fixture
async def make_workspace(world: World) -> AsyncIterator[Callable[..., Workspace]]:
    """Workspaces that are closed when the test ends."""
    made: list[Workspace] = []

    def make(folder: Path, database_url: str = "") -> Workspace:
        folder.mkdir(exist_ok=True)
        made.append(Workspace(folder, world, database_url))
        return made[-1]

    yield make
    for workspace in reversed(made):
        await workspace.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres")


@pytest.fixture
async def workspace(tmp_path: Path, make_workspace: Callable[..., Workspace]) -> Workspace:
    return make_workspace(tmp_path)
