"""Hosts beside JupyterLab and Notebook 7: how each is started, shows a notebook's cells, and runs one again."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import secrets
import signal
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from playwright.async_api import Page

from .jupyter import PATIENT, free_port, write_notebook

Name = Literal["nbclassic", "voila", "voila in jupyterlab", "marimo run", "marimo edit"]
PACKAGES: dict[Name, str] = {
    "nbclassic": "nbclassic",
    "voila": "voila",
    "voila in jupyterlab": "voila",
    "marimo run": "marimo",
    "marimo edit": "marimo",
}


def missing(name: Name) -> str:
    """The package that is not installed; an empty text where the host can be started."""
    package = PACKAGES[name]
    return "" if importlib.util.find_spec(package) else package


class Hosted:
    """A host's server, with a notebook of these cells."""

    def __init__(self, name: Name, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.port = free_port()
        self._token = secrets.token_hex(16)

    @classmethod
    @asynccontextmanager
    async def start(cls, name: Name, folder: Path, cells: list[str]) -> AsyncIterator[Hosted]:
        """Start a host on a folder with a notebook, and stop it at the end."""
        folder.mkdir()
        hosted = cls(name, folder)
        hosted._write(cells)
        own = folder.with_name(f"{folder.name}-own")
        environment = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(own / "config"),
            "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
            "IPYTHONDIR": str(own / "ipython"),
            "XDG_CONFIG_HOME": str(own),
        }
        (own / "marimo").mkdir(parents=True)
        (own / "marimo/marimo.toml").write_text("[runtime]\nauto_instantiate = true\n")
        with (folder.with_name(f"{folder.name}.log")).open("wb") as log:
            process = subprocess.Popen(
                hosted._command(), cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            await hosted._ready(process, Path(log.name))
            yield hosted
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, 15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _write(self, cells: list[str]) -> None:
        if not self.name.startswith("marimo"):
            write_notebook(self.folder / "nb.ipynb", *cells)
            return
        # marimo finds out for itself what a cell takes and gives: all but the first take what the first makes.
        made = "import marimo\n\napp = marimo.App()\n"
        for number, cell in enumerate(cells):
            taken = "demo, preview" if number else ""
            made += f"\n\n@app.cell\ndef _({taken}):\n{textwrap.indent(cell, '    ')}\n    return demo, preview\n"
        (self.folder / "nb.py").write_text(made)

    def _command(self) -> list[str]:
        server = [
            "--no-browser", "--allow-root", f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self._token}", f"--ServerApp.root_dir={self.folder}",
        ]  # fmt: skip
        plain = ["nb.py", "--headless", "--no-token", "--port", str(self.port)]
        return [
            sys.executable,
            "-m",
            *{
                "nbclassic": ["nbclassic", *server],
                "voila": ["voila", "--no-browser", f"--Voila.port={self.port}", "nb.ipynb"],
                "voila in jupyterlab": ["jupyterlab", *server],
                "marimo run": ["marimo", "run", *plain],
                "marimo edit": ["marimo", "edit", *plain],
            }[self.name],
        ]

    @property
    def url(self) -> str:
        """Where the notebook is shown."""
        path = {"nbclassic": "nbclassic/notebooks/nb.ipynb", "voila in jupyterlab": "voila/render/nb.ipynb"}
        return f"http://127.0.0.1:{self.port}/{path.get(self.name, '')}?token={self._token}"

    async def _ready(self, process: subprocess.Popen[bytes], log: Path) -> None:
        end = time.monotonic() + 2 * PATIENT
        # What any server answers at once: Voila runs the notebook for each that asks for its page.
        asked = f"http://127.0.0.1:{self.port}/api/status"
        while process.poll() is None and time.monotonic() < end:
            try:
                await asyncio.to_thread(urllib.request.urlopen, asked, timeout=PATIENT)
            except urllib.error.HTTPError:
                return
            except OSError:
                await asyncio.sleep(0.1)
            else:
                return
        raise RuntimeError(f"{self.name} did not start:\n{log.read_text()[-3000:]}")

    async def open(self, page: Page) -> None:
        """Show the notebook, and run its cells where the host does not do so by itself."""
        await page.goto(self.url)
        if self.name == "nbclassic":
            await page.wait_for_function("window.Jupyter?.notebook?.kernel?.is_connected?.()")
            # Its widgets ask first which there are: one that is made meanwhile would be made twice.
            await page.evaluate("new Promise((done) => Jupyter.notebook.kernel.comm_info('jupyter.widget', done))")
            await page.evaluate("Jupyter.notebook.execute_all_cells()")

    async def run_again(self, page: Page, number: int) -> None:
        """Run one cell again."""
        if self.name == "nbclassic":
            await page.evaluate("number => Jupyter.notebook.execute_cells([number])", number)
        elif self.name == "marimo edit":
            cell = page.locator("[data-cell-id]").nth(number)
            await cell.hover()
            await cell.locator("[data-testid=run-button]:enabled:visible").first.click()
        else:
            raise NotImplementedError(f"nobody runs a cell in {self.name}")
