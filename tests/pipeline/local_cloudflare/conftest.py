"""A local Cloudflare in a folder of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from local_deployer import Deployer

from overskill_nb.pipeline import local_cloudflare
from overskill_nb.pipeline.local_cloudflare import LocalCloudflare
from overskill_nb.pipeline.node import Node


@pytest.fixture
async def cloudflare(tmp_path: Path, node: Node, workerd: Path) -> AsyncIterator[LocalCloudflare]:
    started = await local_cloudflare.ensure(tmp_path / "cloudflare", node, lambda _: None)
    yield started
    await started.close()
    assert "ERROR" not in (tmp_path / "cloudflare/log.txt").read_text()


@pytest.fixture(scope="module")
def shared_cloudflare(tmp_path_factory: pytest.TempPathFactory, node: Node, workerd: Path) -> Iterator[LocalCloudflare]:
    """One for all tests of a module that leave it in order."""
    folder = tmp_path_factory.mktemp("cloudflare")
    loop = asyncio.new_event_loop()
    started = loop.run_until_complete(local_cloudflare.ensure(folder, node, lambda _: None))
    yield started
    loop.run_until_complete(started.close())
    loop.close()
    assert "ERROR" not in (folder / "log.txt").read_text()


@pytest.fixture
async def shared(shared_cloudflare: LocalCloudflare) -> AsyncIterator[Deployer]:
    """Deploys to the one that a module's tests share, where nothing of another test is left."""
    made = Deployer(shared_cloudflare)
    for space in await made.call("GET", made.spaces):
        await made.call("DELETE", f"{made.spaces}/{space['namespace_name']}")
    await made.namespace()
    yield made
    await made.close()


@pytest.fixture
async def deployer(cloudflare: LocalCloudflare) -> AsyncIterator[Deployer]:
    made = Deployer(cloudflare)
    await made.namespace()
    yield made
    await made.close()
