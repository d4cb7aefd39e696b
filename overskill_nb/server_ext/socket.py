"""The WebSocket of previews and kernels: a client of the engine at the other end of a connection."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from ..pipeline import Connection
from .base import OverskillMixin

PING_MILLISECONDS = 10_000
"""A peer that vanished without a word is let go after two of these and a half. Jupyter's own, 30 s, is longer than the
patience of many a proxy with a quiet connection."""
BAD_MESSAGE = 4400
"""Close code for a message that is none of the protocol's: the two sides are of different versions."""


class SocketHandler(OverskillMixin, WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One browser page or kernel."""

    connection: Connection | None = None

    @property
    def max_message_size(self) -> int:
        """Room for several files at once; each one is checked by itself."""
        return 64 * 1024 * 1024

    @property
    def ping_interval(self) -> int:
        return int(self.settings.get("ws_ping_interval", PING_MILLISECONDS))

    @property
    def ping_timeout(self) -> int:
        return int(self.settings.get("ws_ping_timeout", self.ping_interval * 5 // 2))

    def set_default_headers(self) -> None:
        """Headers mean nothing to a WebSocket."""

    def get_compression_options(self) -> Any:
        """Off unless the server is set to compress: it costs time on every update."""
        return self.settings.get("websocket_compression_options", None)

    @ws_authenticated
    @authorized("execute")
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Open the WebSocket. Compiling runs what an app's configuration says, hence ``execute``."""
        await super().get(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Become a client of the engine."""
        super().open(*args, **kwargs)
        self.set_nodelay(True)
        self.connection = self.engine.connect(self._send)

    def _send(self, data: bytes) -> asyncio.Future[None] | None:
        try:
            sent = asyncio.ensure_future(self.write_message(data))
        except WebSocketClosedError:
            self.on_close()
            return None
        # A peer that vanished shows only when the write ends.
        sent.add_done_callback(lambda done: done.cancelled() or done.exception())
        return sent

    def on_message(self, message: str | bytes) -> None:
        """Pass a message on to the engine."""
        if self.connection is None:
            return
        try:
            # A page that only asks whether we are there is no activity: it would keep a forgotten server alive.
            if self.connection.receive(message):
                self.extension.touch()
        except msgspec.MsgspecError as error:
            self.log.warning("overskill_nb: a client sent a message that is none of the protocol's: %s", error)
            self.close(BAD_MESSAGE, "reload the page: it is of another version than the server")

    def on_close(self) -> None:
        """Leave the engine."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


handlers = [(r"/overskill-nb/api/socket", SocketHandler)]
