"""Which requests are heard at all: those for this machine's own names. Another name may be somebody's DNS that leads
here. Also takes addresses as a proxy is told them, and ``api.github.localhost``, where gh looks for a GitHub without
HTTPS."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable
from urllib.parse import urlsplit

from tornado import httputil
from tornado.http1connection import HTTP1Connection
from tornado.web import Application

_REFUSED = b'{"message":"This host is not served here.","documentation_url":"","status":"403"}'


class Front(httputil.HTTPServerConnectionDelegate):
    """What the port's server calls."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    def start_request(self, server_conn: object, request_conn: httputil.HTTPConnection) -> httputil.HTTPMessageDelegate:
        assert isinstance(request_conn, HTTP1Connection)
        return _Incoming(self.inner, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        """Nothing is kept for a connection."""


class _Incoming(httputil.HTTPMessageDelegate):
    """One request."""

    def __init__(self, inner: Application, server: object, client: HTTP1Connection) -> None:
        self._inner = inner
        self._server = server
        self._client = client
        self._to: httputil.HTTPMessageDelegate | None = None

    def headers_received(
        self, start_line: httputil.RequestStartLine | httputil.ResponseStartLine, headers: httputil.HTTPHeaders
    ) -> Awaitable[None] | None:
        assert isinstance(start_line, httputil.RequestStartLine)
        path, host = start_line.path, headers.get("Host", "")
        if not path.startswith("/"):
            parts = urlsplit(path)
            host, path = parts.netloc, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers["Host"] = host
        name = _hostname(host)
        if not _own(name):
            return None
        if name.startswith("api."):
            path = f"/api{path}" if path.startswith("/graphql") else f"/api/v3{path}"
        self._to = self._inner.start_request(self._server, self._client)
        return self._to.headers_received(start_line._replace(path=path), headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._to.data_received(chunk) if self._to else None

    def finish(self) -> None:
        if self._to:
            self._to.finish()
            return
        headers = httputil.HTTPHeaders(
            {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(_REFUSED))}
        )
        self._client.write_headers(httputil.ResponseStartLine("HTTP/1.1", 403, "Forbidden"), headers, _REFUSED)
        self._client.finish()

    def on_connection_close(self) -> None:
        if self._to:
            self._to.on_connection_close()


def _hostname(host: str) -> str:
    name = host.strip().lower()
    return name.partition("]")[0].strip("[") if name.startswith("[") else name.partition(":")[0].rstrip(".")


def _own(name: str) -> bool:
    """Whether a name can only mean this machine."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
