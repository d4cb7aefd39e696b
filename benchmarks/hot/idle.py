"""What an engine costs while nothing happens: CPU of the Jupyter server and of the worker, with an app on screen."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peers
from bars import Bar
from jupyter_api import post, status
from processes import cpu_seconds, memory

from tests.browser.jupyter import Server, launch

SIZE = 200
SETTLE = 10.0


async def measure(seconds: float) -> dict[str, Any]:
    """Share of a core, and memory."""
    with tempfile.TemporaryDirectory(prefix="overskill-idle-", ignore_cleanup_errors=True) as name:
        peers.write_app(Path(name) / "idle", SIZE)
        async with Server.start(Path(name)) as server, launch(whole=True) as browser:
            pid = server.process.pid
            before = memory(pid)
            opened = await asyncio.to_thread(post, server, "/overskill-nb/api/apps", {"folder": "idle"}, 120)
            page = await browser.new_page()
            await page.goto(f"{server.url}/overskill-nb/tab/{opened['app']}?token={server.token}")
            await page.frame_locator("iframe").frame_locator("iframe").locator("#hmr-marker").wait_for(timeout=60_000)
            worker = (await asyncio.to_thread(status, server))["worker_pid"]
            await asyncio.sleep(SETTLE)
            used = {"server": -cpu_seconds(pid), "worker": -cpu_seconds(worker)}
            started = time.monotonic()
            await asyncio.sleep(seconds)
            used["server"] += cpu_seconds(pid)
            used["worker"] += cpu_seconds(worker)
            took = time.monotonic() - started
            return {
                "size": SIZE,
                "seconds": round(took, 1),
                "percent": {name: round(100 * own / took, 2) for name, own in used.items()},
                "mb": {"server_before": before, "server": memory(pid), "worker": memory(worker)},
            }


def bars(found: dict[str, Any]) -> Iterator[Bar]:
    """One hundredth of a core."""
    share = sum(found["percent"].values())
    yield Bar("engine and worker idle, share of a core", share, 1.0, "%")


def lines(found: dict[str, Any]) -> Iterator[str]:
    """CPU and memory."""
    cpu, mb = found["percent"], found["mb"]
    yield (
        f"idle      {found['size']} components on screen, {found['seconds']} s: server {cpu['server']} %,"
        f" worker {cpu['worker']} % of a core"
    )
    yield f"          memory: server {mb['server_before']:.0f} MB before the engine, {mb['server']:.0f} MB with it,"
    yield f"          worker {mb['worker']:.0f} MB"
