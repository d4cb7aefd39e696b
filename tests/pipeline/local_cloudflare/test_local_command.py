"""``overskill local`` in a shell of its own."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from pathlib import Path

import httpx

from overskill_nb.pipeline import local_cloudflare
from overskill_nb.pipeline.node import Node


async def start(*arguments: str) -> tuple[asyncio.subprocess.Process, str]:
    """The command, and what it prints when it serves."""
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "overskill_nb.cli", "local", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert command.stdout is not None
    said = (await asyncio.wait_for(command.stdout.readuntil(b"--dispatch-namespace overskill-preview"), 60)).decode()
    return command, said


async def test_it_serves_until_it_is_interrupted_and_says_how_to_use_it(tmp_path: Path, workerd: Path) -> None:
    del workerd
    command, said = await start(str(tmp_path), "--domain", "class.example")
    settings = dict(re.findall(r"export CLOUDFLARE_(\w+)=(\S+)", said))
    assert "http://<name>--preview.class.example:" in said
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {settings['API_TOKEN']}"}, verify=False) as client:
        url = f"{settings['API_BASE_URL']}/accounts/{settings['ACCOUNT_ID']}/workers/dispatch/namespaces"
        assert (await client.get(url)).status_code == 200
        assert (await client.get(url, headers={"Host": "class.example"})).status_code == 403
        origin = settings["API_BASE_URL"].removesuffix("/client/v4")
        page = await client.get(origin, headers={"Host": "tips--preview.class.example"})
        assert (page.status_code, "tips--preview" in page.text) == (404, True)
    command.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(command.wait(), 20) == 0


async def test_it_points_to_the_one_that_runs(tmp_path: Path, node: Node, workerd: Path) -> None:
    del workerd
    running = await local_cloudflare.ensure(tmp_path / ".overskill/cloudflare", node, lambda _: None)
    command, said = await start(str(tmp_path))
    assert running.api_url in said
    command.send_signal(signal.SIGINT)  # what it started itself is the local GitHub
    assert await asyncio.wait_for(command.wait(), 20) == 0
    await running.close()
