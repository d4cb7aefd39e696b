"""Whether an address serves an artefact: looked at from outside, as a visitor would."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from ...errors import VerificationError
from .addresses import path_prefix
from .clock import Clock
from .exchange import http_client, is_challenge
from .meanings import meaning

if TYPE_CHECKING:
    from ..artefacts import Artefact

HEADER = "x-overskill-artefact"
INDEX = "/index.html"
_AT_ONCE = 6
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 2.0


class Visitor:
    """Gets files from apps' addresses. Holds no token."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None, clock: Clock | None = None) -> None:
        self._transport = transport
        self._clock = clock or Clock()
        self._clients: dict[bool, httpx.AsyncClient] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def verify(self, url: str, artefact: Artefact, *, deadline: float) -> None:
        """Returns once the address serves the artefact; raises what it served instead after ``deadline`` seconds.

        The edge takes a while to know of a new script, so a wrong answer is asked for again.
        """
        ends = self._clock.now() + deadline
        pause = _FIRST_PAUSE
        while True:
            wrong = await self._wrong(url, artefact, max(1.0, ends - self._clock.now()))
            if not wrong:
                return
            if self._clock.now() + pause > ends:
                raise VerificationError(f"{url} does not serve what was deployed: {wrong}")
            await self._clock.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)

    async def _wrong(self, url: str, artefact: Artefact, timeout: float) -> str:
        """What is wrong at the address, in a sentence; empty where all is right."""
        if wrong := await self._differs(url, INDEX, artefact, timeout):
            return wrong
        rest = [path for path in artefact.first_load if path != INDEX]
        gate = asyncio.Semaphore(_AT_ONCE)

        async def look(path: str) -> str:
            async with gate:
                return await self._differs(url, path, artefact, timeout)

        return next(filter(None, await asyncio.gather(*(look(path) for path in rest))), "")

    async def _differs(self, url: str, path: str, artefact: Artefact, timeout: float) -> str:
        expected = next((file.sha256 for file in artefact.files if file.path == path), "")
        shown = "/" if path == INDEX else path
        try:
            response = await self._get(url.rstrip("/") + shown, timeout)
        except httpx.HTTPError as error:
            return f"{shown} does not answer ({type(error).__name__})."
        body = response.content
        if path == INDEX:
            body = without_prefix(body, path_prefix(url))
        if response.status_code == 200 and hashlib.sha256(body).hexdigest() == expected:
            served = response.headers.get(HEADER, "")
            if path != INDEX or served == artefact.id:
                return ""
            if not served:
                return f"{shown} is right, but came without the header {HEADER}; something on the way removes it."
            return f"{shown} is that of another build ({served[:12]} instead of {artefact.id[:12]})."
        return f"{shown} gave {describe(response, artefact.id)}."

    async def _get(self, url: str, timeout: float) -> httpx.Response:
        client = self._http(url.startswith("https:"))
        address, headers = reachable(url)
        headers["Cache-Control"] = "no-cache"
        return await client.get(address, headers=headers, timeout=timeout)

    def _http(self, secure: bool) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._clients, self._loop = {}, loop
        if secure not in self._clients:
            self._clients[secure] = http_client(secure, self._transport)
        return self._clients[secure]

    async def close(self) -> None:
        if self._loop is asyncio.get_running_loop():
            await asyncio.gather(*(client.aclose() for client in self._clients.values()))
        self._clients = {}


def reachable(url: str) -> tuple[str, dict[str, str]]:
    """An address that connects, and the Host to ask for: not every system resolves ``*.localhost``."""
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return url, {}
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"127.0.0.1{port}").geturl(), {"Host": parts.netloc}


def describe(response: httpx.Response, artefact: str) -> str:
    """What was served instead, in a few words."""
    status = response.status_code
    if is_challenge(response):
        return f"HTTP {status}: a challenge page of the zone's firewall; let the apps' addresses through"
    if response.is_redirect:
        return f"HTTP {status}: a redirect to {response.headers.get('Location', 'nowhere')}"
    text = ""
    with contextlib.suppress(UnicodeDecodeError):
        text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>|\s+", " ", response.content[:4096].decode(), flags=re.DOTALL)
    if status >= 400 and (code := re.search(r"\berror(?: code:)? (1\d{3})\b", text, re.IGNORECASE)):
        return f"HTTP {status}: {meaning(int(code[1]), status).rstrip('.')} (code {code[1]})"
    start = " ".join(text.split())[:80]
    said = f', which reads "{start}"' if start else ""
    if status != 200:
        return f"HTTP {status}{said}"
    served = response.headers.get(HEADER, "")
    if served and served != artefact:
        return f"another build ({served[:12]} instead of {artefact[:12]})"
    if served:
        return f"this build's file in changed form ({len(response.content)} bytes); a setting of the zone rewrites it"
    return f"other content ({len(response.content)} bytes of {response.headers.get('Content-Type', 'no type')}){said}"


def without_prefix(html: bytes, prefix: str) -> bytes:
    """What index.html was before the dispatch Worker put an app's path before its absolute addresses."""
    if not prefix:
        return html
    pattern = rb"(\s(?:src|href|action|poster)=[\"'])" + re.escape(prefix.encode()) + rb"/"
    return re.sub(pattern, rb"\1/", html)
