"""A Jupyter server with the extension, on the loop that the tests run on."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pytest_jupyter.jupyter_server import jp_server_cleanup  # noqa: F401
from tornado.websocket import WebSocketClientConnection
from traitlets.config import Config

from overskill_nb.server_ext.app import OverskillExtension


@pytest_asyncio.fixture(autouse=True)
async def jp_asyncio_loop() -> asyncio.AbstractEventLoop:
    """pytest-asyncio's loop: pytest-jupyter would otherwise make the server on another one."""
    return asyncio.get_running_loop()


@pytest.fixture
def jp_server_config() -> Config:
    return Config({"ServerApp": {"jpserver_extensions": {"overskill_nb": True}}})


@pytest.fixture
def jp_fetch(jp_fetch: Any) -> Any:
    """pytest-jupyter gives an answer 20 seconds; opening an app on a busy machine may take longer."""
    return functools.partial(jp_fetch, request_timeout=200)


@pytest.fixture
def extension(jp_serverapp: Any) -> OverskillExtension:
    (found,) = jp_serverapp.extension_manager.extension_apps["overskill_nb"]
    assert isinstance(found, OverskillExtension)
    return found


@pytest.fixture
def workspace(jp_root_dir: Path) -> Path:
    """Where the server's apps are."""
    return Path(jp_root_dir)


@pytest.fixture
def anonymous() -> dict[str, str]:
    """Headers of somebody who is not logged in."""
    return {"Authorization": ""}


@pytest.fixture
def kernel(extension: OverskillExtension) -> dict[str, str]:
    """Headers of a kernel that this server started."""
    return {"Authorization": f"token {extension.capability}"}


Connect = Callable[..., Any]


@pytest_asyncio.fixture
async def socket(jp_ws_fetch: Any) -> AsyncIterator[Connect]:
    """Opens WebSockets to the extension, and closes them."""
    opened: list[WebSocketClientConnection] = []

    async def connect(headers: dict[str, str] | None = None, **more: Any) -> WebSocketClientConnection:
        connection = await jp_ws_fetch("overskill-nb", "api", "socket", headers=headers, **more)
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.close()
    await asyncio.sleep(0)
