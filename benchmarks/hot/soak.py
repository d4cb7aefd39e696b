"""Edit an app every two seconds while its worker, its server and its kernel are killed, and see that nothing is lost.

usage: soak.py [--minutes 60] [--calm 15] [--pace 2] [--kill-every 40] [--progress FILE] [--json FILE] [--seed N]
       soak.py --report FILE        what a soak that was stopped had seen until then

A real JupyterLab shows the component in a notebook; a tab of its own shows the whole app. Changes come in turn from the
HTTP hook, from a cell and from a file written on disk. In the last minutes nothing is killed, so that the processes
live long enough to tell how their memory grows. Exits 1 unless every preview shows the last change in the end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TextIO

import psutil
from playwright.async_api import Error as PlaywrightError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

import soak_report  # noqa: E402
from jupyter_api import post  # noqa: E402
from processes import chromium_below  # noqa: E402
from soak_app import OPEN, SOURCE_PATH, source  # noqa: E402
from soak_kills import Killer  # noqa: E402
from soak_memory import MemoryWatch  # noqa: E402
from soak_notebook import NotebookKernel  # noqa: E402
from soak_previews import Previews  # noqa: E402

from overskill_nb import config  # noqa: E402
from tests.browser.jupyter import Notebook, Server, launch, write_notebook  # noqa: E402

SOURCES = ("hook", "cell", "disk")
PATIENCE = 90.0
"""Seconds after which a preview that shows nothing new counts as not recovered."""


class Journal:
    """The events of a run: kept, and written down as they happen."""

    def __init__(self, file: TextIO) -> None:
        self.events: list[soak_report.Event] = []
        self._file = file

    def note(self, event: str, at: float | None = None, **fields: Any) -> None:
        """Note that something happened, now unless a time is given."""
        noted = {"at": round(at or time.time(), 4), "event": event, **fields}
        self.events.append(noted)
        self._file.write(json.dumps(noted) + "\n")
        self._file.flush()
        if event in {"kill", "reload", "kernel", "server", "problem"}:
            text = " ".join(f"{name}={value}" for name, value in fields.items())
            print(f"{noted['at'] - self.events[0]['at']:7.1f} s  {event:8} {text}", flush=True)


class Edits:
    """Hands in numbered changes, each by the source whose turn it is."""

    def __init__(self, server: Server, kernel: NotebookKernel, folder: Path, app: str, journal: Journal) -> None:
        self.rev = 0
        self._server = server
        self._kernel = kernel
        self._folder = folder
        self._app = app
        self._journal = journal

    async def next(self) -> bool:
        """Hand in the next change. Where its source is away it is written to disk instead, as an editor would.

        Whether the source took it.
        """
        self.rev += 1
        wanted = SOURCES[self.rev % len(SOURCES)]
        at = time.time()
        failed = await self._hand_in(wanted)
        if failed:
            await self._hand_in("disk")
            self._journal.note("edit", at, rev=self.rev, source="disk", instead_of=wanted, why=failed)
        else:
            self._journal.note("edit", at, rev=self.rev, source=wanted)
        return not failed

    async def _hand_in(self, wanted: str) -> str:
        """Why it failed; empty where it did not."""
        text = source(self.rev)
        if wanted == "disk":
            (self._folder / SOURCE_PATH).write_text(text, "utf-8")
            return ""
        if wanted == "cell":
            return await self._kernel.run_component(text)
        body = {"path": SOURCE_PATH, "source": text}
        try:
            await asyncio.to_thread(post, self._server, f"/overskill-nb/api/apps/{self._app}/files", body)
        except OSError as error:
            return str(error)
        return ""


class Soak:
    """One run."""

    def __init__(self, options: argparse.Namespace, journal: Journal) -> None:
        self._o = options
        self._journal = journal
        self._dice = random.Random(options.seed)

    async def run(self) -> None:
        """Start all there is, edit and kill until the time is over, then let the last changes arrive."""
        with tempfile.TemporaryDirectory(prefix="overskill-soak-", ignore_cleanup_errors=True) as name:
            root = Path(name)
            write_notebook(root / "soak.ipynb", OPEN, "")
            async with Server.start(root) as server, launch(whole=True) as browser:
                context = await browser.new_context(viewport={"width": 1200, "height": 900})
                previews = Previews(self._journal.note, lambda: killer.last)
                await previews.watch(context)
                page = await context.new_page()
                previews.add("notebook", page)
                notebook = await Notebook.open(page, server, "soak.ipynb")
                kernel = NotebookKernel(notebook, self._journal.note)
                killer = Killer(server, kernel, self._journal.note, self._dice)
                edits = Edits(server, kernel, root / "soak", config.app_id(root / "soak"), self._journal)
                await kernel.start(source(0))
                tab = await context.new_page()
                previews.add("tab", tab)
                await tab.goto(f"{server.url}/overskill-nb/tab/{config.app_id(root / 'soak')}?token={server.token}")
                await page.bring_to_front()
                if not await previews.show(0, 60):
                    raise RuntimeError(f"the previews did not start: {previews.newest}")
                browser_pid = chromium_below(os.getpid())
                assert browser_pid is not None
                pages = {"lab page": page.main_frame, "tab page": tab.main_frame}
                memory = MemoryWatch(
                    server,
                    browser_pid,
                    lambda: {**pages, **{f"{name} frame": frame for name, frame in previews.frames.items()}},
                    self._journal.note,
                )
                self._journal.note("start", minutes=self._o.minutes, pace=self._o.pace, seed=self._o.seed)
                await self._soak(edits, previews, killer, kernel, memory)

    async def _soak(
        self, edits: Edits, previews: Previews, killer: Killer, kernel: NotebookKernel, memory: MemoryWatch
    ) -> None:
        watching = asyncio.create_task(memory.run())
        killing = asyncio.create_task(self._kill(edits, previews, killer))
        end = time.monotonic() + 60 * self._o.minutes
        while (started := time.monotonic()) < end:
            await edits.next()
            await asyncio.sleep(max(0.0, self._o.pace - (time.monotonic() - started)))
            if killing.done():
                killing.result()
        killing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await killing
        await self._settle(edits, previews, kernel)
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        await memory.sample()

    async def _kill(self, edits: Edits, previews: Previews, killer: Killer) -> None:
        """Kill one thing after the other, each when all previews have got over the one before."""
        end = time.monotonic() + 60 * (self._o.minutes - self._o.calm)
        while True:
            await asyncio.sleep(self._o.kill_every * self._dice.uniform(0.5, 1.5))
            if time.monotonic() > end:
                return
            # Shielded: the end of the soak must not leave a server half started.
            try:
                kind = await asyncio.shield(asyncio.ensure_future(killer.kill(edits.rev)))
            except (OSError, PlaywrightError, psutil.Error) as error:
                self._journal.note("problem", text=f"killing ({killer.last}) failed: {error!r}"[:300])
                continue
            if not await previews.reach(edits.rev + 1, PATIENCE):
                self._journal.note("problem", text=f"a preview shows nothing new {PATIENCE:.0f} s after: {kind}")

    async def _settle(self, edits: Edits, previews: Previews, kernel: NotebookKernel) -> None:
        """The last changes: one from each source, each of which must be there and must show."""
        if not await kernel.recovered(PATIENCE):
            self._journal.note("problem", text="no cell runs in the end")
        for _ in SOURCES:
            if not await edits.next():
                self._journal.note("problem", text=f"the source of change {edits.rev} is away in the end")
            if not await previews.show(edits.rev, PATIENCE):
                self._journal.note("problem", text=f"change {edits.rev} does not show: {previews.newest}")


def main() -> int:
    """Run, or report on a run that was stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--calm", type=float, help="minutes without kills in the end; by default a quarter of all")
    parser.add_argument("--pace", type=float, default=2.0, help="seconds from change to change")
    parser.add_argument("--kill-every", type=float, default=40.0, help="seconds from kill to kill, on average")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--progress", type=Path, default=ROOT / "artifacts/soak.jsonl")
    parser.add_argument("--json", type=Path, default=ROOT / "artifacts/soak.json", help="where the figures go")
    parser.add_argument("--report", type=Path, metavar="FILE")
    options = parser.parse_args()
    options.calm = options.minutes / 4 if options.calm is None else options.calm
    if options.report:
        events = soak_report.read(options.report)
    else:
        options.progress.parent.mkdir(parents=True, exist_ok=True)
        print(f"seed {options.seed}; progress goes to {options.progress}", flush=True)
        with options.progress.open("w", encoding="utf-8") as file:
            journal = Journal(file)
            # Stopped by a program as by Ctrl-C: the server and the browser end with us.
            signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
            try:
                asyncio.run(Soak(options, journal).run())
            except (Exception, KeyboardInterrupt) as error:
                journal.note("problem", text=f"the soak ended early: {type(error).__name__}: {error}")
        events = journal.events
    figures = soak_report.Report(events).figures()
    print("\n".join(soak_report.lines(figures)))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0 if figures["all_shown"] and not figures["problems"] else 1


if __name__ == "__main__":
    sys.exit(main())
