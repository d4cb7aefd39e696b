"""git's server behind one that can spoil its answers, and a client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from faulty_http import FaultyHttp
from git_server import TOKEN, GitServer
from turned_clock import TurnedClock

from overskill_nb.pipeline.github import GithubClient, Settings
from overskill_nb.pipeline.github.remote import Remote


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
