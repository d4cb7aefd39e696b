"""The same leaf edit through JupyterLab: cell sent by the front end -> DOM changed in the widget's frame.

Measured beside the bare figure (HTTP hook -> DOM changed in a tab of its own), and over comm messages alone, where the
engine is in the kernel; the samples are interleaved, in one Chromium.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import peers
import quiet
from bars import Bar
from jupyter_api import post
from lab_probe import HOPS, OPEN, PROBE, SENT
from playwright.async_api import Browser, Frame, Page

from tests.browser.jupyter import Notebook, Server, launch, write_notebook

SIZE = 20
TARGET = "src/components/Target.tsx"
WARM = 4
CELL = 1
Sample = dict[str, Any]


class View:
    """A page with one preview, and what it tells."""

    def __init__(self, name: str, page: Page) -> None:
        self.name = name
        self.page = page
        self.frame: Frame | None = None
        self.offsets: dict[str, float] = {}
        self.sockets: dict[float, float] = {}
        self._waiting: dict[str, asyncio.Future[Sample]] = {}

    @classmethod
    async def make(cls, name: str, browser: Browser) -> View:
        """A page in a context of its own."""
        context = await browser.new_context(viewport={"width": 1200, "height": 1000})
        view = cls(name, await context.new_page())
        await context.expose_binding("__shown", view._shown)
        await context.expose_binding("__passed", view._passed)
        await context.add_init_script(PROBE)
        await context.add_init_script(SENT)
        return view

    def _shown(self, place: dict[str, Any], text: str) -> None:
        seen = json.loads(text)
        self.frame = place["frame"]
        waiting = self._waiting.pop(seen["text"], None)
        if waiting is not None and not waiting.done():
            waiting.set_result(seen)

    def _passed(self, _: dict[str, Any], text: str) -> None:
        passed = json.loads(text)
        self.sockets[passed["engine"]] = passed["socket"]

    def expect(self, text: str) -> asyncio.Future[Sample]:
        """Resolves when the preview shows the text."""
        self._waiting[text] = asyncio.get_running_loop().create_future()
        return self._waiting[text]

    async def read_clocks(self) -> None:
        """The clocks of page and frame against ours, by the quickest of some round trips."""
        assert self.frame is not None
        for name, frame in (("page", self.page.main_frame), ("frame", self.frame)):
            best = float("inf")
            for _ in range(15):
                before = time.time() * 1000
                there = await frame.evaluate("performance.timeOrigin + performance.now()")
                after = time.time() * 1000
                if after - before < best:
                    best = after - before
                    self.offsets[name] = there - (before + after) / 2


class Cells:
    """Edits by running a cell."""

    def __init__(self, view: View, notebook: Notebook) -> None:
        self.view = view
        self._notebook = notebook

    async def edit(self, source: str, text: str) -> Sample:
        """Run the cell with a new source; the times of its hops, in our clock."""
        shown = self.view.expect(text)
        await self._notebook.set_cell(CELL, f"%%component Target --path {TARGET}\n{source}")
        outcome, seen = await asyncio.gather(self._notebook.run_cell(CELL), asyncio.wait_for(shown, 30))
        if not outcome.ok:
            raise RuntimeError(f"the cell failed: {outcome.error}")
        page, frame = self.view.offsets["page"], self.view.offsets["frame"]
        sent = await self._notebook.page.evaluate("window.__sent")
        socket = self.view.sockets.get(seen["engine"])
        return {
            "run": outcome.sent - page,
            "sent": sent - page,
            "engine": seen["engine"],
            "socket": None if socket is None else socket - page,
            "frame": seen["frame"] - frame,
            "dom": seen["dom"] - frame,
            "ms": (seen["dom"] - frame) - (sent - page),
        }

    async def hops(self) -> list[Sample]:
        """What the kernel noted of each run."""
        outcome = await self._notebook.run(HOPS)
        found: list[Sample] = json.loads(outcome.text.strip().splitlines()[-1])
        return found


class Hook:
    """Edits by the HTTP hook, over a connection that is kept."""

    def __init__(self, view: View, server: Server, app: str) -> None:
        self.view = view
        self._path = f"/overskill-nb/api/apps/{app}/files"
        self._headers = {"Authorization": f"token {server.token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=20)

    async def edit(self, source: str, text: str) -> Sample:
        """Hand a source in."""
        shown = self.view.expect(text)
        body = json.dumps({"path": TARGET, "source": source})
        started = time.time() * 1000
        await asyncio.to_thread(self._post, body)
        seen = await asyncio.wait_for(shown, 30)
        return {"ms": seen["dom"] - self.view.offsets["frame"] - started}

    def _post(self, body: str) -> None:
        self._connection.request("POST", self._path, body, self._headers)
        response = self._connection.getresponse()
        text = response.read()
        if response.status >= 300:
            raise RuntimeError(f"the hook answered {response.status}: {text[:300]!r}")


@asynccontextmanager
async def _notebook(name: str, root: Path, browser: Browser, comm: bool) -> AsyncIterator[tuple[Server, Cells]]:
    root.mkdir()
    peers.write_app(root / "lab", SIZE)
    write_notebook(root / "lab.ipynb", OPEN, "")
    environment = {"OVERSKILL_NB_ENGINE": "kernel"} if comm else {}
    async with Server.start(root, env=environment, extension=not comm) as server:
        view = await View.make(name, browser)
        notebook = await Notebook.open(view.page, server, "lab.ipynb")
        outcome = await notebook.run_cell(0, 300)
        if not outcome.ok:
            raise RuntimeError(f"opening the app failed: {outcome.error}")
        cells = Cells(view, notebook)
        shown = view.expect("REV_0")
        await notebook.set_cell(CELL, f"%%component Target --path {TARGET}\n{(root / 'lab' / TARGET).read_text()}")
        await notebook.run_cell(CELL, 120)
        await asyncio.wait_for(shown, 60)
        await view.read_clocks()
        yield server, cells


async def _bare(root: Path, browser: Browser, server: Server) -> Hook:
    peers.write_app(root / "bare", SIZE)
    opened = await asyncio.to_thread(post, server, "/overskill-nb/api/apps", {"folder": "bare"}, 120)
    view = await View.make("bare", browser)
    shown = view.expect("REV_0")
    await view.page.goto(f"{server.url}/overskill-nb/tab/{opened['app']}?token={server.token}")
    await asyncio.wait_for(shown, 60)
    await view.read_clocks()
    return Hook(view, server, opened["app"])


async def measure(edits: int, with_comm: bool) -> dict[str, Any]:
    """Samples of each way, interleaved."""
    with tempfile.TemporaryDirectory(prefix="overskill-lab-", ignore_cleanup_errors=True) as name:
        async with AsyncExitStack() as stack:
            browser = await stack.enter_async_context(launch(whole=True))
            root = Path(name)
            server, lab = await stack.enter_async_context(_notebook("lab", root / "lab", browser, comm=False))
            ways: dict[str, Cells | Hook] = {"lab": lab, "bare": await _bare(root / "lab", browser, server)}
            if with_comm:
                _, comm = await stack.enter_async_context(_notebook("comm", root / "comm", browser, comm=True))
                ways["comm"] = comm
            plain = (root / "lab/lab" / TARGET).read_text("utf-8")
            samples: dict[str, list[Sample]] = {name: [] for name in ways}
            noisy = 0
            for turn in range(1, WARM + edits + 1):
                order = list(ways)
                for way in order[turn % len(order) :] + order[: turn % len(order)]:
                    await ways[way].view.page.bring_to_front()
                    await asyncio.sleep(random.uniform(0.1, 0.25))
                    calm = await quiet.quiet()
                    sample = await ways[way].edit(plain.replace("REV_0", f"REV_{turn}"), f"REV_{turn}")
                    if turn > WARM:
                        samples[way].append(sample)
                        noisy += not calm
            for cells in ways.values():
                if isinstance(cells, Cells):
                    _merge(samples[cells.view.name], (await cells.hops())[-edits:])
    found: dict[str, Any] = {way: _summary([sample["ms"] for sample in own]) for way, own in samples.items()}
    hops = {way: _hops(samples[way]) for way in ways if way != "bare"}
    return {"size": SIZE, "edits": edits, "noisy": noisy, **found, "hops": hops}


def _merge(samples: list[Sample], hops: list[Sample]) -> None:
    for sample, hop in zip(samples, hops, strict=True):
        sample.update(hop)
        sample["compiled"] = sample["engine"] + hop["compiled"]


HOPS_IN_ORDER = ("sent", "kernel", "asked", "engine", "compiled", "socket", "frame", "dom")
NAMES = {
    "kernel": "front end's socket -> kernel runs the cell",
    "asked": "kernel: the magic's own work",
    "engine": "kernel -> engine",
    "compiled": "engine and worker: written, compiled, sent",
    "socket": "engine -> the page's socket worker",
    "frame": "socket worker -> frame",
    "dom": "frame: run the module, refresh React",
}
OVER_COMM = "engine -> kernel -> Jupyter -> page -> frame"


def _hops(samples: list[Sample]) -> dict[str, dict[str, float]]:
    """Medians of the way from each place to the next that was seen."""
    seen = [place for place in HOPS_IN_ORDER if all(sample.get(place) is not None for sample in samples)]
    return {place: _summary([sample[place] - sample[before] for sample in samples]) for before, place in pairwise(seen)}


def _summary(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median": round(ordered[len(ordered) // 2], 2),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2),
    }


def bars(found: dict[str, Any]) -> Iterator[Bar]:
    """What JupyterLab and the comm may cost."""
    lab, bare = found["lab"]["median"], found["bare"]["median"]
    yield Bar(f"through JupyterLab, {SIZE} components / bare", lab / bare, 2.5, note=f"{lab:.1f} / {bare:.1f} ms")
    if "comm" in found:
        comm = found["comm"]["median"]
        yield Bar("over comm / over WebSocket, in JupyterLab", comm / lab, 2.0, note=f"{comm:.1f} / {lab:.1f} ms")


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The ways and their hops."""
    for way in ("bare", "lab", "comm"):
        if way not in found:
            continue
        own = found[way]
        yield f"lab       {way:6} median {own['median']:.1f} ms, p95 {own['p95']:.1f} ms"
        for place, hop in found["hops"].get(way, {}).items():
            name = OVER_COMM if way == "comm" and place == "frame" else NAMES[place]
            yield f"            {name:46} {hop['median']:6.1f} ms, p95 {hop['p95']:.1f} ms"
    yield f"          {found['noisy']} samples were taken although the machine did not get quiet"
