"""A local GitHub in a folder of the test's own, and clients of it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from cache_folder import locked
from git_client import Git
from published import CheckedClient, Published

from overskill_nb.pipeline import local_github
from overskill_nb.pipeline import tools as toolchain
from overskill_nb.pipeline.local_github import LocalGithub
from overskill_nb.pipeline.node import Node

CLIENTS = Path(__file__).parent / "clients"


@pytest.fixture
async def github(tmp_path: Path, node: Node) -> AsyncIterator[LocalGithub]:
    started = await local_github.ensure(tmp_path / "github", node, lambda _: None)
    yield started
    await started.close()
    written = (tmp_path / "github/log.txt").read_text()
    assert "ERROR" not in written
    assert started.token not in written


@pytest.fixture(scope="module")
def shared_github(tmp_path_factory: pytest.TempPathFactory, node: Node) -> Iterator[tuple[LocalGithub, Path]]:
    """One for all tests of a module that leave it in order, and its folder."""
    folder = tmp_path_factory.mktemp("github")
    loop = asyncio.new_event_loop()
    started = loop.run_until_complete(local_github.ensure(folder, node, lambda _: None))
    yield started, folder
    loop.run_until_complete(started.close())
    loop.close()
    written = (folder / "log.txt").read_text()
    assert "ERROR" not in written
    assert started.token not in written


@pytest.fixture
async def emptied_github(shared_github: tuple[LocalGithub, Path], tmp_path: Path) -> LocalGithub:
    """The one that a module's tests share, without the repositories of other tests; its folder is where it was."""
    started, folder = shared_github
    (tmp_path / "github").symlink_to(folder, target_is_directory=True)
    headers = {"Authorization": f"token {started.token}"}
    async with httpx.AsyncClient(base_url=started.api_url, headers=headers, verify=False) as client:
        for found in (await client.get("/user/repos", params={"per_page": 100})).json():
            (await client.delete(f"/repos/{found['full_name']}")).raise_for_status()
    return started


@pytest.fixture(scope="session")
def clients(cache: Path, node: Node, shared_folder: Path) -> Path:
    """Octokit and GitHub's published description, installed once."""
    with locked(shared_folder / "github-clients.lock"):
        return asyncio.run(toolchain.ensure(node, lambda _: None, CLIENTS, "Octokit"))


@pytest.fixture(scope="session")
def published(clients: Path) -> Published:
    return Published(clients)


@pytest.fixture
async def client(github: LocalGithub, published: Published) -> AsyncIterator[CheckedClient]:
    async with CheckedClient(github.api_url, github.token, published) as made:
        yield made


@pytest.fixture(scope="session")
def git_program() -> str:
    program = shutil.which("git")
    if program is None:
        pytest.skip("git is not on this machine: run `apt-get install git`")
    return program


@pytest.fixture
def git(tmp_path: Path, github: LocalGithub, git_program: str) -> Git:
    """Git's own program, which knows the token."""
    return Git(git_program, tmp_path, github)
