"""Drive JupyterLab or Notebook 7 in headless Chromium: start a server, open a notebook, run cells, look at previews."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, ElementHandle, Error, Frame, Page, async_playwright

from overskill_nb import browser as chromium

App = Literal["lab", "notebook"]

PATIENT = 90.0
"""Seconds that anything may take. A machine under load is slow, and only what is wrong takes so long."""

# Runs in every frame, before anything else: when did the DOM change?
RECORD_MUTATIONS = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const seen = []; window.__mutations = seen;
  new MutationObserver(() => { seen.push(now()); if (seen.length > 500) seen.splice(0, 250); })
    .observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
})();
"""


CLOSE_ALL = """async () => {
  const { shell, serviceManager } = window.jupyterapp;
  for (const widget of [...shell.widgets("main")]) {
    if (widget.context) widget.context.model.dirty = false;
    widget.close();
  }
  await serviceManager.sessions.shutdownAll();
  // A page that was loaded anew may be about to open once more what it had.
  if (performance.getEntriesByType("navigation")[0].type === "reload") return false;
  return !document.querySelector(".jp-Dialog") && ![...shell.widgets("main")].some((widget) => widget.context);
}"""


class Server:
    """A Jupyter server process with a folder of its own for settings."""

    process: subprocess.Popen[bytes]

    def __init__(
        self, command: list[str], environment: dict[str, str], port: int, token: str, app: App, log: Path
    ) -> None:
        self._command = command
        self._environment = environment
        self.port = port
        self.token = token
        self.app = app
        self.log = log

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    @asynccontextmanager
    async def start(
        cls, folder: Path, app: App = "lab", env: dict[str, str] | None = None, extension: bool = True, port: int = 0
    ) -> AsyncIterator[Server]:
        """Start a server on ``folder`` and stop it at the end, with its kernels."""
        port = port or free_port()
        token = secrets.token_hex(16)
        with tempfile.TemporaryDirectory(prefix="jupyter-") as own:
            settings = Path(own) / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
            settings.parent.mkdir(parents=True)
            settings.write_text('{"fetchNews": "false", "checkForUpdates": false}')
            page = Path(own) / "config/labconfig/page_config.json"
            page.parent.mkdir(parents=True)
            # Each page would start Node three times to see whether JupyterLab itself has to be built.
            page.write_text('{"buildAvailable": false, "buildCheck": false}')
            command = [
                sys.executable, "-m", "jupyterlab" if app == "lab" else "notebook",
                "--no-browser", "--allow-root", "--ServerApp.port_retries=0",
                f"--ServerApp.root_dir={folder}",
                f"--{'LabApp' if app == 'lab' else 'JupyterNotebookApp'}.expose_app_in_browser=True",
            ]  # fmt: skip
            if not extension:
                command.append("--ServerApp.jpserver_extensions={'overskill_nb': False}")
            environment = {
                **os.environ,
                "JUPYTER_CONFIG_DIR": f"{own}/config",
                "JUPYTER_RUNTIME_DIR": f"{own}/runtime",
                "JUPYTERLAB_SETTINGS_DIR": f"{own}/settings",
                "JUPYTERLAB_WORKSPACES_DIR": f"{own}/workspaces",
                "IPYTHONDIR": f"{own}/ipython",
                **(env or {}),
            }
            server = cls(command, environment, port, token, app, Path(own) / "server.log")
            try:
                server.launch()
                await server.ready()
                yield server
            finally:
                await server.stop()

    def launch(self, port: int = 0, token: str = "") -> None:
        """Start the process, on another port and with another token where they are given."""
        self.port = port or self.port
        self.token = token or self.token
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*self._command, f"--ServerApp.port={self.port}", f"--IdentityProvider.token={self.token}"],
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End the process as a crash does. Kernels and worker see for themselves that it is gone."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    async def ready(self) -> None:
        """Wait until the server answers."""
        end = time.monotonic() + 2 * PATIENT
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended:\n{self.log.read_text()[-3000:]}")
            try:
                await asyncio.to_thread(self.get, "/api/status")
            except (urllib.error.URLError, OSError):
                await asyncio.sleep(0.1)
            else:
                return
        raise RuntimeError(f"the server does not answer:\n{self.log.read_text()[-3000:]}")

    def get(self, path: str, body: dict[str, Any] | None = None) -> bytes:
        """What the server answers to an authenticated GET, or to a POST where there is a body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=PATIENT) as response:
            return bytes(response.read())

    async def stop(self) -> None:
        """Stop the server as Ctrl-C does; kill what is left."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                await asyncio.to_thread(self.process.wait, 15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


@asynccontextmanager
async def launch(whole: bool = False) -> AsyncIterator[Browser]:
    """A headless Chromium, or one that people browse with where it must be ``whole``."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(chromium.ensure(whole)), headless=True, args=chromium.arguments()
        )
        try:
            yield browser
        finally:
            await browser.close()


async def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A context of its own, whose pages may be slow."""
    context = await browser.new_context(**options)
    context.set_default_timeout(PATIENT * 1000)
    return context


async def until(true: Callable[[], Awaitable[object]], seconds: float = PATIENT) -> None:
    """Ask until the answer is yes."""
    end = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < end, f"not within {seconds} s"
        await asyncio.sleep(0.1)


@dataclass
class Outcome:
    """What a cell's execution gave."""

    ok: bool
    error: str
    outputs: list[dict[str, Any]]
    sent: float
    """Unix time in milliseconds at which the front end sent the cell."""

    @property
    def text(self) -> str:
        """All textual output together."""
        parts = []
        for output in self.outputs:
            data = output.get("data", {})
            parts.append(output.get("text") or data.get("text/plain") or "\n".join(output.get("traceback", [])))
        return "\n".join("".join(part) if isinstance(part, list) else str(part) for part in parts if part)


class Notebook:
    """An open notebook."""

    def __init__(self, page: Page, server: Server | None = None) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        self.last: Outcome | None = None
        page.on("pageerror", self._threw)

    def _threw(self, error: Error) -> None:
        self.errors.append(str(error))

    @classmethod
    async def open(cls, page: Page, server: Server, name: str, theme: str = "", port: int = 0) -> Notebook:
        """Open a notebook by its path, at a proxy's port where one is given, and wait for its kernel."""
        notebook = cls(page, server)
        await page.add_init_script(RECORD_MUTATIONS)
        # A workspace of its own: otherwise JupyterLab opens again what an earlier page had open.
        place = f"lab/workspaces/{secrets.token_hex(4)}/tree" if server.app == "lab" else "notebooks"
        url = f"http://127.0.0.1:{port or server.port}"
        await page.goto(f"{url}/{place}/{name}?token={server.token}")
        await notebook.connected()
        notebook.errors.clear()  # those of the host's own start
        if theme:
            await page.evaluate(
                "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", theme
            )
            await asyncio.sleep(1)
        return notebook

    @classmethod
    async def within(cls, page: Page, server: Server, name: str) -> Notebook:
        """Open a notebook in a JupyterLab that is loaded already."""
        notebook = cls(page, server)
        await notebook.command("docmanager:open", {"path": name, "factory": "Notebook"})
        await notebook.connected()
        return notebook

    async def closed(self) -> bool:
        """Close all that is open in this JupyterLab, and end its kernels. False where the page is of no more use."""
        if self.page.is_closed() or self.errors:
            return False
        self.page.remove_listener("pageerror", self._threw)
        try:
            return bool(await asyncio.wait_for(self.page.evaluate(CLOSE_ALL), 15))
        except (Error, asyncio.TimeoutError):
            return False

    async def connected(self) -> None:
        """Wait for the notebook and an idle kernel."""
        await self.page.wait_for_function(
            """() => {
                const panel = window.jupyterapp?.shell?.currentWidget;
                const kernel = panel?.sessionContext?.session?.kernel;
                return panel?.content?.widgets?.length && kernel?.status === 'idle';
            }""",
            timeout=PATIENT * 1000,
            polling=100,
        )

    async def run_cell(self, number: int, timeout: float = 2 * PATIENT) -> Outcome:
        """Run one cell and wait for its end."""
        found = await asyncio.wait_for(
            self.page.evaluate(
                """async (number) => {
                    const {shell, commands} = window.jupyterapp;
                    const content = shell.currentWidget.content;
                    content.deselectAll(); content.activeCellIndex = number;
                    const sent = performance.timeOrigin + performance.now();
                    await commands.execute('notebook:run-cell');
                    return {sent, outputs: content.widgets[number].model.outputs?.toJSON() ?? []};
                }""",
                number,
            ),
            timeout,
        )
        failed = [output for output in found["outputs"] if output["output_type"] == "error"]
        error = f"{failed[0]['ename']}: {failed[0]['evalue']}" if failed else ""
        self.last = Outcome(not failed, error, found["outputs"], found["sent"])
        return self.last

    async def set_cell(self, number: int, source: str) -> None:
        """Replace a cell's source."""
        await self.page.evaluate(
            "([number, source]) => window.jupyterapp.shell.currentWidget.content.widgets[number]"
            ".model.sharedModel.setSource(source)",
            [number, source],
        )

    async def run(self, source: str, number: int | None = None) -> Outcome:
        """Run a source in a cell: the last one, which is appended where no number is given."""
        if number is None:
            number = await self.page.evaluate(
                """() => {
                    const content = window.jupyterapp.shell.currentWidget.content;
                    content.model.sharedModel.insertCell(content.widgets.length, {cell_type: 'code', source: ''});
                    return content.widgets.length - 1;
                }"""
            )
        await self.set_cell(number, source)
        return await self.run_cell(number)

    async def prints(self, source: str, expected: str) -> None:
        """Run a source until it prints a text: what the kernel is told by the page and the engine comes on its way."""
        outcome = await self.run(source)
        number = await self.page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length - 1")
        end = time.monotonic() + PATIENT
        while expected not in outcome.text:
            assert time.monotonic() < end, outcome.text
            await asyncio.sleep(0.2)
            outcome = await self.run_cell(number)

    async def command(self, name: str, arguments: dict[str, Any] | None = None) -> None:
        """Run one of Jupyter's commands."""
        # Some give a widget, and all that hangs on it would be written out for this process.
        await self.page.evaluate(
            "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args); }",
            [name, arguments or {}],
        )

    @asynccontextmanager
    async def saved_with_widgets(self, file: Path) -> AsyncIterator[dict[str, Any]]:
        """The notebook as it is saved for somebody who asks, as long as this lasts, for widgets to be saved with it."""
        toggle = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
        await self.command(toggle)
        try:
            await self.command("docmanager:save")
            written: dict[str, Any] = json.loads(file.read_text())
            yield written
        finally:
            await self.command(toggle)

    # --------------------------------------------------------------------------------------------- previews

    async def frames(self) -> list[Frame]:
        """The inner frames of all previews: those where components run."""
        found = []
        for frame in self.page.frames:
            if (
                frame.parent_frame is not None
                and frame.parent_frame.parent_frame is not None
                and not frame.is_detached()
            ):
                found.append(frame)
        return found

    async def frame_with(self, selector: str, timeout: float = PATIENT) -> Frame:
        """The preview frame that has an element."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for frame in await self.frames():
                # A frame that went away meanwhile is an error; one that is just being replaced may not answer at all.
                with contextlib.suppress(Error, asyncio.TimeoutError):
                    if await asyncio.wait_for(frame.query_selector(selector), 5):
                        return frame
            await asyncio.sleep(0.1)
        raise AssertionError(f"no preview has {selector}; {len(await self.frames())} previews: {await self.texts()}")

    async def texts(self) -> list[str]:
        """The text of each preview."""
        found = []
        for frame in await self.frames():
            try:
                found.append(await asyncio.wait_for(frame.evaluate("document.body?.innerText ?? ''"), 5))
            except Exception as error:
                found.append(f"<{error}>")
        return found

    async def wait_text(self, frame: Frame, selector: str, text: str, timeout: float = PATIENT) -> None:
        """Wait until an element of a preview has a text."""
        await frame.wait_for_function(
            "([selector, text]) => document.querySelector(selector)?.textContent === text",
            arg=[selector, text],
            timeout=timeout * 1000,
            polling=20,
        )

    async def stage_of(self, frame: Frame) -> ElementHandle:
        """The outermost iframe element of a preview."""
        outer = frame.parent_frame
        assert outer is not None
        return await outer.frame_element()

    async def update_latency(self) -> float | None:
        """Milliseconds from the last run cell's sending to the first change in any preview; None where none changed."""
        assert self.last is not None
        await asyncio.sleep(0.35)
        first: list[float] = []
        for frame in await self.frames():
            seen = await frame.evaluate("since => (window.__mutations ?? []).find((t) => t > since)", self.last.sent)
            if seen is not None:
                first.append(seen - self.last.sent)
        return min(first) if first else None

    async def show(self, number: int) -> None:
        """Scroll a cell to the top."""
        await self.page.evaluate(
            "async n => { const c = window.jupyterapp.shell.currentWidget.content;"
            " c.activeCellIndex = n; await c.scrollToItem(n, 'start'); }",
            number,
        )
        await self.page.wait_for_timeout(500)

    async def screenshot(self, path: Path) -> None:
        """A picture of the page, tall enough for the notebook."""
        path.parent.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=str(path))


def free_port() -> int:
    """A port that nobody has, nor gets before it is used: below those that the system gives to who asks for any."""
    for _ in range(100):
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def write_notebook(file: Path, *sources: str) -> None:
    """A notebook of code cells."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    file.write_text(
        json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
    )
