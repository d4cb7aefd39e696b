"""What clients ask about deployments, answered with what ``deployments/`` and the target know."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, get_args

from ..errors import DeploymentError, OverskillError
from ..protocol import Done, Result
from ..protocol_deployments import (
    LAST,
    CancelDeployment,
    DeleteSecret,
    Deploy,
    Deployment,
    DeploymentInfo,
    DeploymentRequest,
    DeploymentTable,
    GetDeployment,
    GetVariables,
    ListDeployments,
    ListSecrets,
    LogLine,
    Logs,
    Promote,
    ReadLogs,
    Rollback,
    Secrets,
    SetSecret,
    SetVariables,
    Undeploy,
    Variables,
)

if TYPE_CHECKING:
    from .cloudflare import Target
    from .deployments import Deployments
    from .project import Project
    from .workspace_github import WorkspaceGithub

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,127}")
MAX_VALUE_BYTES = 5 * 1024
"""Cloudflare's limit for a binding's text."""
LONGEST_WAIT = 60.0
KINDS: tuple[type, ...] = get_args(DeploymentRequest)


class Answering(Protocol):
    """The deployments of a workspace, where they go, and the GitHub beside them."""

    @property
    def deployments(self) -> Deployments: ...
    @property
    def github(self) -> WorkspaceGithub: ...
    async def target(self) -> Target: ...
    async def close(self) -> None: ...


class DeploymentRequests:
    """Answers requests about deployments. What does the work is opened by the first of them."""

    def __init__(
        self,
        open_: Callable[[], Awaitable[Answering]],
        find: Callable[[str], Project],
        changed: Callable[[Deployment], None],
    ) -> None:
        self._open = open_
        self._find = find
        self._changed = changed
        self._opening: asyncio.Task[Answering] | None = None
        self._setting = asyncio.Lock()
        self._running: set[str] = set()

    @property
    def busy(self) -> int:
        """Deployments under way."""
        return len(self._running)

    async def opened(self) -> Answering:
        """What answers. One that could not be opened is tried again by the next request."""
        if self._opening is None or (
            self._opening.done() and (self._opening.cancelled() or self._opening.exception() is not None)
        ):
            self._opening = asyncio.ensure_future(self._start())
        return await asyncio.shield(self._opening)

    async def _start(self) -> Answering:
        opened = await self._open()
        opened.deployments.follow(self._follow)
        return opened

    def _follow(self, deployment: Deployment) -> None:
        if deployment.status in LAST:
            self._running.discard(deployment.id)
        else:
            self._running.add(deployment.id)
        self._changed(deployment)

    async def resume(self) -> None:
        """Go on with what an engine before this one left unfinished."""
        with contextlib.suppress(OverskillError):
            await (await self.opened()).deployments.start()

    async def close(self) -> None:
        """Let go of the database and of what runs."""
        if self._opening is None:
            return
        self._opening.cancel()
        with contextlib.suppress(BaseException):
            await (await self._opening).close()

    # ------------------------------------------------------------------------------------------------ answers

    async def handle(self, request: Any) -> Result:
        """Answer one request. Raises OverskillError."""
        if isinstance(request, ListDeployments):
            app = self._find(request.app).id if request.app else ""
            deployments = (await self.opened()).deployments
            return DeploymentTable(deployments=await deployments.list(app, limit=request.limit))
        project = self._find(request.app)
        app = project.id
        opened = await self.opened()
        deployments = opened.deployments
        if isinstance(request, Deploy):
            made = await deployments.deploy(app, project.name, project.root, request.environment)
            return DeploymentInfo(deployment=made)
        if isinstance(request, Promote):
            return DeploymentInfo(deployment=await deployments.promote(app, request.to, source=request.source))
        if isinstance(request, Rollback):
            return DeploymentInfo(deployment=await deployments.rollback(app, request.environment, to=request.to))
        if isinstance(request, CancelDeployment):
            await self._own(deployments, app, request.deployment)
            return DeploymentInfo(deployment=await deployments.cancel(request.deployment))
        if isinstance(request, Undeploy):
            await deployments.undeploy(app, request.environment)
            return Done()
        if isinstance(request, GetDeployment):
            return DeploymentInfo(deployment=await self._get(deployments, app, request))
        if isinstance(request, GetVariables):
            return Variables(values=await deployments.env(app, request.environment))
        if isinstance(request, SetVariables):
            return Variables(values=await self._set(deployments, app, request))
        from .deployments.names import slug

        name = slug(project.name)
        target = await opened.target()
        script = target.script(name, request.environment)
        if isinstance(request, ReadLogs):
            lines = await target.logs(script, request.since / 1000)
            return Logs(lines=[LogLine(at=line.at * 1000, level=line.level, text=line.text) for line in lines])
        await target.check(name, request.environment, app)
        if isinstance(request, SetSecret):
            _check(request.name, request.value)
            await target.set_secret(script, request.name, request.value, app=app)
        elif isinstance(request, DeleteSecret):
            await target.delete_secret(script, request.name)
        else:
            assert isinstance(request, ListSecrets)
        return Secrets(names=sorted(await target.secrets(script)))

    @staticmethod
    async def _own(deployments: Deployments, app: str, wanted: str) -> Deployment:
        """A deployment of this app. One of another app is as good as none."""
        found = await deployments.get(wanted)
        if found.app != app:
            raise DeploymentError(f"The app has no deployment '{wanted}'; app.deployments lists those that it has.")
        return found

    async def _get(self, deployments: Deployments, app: str, request: GetDeployment) -> Deployment:
        found = await self._own(deployments, app, request.deployment)
        if request.seconds <= 0 or len(found.transitions) > request.seen:
            return found
        async with _step(deployments, request.deployment, request.seen) as step:
            # It may have come while nobody listened.
            found = await deployments.get(request.deployment)
            if len(found.transitions) <= request.seen:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(step.wait(), min(request.seconds, LONGEST_WAIT))
                found = await deployments.get(request.deployment)
        return found

    async def _set(self, deployments: Deployments, app: str, request: SetVariables) -> dict[str, str]:
        for name, value in request.values.items():
            _check(name, value or "")
        async with self._setting:
            values = dict(await deployments.env(app, request.environment))
            for name, value in request.values.items():
                if value is None:
                    values.pop(name, None)
                else:
                    values[name] = value
            await deployments.set_env(app, request.environment, values)
        return values


@contextlib.asynccontextmanager
async def _step(deployments: Deployments, wanted: str, seen: int) -> AsyncIterator[asyncio.Event]:
    """An event that is set by the deployment's next step."""
    came = asyncio.Event()

    def listen(deployment: Deployment) -> None:
        if deployment.id == wanted and len(deployment.transitions) > seen:
            came.set()

    stop = deployments.follow(listen)
    try:
        yield came
    finally:
        stop()


def _check(name: str, value: str) -> None:
    """Raises DeploymentError where a binding cannot have this name or value. Never says the value."""
    if not _NAME.fullmatch(name):
        raise DeploymentError(f"{name!r} cannot be a name here: give letters, digits and _, not a digit first.")
    if (size := len(value.encode())) > MAX_VALUE_BYTES:
        raise DeploymentError(f"The value of '{name}' has {size} bytes; Cloudflare takes {MAX_VALUE_BYTES}.")
