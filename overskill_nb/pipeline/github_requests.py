"""What clients ask about GitHub, answered with what ``github/`` and the record of syncs know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, get_args

from ..errors import GithubError
from ..protocol import Done, Progress, Result
from ..protocol_github import (
    ConnectRepository,
    DisconnectRepository,
    GetGithub,
    GetSync,
    GithubInfo,
    GithubRequest,
    StartSync,
    Sync,
    SyncInfo,
)

if TYPE_CHECKING:
    from .deployment_requests import Answering
    from .deployments import Deployments
    from .project import Project

KINDS: tuple[type, ...] = get_args(GithubRequest)


class GithubRequests:
    """Answers requests about GitHub."""

    def __init__(
        self,
        opened: Callable[[], Awaitable[Answering]],
        find: Callable[[str], Project],
        progress: Callable[[Progress], None],
    ) -> None:
        self._opened = opened
        self._find = find
        self._progress = progress

    async def handle(self, request: Any) -> Result:
        """Answer one request. Raises OverskillError."""
        project = self._find(request.app)
        opened = await self._opened()
        if isinstance(request, ConnectRepository):
            return await self._connect(opened, project, request)
        app, deployments = project.id, opened.deployments
        if isinstance(request, DisconnectRepository):
            await deployments.disconnect_repository(app)
            return Done()
        if isinstance(request, GetGithub):
            return await self._info(opened, project)
        if isinstance(request, StartSync):
            return SyncInfo(sync=await deployments.sync(app, "pull" if request.pull else "asked", pull=request.pull))
        assert isinstance(request, GetSync)
        return SyncInfo(sync=await self._sync(deployments, app, request))

    async def _connect(self, opened: Answering, project: Project, request: ConnectRepository) -> GithubInfo:
        def on_line(text: str, done: bool = False) -> None:
            self._progress(Progress(app=project.id, stage="github", text=text, done=done))

        on_line(f"Connecting {project.name} to {request.name}")
        try:
            found = await opened.github.runs.connect(
                project.id, project.root, request.name, private=request.private, on_line=on_line
            )
        finally:
            on_line("", done=True)
        await opened.deployments.connect_repository(project.id, project.root, found)
        await opened.deployments.sync(project.id, "connect")
        return await self._info(opened, project)

    async def _info(self, opened: Answering, project: Project) -> GithubInfo:
        repository = await opened.deployments.repository(project.id)
        if repository is None:
            return GithubInfo(repository=None, sync=None)
        return GithubInfo(
            repository=repository,
            sync=await opened.deployments.last_sync(project.id),
            ahead=await opened.github.runs.ahead(project.id, project.root, repository.name, repository.branch),
            account="" if repository.local else repository.name.partition("/")[0],
        )

    async def _sync(self, deployments: Deployments, app: str, request: GetSync) -> Sync:
        found = await deployments.get_sync(request.sync)
        if found.app != app:
            raise GithubError(f"The app has no sync '{request.sync}'; app.github.status tells of the last one.")
        if request.seconds <= 0:
            return found
        return await deployments.step_of_sync(request.sync, seen=request.seen, seconds=request.seconds)
