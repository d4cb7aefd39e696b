"""The part of the protocol that is about deployments; ``protocol.py`` puts it into the conversation."""

from __future__ import annotations

from typing import Literal, Union

from .message import Message
from .protocol_github import Sync

Environment = Literal["preview", "staging", "production"]
DeploymentKind = Literal["deploy", "promote", "rollback"]
DeploymentStatus = Literal[
    "pending",
    "building",
    "uploading",
    "verifying",
    "deployed",
    "failed",
    "cancelled",
    "superseded",
    "rolled_back",
]


class Transition(Message):
    """A deployment's step from one status to the next."""

    status: DeploymentStatus
    at: float
    """Unix time in milliseconds."""
    note: str = ""


class Deployment(Message):
    """One attempt to make an artefact live in an environment."""

    id: str
    app: str
    name: str
    environment: Environment
    kind: DeploymentKind = "deploy"
    status: DeploymentStatus = "pending"
    url: str = ""
    artefact: str = ""
    """Id of what it made live; empty before it was built."""
    source: str = ""
    """The deployment that the artefact came from, for a promotion or a rollback."""
    target: Literal["local", "cloudflare"] = "local"
    transitions: list[Transition] = []
    timings: dict[str, float] = {}
    """Milliseconds by step: build, upload, put, verify, total."""
    first_load_gzip: int = 0
    """Bytes that a first visit loads."""
    files: int = 0
    warnings: list[str] = []
    error: str = ""
    hint: str = ""
    """What to do about the error, in one sentence."""
    superseded_by: str = ""
    commit: str = ""
    """The checkpoint that was built; empty where none is known."""
    repository: str = ""
    """The repository on GitHub whose workflow builds and deploys it; empty where that happens here."""
    run_url: str = ""
    """Page of the workflow's run."""
    sync: Sync | None = None
    """The exchange with GitHub that followed; it is never waited for."""
    log: list[str] = []


class LogLine(Message):
    """A line of a deployed app's own log: of its Worker's console, or an error of it."""

    at: float
    """Unix time in milliseconds."""
    level: str
    text: str


# ---------------------------------------------------------------------------------------------------------- events


class DeploymentChanged(Message, tag="deployment_changed"):
    """A deployment took a step or has more to say. Goes to every client: what shows deployments picks its own."""

    app: str
    deployment: Deployment


# -------------------------------------------------------------------------------------------------------- requests


class Deploy(Message, tag="deploy"):
    """Build the app and make it live in an environment. Answered at once; the work goes on."""

    app: str
    environment: Environment = "preview"


class Promote(Message, tag="promote"):
    """Make the artefact of the environment before ``to``, or of the deployment ``source``, live in ``to``."""

    app: str
    to: Environment
    source: str = ""


class Rollback(Message, tag="rollback"):
    """Make the artefact that was live before, or that of the deployment ``to``, live again."""

    app: str
    environment: Environment
    to: str = ""


class CancelDeployment(Message, tag="cancel_deployment"):
    app: str
    deployment: str


class Undeploy(Message, tag="undeploy"):
    """Take the app off an environment."""

    app: str
    environment: Environment


class GetDeployment(Message, tag="get_deployment"):
    """A deployment; where ``seen`` of its transitions are known, once there are more, or when time is up."""

    app: str
    deployment: str
    seen: int = -1
    seconds: float = 0.0


class ListDeployments(Message, tag="list_deployments"):
    """An app's deployments, or those of the whole workspace, newest first."""

    app: str = ""
    limit: int = 100


class ReadLogs(Message, tag="read_logs"):
    """What the deployed app wrote to its log."""

    app: str
    environment: Environment
    since: float = 0.0
    """Unix time in milliseconds."""


class GetVariables(Message, tag="get_variables"):
    """The public values that the app finds in ``import.meta.env`` in an environment."""

    app: str
    environment: Environment


class SetVariables(Message, tag="set_variables"):
    """Set some of the public values, and remove those that are null. Takes effect with the next deployment."""

    app: str
    environment: Environment
    values: dict[str, Union[str, None]]


class ListSecrets(Message, tag="list_secrets"):
    """Names of an environment's secrets; their values cannot be read."""

    app: str
    environment: Environment


class SetSecret(Message, tag="set_secret"):
    """Hand a secret to the app's own Worker. It is passed on and kept nowhere."""

    app: str
    environment: Environment
    name: str
    value: str

    def __repr__(self) -> str:
        return f"SetSecret(app={self.app!r}, environment={self.environment!r}, name={self.name!r})"


class DeleteSecret(Message, tag="delete_secret"):
    app: str
    environment: Environment
    name: str


DeploymentRequest = Union[
    Deploy,
    Promote,
    Rollback,
    CancelDeployment,
    Undeploy,
    GetDeployment,
    ListDeployments,
    ReadLogs,
    GetVariables,
    SetVariables,
    ListSecrets,
    SetSecret,
    DeleteSecret,
]


# --------------------------------------------------------------------------------------------------------- results


class DeploymentInfo(Message, tag="deployment"):
    deployment: Deployment


class DeploymentTable(Message, tag="deployments"):
    deployments: list[Deployment]


class Logs(Message, tag="logs"):
    lines: list[LogLine]


class Variables(Message, tag="variables"):
    values: dict[str, str]


class Secrets(Message, tag="secrets"):
    names: list[str]


DeploymentResult = Union[DeploymentInfo, DeploymentTable, Logs, Variables, Secrets]

LAST: frozenset[DeploymentStatus] = frozenset({"deployed", "failed", "cancelled", "superseded", "rolled_back"})
"""Statuses after which no work is done for a deployment."""
