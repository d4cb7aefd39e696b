"""The notebook of a soak: runs its cells, and gets it a kernel again after one was lost."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from playwright.async_api import Error as PlaywrightError
from soak_app import COMPONENT

from tests.browser.jupyter import Notebook

OPEN_CELL, COMPONENT_CELL = 0, 1
CELL_SECONDS = 20.0

# What a person clicks away: that a kernel died, that the server is gone.
DISMISS = "document.querySelectorAll('.jp-Dialog .jp-Dialog-button.jp-mod-accept').forEach((button) => button.click())"

# A kernel for the notebook: the one it has where that answers, else a new one.
GIVE_KERNEL = """async () => {
  const context = window.jupyterapp.shell.currentWidget.sessionContext;
  const kernel = context.session?.kernel;
  if (kernel && kernel.connectionStatus === 'connected' && !['dead', 'unknown'].includes(kernel.status)) {
    return kernel.status;
  }
  await context.sessionManager.refreshRunning();
  await context.changeKernel({name: 'python3'});
  return 'new';
}"""


class NotebookKernel:
    """The kernel as the notebook sees it."""

    def __init__(self, notebook: Notebook, note: Callable[..., None]) -> None:
        self._notebook = notebook
        self._note = note
        self._ready = False
        self._recovering: asyncio.Task[None] | None = None

    async def start(self, component: str) -> None:
        """Open the app and show the component."""
        await self._notebook.set_cell(COMPONENT_CELL, self._cell(component))
        for number in (OPEN_CELL, COMPONENT_CELL):
            outcome = await self._notebook.run_cell(number, 300)
            if not outcome.ok:
                raise RuntimeError(f"cell {number} of the soak's notebook failed: {outcome.error}")
        self._ready = True

    def _cell(self, component: str) -> str:
        return f"%%component {COMPONENT}\n{component}"

    async def run_component(self, component: str) -> str:
        """Run the component's cell with a new source; why that failed, empty where it did not."""
        if not self._ready:
            return "the kernel is away"
        try:
            await self._notebook.set_cell(COMPONENT_CELL, self._cell(component))
            outcome = await self._notebook.run_cell(COMPONENT_CELL, CELL_SECONDS)
        except asyncio.TimeoutError:
            return f"the cell did not end within {CELL_SECONDS:.0f} s"
        except PlaywrightError as error:
            return str(error)[:200]
        if self._ready:
            return outcome.error
        return "the kernel went away while the cell ran"

    async def restart(self) -> None:
        """Restart the kernel as Lab's button does, without its question."""
        await self._notebook.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        )

    def lost(self, after: str) -> None:
        """The kernel went with what was killed: see that cells run again."""
        self._ready = False
        if self._recovering is not None:
            self._recovering.cancel()
        self._recovering = asyncio.create_task(self._recover(after))

    async def recovered(self, timeout: float) -> bool:
        """Whether cells run again, in time."""
        if self._recovering is not None:
            await asyncio.wait({self._recovering}, timeout=timeout)
        return self._ready

    async def _recover(self, after: str) -> None:
        started = time.time()
        last: Any = ""
        while time.time() - started < 180:
            await asyncio.sleep(0.5)
            with contextlib.suppress(PlaywrightError, asyncio.TimeoutError):
                await self._notebook.page.evaluate(DISMISS)
            try:
                await asyncio.wait_for(self._notebook.page.evaluate(GIVE_KERNEL), 15)
                outcome = await self._notebook.run_cell(OPEN_CELL, CELL_SECONDS)
            except (PlaywrightError, asyncio.TimeoutError) as error:
                last = str(error)[:200] or type(error).__name__
                continue
            ran = outcome.ok and await self._count() is not None
            if ran:
                self._ready = True
                self._note("kernel", after=after, seconds=round(time.time() - started, 2))
                return
            last = outcome.error or "the cell was not run"
        self._note("problem", text=f"no cell ran within 180 s after: {after} ({last})")

    async def _count(self) -> int | None:
        """The execution count of the first cell: null where the kernel never answered."""
        count: int | None = await self._notebook.page.evaluate(
            "number => window.jupyterapp.shell.currentWidget.content.widgets[number].model.executionCount", OPEN_CELL
        )
        return count
