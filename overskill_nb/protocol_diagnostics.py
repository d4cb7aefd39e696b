"""A problem of an app, as data. Part of the protocol, which ``protocol.py`` describes."""

from __future__ import annotations

from typing import Literal

from .message import Message

Severity = Literal["error", "warning"]
Kind = Literal[
    "syntax",
    "resolve",
    "type",
    "install",
    "css",
    "config",
    "file",
    "module",
    "render",
    "runtime",
    "network",
    "internal",
    "behaviour",
]
"""What a diagnostic is about. ``module``: thrown at a module's top level; ``render``: while rendering; ``behaviour``:
it runs, and does not do what it seems to."""


class Location(Message):
    """A place in a file of an app. Lines and columns count from 1, columns in UTF-16 units as editors do."""

    file: str
    """Path relative to the app's folder, with forward slashes."""
    line: int
    column: int
    length: int = 0
    """Characters to underline; 0 where unknown."""


class Diagnostic(Message):
    """One problem, as data. Its printers are ``diagnostics.py`` and the error card."""

    severity: Severity
    kind: Kind
    message: str
    location: Location | None = None
    frame: str = ""
    """The lines around the location, with line numbers and a caret, as plain text."""
    hint: str = ""
    """What to do about it, in one sentence."""
    stack: str = ""
    """For errors at run time: the stack, mapped to the sources."""
