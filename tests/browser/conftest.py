"""Servers and notebooks for the browser tests, one server a host and module."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from .jupyter import Notebook, Server, launch, new_context, write_notebook

HOSTS = ("lab", "notebook", "comm")
"""JupyterLab and Notebook 7 with the server extension; JupyterLab without it, the engine in the kernel."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@dataclass
class Host:
    """A running server and a browser; ``open`` gives a notebook with a kernel and a folder of its own."""

    name: str
    server: Server
    browser: Browser
    root: Path
    contexts: list[BrowserContext] = field(default_factory=list)

    async def close_pages(self) -> None:
        """Close what a test opened: Chromium draws the frames of pages in the background less often."""
        while self.contexts:
            await self.contexts.pop().close()

    async def open(self, folder: str, *sources: str, theme: str = "", height: int = 1000) -> Notebook:
        """A notebook with these cells, in a folder of its own."""
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        write_notebook(self.root / folder / "nb.ipynb", *sources)
        context = await new_context(self.browser, viewport={"width": 1200, "height": height})
        self.contexts.append(context)
        page = await context.new_page()
        return await Notebook.open(page, self.server, f"{folder}/nb.ipynb", theme)


StartHost = Callable[[str], Awaitable[Host]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def start_host(tmp_path_factory: pytest.TempPathFactory, tools: Path) -> AsyncIterator[StartHost]:
    """Start a host by its name, once a module."""
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(launch())
        started: dict[str, Host] = {}

        async def start(name: str) -> Host:
            if name not in started:
                root = tmp_path_factory.mktemp(f"root-{name}")
                alone = name == "comm"
                server = await stack.enter_async_context(
                    Server.start(
                        root,
                        "notebook" if name == "notebook" else "lab",
                        env={"OVERSKILL_NB_ENGINE": "kernel"} if alone else {},
                        extension=not alone,
                    )
                )
                started[name] = Host(name, server, browser, root)
            return started[name]

        yield start


@pytest_asyncio.fixture(loop_scope="module", params=HOSTS)
async def host(request: pytest.FixtureRequest, start_host: StartHost) -> AsyncIterator[Host]:
    """Each of the hosts in turn."""
    started = await start_host(request.param)
    yield started
    await started.close_pages()


@pytest_asyncio.fixture(loop_scope="module")
async def lab(start_host: StartHost) -> AsyncIterator[Host]:
    """JupyterLab with the server extension."""
    started = await start_host("lab")
    yield started
    await started.close_pages()
