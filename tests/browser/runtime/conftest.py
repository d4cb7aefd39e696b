"""Fixtures of the runtime's tests: a browser, a compiler, and packages of both React versions."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from cache_folder import shared
from playwright.async_api import Browser

from overskill_nb.pipeline.node import Node

from ..jupyter import new_context
from .preview import Compiler, Preview, install

PACKAGES = {
    "18": ("react@18.3.1", "react-dom@18.3.1"),
    "19": ("react@19.3.1", "react-dom@19.3.1", "react-router-dom@7"),
}


@pytest.fixture(scope="session")
def compiler(node: Node, tools: Path) -> Iterator[Compiler]:
    compiler = Compiler(node, tools)
    yield compiler
    compiler.close()


@pytest.fixture(scope="session")
def packages(cache: Path) -> Path:
    """Where packages are kept, from run to run."""
    return shared("test-packages", folder=cache) / "test-packages"


@pytest_asyncio.fixture(loop_scope="session", params=["19"])
async def preview(
    request: pytest.FixtureRequest, browser: Browser, compiler: Compiler, node: Node, packages: Path
) -> AsyncIterator[Preview]:
    """An empty page; tests of what React does ask for ``18`` as well."""
    folder = await install(node, packages / f"react-{request.param}", *PACKAGES[request.param])
    context = await new_context(browser, viewport={"width": 800, "height": 600}, color_scheme="null")
    yield Preview(await context.new_page(), compiler, folder)
    await context.close()


both = pytest.mark.parametrize("preview", ["18", "19"], indirect=True)
each = both if os.environ.get("EVERY_REACT") else pytest.mark.parametrize("preview", ["19"], indirect=True)
"""Where the two go the same way as in a test that has ``both``: ``EVERY_REACT=1`` has these run with each as well."""
