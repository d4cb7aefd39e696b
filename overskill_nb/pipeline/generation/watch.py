"""What a change breaks in the previews that are open: a browser finds what a check without one cannot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...errors import OverskillError
from ...protocol import Diagnostic
from ..looks import Looks
from .open_preview import errors_of

if TYPE_CHECKING:
    from ..feed import Feed

UPDATE_SECONDS = 0.4
"""How long a preview may take to show what was written, before it is not waited for."""
SETTLE_SECONDS = 1.6
"""How long it may take then to say what went wrong: the places of errors are traced to the sources first."""
POLL_SECONDS = 0.01

Key = tuple[int, str]


class Watch:
    """Watches the previews of an app over one change: ``begin`` before it, ``broken`` after it."""

    def __init__(self, feed: Feed, looks: Looks) -> None:
        self._feed = feed
        self._looks = looks
        self._seq = -1
        self._known: dict[Key, list[Diagnostic]] = {}
        """What the previews that answer showed before."""

    @property
    def open(self) -> bool:
        """Whether there is a preview."""
        return bool(self._feed.followers)

    async def begin(self) -> None:
        """Take note of what is broken already."""
        keys = list(self._feed.followers)
        found = await asyncio.gather(*(self._errors(key, UPDATE_SECONDS) for key in keys))
        self._seq = self._feed.seq
        self._known = {key: errors for key, errors in zip(keys, found, strict=True) if errors is not None}

    async def broken(self, changed: Iterable[str]) -> list[Diagnostic]:
        """What is broken now and was not, or is in the files that changed."""
        seq = self._feed.seq
        if seq <= self._seq:
            return []
        paths = set(changed)
        found = await asyncio.gather(*(self._broken(key, seq, paths) for key in self._known))
        return list({_name(error): error for errors in found for error in errors}.values())

    async def _broken(self, key: Key, seq: int, changed: set[str]) -> list[Diagnostic]:
        if not await self._shows(key, seq):
            return []
        before = {_name(error) for error in self._known[key]}
        errors = await self._errors(key, SETTLE_SECONDS) or []
        # A good update ends the errors before it: what is still there, and in a file that changed, is the change's.
        return [error for error in errors if _counts(error) and (_name(error) not in before or _file(error) in changed)]

    async def _shows(self, key: Key, seq: int) -> bool:
        """Wait until a preview says that it took in an update."""
        end = time.monotonic() + UPDATE_SECONDS
        while True:
            # One that started anew meanwhile is another follower of the same key.
            follower = self._feed.followers.get(key)
            ack = follower.acknowledged if follower else None
            if ack and ack.build == self._feed.build and ack.seq >= seq:
                return True
            if follower is None or time.monotonic() > end:
                return False
            await asyncio.sleep(POLL_SECONDS)

    async def _errors(self, key: Key, seconds: float) -> list[Diagnostic] | None:
        """None from one that does not answer."""
        follower = self._feed.followers.get(key)
        if follower is None:
            return None
        try:
            return errors_of(await self._looks.ask(self._feed.app, follower, "errors", seconds))
        except OverskillError:
            return None


def _counts(error: Diagnostic) -> bool:
    """Whether code is what can mend it. Which origins an app may reach is the user's to say."""
    return error.kind in {"module", "render", "runtime"} and "Failed to fetch" not in error.message


def _name(error: Diagnostic) -> tuple[str, str]:
    return error.kind, error.message


def _file(error: Diagnostic) -> str:
    return error.location.file if error.location else ""
