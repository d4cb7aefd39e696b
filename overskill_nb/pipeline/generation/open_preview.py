"""A preview that is open in a browser, as a generation sees it. Its frame runs the app's code: nothing is believed
unchecked."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

import msgspec

from ...errors import GenerationError
from ...protocol import Diagnostic
from ...protocol_looking import Seen, View
from ..follower import Follower
from ..looks import Looks

if TYPE_CHECKING:
    from ..feed import Feed

ANSWER_SECONDS = 2.0
"""A page that is reached through a kernel cannot answer while a cell runs."""
MAX_TEXT = 20_000
MAX_LINES = 100
MAX_LINE = 2_000
MAX_ERRORS = 20
MAX_PICTURE = 1_000_000
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class OpenPreview:
    """The preview of an app that shows a component best: by itself, within the whole app, or at least not another."""

    def __init__(self, feed: Feed, looks: Looks, path: str = "") -> None:
        self._feed = feed
        self._looks = looks
        self._path = path

    async def errors(self) -> list[Diagnostic]:
        """Errors at run time on screen now."""
        return errors_of(await self._look("errors"))

    async def console(self) -> list[str]:
        """The last lines of the console."""
        return [line[:MAX_LINE] for line in (await self._look("console")).console[-MAX_LINES:]]

    async def accessible_text(self) -> str:
        """What a screen reader finds."""
        return (await self._look("text")).text[:MAX_TEXT]

    async def screenshot(self) -> bytes:
        """A PNG, or a JPEG where that would be too large."""
        text = (await self._look("screenshot")).screenshot
        try:
            picture = base64.b64decode(text[: 2 * MAX_PICTURE], validate=True)
        except (binascii.Error, ValueError):
            picture = b""
        if len(picture) > MAX_PICTURE or not picture.startswith(_SIGNATURES):
            raise GenerationError("The preview gave no picture of itself. Go on without it.")
        return picture

    async def _look(self, view: View) -> Seen:
        follower = self._best()
        if follower is None:
            raise GenerationError("No preview of this app is open any more. Go on without it.")
        return await self._looks.ask(self._feed.app, follower, view, ANSWER_SECONDS)

    def _best(self) -> Follower | None:
        def rank(follower: Follower) -> tuple[int, float]:
            module = follower.module
            fits = 2 if module == self._path else 1 if not module or not self._path else 0
            return fits, follower.heard

        return max(self._feed.followers.values(), key=rank, default=None)


def errors_of(seen: Seen) -> list[Diagnostic]:
    """The errors of an answer, no more and no longer than anybody reads."""
    return [
        msgspec.structs.replace(
            error,
            severity="error",
            message=_shortened(error.message, 1_000),
            frame=error.frame[:2_000],
            hint=_shortened(error.hint, 300),
            stack=error.stack[:4_000],
        )
        for error in seen.errors[:MAX_ERRORS]
    ]


def _shortened(text: str, most: int) -> str:
    return re.sub(r"\s+", " ", text).strip()[:most]
