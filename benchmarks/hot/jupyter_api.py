"""The extension's REST API, as a program outside Jupyter uses it."""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPException
from typing import Any

from tests.browser.jupyter import Server


def post(server: Server, path: str, body: dict[str, Any], timeout: float = 20) -> dict[str, Any]:
    """Send JSON and read the answer. Raises OSError where the server is away or refuses."""
    request = urllib.request.Request(
        server.url + path,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"token {server.token}", "Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            answer: dict[str, Any] = json.loads(response.read())
    except (HTTPException, ValueError) as error:  # the server ended in the middle of its answer
        raise OSError(f"half an answer: {error!r}") from error
    return answer


def status(server: Server) -> dict[str, Any]:
    """What the engine says of itself. Raises OSError where the server is away."""
    try:
        answer: dict[str, Any] = json.loads(server.get("/overskill-nb/api/status"))
    except (HTTPException, ValueError) as error:
        raise OSError(f"half an answer: {error!r}") from error
    return answer
