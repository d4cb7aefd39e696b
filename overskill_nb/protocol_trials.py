"""The part of the protocol that is about fresh builds to be tried in a headless browser; ``protocol.py`` puts it into
the conversation."""

from __future__ import annotations

from typing import Any, Union

from .message import Message
from .protocol_diagnostics import Diagnostic


class BuildTrial(Message, tag="build_trial"):
    """Build an app, or one of its components alone, as it would be deployed. Nothing is deployed or kept for long."""

    app: str
    target: str = ""
    """A component's name or path; empty for the whole app."""
    props: dict[str, Any] = {}
    """Of the component."""
    functions: list[str] = []
    """Names of the component's props that are functions; they answer ``undefined``, since no Python is there."""


class RenderOnce(Message, tag="render_once"):
    """Render a component, or the whole app, without a browser; nothing is written."""

    app: str
    target: str = ""
    props: dict[str, Any] = {}
    functions: list[str] = []


TrialRequest = Union[BuildTrial, RenderOnce]


# ---------------------------------------------------------------------------------------------------------- results


class TrialFile(Message):
    """A file as it is served."""

    path: str
    content_type: str
    file: str
    """Where its content is on this machine; absolute."""


class Trial(Message, tag="trial"):
    """A fresh build."""

    module: str
    """Module id of the component; empty for the whole app."""
    export: str
    files: list[TrialFile]
    allow: list[str]
    """Origins that the app may reach."""


class Rendered(Message, tag="rendered"):
    """What became of ``RenderOnce``."""

    module: str
    export: str
    text: str
    """What a screen reader finds in it."""
    console: list[str]
    diagnostics: list[Diagnostic]


TrialResult = Union[Trial, Rendered]
