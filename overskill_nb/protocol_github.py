"""The part of the protocol that is about GitHub; ``protocol.py`` puts it into the conversation."""

from __future__ import annotations

from typing import Literal, Union

from .message import Message

SyncStatus = Literal["pending", "syncing", "synced", "conflict", "failed", "cancelled"]
SyncReason = Literal["asked", "pull", "connect", "deploy", "promote"]


class SyncTransition(Message):
    """A sync's step from one status to the next, or a remark on the one that it has."""

    status: SyncStatus
    at: float
    """Unix time in milliseconds."""
    note: str = ""


class Conflict(Message):
    """A file that was changed on both sides in the same place. Neither side was touched."""

    path: str
    ours: str | None
    """The text in the notebook; null where it was removed there."""
    theirs: str | None
    """The text on GitHub; null where it was removed there."""
    base: str | None = None
    """What both had before."""
    binary: bool = False
    """Not text: neither is given."""


class Sync(Message):
    """One exchange of an app's history with its repository on GitHub."""

    id: str
    app: str
    repository: str
    """Owner and name, such as ``me/tips``."""
    reason: SyncReason = "asked"
    status: SyncStatus = "pending"
    commit: str = ""
    """What both sides have now."""
    pushed: int = 0
    """Commits that went to GitHub."""
    received: int = 0
    """Commits that came from there."""
    pull_request: str = ""
    """Address of the pull request that was opened for a conflict."""
    conflicts: list[Conflict] = []
    deployment: str = ""
    """The deployment that it followed; empty where there was none."""
    waits_until: float = 0.0
    """Unix time in milliseconds until which GitHub asked to wait; 0 where it did not."""
    transitions: list[SyncTransition] = []
    ms: float = 0.0
    """From its beginning to its end."""
    error: str = ""
    hint: str = ""
    """What to do about the error, in one sentence."""
    log: list[str] = []


class Repository(Message):
    """The repository on GitHub that an app is connected to."""

    name: str
    """Owner and name, such as ``me/tips``."""
    url: str
    """Its page."""
    branch: str
    local: bool
    """Whether it is on this machine's stand-in for GitHub."""
    private: bool = True


# ---------------------------------------------------------------------------------------------------------- events


class SyncChanged(Message, tag="sync_changed"):
    """A sync took a step or has more to say. Goes to every client."""

    app: str
    sync: Sync


# -------------------------------------------------------------------------------------------------------- requests


class ConnectRepository(Message, tag="connect_repository"):
    """Connect an app to a repository: made where it is missing, given the workflow and its secrets, and pushed to."""

    app: str
    name: str
    """``owner/name``, or a name alone for the account's own."""
    private: bool = True


class DisconnectRepository(Message, tag="disconnect_repository"):
    """Let go of the repository. It stays as it is, and so does the app."""

    app: str


class GetGithub(Message, tag="get_github"):
    """How an app stands with its repository, by what is known here."""

    app: str


class StartSync(Message, tag="start_sync"):
    """Exchange the histories: push, fetch, merge. ``pull``: without pushing. Answered at once; the work goes on."""

    app: str
    pull: bool = False


class GetSync(Message, tag="get_sync"):
    """A sync; where ``seen`` of its transitions are known, once there are more, or when time is up."""

    app: str
    sync: str
    seen: int = -1
    seconds: float = 0.0


GithubRequest = Union[ConnectRepository, DisconnectRepository, GetGithub, StartSync, GetSync]


# --------------------------------------------------------------------------------------------------------- results


class GithubInfo(Message, tag="github"):
    repository: Repository | None
    """Null where the app is not connected."""
    sync: Sync | None
    """The last one."""
    ahead: int = 0
    """Checkpoints that GitHub does not have, as far as is known here."""
    account: str = ""
    """Whose GitHub it is; empty for the one on this machine."""


class SyncInfo(Message, tag="sync"):
    sync: Sync


GithubResult = Union[GithubInfo, SyncInfo]

LAST_SYNC: frozenset[SyncStatus] = frozenset({"synced", "conflict", "failed", "cancelled"})
"""Statuses after which no work is done for a sync."""
