"""Opening an app: engine started -> first paint, with its dependencies installed; cold (nothing kept) and warm.

Ours starts when a Jupyter server that has no engine yet is asked for the app; Vite starts when its process does. Each
sample has a browser context of its own, so nothing is left in the browser's cache either.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import peers
import quiet
from bars import Bar
from jupyter_api import post
from playwright.async_api import Browser, Page

from overskill_nb import config
from tests.browser.jupyter import Server, launch

STATES = ("cold", "warm")
SECONDS = 120


@dataclass(frozen=True)
class Project:
    """An app to open: where its sources are, and what it shows when it is there."""

    name: str
    source: Path
    shows: str


PROJECTS = (
    Project("react-ts", peers.MODULES / "create-vite/template-react-ts", "h1"),
    Project("dashboard", peers.HERE / "apps/dashboard", "#ready"),
)

# Runs in every document: the moment after the frame in which the element is there was drawn.
PROBE = """
(() => {
  const selector = SELECTOR;
  const look = () => {
    if (!document.querySelector(selector)) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      const {port1, port2} = new MessageChannel();
      port1.onmessage = () => window.__painted(performance.timeOrigin + performance.now());
      port2.postMessage(0);
    });
  };
  const observer = new MutationObserver(look);
  observer.observe(document, {subtree: true, childList: true});
})();
"""


def prepare(project: Project) -> Path:
    """A copy of the project with its dependencies installed.

    In no git repository: one that ignores the folder has Tailwind read all of ``node_modules``, in Vite only.
    """
    folder = config.cache_folder() / "benchmarks" / "open" / project.name
    manifest = (project.source / "package.json").read_text("utf-8")
    if not (folder / ".installed").is_file() or (folder / ".installed").read_text("utf-8") != manifest:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(project.source, folder, ignore=shutil.ignore_patterns("node_modules"))
        locked = (folder / "package-lock.json").is_file()
        peers.npm(
            ["ci" if locked else "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder
        )
        (folder / ".installed").write_text(manifest, "utf-8")
    return folder


@asynccontextmanager
async def _page(browser: Browser, project: Project) -> AsyncIterator[tuple[Page, asyncio.Future[float]]]:
    """A page in a fresh context, and when it first painted the app."""
    context = await browser.new_context()
    painted: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def paint(_: Any, at: float) -> None:
        if not painted.done():
            painted.set_result(at)

    await context.expose_binding("__painted", paint)
    await context.add_init_script(PROBE.replace("SELECTOR", json.dumps(project.shows)))
    try:
        yield await context.new_page(), painted
    finally:
        await context.close()


async def _vite(browser: Browser, project: Project, folder: Path) -> float:
    port = _free_port()
    command = [str(peers.node().executable), "node_modules/vite/bin/vite.js", "--port", str(port), "--strictPort"]
    async with _page(browser, project) as (page, painted):
        started = time.time() * 1000
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1"], cwd=folder, stdout=subprocess.PIPE, env=peers.environment()
        )
        try:
            assert process.stdout
            while line := await asyncio.to_thread(process.stdout.readline):
                if b"Local:" in line:
                    break
            await page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
            return await asyncio.wait_for(painted, SECONDS) - started
        finally:
            process.terminate()
            process.wait()


async def _ours(browser: Browser, project: Project, folder: Path, cache: Path) -> float:
    async with Server.start(folder.parent, env={config.CACHE: str(cache)}) as server, _page(browser, project) as opened:
        page, painted = opened
        await asyncio.sleep(0.5)
        await quiet.quiet()
        started = time.time() * 1000
        app = await asyncio.to_thread(post, server, "/overskill-nb/api/apps", {"folder": str(folder)}, SECONDS)
        url = f"{server.url}/overskill-nb/tab/{app['app']}?token={server.token}"
        await page.goto(url, wait_until="commit")
        return await asyncio.wait_for(painted, SECONDS) - started


async def measure(rounds: int) -> dict[str, Any]:
    """Medians per project and state; the two contenders in turn."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="overskill-open-", ignore_cleanup_errors=True) as name:
        cache = _cache(Path(name))
        async with launch(whole=True) as browser:
            for project in PROJECTS:
                folder = prepare(project)
                samples: dict[str, list[float]] = {f"{who} {state}": [] for who in ("ours", "vite") for state in STATES}
                for _ in range(rounds):
                    for state in STATES:
                        if state == "cold":
                            shutil.rmtree(cache / "bundles", ignore_errors=True)
                            shutil.rmtree(folder / "node_modules/.vite", ignore_errors=True)
                            shutil.rmtree(folder / config.STATE_FOLDER, ignore_errors=True)
                        await quiet.quiet()
                        samples[f"vite {state}"].append(await _vite(browser, project, folder))
                        samples[f"ours {state}"].append(await _ours(browser, project, folder, cache))
                found[project.name] = {
                    way: {"median": sorted(own)[len(own) // 2], "samples": [round(value) for value in own]}
                    for way, own in samples.items()
                }
    return found


def _cache(root: Path) -> Path:
    """A cache with the tools that are installed once per user, and nothing of any app."""
    (root / "cache").mkdir()
    (config.cache_folder() / "tools").mkdir(parents=True, exist_ok=True)
    (root / "cache/tools").symlink_to(config.cache_folder() / "tools", target_is_directory=True)
    return root / "cache"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def bars(found: dict[str, Any]) -> Iterator[Bar]:
    """Half of Vite's time."""
    for name, own in found.items():
        for state in STATES:
            ours, vite = own[f"ours {state}"]["median"], own[f"vite {state}"]["median"]
            yield Bar(f"opening {name}, {state} / vite", ours / vite, 0.5, note=f"{ours:.0f} / {vite:.0f} ms")


def lines(found: dict[str, Any]) -> Iterator[str]:
    """All samples."""
    for name, own in found.items():
        for way, figures in own.items():
            samples = ", ".join(str(value) for value in figures["samples"])
            yield f"open      {name:10} {way:10} median {figures['median']:6.0f} ms of {samples}"
