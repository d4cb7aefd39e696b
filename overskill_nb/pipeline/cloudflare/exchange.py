"""One call, from the rate limit to the decoded answer, with its repetitions. The only place that retries."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import email.utils
import logging
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import msgspec
import stamina

from ...errors import CloudflareError
from . import meanings, rate
from .clock import Clock
from .waiting import report

# What is tried again is told by ``report``: where nobody listens to the log, stamina's warnings stay off stderr.
logging.getLogger("stamina").addHandler(logging.NullHandler())

ATTEMPTS = 6
PATIENCE = 90.0
"""Seconds after which a call is not made again, and the longest wait that it takes part in. Beyond it, a durable run
waits without holding anything."""
BLOCKED = 300.0
"""How long Cloudflare blocks a token that called too often."""
TIMEOUT = httpx.Timeout(60.0, connect=10.0)


class Problem(msgspec.Struct):
    """One error of an answer."""

    code: int = 0
    message: str = ""


class Envelope(msgspec.Struct):
    """What every answer of the API is wrapped in."""

    success: bool = False
    result: Any = None
    errors: list[Problem] | None = None
    result_info: dict[str, Any] | None = None


_decode = msgspec.json.Decoder(Envelope, strict=False).decode


class Exchange:
    """Makes calls with one token. ``repr`` and errors never show it."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        limit: rate.RateLimit | None = None,
        clock: Clock | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        patience: float = PATIENCE,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.patience = patience
        self.token = token
        self._transport = transport
        self._timeout = timeout
        self._clock = clock or Clock()
        self._limit = limit or rate.shared(self.base_url, token)
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __repr__(self) -> str:
        return f"Exchange({self.base_url!r})"

    async def call(
        self,
        method: str,
        path: str,
        *,
        what: str,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes = b"",
        content_type: str = "",
        bearer: str = "",
        hide: str = "",
        accept: Callable[[Any], bool] = lambda _: True,
        wrapped: bool = True,
    ) -> Envelope:
        """The decoded answer of a call that succeeded.

        ``what`` says what it is for: "the upload of tips". ``bearer`` stands in for the token; ``hide`` is a value that
        no message may show. A result that is not to ``accept`` counts as none at all. Where an answer is not to be
        ``wrapped`` as others are, the result is the whole response.
        """
        if json is not None:
            content, content_type = msgspec.json.encode(json), "application/json"
        headers = {"Authorization": f"Bearer {bearer or self.token}"}
        if content_type:
            headers["Content-Type"] = content_type
        ends = self._clock.now() + self.patience
        pause = 0.0

        def again(error: Exception) -> bool | float:
            """Whether stamina lets the call be made again; the pause is made below, by a clock that tests can turn."""
            nonlocal pause
            if not isinstance(error, CloudflareError) or not error.temporary:
                return False
            asked = error.retry_after
            pause = backoff(attempts) if asked is None else asked
            if asked is not None and error.status == 429:
                self._limit.hold(asked)
            return 0.0 if self._clock.now() + pause <= ends else False

        attempts = 0
        try:
            async for attempt in stamina.retry_context(on=again, attempts=ATTEMPTS, timeout=None):
                with attempt:
                    if pause:
                        report(f"{what[0].upper()}{what[1:]} is tried again in {pause:.0f} s (attempt {attempts + 1}).")
                        await self._clock.sleep(pause)
                    attempts += 1
                    await self._limit.take(max(0.0, ends - self._clock.now()))
                    request = self._http().build_request(
                        method, self.base_url + path, params=params, headers=headers, content=content or None
                    )
                    response = await self._sent(request, what)
                    if not wrapped and response.is_success and not is_challenge(response):
                        return Envelope(success=True, result=response)
                    answer = self._answer(response, what, hide)
                    if not accept(answer.result):
                        raise CloudflareError(f"{_failed(what)}: Cloudflare answered without a result.", temporary=True)
                    return answer
        except CloudflareError as error:
            if error.status == 429 and error.retry_after is None:
                error.retry_after = BLOCKED
            raise
        raise AssertionError("stamina gives the last attempt's error")

    async def _sent(self, request: httpx.Request, what: str) -> httpx.Response:
        failed = ""
        try:
            return await self._http().send(request)
        except httpx.TimeoutException as error:
            failed = f"did not answer in time ({type(error).__name__})"
        except httpx.ConnectError:
            failed = "cannot be reached; check the network"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failed = f"broke the connection ({type(error).__name__})"
        # Raised out here, since httpx's errors hold the request and with it the token.
        raise CloudflareError(f"{_failed(what)}: {request.url.host} {failed}.", temporary=True)

    def _answer(self, response: httpx.Response, what: str, hide: str) -> Envelope:
        if is_challenge(response):
            raise CloudflareError(
                f"{_failed(what)}: Cloudflare's firewall answered with a challenge page instead of the API; "
                "call from another network, or ask its owner to let api.cloudflare.com through.",
                status=response.status_code,
            )
        envelope: Envelope | None = None
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
            envelope = _decode(response.content)
        if response.is_success and not response.content:
            return Envelope(success=True)
        if response.is_success and envelope is not None and envelope.success:
            return envelope
        raise self._failure(response, envelope, what, hide)

    def _failure(self, response: httpx.Response, envelope: Envelope | None, what: str, hide: str) -> CloudflareError:
        status = response.status_code
        problem = next(iter((envelope and envelope.errors) or []), Problem())
        code = problem.code
        asked = retry_after(response.headers.get("Retry-After", ""), self._clock.wall())
        temporary = (
            code in meanings.TEMPORARY
            or status in {408, 425, 429}
            or status >= 500
            or (response.is_success and envelope is None)
        )
        means = meanings.meaning(code, status)
        if response.is_success and envelope is None:
            means = "The answer of Cloudflare could not be read: it is no JSON, or was cut short."
        said = redact(problem.message, self.token, hide).rstrip(".")
        source = f"code {code}" if code else f"HTTP {status}"
        detail = f"Cloudflare said: {said}; {source}" if said else source
        return CloudflareError(
            f"{_failed(what)}: {means} ({detail})",
            code=code,
            status=status,
            temporary=temporary,
            retry_after=asked if temporary else None,
        )

    def _http(self) -> httpx.AsyncClient:
        """The connections of this event loop; those of another one cannot be used here."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client = http_client(self.base_url.startswith("https:"), self._transport, self._timeout)
            self._loop = loop
        return self._client

    async def close(self) -> None:
        if self._client is not None and self._loop is asyncio.get_running_loop():
            await self._client.aclose()
        self._client = None


def http_client(
    secure: bool, transport: httpx.AsyncBaseTransport | None = None, timeout: httpx.Timeout = TIMEOUT
) -> httpx.AsyncClient:
    """Connections to the internet, or to the stand-in on this machine.

    The latter is behind no proxy that the environment names, and reading certificates for it would take longer than a
    deployment to it.
    """
    return httpx.AsyncClient(transport=transport, timeout=timeout, verify=secure, trust_env=secure)


def backoff(attempt: int) -> float:
    """Seconds before the next attempt, when nobody said how long."""
    return float(min(16.0, 0.5 * 2 ** (attempt - 1)) * random.uniform(0.75, 1.25))  # noqa: S311


def retry_after(header: str, now: float) -> float | None:
    """Seconds, from either form of the header."""
    text = header.strip()
    if not text:
        return None
    with contextlib.suppress(ValueError):
        return max(0.0, float(text))
    with contextlib.suppress(TypeError, ValueError):
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    return None


def is_challenge(response: httpx.Response) -> bool:
    """Whether a firewall's page for people came instead of an answer."""
    if response.headers.get("cf-mitigated", "").lower() == "challenge":
        return True
    html = response.headers.get("Content-Type", "").startswith("text/html")
    return html and response.status_code in {403, 503} and b"challenge-platform" in response.content


_SECRET_LIKE = re.compile(r"(?i)(bearer\s+)[\w.~+/=-]{8,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*")


def redact(text: str, *secrets: str) -> str:
    """The text without these secrets, in any encoding that an error may echo them in, and without other tokens."""
    for secret in filter(None, secrets):
        raw = secret.encode()
        for form in {secret, base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("=")}:
            text = text.replace(form, "[redacted]")
    text = _SECRET_LIKE.sub(lambda found: f"{found[1] or ''}[redacted]", text)
    return text if len(text) <= 1000 else f"{text[:1000]}…"


def _failed(what: str) -> str:
    return f"{what[0].upper()}{what[1:]} failed"
