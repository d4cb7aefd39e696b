"""What the client gives back: the parts of GitHub's answers that are used."""

from __future__ import annotations

import msgspec


class Account(msgspec.Struct, frozen=True):
    login: str
    organization: bool = False


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    """Owner and name, as GitHub spells them."""
    url: str
    branch: str
    """The default branch."""
    private: bool
    archived: bool
    can_push: bool


class Workflow(msgspec.Struct, frozen=True):
    id: int
    state: str
    """``active``, or why it is not."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    url: str
    title: str = ""
    status: str = ""
    """``completed``, or what it waits for."""
    conclusion: str = ""
    """``success``, or what else came of it; empty until it is completed."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    name: str
    status: str
    conclusion: str
    seconds: float = 0.0


class Job(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str
    status: str
    conclusion: str
    steps: tuple[Step, ...] = ()


class PullRequest(msgspec.Struct, frozen=True):
    number: int
    url: str
    state: str
