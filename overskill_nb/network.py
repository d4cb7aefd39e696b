"""Network: what answers a page that is visited. The build does, and the origins that its app may reach."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Request, Route

    from .protocol_trials import Trial

ORIGIN = "https://app.test"
"""Where the build seems to be; no such host exists."""
ENVIRONMENT = "/_overskill/env.js"
PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
# No policy covers this way out, and none of an app's frames has it.
WITHOUT_PEERS = "delete globalThis.RTCPeerConnection; delete globalThis.webkitRTCPeerConnection;"


class Network:
    """Answers a page's requests."""

    def __init__(self, trial: Trial) -> None:
        self._files = {file.path: file for file in trial.files}
        self._allow = trial.allow
        self._policy = policy(trial.allow)

    async def close_off(self, context: BrowserContext) -> None:
        """Let nothing else answer."""
        await context.route("**/*", self._answer)
        await context.add_init_script(WITHOUT_PEERS)

    async def _answer(self, route: Route, request: Request) -> None:
        address = urlsplit(request.url)
        if f"{address.scheme}://{address.netloc}" != ORIGIN:
            if may_reach(address, self._allow):
                await route.continue_()
            else:
                await route.abort("blockedbyclient")
        elif address.path == ENVIRONMENT:
            await route.fulfill(body="globalThis.__overskill_env = {};", content_type="text/javascript")
        else:
            await self._send(route, address.path, document=request.resource_type == "document")

    async def _send(self, route: Route, path: str, *, document: bool) -> None:
        file = self._files.get(path)
        if file is None and document:
            file = self._files.get("/index.html")
        if file is None:
            await route.fulfill(status=404, body="Not found", content_type="text/plain")
            return
        body = await asyncio.to_thread(Path(file.file).read_bytes)
        headers = {"content-type": file.content_type or "application/octet-stream"}
        if document:
            # Requests go through here; WebSockets and what else a page may open do not.
            headers["content-security-policy"] = self._policy
        await route.fulfill(body=body, headers=headers)


def policy(allow: Sequence[str]) -> str:
    """A preview's Content-Security-Policy, of a page that has its files beside it."""
    allowed = " ".join(allow)
    media = f"'self' data: blob: {allowed}".strip()
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            f"style-src 'self' 'unsafe-inline' {allowed}".strip(),
            *(f"{kind}-src {media}" for kind in ("img", "font", "media")),
            f"connect-src 'self' {allowed}".strip(),
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "frame-src 'none'",
            "form-action 'none'",
            "base-uri 'none'",
        ]
    )


def may_reach(address: SplitResult, allow: Sequence[str]) -> bool:
    """Whether an origin is among those that are allowed: ``https://*.example.com`` stands for all hosts below it."""
    host = address.hostname or ""
    for one in map(urlsplit, allow):
        named = one.hostname or ""
        same = host.endswith(named[1:]) if named.startswith("*.") else host == named
        if same and one.scheme == address.scheme and _port(one) == _port(address):
            return True
    return False


def _port(address: SplitResult) -> int | None:
    return address.port or PORTS.get(address.scheme)
