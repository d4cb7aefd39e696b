"""git's server, and the local GitHub, behind one that can spoil their answers, and clients for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from app_world import AppWorld
from faulty_http import FaultyHttp
from git_server import TOKEN, GitServer
from started_github import Started
from turned_clock import TurnedClock

from overskill_nb.pipeline import local_github
from overskill_nb.pipeline.github import GithubClient, Settings
from overskill_nb.pipeline.github.remote import Remote
from overskill_nb.pipeline.local_github.address import Address
from overskill_nb.pipeline.node import Node


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def repositories(tmp_path: Path) -> GitServer:
    folder = tmp_path / "repositories"
    folder.mkdir()
    return GitServer(folder, TOKEN)


@pytest.fixture
async def git_host(repositories: GitServer) -> AsyncIterator[FaultyHttp]:
    async with FaultyHttp.over(repositories) as server:
        yield server


@pytest.fixture
async def remote(git_host: FaultyHttp, repositories: GitServer, clock: TurnedClock) -> AsyncIterator[Remote]:
    """The empty repository me/tips."""
    repositories.create("me/tips")
    settings = Settings(token=TOKEN, base_url=f"{git_host.url}/api/v3")
    client = GithubClient(settings, clock=clock, timeout=5)
    remote = Remote(client, "me/tips")
    yield remote
    remote.close()
    await client.close()


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory, node: Node) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("github")
    npm = [part for word in node.npm for part in ("--npm", word)]
    command = [sys.executable, "-m", local_github.__name__, str(folder), "--node", str(node.executable), *npm]
    with (folder / "log.txt").open("wb") as log:
        running = subprocess.Popen(
            [*command, "--node-version", node.version], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        )
    assert running.stdin
    assert running.stdout
    assert running.stdout.readline().startswith(b"listening "), (folder / "log.txt").read_text()
    address = Address.load(folder)
    yield Started(address.port, address.token, folder)
    running.stdin.close()
    running.wait(20)
    running.stdout.close()


@pytest.fixture
async def github(started: Started) -> AsyncIterator[FaultyHttp]:
    """A server that spoils the answers of the local GitHub."""
    async with FaultyHttp.before(started.port) as server:
        yield server


@pytest.fixture
async def client(github: FaultyHttp, started: Started, clock: TurnedClock) -> AsyncIterator[GithubClient]:
    settings = Settings(token=started.token, base_url=f"{github.url}/api/v3", local=True)
    client = GithubClient(settings, clock=clock, timeout=10)
    yield client
    await client.close()


@pytest.fixture
async def world(client: GithubClient, started: Started, tmp_path: Path) -> AsyncIterator[AppWorld]:
    """An app, and a repository of its own at the local GitHub, where nothing is yet."""
    name = f"me/tips-{uuid4().hex[:10]}"
    direct = GithubClient(Settings(token=started.token, base_url=f"http://127.0.0.1:{started.port}/api/v3", local=True))
    await direct.create_repository(name)
    world = AppWorld(tmp_path / "here", client, name, direct)
    yield world
    await world.close()
    await direct.close()
