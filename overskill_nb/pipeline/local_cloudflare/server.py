"""The local Cloudflare's one port: apps by their host names, the API under ``/client/v4``."""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable
from pathlib import Path

import msgspec
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from . import account as accounts
from . import assets, front, logs, namespaces, scripts, settings
from .api import Missing
from .blobs import Blobs
from .database import Database, LogLine
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
        (rf"{script}/content", settings.Content),
        (rf"{script}/settings", settings.Settings),
        (rf"{script}/bindings", settings.Bindings),
        (rf"{script}/(?:secrets|secrets-bulk)", settings.Secrets),
        (rf"{script}/secrets/(?P<secret>[^/]+)", settings.OneSecret),
        (rf"{script}/tags", settings.Tags),
        (rf"{script}/tags/(?P<tag>[^/]+)", settings.OneTag),
        (rf"{account}/workers/assets/upload", assets.Upload),
        (rf"{account}/workers/observability/telemetry/query", logs.Telemetry),
        (rf"{account}/workers/subdomain", accounts.Subdomain),
        (rf"{account}/workers/scripts", accounts.AccountScripts),
        (rf"{account}/workers/scripts/(?P<script>[^/]+)(?:/.*)?", accounts.AccountScript),
        (rf"{account}/workers/services/(?P<script>[^/]+)(?:/.*)?", accounts.AccountScript),
        (rf"{account}/tokens/verify", accounts.TokenStatus),
        (account, accounts.OneAccount),
        (r"/client/v4/accounts", accounts.Accounts),
        (r"/client/v4/memberships", accounts.Memberships),
        (r"/client/v4/user", accounts.User),
        (r"/client/v4/user/tokens/verify", accounts.TokenStatus),
        (r"/client/v4/zones", accounts.Zones),
    ]
    with_state = {"state": state}
    return Application(
        [(pattern, handler, with_state) for pattern, handler in calls],
        default_handler_class=Missing,
        default_handler_args=with_state,
        log_function=lambda _: None,
    )


class _Inner(RequestHandler):
    """What workerd asks and tells."""

    def initialize(self, state: State) -> None:
        self.state = state

    def prepare(self) -> None:
        expected = f"Bearer {self.state.runtime.host_key}"
        if not hmac.compare_digest(self.request.headers.get("Authorization", "").encode(), expected.encode()):
            self.send_error(403)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Bodies are read whole."""


class _Versions(_Inner):
    """What is in a version."""

    def get(self, version: str) -> None:
        found = self.state.runtime.pending.get(version) or self.state.database.version(version)
        if found is None:
            self.send_error(404)
            return
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(found.for_workerd()))


class _Logs(_Inner):
    """What a version's code logged and threw."""

    def post(self, version: str) -> None:
        self.state.database.add_lines(version, msgspec.json.decode(self.request.body, type=list[LogLine]))
        self.set_status(204)


class LocalServer:
    """Everything that runs in the local Cloudflare's process."""

    def __init__(self, folder: Path, tools: Path, token: str, signing_key: bytes, domain: str) -> None:
        blobs = Blobs(folder / "blobs")
        database = Database(folder / "cloudflare.db")
        blobs.collect(database.collect(), older_than=3600)
        self.state = State(
            database=database,
            blobs=blobs,
            runtime=Runtime(tools, blobs.folder, self._stopped),
            token=token,
            signing_key=signing_key,
            domains=frozenset({"localhost", domain}),
        )
        self.state.runtime.stopped.update(database.stopped_versions())
        self._servers: list[HTTPServer] = []
        self.port = 0

    def _stopped(self, version: str, why: str) -> None:
        self.state.database.stop_version(version, why)
        self.state.database.add_lines(version, [LogLine(time.time() * 1000, "error", f"{why} It was stopped.")])

    async def start(self, host: str, port: int) -> None:
        """Listen, on another port where the wanted one is taken."""
        told = {"state": self.state}
        calls = [(r"/versions/([\w-]+)", _Versions, told), (r"/logs/([\w-]+)", _Logs, told)]
        inner = HTTPServer(Application(calls, log_function=lambda _: None))
        sockets = bind_sockets(0, "127.0.0.1")
        inner.add_sockets(sockets)
        self.state.runtime.host = f"127.0.0.1:{sockets[0].getsockname()[1]}"
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
