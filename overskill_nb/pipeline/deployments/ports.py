"""What deployments need of the rest: a build, a store of artefacts, and a place to put them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

OnLine = Callable[[str], None]


class Artefact(Protocol):
    """The output of one build, as far as a deployment's row tells of it."""

    @property
    def id(self) -> str: ...
    @property
    def files(self) -> Sequence[Any]: ...
    @property
    def first_load_gzip(self) -> int: ...
    @property
    def warnings(self) -> Sequence[str]: ...


class Store(Protocol):
    """Artefacts by id."""

    def get(self, id: str) -> Any: ...  # noqa: A002
    def collect(self, keep: set[str]) -> int: ...


class BuildPort(Protocol):
    """Builds what is on disk now and stores it. Cancelling it ends the build's processes."""

    async def __call__(self, app: str, root: Path, on_line: OnLine) -> Artefact: ...


class ScriptState(Protocol):
    """What is put under a name."""

    @property
    def tags(self) -> Sequence[str]: ...


class Target(Protocol):
    """Where deployments go. Every method may be repeated: the second time changes nothing."""

    @property
    def kind(self) -> Literal["local", "cloudflare"]: ...
    def script(self, name: str, environment: str) -> Any: ...
    def url(self, name: str, environment: str) -> str: ...
    async def check(self, name: str, environment: str, app: str) -> None: ...
    async def upload(self, script: Any, artefact: Any, store: Any, *, app: str, on_progress: Any = None) -> str: ...
    async def put(
        self,
        script: Any,
        artefact: Any,
        store: Any,
        token: str,
        *,
        app: str,
        deployment: str,
        env: Any = None,
        limits: Any = None,
    ) -> Any: ...
    async def adopt(self, script: Any, *, app: str, deployment: str) -> None: ...
    async def find(self, script: Any) -> ScriptState | None: ...
    async def verify(self, url: str, artefact: Any, *, deadline: float) -> None: ...
    async def delete(self, script: Any) -> None: ...
    async def secrets(self, script: Any) -> list[str]: ...


class SyncTask(msgspec.Struct, frozen=True, kw_only=True):
    """What GitHub must know of a sync."""

    id: str
    app: str
    root: str
    """The app's folder."""
    repository: str
    """Owner and name."""
    branch: str
    pull: bool = False
    """Take what is there, push nothing."""


class WorkflowTask(msgspec.Struct, frozen=True, kw_only=True):
    """What GitHub must know of a deployment that its workflow makes."""

    id: str
    """The deployment's: an input of the workflow, and part of its run's name."""
    app: str
    root: str
    repository: str
    branch: str
    commit: str
    """What is built."""
    environment: str
    namespace: str
    """Of the script at Cloudflare."""
    script: str
    env: dict[str, str]
    """Public values of the environment."""


class Github(Protocol):
    """What runs need of GitHub. Every method may be repeated: the second time changes nothing.

    Raises GithubError; where its ``retry_after`` is set, the run waits so long and asks again.
    """

    async def exchange(self, task: SyncTask, on_line: OnLine) -> dict[str, Any]:
        """Fetch, merge and push. Gives ``commit``, ``pushed``, ``received``, and for a conflict ``conflicts`` and
        ``pull_request``, as ``protocol_github.Sync`` has them."""

    async def prepare(self, task: WorkflowTask, on_line: OnLine) -> None:
        """Bring the commit, the workflow and its secrets there. Raises where the commit cannot be pushed."""

    async def dispatch(self, task: WorkflowTask, on_line: OnLine, *, again: bool) -> dict[str, Any]:
        """Start the workflow, once: the run that carries the deployment's id is found first. ``again``: it may have
        been started before and not be listed yet. Gives ``run``, its number, and ``run_url``."""

    async def follow(self, task: WorkflowTask, run: int, on_line: OnLine) -> dict[str, Any]:
        """Wait until the run ends, a line for each of its steps. Gives ``digest``, which names what it built. Raises
        with the failing step's name, after that step's log went to ``on_line``."""

    async def stop(self, task: WorkflowTask, run: int) -> None:
        """Cancel the run and wait until it has ended. 0: its number is not known; one that carries the deployment's
        id is looked for, and there may be none."""


class CommitPort(Protocol):
    """Makes a checkpoint of what is on disk, where something changed; the commit that it is."""

    async def __call__(self, app: str, root: Path, on_line: OnLine) -> str: ...


class CapturePort(Protocol):
    """Fetches what a workflow deployed from its address, compares it with the digest, and stores it."""

    async def __call__(self, url: str, digest: str, deployment: str, target: Target, script: Any) -> Artefact: ...


TargetOf = Callable[[], Awaitable[Target]]
