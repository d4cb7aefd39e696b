"""What previews are told: what an app is made of, what is wrong with it, and how it changes.

Part of the protocol, which ``protocol.py`` describes; import these messages from there.
"""

from __future__ import annotations

from typing import Literal, Union

from .message import Message
from .protocol_deployments import DeploymentChanged
from .protocol_diagnostics import Diagnostic
from .protocol_generation import GenerationStepped
from .protocol_github import SyncChanged
from .protocol_history import CheckpointMade
from .protocol_looking import Look

Origin = Literal["cell", "python", "file", "editor", "prompt", "history", "github"]
"""Who made a change. ``history``: an earlier checkpoint was gone back to; ``github``: it came from there."""


# ---------------------------------------------------------------------------------------------------- app content


class Module(Message):
    """One compiled module. ``code`` is the body of a factory; see ``js/src/runtime/registry.ts``."""

    id: str
    """Path in the app, such as ``src/App.tsx``, with its query where it has one."""
    code: str
    deps: dict[str, str] = {}
    """Specifier, as written in the source, to module id or ``npm:`` specifier."""
    css: str | None = None
    """The style sheet that goes into the document when the module runs."""
    is_async: bool = False
    """True where the module awaits at its top level."""
    hash: str = ""
    """Of all that runs: of the code, what it imports and the style sheet."""
    map: str = ""
    """The way back to the source, as a data address for the browser's developer tools; empty where there is none."""


class Vendor(Message):
    """A chunk of pre-bundled npm packages: a script that registers them. Immutable, named by its content."""

    id: str
    code: str | None = None
    """None where the client said that it has this chunk, or that it fetches chunks."""


class Page(Message):
    """What an app's ``index.html`` holds beside its scripts."""

    title: str = ""
    head: str = ""
    """Inner HTML of ``<head>`` without scripts."""
    body: str = ""
    """Inner HTML of ``<body>`` without module scripts."""
    html_attributes: dict[str, str] = {}
    body_attributes: dict[str, str] = {}


# --------------------------------------------------------------------------------------------------------- events


class Snapshot(Message, tag="snapshot"):
    """All that a preview needs to start from nothing."""

    app: str
    build: str
    """Numbers of updates compare only within one build."""
    seq: int
    page: Page
    entries: list[str]
    """Module ids that ``index.html`` loads, in order."""
    globals: list[str]
    """Style modules that the entries import; a preview of one component runs them first."""
    vendor: list[Vendor]
    modules: list[Module]
    diagnostics: list[Diagnostic]


class Update(Message, tag="update"):
    """One numbered change. With diagnostics and no modules where the change does not compile."""

    app: str
    build: str
    seq: int
    modules: list[Module] = []
    removed: list[str] = []
    vendor: list[Vendor] = []
    globals: list[str] | None = None
    """Given where the list of global style modules changed."""
    page: Page | None = None
    """Given where ``index.html`` changed; the frame reloads."""
    reload: str = ""
    """Why the frame must start anew from a snapshot; empty where it need not."""
    diagnostics: list[Diagnostic] = []
    """All problems of the app's sources after this change."""
    origin: Origin = "file"
    sent: float = 0.0
    """Unix time in milliseconds at which the engine took the change in."""


class Progress(Message, tag="progress"):
    """Something slow is going on: what is missing is being installed, or an app is connected to GitHub."""

    app: str
    stage: Literal["node", "tools", "packages", "bundle", "github"]
    text: str
    fraction: float | None = None
    done: bool = False


class Gone(Message, tag="gone"):
    """The engine does not have this app (any more); the client may open it and subscribe again."""

    app: str
    reason: str


class Likely(Message, tag="likely"):
    """The snapshot that is being made will probably name these chunks, as the last one did: fetch them meanwhile."""

    app: str
    chunks: list[str]


EngineEvent = Union[
    Snapshot, Update, Progress, Gone, Likely, Look, DeploymentChanged, CheckpointMade, SyncChanged, GenerationStepped
]
