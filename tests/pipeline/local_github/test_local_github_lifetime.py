"""The local GitHub's process: one a folder, for as long as who started it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import httpx

from overskill_nb.pipeline import local_github
from overskill_nb.pipeline.local_github import LocalGithub
from overskill_nb.pipeline.node import Node


async def login(github: LocalGithub) -> str:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {github.token}"}, verify=False) as client:
        return str((await client.get(f"{github.api_url}/user")).raise_for_status().json()["login"])


async def test_a_folder_has_one(github: LocalGithub, node: Node, tmp_path: Path) -> None:
    others = await asyncio.gather(*(local_github.ensure(tmp_path / "github", node, lambda _: None) for _ in range(3)))
    assert {other.port for other in others} == {github.port}
    assert (github.own, *(other.own for other in others)) == (True, False, False, False)
    for other in others:
        await other.close()
    assert await login(github) == "me"


async def test_it_is_found_again_with_its_port_token_and_repositories(node: Node, tmp_path: Path) -> None:
    first = await local_github.ensure(tmp_path / "github", node, lambda _: None)
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {first.token}"}, verify=False) as client:
        await client.post(f"{first.api_url}/user/repos", json={"name": "tips"})
    await first.close()
    again = await local_github.ensure(tmp_path / "github", node, lambda _: None)
    assert (again.port, again.token) == (first.port, first.token)
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {again.token}"}, verify=False) as client:
        assert (await client.get(f"{again.api_url}/repos/me/tips")).status_code == 200
    await again.close()


async def test_it_ends_with_who_started_it(node: Node, tmp_path: Path) -> None:
    program = (
        "import asyncio, sys, pathlib\n"
        "from overskill_nb.pipeline import local_github, node\n"
        "async def main():\n"
        "    made = await local_github.ensure(pathlib.Path(sys.argv[1]), node.find(), lambda _: None)\n"
        "    print(made.port, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    starter = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path / "github"), stdout=asyncio.subprocess.PIPE
    )
    assert starter.stdout is not None
    await starter.stdout.readline()
    pid = json.loads((tmp_path / "github/address.json").read_text())["pid"]
    os.kill(starter.pid, signal.SIGKILL)
    await starter.wait()
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError("it goes on")


async def test_the_token_is_in_no_argument_and_for_the_user_alone(github: LocalGithub, tmp_path: Path) -> None:
    file = tmp_path / "github/address.json"
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0
    pid = json.loads(file.read_text())["pid"]
    assert github.token not in Path(f"/proc/{pid}/cmdline").read_text()
    assert github.token not in repr(github)
