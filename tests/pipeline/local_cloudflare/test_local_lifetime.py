"""A local Cloudflare is shared, survives being killed, and never outlives the one who started it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import stat
import sys
import time
from pathlib import Path

import psutil
import pytest
from local_deployer import Deployer

from overskill_nb.pipeline import local_cloudflare
from overskill_nb.pipeline.local_cloudflare import LocalCloudflare
from overskill_nb.pipeline.local_cloudflare.address import Address
from overskill_nb.pipeline.node import Node


def quiet(line: str) -> None:
    del line


async def gone(*processes: psutil.Process) -> None:
    await asyncio.to_thread(psutil.wait_procs, processes, 20)
    assert not [process for process in processes if process.is_running() and process.status() != "zombie"]


def family(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    head = psutil.Process(pid)
    return [head, *head.children(recursive=True)]


@pytest.fixture
def folder(tmp_path: Path, workerd: Path) -> Path:
    del workerd
    return tmp_path / "cloudflare"


async def test_two_engines_share_one(folder: Path, node: Node) -> None:
    both = await asyncio.gather(*[local_cloudflare.ensure(folder, node, quiet) for _ in range(4)])
    assert sorted(one.own for one in both) == [False, False, False, True]
    assert len({(one.port, one.token) for one in both}) == 1
    for one in both:
        await one.close()


async def test_what_it_keeps_is_for_this_user_only(folder: Path, node: Node) -> None:
    started = await local_cloudflare.ensure(folder, node, quiet)
    assert stat.S_IMODE((folder / "address.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for process in family(Address.load(folder).pid):
        assert started.token not in " ".join(process.cmdline())
    await started.close()
    assert not list(folder.glob(".workerd-*"))


async def test_closing_ends_every_process_and_the_next_start_has_the_same_port_and_data(
    folder: Path, node: Node
) -> None:
    started = await local_cloudflare.ensure(folder, node, quiet)
    deployer = Deployer(started)
    await deployer.namespace()
    await deployer.deploy(
        "app",
        {"/index.html": b"home"},
        "export default { fetch: (_, env) => new Response(env.KEY) }",
        bindings=[{"type": "secret_text", "name": "KEY", "text": "k"}],
    )
    processes = family(Address.load(folder).pid)
    assert any("workerd" in process.name() for process in processes)
    await deployer.close()
    await started.close()
    await gone(*processes)

    again = await local_cloudflare.ensure(folder, node, quiet)
    assert (again.port, again.token) == (started.port, started.token)
    deployer = Deployer(again)
    assert (await deployer.visit("app")).text == "home"
    assert (await deployer.visit("app", "/api")).text == "k"
    await deployer.close()
    await again.close()


async def test_a_kill_at_any_moment_loses_nothing_that_was_answered(folder: Path, node: Node) -> None:
    done: list[str] = []
    for _ in range(3):
        started = await local_cloudflare.ensure(folder, node, quiet)
        deployer = Deployer(started)
        if not done:
            await deployer.namespace()

        async def deploy_many(deployer: Deployer = deployer) -> None:
            while True:
                name = f"app{len(done)}"
                await deployer.deploy(name, {"/index.html": name.encode()})
                done.append(name)

        target = len(done) + 5
        working = asyncio.ensure_future(deploy_many())
        while len(done) < target and not working.done():
            await asyncio.sleep(0)
        processes = family(Address.load(folder).pid)
        os.kill(processes[0].pid, signal.SIGKILL)
        await asyncio.wait([working])
        working.exception()
        await gone(*processes)
        await deployer.close()
        await started.close()
    started = await local_cloudflare.ensure(folder, node, quiet)
    deployer = Deployer(started)
    assert [(await deployer.visit(name)).text for name in done] == done
    assert len(done) >= 15
    await deployer.close()
    await started.close()


async def test_a_port_that_is_taken_is_replaced(folder: Path, node: Node) -> None:
    started = await local_cloudflare.ensure(folder, node, quiet)
    await started.close()
    other = await asyncio.start_server(lambda *_: None, "127.0.0.1", started.port)
    again = await local_cloudflare.ensure(folder, node, quiet)
    assert again.port != started.port
    deployer = Deployer(again)
    await deployer.namespace()
    await deployer.close()
    await again.close()
    other.close()
    await other.wait_closed()


ENGINE = """
import asyncio, sys
from pathlib import Path
from overskill_nb.pipeline import local_cloudflare, node
async def main():
    started = await local_cloudflare.ensure(Path(sys.argv[1]), node.find(), print)
    print("ready", started.own, flush=True)
    await asyncio.sleep(1000)
asyncio.run(main())
"""


async def test_it_ends_with_an_engine_that_is_killed_and_another_takes_over(folder: Path, node: Node) -> None:
    engine = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ENGINE, str(folder), stdout=asyncio.subprocess.PIPE
    )
    assert engine.stdout is not None
    assert await engine.stdout.readline() == b"ready True\n"
    mine: LocalCloudflare = await local_cloudflare.ensure(folder, node, quiet)
    assert not mine.own
    processes = family(Address.load(folder).pid)
    engine.kill()
    await engine.wait()
    mine = await local_cloudflare.ensure(folder, node, quiet)
    # What the other engine's was asked for a moment ago may still have been answering.
    while not mine.own:
        mine = await local_cloudflare.ensure(folder, node, quiet)
    await gone(*processes)
    deployer = Deployer(mine)
    await deployer.namespace()
    await deployer.close()
    await mine.close()


async def test_a_runtime_that_is_killed_again_and_again_is_not_missed(deployer: Deployer, tmp_path: Path) -> None:
    await deployer.deploy("files", {"/index.html": b"good"})
    for number in range(3):
        await deployer.put(f"code{number}", "export default { fetch: () => new Response('good') }")
    over = asyncio.Event()

    async def steady(name: str) -> int:
        count = 0
        while not over.is_set():
            answer = await deployer.visit(name)
            assert (answer.status_code, answer.text) == (200, "good"), answer.text
            count += 1
        return count

    visitors = [asyncio.ensure_future(steady(name)) for name in ("files", "code0", "code1", "code2")]
    for _ in range(3):
        killed = [one for one in family(Address.load(tmp_path / "cloudflare").pid) if one.name() == "workerd"]
        for one in killed:
            one.kill()
        await gone(*killed)
        assert (await deployer.visit("files")).text == "good"
        assert [(await deployer.visit(f"code{number}")).text for number in range(3)] == ["good"] * 3
    over.set()
    assert min(await asyncio.gather(*visitors)) > 0
    await deployer.put("code0", "export default { fetch: () => new Response('new') }")
    assert (await deployer.visit("code0")).text == "new"


async def test_a_start_removes_what_no_script_names_any_more(folder: Path, node: Node) -> None:
    started = await local_cloudflare.ensure(folder, node, quiet)
    deployer = Deployer(started)
    await deployer.namespace()
    await deployer.deploy("kept", {"/index.html": b"kept"})
    await deployer.deploy("gone", {"/index.html": b"gone", "/other.html": b"also gone"})
    await deployer.call("DELETE", deployer.script("gone"))
    await deployer.close()
    await started.close()
    blobs = [file for file in (folder / "blobs").glob("*/*") if file.is_file()]
    assert len(blobs) == 3
    long_ago = time.time() - 7200
    for file in blobs:
        os.utime(file, (long_ago, long_ago))
    with contextlib.closing(sqlite3.connect(folder / "cloudflare.db")) as rows, rows:
        rows.execute("UPDATE assets SET used = ?", (long_ago,))

    again = await local_cloudflare.ensure(folder, node, quiet)
    deployer = Deployer(again)
    assert [file.read_bytes() for file in (folder / "blobs").glob("*/*")] == [b"kept"]
    assert (await deployer.visit("kept")).text == "kept"
    # What is gone is asked for again.
    await deployer.deploy("gone", {"/index.html": b"gone"})
    assert (await deployer.visit("gone")).text == "gone"
    await deployer.close()
    await again.close()
