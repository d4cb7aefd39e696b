"""One step at GitHub's API, with its repetitions. The only place that retries; PyGithub's own way of it is off."""

from __future__ import annotations

import asyncio
import json
import logging
import queue
from collections.abc import Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import stamina

from ...errors import GithubError
from ..cloudflare.clock import Clock
from ..cloudflare.exchange import backoff, retry_after
from ..cloudflare.waiting import report
from . import meanings
from .masking import masked
from .meanings import Refusal

if TYPE_CHECKING:
    from github import Github

    from .settings import Settings

T = TypeVar("T")

ATTEMPTS = 6
PATIENCE = 5.0
"""The longest wait that GitHub may ask of a step. Beyond it, a durable run waits without holding anything."""
LONGEST = 60.0
"""Seconds after which a step is not begun again."""
TIMEOUT = 20
PAGE = 50

# What is tried again is told by ``report``: where nobody listens to the log, stamina's warnings stay off stderr.
logging.getLogger("stamina").addHandler(logging.NullHandler())


class Exchange:
    """Makes calls for one account. ``repr`` and errors never show its token."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None, timeout: int = TIMEOUT) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.timeout = timeout
        self.host = urlsplit(settings.base_url).hostname or ""
        # PyGithub keeps the call under way in its connection: each thread takes one that no other has.
        self._idle: queue.LifoQueue[Github] = queue.LifoQueue()

    def __repr__(self) -> str:
        return f"Exchange({self.settings.base_url!r})"

    async def step(
        self,
        what: str,
        do: Callable[[Github], T],
        *,
        where: str = "The account",
        attempts: int = ATTEMPTS,
        again_on: Collection[int] = (),
    ) -> T:
        """What ``do`` gives, in a thread. It may be begun again from its first call, so it looks before it makes.

        ``what`` says what it is for: "the look for me/tips". ``again_on``: statuses that pass too.
        """
        return await self.repeat(
            what, lambda: asyncio.to_thread(self._run, what, where, do, again_on), attempts=attempts
        )

    async def repeat(self, what: str, call: Callable[[], Awaitable[T]], *, attempts: int = ATTEMPTS) -> T:
        """The result of the call, which is made again while its GithubError is temporary."""
        ends = self.clock.now() + LONGEST
        pause = 0.0
        made = 0

        def again(error: Exception) -> bool | float:
            nonlocal pause
            if not isinstance(error, GithubError) or not error.temporary:
                return False
            asked = error.retry_after
            if asked is not None and asked > PATIENCE:
                return False
            pause = backoff(made) if asked is None else asked
            return 0.0 if self.clock.now() + pause <= ends else False

        async for attempt in stamina.retry_context(on=again, attempts=attempts, timeout=None):
            with attempt:
                if pause:
                    report(f"{what[0].upper()}{what[1:]} is tried again in {pause:.0f} s (attempt {made + 1}).")
                    await self.clock.sleep(pause)
                made += 1
                return await call()
        raise AssertionError("stamina gives the last attempt's error")

    def _run(self, what: str, where: str, do: Callable[[Github], T], again_on: Collection[int]) -> T:
        import github
        import requests

        client = self._take()
        try:
            return do(client)
        except github.GithubException as error:
            if isinstance(error, (github.BadAttributeException, github.IncompletableObject)):
                raise self.unreadable(what) from error
            refusal = Refusal(
                status=error.status,
                text=_said(error.data, error.message),
                headers={name.lower(): str(value) for name, value in (error.headers or {}).items()},
            )
            raise self.failure(what, where, refusal, again_on) from None
        except requests.exceptions.InvalidJSONError as error:
            raise self.unreadable(what) from error
        except requests.exceptions.RequestException as error:
            raise self.unreached(what, error) from None
        except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
            raise self.unreadable(what) from error
        finally:
            self._idle.put(client)

    def _take(self) -> Github:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._connect()

    def _connect(self) -> Github:
        import github
        from github.Requester import HTTPRequestsConnectionClass

        client = github.Github(
            auth=self.settings.auth(),
            base_url=self.settings.base_url,
            timeout=self.timeout,
            user_agent="overskill_nb",
            per_page=PAGE,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        if not self.settings.secure:  # a stand-in on this machine is behind no proxy that the environment names

            class Direct(HTTPRequestsConnectionClass):
                def __init__(self, *args: Any, **named: Any) -> None:
                    super().__init__(*args, **named)
                    self.session.trust_env = False

            client.requester._Requester__connectionClass = Direct  # type: ignore[attr-defined]  # noqa: SLF001
        return client

    def failure(
        self, what: str, where: str, refusal: Refusal, again_on: Collection[int] = (), means: str = ""
    ) -> GithubError:
        """The error for an answer that is no success."""
        said = masked(" ".join(refusal.text.split()), self.settings.secrets).rstrip(".")
        source = f"HTTP {refusal.status}" if refusal.status else "over git"
        detail = f"GitHub said: {said}; {source}" if said and not said.startswith("<") else source
        temporary = meanings.temporary(refusal) or refusal.status in again_on
        return GithubError(
            f"{failed(what)}: {means or meanings.meaning(refusal, where)} ({detail})",
            status=refusal.status,
            temporary=temporary,
            retry_after=self._asked(refusal) if temporary else None,
        )

    def _asked(self, refusal: Refusal) -> float | None:
        """Seconds that GitHub asks to wait."""
        asked = retry_after(refusal.headers.get("retry-after", ""), self.clock.wall())
        if asked is not None:
            return asked
        if not meanings.limited(refusal):
            return None
        reset = refusal.headers.get("x-ratelimit-reset", "")
        if refusal.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
            return max(1.0, float(reset) - self.clock.wall() + 1.0)
        # 429 without a word more comes from a gateway: soon is fine. A secondary limit wants its minute.
        return None if refusal.status == 429 and "rate limit" not in refusal.text else meanings.SECONDARY

    def unreadable(self, what: str) -> GithubError:
        return GithubError(
            f"{failed(what)}: The answer of GitHub could not be read: it is not what was asked for, or was cut short.",
            temporary=True,
        )

    def unreached(self, what: str, error: Exception) -> GithubError:
        """The error for a call that got no answer."""
        name = type(error).__name__
        if "Timeout" in name:
            means = f"{self.host} did not answer within {self.timeout} s; check the network."
        elif "SSL" in name:
            means = f"The certificate of {self.host} is not trusted here; check the machine's certificates."
        else:
            means = f"{self.host} cannot be reached, or broke off; check the network and the address."
        return GithubError(f"{failed(what)}: {means}", temporary="SSL" not in name)

    async def close(self) -> None:
        while True:
            try:
                client = self._idle.get_nowait()
            except queue.Empty:
                return
            client.close()


def failed(what: str) -> str:
    return f"{what[0].upper()}{what[1:]} failed"


def _said(data: Any, message: str | None) -> str:
    """The message of an answer, with those of its single errors."""
    if not isinstance(data, dict):
        return message or ""
    parts = [str(data.get("message") or message or "")]
    errors = data.get("errors")
    for one in errors if isinstance(errors, list) else [errors] if errors else []:
        text = one.get("message") or json.dumps(one) if isinstance(one, dict) else str(one)
        parts.append(str(text))
    return "; ".join(part.rstrip(".") for part in parts if part)
