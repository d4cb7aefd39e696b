"""Every message between engine, kernel and browser.

Both transports (the server extension's WebSocket and Jupyter's comm) carry these messages as JSON, unchanged.
The TypeScript side, ``js/src/protocol.ts``, is generated from this file by ``scripts/protocol``.

The shape of a conversation::

    client                                    engine
    Subscribe(client, app, build, seq)   ->
                                         <-   Event(client, Snapshot | Update | Progress | Gone | Likely | Look)
    Ack(client, app, seq, outcome)       ->
    Call(id, request), Cancel(id)        ->
                                         <-   Reply(id, result | failure)

What an ``Event`` carries, from diagnostics to whole updates, is in ``events.py``.

Updates are numbered per app, without gaps. A client says the last number it applied and gets what it missed, or a
snapshot where the numbers belong to another build or the log no longer reaches back.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union

import msgspec
from msgspec import Meta, Raw

from .events import (
    EngineEvent,
    Gone,
    Likely,
    Module,
    Origin,
    Page,
    Progress,
    Snapshot,
    Update,
    Vendor,
)
from .message import Message
from .protocol_deployments import DeploymentRequest, DeploymentResult
from .protocol_diagnostics import Diagnostic, Kind, Location, Severity
from .protocol_editor import EditorRequest, EditorResult
from .protocol_generation import GenerationRequest, GenerationResult
from .protocol_github import GithubRequest, GithubResult
from .protocol_history import HistoryRequest, HistoryResult
from .protocol_looking import Seen
from .protocol_metrics import MetricsRequest, MetricsResult
from .protocol_trials import TrialRequest, TrialResult

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
    live: bool = True
    """Whether previews are wanted; a deployment needs no compiled app."""


class WriteFiles(Message, tag="write_files"):
    """Write or delete files, compile them and send them out as one update."""

    app: str
    files: list[FileChange]
    origin: Origin = "python"


class WriteComponent(Message, tag="write_component"):
    """Write a component's source, send it out and make sure that it is compiled: all that running its cell takes."""

    app: str
    name: str
    source: str
    path: str = ""
    """Where it goes; empty for the file of that name, or a new one where there is none."""
    export: str = ""
    """Name of the export that is the component; empty to find it."""
    origin: Origin = "cell"


class FindComponent(Message, tag="find_component"):
    """Ask where a component of this name is, or goes."""

    app: str
    name: str


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
    WriteComponent,
    FindComponent,
    EditFile,
    RenameFile,
    ReadFile,
    ListFiles,
    Prepare,
    AllowOrigins,
    TraceError,
    Inspect,
    Ping,
    Seen,
    DeploymentRequest,
    HistoryRequest,
    GithubRequest,
    GenerationRequest,
    EditorRequest,
    TrialRequest,
    MetricsRequest,
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


class ComponentPlace(Message, tag="component_place"):
    path: str


class ComponentWritten(Message, tag="component_written"):
    path: str
    written: Written
    prepared: Prepared


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
    """Their folder; empty before the first app has them installed."""
    apps: dict[str, int]
    """App's name to the number of previews open."""
    previews: list[PreviewInfo]
    worker_pid: int | None
    problems: list[str]


class Done(Message, tag="done"):
    pass


Result = Union[
    AppInfo,
    Written,
    FileContent,
    Files,
    Prepared,
    ComponentPlace,
    ComponentWritten,
    Traced,
    EngineInfo,
    Done,
    DeploymentResult,
    HistoryResult,
    GithubResult,
    GenerationResult,
    EditorResult,
    TrialResult,
    MetricsResult,
]


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
    except RecursionError as error:
        raise msgspec.DecodeError("the message is nested too deeply") from error
    return message


def decode_to_client(data: bytes | str) -> ToClient:
    """Read what an engine sent. Raises ``msgspec.ValidationError`` or ``msgspec.DecodeError``."""
    message: ToClient = _to_client.decode(data)
    return message
