"""Who asks for a page: a page wants no token, so that a link opens it, but is for this machine's user alone."""

from __future__ import annotations

import os
from pathlib import Path

from tornado.httputil import HTTPServerRequest

_CONNECTIONS = Path("/proc/net/tcp")


def own(request: HTTPServerRequest) -> bool:
    """Whether the other end of a connection is a process of this user, or of root. Where the system does not say whose
    it is, it is taken for ours: it comes from this machine."""
    connection = request.connection
    stream = getattr(connection, "stream", None)
    socket = getattr(stream, "socket", None)
    if socket is None:
        return True
    try:
        ours, theirs = _written(*socket.getsockname()[:2]), _written(*socket.getpeername()[:2])
        lines = _CONNECTIONS.read_text().splitlines()[1:]
    except (OSError, ValueError):
        return True
    for line in lines:
        words = line.split()
        if words[1] == theirs and words[2] == ours:
            return int(words[7]) in {0, os.getuid()}
    return True


def _written(host: str, port: int) -> str:
    """An address as the system lists it."""
    number = "".join(f"{int(part):02X}" for part in reversed(host.split(".")))
    return f"{number}:{port:04X}"
