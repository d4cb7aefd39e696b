"""The calls that a token may make: Cloudflare blocks one that goes over 1,200 in 5 minutes for 5 more."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections import deque
from urllib.parse import urlsplit

from ...errors import CloudflareError
from .clock import Clock
from .waiting import report

CALLS = 1000
"""In each window; some way below Cloudflare's 1,200, which a user's own tools share."""
WINDOW = 300.0


class RateLimit:
    """A sliding window. Each call takes a place in it; a place may lie in the future.

    Threads and event loops may share it, since nobody waits while the lock is held.
    """

    def __init__(self, calls: int = CALLS, window: float = WINDOW, clock: Clock | None = None) -> None:
        self._calls = calls
        self._window = window
        self._clock = clock or Clock()
        self._taken: deque[float] = deque()
        self._held_until = 0.0
        self._lock = threading.Lock()

    async def take(self, patience: float) -> float:
        """Wait for a place; seconds waited. Raises where that would take longer than ``patience``, and takes none."""
        started = now = self._clock.now()
        while True:
            place = self._reserve(now, patience - (now - started))
            if place <= now:
                return now - started
            report(f"Waiting {place - now:.0f} s for Cloudflare's rate limit.")
            try:
                await self._clock.sleep(place - now)
            except BaseException:
                self._release(place)
                raise
            now = self._clock.now()
            if self._held_until <= now:
                return now - started
            self._release(place)  # everybody was told to wait meanwhile

    def hold(self, seconds: float) -> None:
        """Cloudflare said to wait: it blocks the token, so nobody calls before."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock.now() + seconds)

    def _reserve(self, now: float, patience: float) -> float:
        with self._lock:
            while self._taken and self._taken[0] <= now - self._window:
                self._taken.popleft()
            place = max(now, self._held_until)
            if len(self._taken) >= self._calls:
                place = max(place, self._taken[-self._calls] + self._window)
            wait = place - now
            if wait > patience:
                raise CloudflareError(
                    f"Cloudflare takes no more calls of this token for {wait:.0f} s: too many were made in 5 minutes. "
                    "It goes on by itself after that.",
                    code=0,
                    status=429,
                    temporary=True,
                    retry_after=wait,
                )
            self._taken.append(max(place, self._taken[-1] if self._taken else place))
            return place

    def _release(self, place: float) -> None:
        with self._lock:
            if place in self._taken:
                self._taken.remove(place)


_limits: dict[str, RateLimit] = {}
_limits_lock = threading.Lock()


def shared(base_url: str, token: str) -> RateLimit:
    """The one limit of this token in this process. The token itself is not kept. This machine has no limit."""
    here = urlsplit(base_url).hostname in {"127.0.0.1", "localhost", "::1"}
    key = hashlib.sha256(f"{base_url}\0{token}".encode()).hexdigest()
    with _limits_lock:
        return _limits.setdefault(key, RateLimit(sys.maxsize, 0.0) if here else RateLimit())
