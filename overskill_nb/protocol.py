"""Every message between engine, kernel and browser.

Both transports (the server extension's WebSocket and Jupyter's comm) carry these messages as JSON, unchanged.
The TypeScript side, ``js/src/protocol.ts``, is generated from this file by ``scripts/protocol``.

The shape of a conversation::

    client                                    engine
    Subscribe(client, app, build, seq)   ->
                                         <-   Event(client, Snapshot | Update | Progress | Gone | Likely)
    Ack(client, app, seq, outcome)       ->
    Call(id, request), Cancel(id)        ->
                                         <-   Reply(id, result | failure)

Updates are numbered per app, without gaps. A client says the last number it applied and gets what it missed, or a
snapshot where the numbers belong to another build or the log no longer reaches back.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union

import msgspec
from msgspec import Meta, Raw

Severity = Literal["error", "warning"]
Kind = Literal[
    "syntax", "resolve", "install", "css", "config", "file", "module", "render", "runtime", "network", "internal"
]
"""What a diagnostic is about. ``module``: thrown at a module's top level; ``render``: while rendering."""

Origin = Literal["cell", "python", "file", "editor", "prompt"]
"""Who made a change."""


class Message(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """Base of all messages. Unknown fields are refused, so that the two sides cannot drift apart unseen."""


# ---------------------------------------------------------------------------------------------------- diagnostics


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
    """Something slow is going on: Node, the JavaScript tools or packages are being installed."""

    app: str
    stage: Literal["node", "tools", "packages", "bundle"]
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


EngineEvent = Union[Snapshot, Update, Progress, Gone, Likely]


# ------------------------------------------------------------------------------------------------------- requests


class FileChange(Message):
    path: str
    content: str | None = None
    """New text, or None to delete the file."""


class OpenApp(Message, tag="open_app"):
    """Open the project in ``folder``, absolute or relative to the workspace; make it from the template on request."""

    folder: str
    workspace: str = ""
    """Absolute path; empty for the engine's own."""
    create: bool = False
    allow: list[str] | None = None


class WriteFiles(Message, tag="write_files"):
    """Write or delete files, compile them and send them out as one update."""

    app: str
    files: list[FileChange]
    origin: Origin = "python"


class EditFile(Message, tag="edit_file"):
    """Replace the one place where ``old`` stands by ``new``. No place, or more than one, is an error."""

    app: str
    path: str
    old: str
    new: str
    origin: Origin = "python"


class RenameFile(Message, tag="rename_file"):
    app: str
    path: str
    to: str
    origin: Origin = "python"


class ReadFile(Message, tag="read_file"):
    app: str
    path: str


class ListFiles(Message, tag="list_files"):
    app: str


class Prepare(Message, tag="prepare"):
    """Make sure that a target is compiled: the whole app (empty), a component's name, or a path in the app."""

    app: str
    target: str = ""


class AllowOrigins(Message, tag="allow_origins"):
    app: str
    allow: list[str]


class TraceError(Message, tag="trace_error"):
    """Map an error that a preview reported back to the sources."""

    app: str
    kind: Kind
    message: str
    stack: str


class Inspect(Message, tag="inspect"):
    """What ``ov.doctor()`` shows of an engine."""


class Ping(Message, tag="ping"):
    """A sign of life, asked for where a connection is quiet; browsers do not see a WebSocket's own pings."""


Request = Union[
    OpenApp,
    WriteFiles,
    EditFile,
    RenameFile,
    ReadFile,
    ListFiles,
    Prepare,
    AllowOrigins,
    TraceError,
    Inspect,
    Ping,
]


# -------------------------------------------------------------------------------------------------------- results


class AppInfo(Message, tag="app_info"):
    app: str
    """The app's id: its folder's name and a hash of its path."""
    name: str
    folder: str
    """Absolute path."""
    created: bool
    seq: int
    diagnostics: list[Diagnostic]
    allow: list[str] = []
    """Origins that the app may reach from its preview."""


class Written(Message, tag="written"):
    seq: int
    changed: list[str]
    """Paths whose content changed; a file saved with the same content is not among them."""
    diagnostics: list[Diagnostic]
    ms: float
    """From the request's arrival to the update's sending."""


class FileContent(Message, tag="file_content"):
    path: str
    content: str


class Files(Message, tag="files"):
    paths: list[str]


class Prepared(Message, tag="prepared"):
    module: str
    """Module id of the target; empty for the whole app."""
    export: str
    """Name of the export that is the component."""
    seq: int
    diagnostics: list[Diagnostic]


class Traced(Message, tag="traced"):
    diagnostic: Diagnostic


class PreviewInfo(Message):
    """What one open preview shows, by its own word."""

    app: str
    client: str
    sent: int
    """Number of the last update, or snapshot, that it was sent."""
    seq: int
    """Number of the last one that it answered for; -1 before the first."""
    outcome: Literal["", "applied", "reloaded", "failed"]
    ms: float
    """How long that one took in the frame."""
    at: float
    """Unix time in milliseconds at which its answer came; 0 before the first."""


class EngineInfo(Message, tag="engine_info"):
    version: str
    workspace: str
    host: Literal["server", "kernel"]
    python: str
    node: str
    node_source: str
    tools: str
    apps: dict[str, int]
    """App's name to the number of previews open."""
    previews: list[PreviewInfo]
    worker_pid: int | None
    problems: list[str]


class Done(Message, tag="done"):
    pass


Result = Union[AppInfo, Written, FileContent, Files, Prepared, Traced, EngineInfo, Done]


class Failure(Message):
    """Why a request was not carried out."""

    error: str
    """Name of the class in ``errors.py``."""
    message: str
    diagnostics: list[Diagnostic] = []


# ------------------------------------------------------------------------------------------------------- envelope


class Call(Message, tag="call"):
    id: int
    request: Request


class Reply(Message, tag="reply"):
    id: int
    result: Result | None = None
    failure: Failure | None = None


class Cancel(Message, tag="cancel"):
    """Stop a call that is under way; it is answered with the failure ``Cancelled``."""

    id: int


class Subscribe(Message, tag="subscribe"):
    """Follow an app. ``client`` names this preview among those of the same connection."""

    client: str
    app: str
    module: str = ""
    """Module id of the preview's target, empty for the whole app: an engine that just started compiles it."""
    build: str = ""
    seq: int = -1
    """The last update that was applied; -1 for none."""
    have: list[str] = []
    """Ids of vendor chunks that need not be sent again."""
    fetches: bool = False
    """Whether the client fetches chunks from the server that the connection leads to: messages only name them then."""


class Unsubscribe(Message, tag="unsubscribe"):
    client: str


class Ack(Message, tag="ack"):
    client: str
    app: str
    build: str
    seq: int
    outcome: Literal["applied", "reloaded", "failed"]
    ms: Annotated[float, Meta(ge=0)] = 0.0
    """From the message's arrival in the frame to the changed DOM."""


class Event(Message, tag="event"):
    client: str
    """The subscriber's name; empty for what concerns the whole connection, such as the progress of an installation."""
    event: EngineEvent


ToEngine = Union[Call, Cancel, Subscribe, Unsubscribe, Ack]
ToClient = Union[Reply, Event]


class RawEvent(Message, tag="event"):
    """An ``Event`` whose content is encoded already, so that one update is encoded once for all previews."""

    client: str
    event: Raw


_encoder = msgspec.json.Encoder()
_to_engine: msgspec.json.Decoder[Any] = msgspec.json.Decoder(ToEngine)
_to_client: msgspec.json.Decoder[Any] = msgspec.json.Decoder(ToClient)


def encode(message: Message) -> bytes:
    """A message as JSON."""
    return _encoder.encode(message)


def decode_to_engine(data: bytes | str) -> ToEngine:
    """Read what a client sent. Raises ``msgspec.ValidationError`` or ``msgspec.DecodeError``."""
    try:
        message: ToEngine = _to_engine.decode(data)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError("the message is not UTF-8") from error
    return message


def decode_to_client(data: bytes | str) -> ToClient:
    """Read what an engine sent. Raises ``msgspec.ValidationError`` or ``msgspec.DecodeError``."""
    message: ToClient = _to_client.decode(data)
    return message
