"""A workspace, a world to deploy to, and what deploys from the one to the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from deployments_world import FileStore, World, build_files

from overskill_nb.pipeline.cloudflare import Target
from overskill_nb.pipeline.deployments import Deployments
from overskill_nb.protocol_deployments import LAST, Deployment


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
        self.deployments = Deployments(
            folder / ".overskill", database_url=database_url, build=self._build, store=self.store, target=self.target
        )
        self.told: list[Deployment] = []
        self.deployments.follow(self.told.append)

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


@pytest.fixture
def world() -> Iterator[World]:
    with World.running() as world:
        yield world


@pytest.fixture
async def workspace(tmp_path: Path, world: World) -> AsyncIterator[Workspace]:
    workspace = Workspace(tmp_path, world)
    yield workspace
    await workspace.close()
