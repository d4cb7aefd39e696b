"""The part of the protocol by which the engine looks at what a preview shows; ``protocol.py`` puts it into the
conversation."""

from __future__ import annotations

from typing import Literal

from .message import Message
from .protocol_diagnostics import Diagnostic

View = Literal["text", "console", "errors", "screenshot"]
"""``text``: what a screen reader finds; ``errors``: those at run time, which the sources do not tell."""


class Look(Message, tag="look"):
    """Asks one preview what it shows. It answers with ``Seen``; one that cannot does not."""

    app: str
    look: str
    """The answer names it; nobody else knows it."""
    view: View


class Seen(Message, tag="seen"):
    """What a preview shows: the answer to ``Look``, with the one field that was asked for."""

    app: str
    look: str
    text: str = ""
    console: list[str] = []
    errors: list[Diagnostic] = []
    screenshot: str = ""
    """A picture in base64, PNG or JPEG."""
    failure: str = ""
    """Why there is nothing to see, in one sentence."""
