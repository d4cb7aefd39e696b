"""The part of the protocol that is about an app's history; ``protocol.py`` puts it into the conversation."""

from __future__ import annotations

from typing import Literal, Union

from .message import Message


class Checkpoint(Message):
    """A state of an app's files that can be gone back to: a commit of the app's git repository."""

    id: str
    """The commit's hash, 40 hexadecimal digits."""
    at: float
    """Unix time in milliseconds."""
    origin: str
    """Who made the change: ``cell``, ``python``, ``file``, ``editor``, ``prompt``, ``history``, ``github``; empty where
    the commit was not made by this package."""
    author: str
    message: str
    """The commit's message without its trailers."""
    files: list[str] = []
    """Paths that differ from the checkpoint before."""
    compiles: bool = True
    """False where the app had errors when the checkpoint was made."""


class FileDiff(Message):
    """What became of one file."""

    path: str
    status: Literal["added", "changed", "removed"]
    text: str = ""
    """As a unified diff; empty for files that are not text."""


# ---------------------------------------------------------------------------------------------------------- events


class CheckpointMade(Message, tag="checkpoint_made"):
    """An app has a new checkpoint. Goes to every client."""

    app: str
    checkpoint: Checkpoint


# -------------------------------------------------------------------------------------------------------- requests


class ListCheckpoints(Message, tag="list_checkpoints"):
    """An app's checkpoints, newest first; what is on disk is made one first, where it differs."""

    app: str
    limit: int = 100
    before: str = ""
    """Id of a checkpoint: only older ones."""


class MakeCheckpoint(Message, tag="make_checkpoint"):
    """Make a checkpoint of what is on disk now. Without a change the newest one is given."""

    app: str
    message: str = ""


class ReadDiff(Message, tag="read_diff"):
    """What a checkpoint changed, or what lies between ``since`` and it."""

    app: str
    checkpoint: str
    """Its id, or the beginning of it."""
    since: str = ""


class RestoreCheckpoint(Message, tag="restore_checkpoint"):
    """Make the files what they were, as a new checkpoint; previews follow."""

    app: str
    checkpoint: str
    """Its id, or the beginning of it."""


class ExportApp(Message, tag="export_app"):
    """Write the app as a zip file that builds anywhere with ``npm ci`` and ``npm run build``."""

    app: str
    file: str
    """Absolute path."""


HistoryRequest = Union[ListCheckpoints, MakeCheckpoint, ReadDiff, RestoreCheckpoint, ExportApp]


# --------------------------------------------------------------------------------------------------------- results


class Checkpoints(Message, tag="checkpoints"):
    checkpoints: list[Checkpoint]


class CheckpointInfo(Message, tag="checkpoint"):
    checkpoint: Checkpoint


class Diff(Message, tag="diff"):
    files: list[FileDiff]


class Exported(Message, tag="exported"):
    file: str
    files: int
    bytes: int


HistoryResult = Union[Checkpoints, CheckpointInfo, Diff, Exported]
