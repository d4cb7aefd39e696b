"""What deployments need of the rest: a build, a store of artefacts, and a place to put them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

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
    async def find(self, script: Any) -> ScriptState | None: ...
    async def verify(self, url: str, artefact: Any, *, deadline: float) -> None: ...
    async def delete(self, script: Any) -> None: ...
    async def secrets(self, script: Any) -> list[str]: ...


TargetOf = Callable[[], Awaitable[Target]]
