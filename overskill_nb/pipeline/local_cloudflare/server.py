"""The local Cloudflare's one port: apps by their host names, the API under ``/client/v4``."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable
from pathlib import Path

import msgspec
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from . import assets, front, namespaces, scripts
from .api import Missing
from .blobs import Blobs
from .database import Database
from .runtime import Runtime
from .state import State

MAX_BODY = 100 * 1024 * 1024


def application(state: State) -> Application:
    """The API."""
    account = r"/client/v4/accounts/(?P<account>[^/]+)"
    namespace = rf"{account}/workers/dispatch/namespaces/(?P<namespace>[^/]+)"
    script = rf"{namespace}/scripts/(?P<script>[^/]+)"
    calls: list[tuple[str, type[RequestHandler]]] = [
        (rf"{account}/workers/dispatch/namespaces", namespaces.Namespaces),
        (namespace, namespaces.OneNamespace),
        (rf"{namespace}/scripts", scripts.Scripts),
        (script, scripts.OneScript),
        (rf"{script}/assets-upload-session", assets.UploadSession),
        (rf"{account}/workers/assets/upload", assets.Upload),
    ]
    with_state = {"state": state}
    return Application(
        [(pattern, handler, with_state) for pattern, handler in calls],
        default_handler_class=Missing,
        default_handler_args=with_state,
        log_function=lambda _: None,
    )


class _Versions(RequestHandler):
    """Tells workerd what is in a version."""

    def initialize(self, state: State) -> None:
        self.state = state

    def prepare(self) -> None:
        expected = f"Bearer {self.state.runtime.host_key}"
        if not hmac.compare_digest(self.request.headers.get("Authorization", "").encode(), expected.encode()):
            self.send_error(403)

    def get(self, version: str) -> None:
        found = self.state.runtime.pending.get(version) or self.state.database.version(version)
        if found is None:
            self.send_error(404)
            return
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(found.for_workerd()))

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Bodies are read whole."""


class LocalServer:
    """Everything that runs in the local Cloudflare's process."""

    def __init__(self, folder: Path, tools: Path, token: str, signing_key: bytes) -> None:
        blobs = Blobs(folder / "blobs")
        database = Database(folder / "cloudflare.db")
        blobs.collect(database.collect(), older_than=3600)
        self.state = State(
            database=database,
            blobs=blobs,
            runtime=Runtime(tools, blobs.folder),
            token=token,
            signing_key=signing_key,
            hosts=frozenset({"localhost", "127.0.0.1", "[::1]"}),
        )
        self._servers: list[HTTPServer] = []
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen, on another port where the wanted one is taken."""
        inner = HTTPServer(
            Application([(r"/versions/([\w-]+)", _Versions, {"state": self.state})], log_function=lambda _: None)
        )
        sockets = bind_sockets(0, "127.0.0.1")
        inner.add_sockets(sockets)
        self.state.runtime.host = f"127.0.0.1:{sockets[0].getsockname()[1]}"
        await self.state.runtime.start()
        outer = HTTPServer(
            front.Front(self.state, application(self.state)), max_body_size=MAX_BODY, max_buffer_size=MAX_BODY
        )
        try:
            sockets = bind_sockets(port, host)
        except OSError:
            sockets = bind_sockets(0, host)
        self.port = sockets[0].getsockname()[1]
        outer.add_sockets(sockets)
        self._servers = [inner, outer]

    async def close(self) -> None:
        for server in self._servers:
            server.stop()
        await self.state.runtime.close()
        self.state.database.close()
