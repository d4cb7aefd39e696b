"""A Chromium, and the hosts of notebooks, for the browser tests: one of each for all that a process runs."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from .jupyter import Notebook, Server, launch, new_context, write_notebook

HOSTS = ("lab", "notebook", "comm")
"""JupyterLab and Notebook 7 with the server extension; JupyterLab without it, the engine in the kernel."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module names the hosts that it runs in; ``EVERY_HOST=1`` has it run in all of them."""
    if "host" in metafunc.fixturenames:
        named = getattr(metafunc.module, "IN_HOSTS", HOSTS)
        metafunc.parametrize("host", HOSTS if os.environ.get("EVERY_HOST") else named, indirect=True)


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
    served: Path
    """The server's own folder."""
    place: str = ""
    """The folder in it that is the test module's."""
    contexts: list[BrowserContext] = field(default_factory=list)
    _resting: Page | None = None
    """A JupyterLab in which nothing is open: loading one costs more than most tests do."""
    _used: Notebook | None = None
    """What may rest after this test."""

    @property
    def root(self) -> Path:
        """The folder of the test module."""
        return self.served / self.place

    def path(self, name: str) -> str:
        """Where the server has a file or a folder of the test module."""
        return f"{self.place}/{name}"

    def seen_by(self, browser: Browser) -> Host:
        """The same server in another browser."""
        return Host(self.name, self.server, browser, self.served, self.place)

    async def close_pages(self) -> None:
        """Close what a test opened: Chromium draws the frames of pages in the background less often."""
        used, self._used = self._used, None
        if used is not None and await used.closed():
            self._resting = used.page
        while self.contexts:
            context = self.contexts.pop()
            if self._resting is None or context is not self._resting.context:
                await context.close()
                continue
            for page in context.pages:
                if page is not self._resting:
                    await page.close()

    async def open(self, folder: str, *sources: str, theme: str = "", height: int = 1000) -> Notebook:
        """A notebook with these cells, in a folder of its own."""
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        write_notebook(self.root / folder / "nb.ipynb", *sources)
        path = self.path(f"{folder}/nb.ipynb")
        size: ViewportSize = {"width": 1200, "height": height}
        if self._resting is not None and not theme:
            page, self._resting = self._resting, None
            self.contexts.append(page.context)
            await page.set_viewport_size(size)
            self._used = await Notebook.within(page, self.server, path)
            return self._used
        context = await new_context(self.browser, viewport=size)
        self.contexts.append(context)
        notebook = await Notebook.open(await context.new_page(), self.server, path, theme)
        if self.server.app == "lab" and not theme and self._used is None:
            self._used = notebook
        return notebook


StartHost = Callable[[str], Awaitable[Host]]


@asynccontextmanager
async def starting(browser: Browser, folders: pytest.TempPathFactory) -> AsyncIterator[StartHost]:
    """Hosts that run from when they are first asked for."""
    async with AsyncExitStack() as stack:
        started: dict[str, Host] = {}

        async def start(name: str) -> Host:
            if name not in started:
                root = folders.mktemp(f"root-{name}")
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium: in a new context nothing is left of the one before, at a small part of the cost."""
    async with launch() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hosts(browser: Browser, tmp_path_factory: pytest.TempPathFactory, tools: Path) -> AsyncIterator[StartHost]:
    """The hosts that modules share."""
    async with starting(browser, tmp_path_factory) as start:
        yield start


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own_hosts(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, tools: Path
) -> AsyncIterator[StartHost]:
    """Those that a module names in ``OWN_SERVERS``: it ends them."""
    async with starting(browser, tmp_path_factory) as start:
        yield start


@pytest_asyncio.fixture(loop_scope="session")
async def start_host(
    request: pytest.FixtureRequest, hosts: StartHost, own_hosts: StartHost
) -> AsyncIterator[StartHost]:
    """Start a host by its name, where it does not run yet; what a test opens in it is closed when the test ends."""
    used: list[Host] = []
    own = getattr(request.module, "OWN_SERVERS", ())

    async def start(name: str) -> Host:
        host = await (own_hosts if name in own else hosts)(name)
        host.place = request.module.__name__.rpartition(".")[2]
        used.append(host)
        return host

    yield start
    for host in used:
        await host.close_pages()


@pytest_asyncio.fixture(loop_scope="session")
async def host(request: pytest.FixtureRequest, start_host: StartHost) -> Host:
    """Each of the hosts in turn."""
    return await start_host(request.param)


@pytest_asyncio.fixture(loop_scope="session")
async def lab(start_host: StartHost) -> Host:
    """JupyterLab with the server extension."""
    return await start_host("lab")


@pytest_asyncio.fixture(loop_scope="session")
async def kernel_host(start_host: StartHost) -> Host:
    """JupyterLab with the engine in the kernel, where a cell can decide what that does."""
    return await start_host("comm")
