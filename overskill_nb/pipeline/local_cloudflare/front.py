"""Takes every request: an app's goes to workerd, the API's to its handlers, any other host's is refused."""

from __future__ import annotations

import asyncio
import http.client
import logging
from collections.abc import Awaitable

from tornado import httputil
from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError
from tornado.web import Application

from . import addresses, pages
from .channel import Answer, Request
from .lane import Fallen
from .runtime import NotRepeated, Stopped
from .state import State

log = logging.getLogger(__name__)


class Front(httputil.HTTPServerConnectionDelegate):
    """What the port's server calls."""

    def __init__(self, state: State, api: Application) -> None:
        self.state = state
        self.api = api

    def start_request(self, server_conn: object, request_conn: httputil.HTTPConnection) -> httputil.HTTPMessageDelegate:
        assert isinstance(request_conn, HTTP1Connection)
        return _Incoming(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        """Nothing is kept for a connection."""


class _Incoming(httputil.HTTPMessageDelegate):
    """One request, whose host is known when its headers are."""

    def __init__(self, front: Front, server: object, client: HTTP1Connection) -> None:
        self._front = front
        self._server = server
        self._client = client
        self._api: httputil.HTTPMessageDelegate | None = None
        self._chunks: list[bytes] = []
        self._label: str | None = None
        self._refused = False

    def headers_received(
        self, start_line: httputil.RequestStartLine | httputil.ResponseStartLine, headers: httputil.HTTPHeaders
    ) -> Awaitable[None] | None:
        assert isinstance(start_line, httputil.RequestStartLine)
        self._start, self._headers = start_line, headers
        name = addresses.hostname(headers.get("Host", ""))
        self._label = addresses.app_label(name, self._front.state.domains)
        if self._label is None and addresses.is_api(name):
            self._api = self._front.api.start_request(self._server, self._client)
            return self._api.headers_received(start_line, headers)
        return None

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        if self._api:
            return self._api.data_received(chunk)
        self._chunks.append(chunk)
        return None

    def finish(self) -> None:
        if self._api:
            self._api.finish()
        elif self._label is None:
            reply(self._client, self._start, 403, pages.page("Forbidden", "This host is not served here."))
        else:
            task = asyncio.ensure_future(self._forward(self._label))
            task.add_done_callback(_report)

    def on_connection_close(self) -> None:
        if self._api:
            self._api.on_connection_close()

    async def _forward(self, label: str) -> None:
        script = addresses.find(self._front.state.database, label)
        if script is None:
            text = f"No app is deployed as '{label}' in the local Cloudflare."
            reply(self._client, self._start, 404, pages.page("There is nothing here yet", text))
            return
        request = Request(self._start.method, self._start.path, self._headers, b"".join(self._chunks))
        request.headers["CF-Connecting-IP"] = getattr(self._client.context, "remote_ip", "")
        answer = Answer(self._client)
        try:
            await self._front.state.runtime.forward(script.version, request, answer, code=script.code)
        except Stopped:
            text = (
                f"The Worker of '{label}' was stopped, because it took more processor time or memory than a Worker may "
                f"({self._front.state.runtime.stopped[script.version]}) Deploy a corrected one."
            )
            reply(self._client, self._start, 503, pages.page("Worker exceeded resource limits", text, "1102"))
        except NotRepeated:
            text = "Another app stopped the runtime while this request ran; it may or may not have been carried out."
            reply(self._client, self._start, 503, pages.page("Try again", text), retry=True)
        except (Fallen, StreamClosedError):
            self._client.close()  # half of the answer is sent already, or nobody is there to read it


def reply(
    client: HTTP1Connection, start: httputil.RequestStartLine, status: int, body: bytes, *, retry: bool = False
) -> None:
    """Answer with a page of our own."""
    headers = httputil.HTTPHeaders(
        {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), "Cache-Control": "no-store"}
    )
    if retry:
        headers["Retry-After"] = "1"
    reason = http.client.responses.get(status, "Unknown")
    line = httputil.ResponseStartLine("HTTP/1.1", status, reason)
    client.write_headers(line, headers, None if start.method == "HEAD" else body)
    client.finish()


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("A request to an app failed", exc_info=error)
