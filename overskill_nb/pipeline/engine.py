"""The engine of one workspace: opens apps, answers requests, and keeps the clients that follow."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from .. import config
from .._version import __version__
from ..errors import AppError, EngineError, OverskillError
from ..protocol import (
    AllowOrigins,
    AppInfo,
    ComponentPlace,
    Done,
    EditFile,
    EngineInfo,
    Event,
    FileContent,
    Files,
    FindComponent,
    Inspect,
    ListFiles,
    OpenApp,
    Ping,
    Prepare,
    Progress,
    ReadFile,
    RenameFile,
    Request,
    Result,
    Seen,
    TraceError,
    WriteComponent,
    WriteFiles,
)
from ..protocol_deployments import Deployment, DeploymentChanged
from ..protocol_generation import GenerationStepped
from ..protocol_github import LAST_SYNC, Sync, SyncChanged
from ..protocol_history import Checkpoint, CheckpointMade
from ..protocol_metrics import GetMetrics
from . import (
    chunk,
    editor_requests,
    generation_requests,
    github_requests,
    history_requests,
    metrics,
    node,
    tools,
    trials,
)
from .connection import Connection, Send, failure
from .deployment_requests import KINDS, Answering, DeploymentRequests
from .github_requests import GithubRequests
from .history import Histories
from .history_requests import HistoryRequests
from .known_apps import remember, remembered
from .live_app import LiveApp
from .looks import Looks
from .node import Node
from .origins import checked
from .packages import Packages
from .project import Project
from .unfinished import unfinished
from .worker import Ask, Worker

Host = Literal["server", "kernel"]


class Engine:
    """Compiles the apps of one workspace and sends their updates to every client that follows them."""

    def __init__(
        self,
        workspace: Path,
        host: Host = "kernel",
        cloudflare: Mapping[str, str] | None = None,
        github: Mapping[str, str] | None = None,
    ) -> None:
        self.workspace = workspace.resolve()
        self.host = host
        self.cloudflare = dict(cloudflare or {})
        """What goes before the environment's variables, for ``cloudflare.Settings``."""
        self.github = dict(github or {})
        """Likewise, for ``github.Settings``."""
        self.apps: dict[str, LiveApp] = {}
        self.deployments = DeploymentRequests(self._open_deployments, self.project, self._deployment_changed)
        self.looks = Looks()
        self.measures = metrics.Measures()
        self.generations = generation_requests.GenerationRequests(self.app, self._tell, self.apps.get, self.looks)
        self.histories = Histories(self.workspace, self.project, self.apps.get, self._checkpoint_made)
        self._history_requests = HistoryRequests(self.histories, self.project, self._find_node)
        self._github_requests = GithubRequests(self.deployments.opened, self.project, self._progress)
        self._syncing: set[str] = set()
        """Those under way that do not wait for GitHub."""
        self._editor_requests = editor_requests.EditorRequests(self.app)
        self._trials = trials.Trials(self.workspace, self._toolchain, self.app)
        self._requests = 0
        self._node: Node | None = None
        self._tools: Path | None = None
        self._installing = asyncio.Lock()
        self._resuming: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[None] | None = None
        self._worker: Worker | None = None
        self._preparing: asyncio.Task[Worker] | None = None
        self._opening: dict[str, asyncio.Task[LiveApp]] = {}
        self._connections: set[Connection] = set()
        self._closed = False

    # ---------------------------------------------------------------------------------------------- requests

    @property
    def busy(self) -> int:
        """Requests, deployments, generations and syncs under way; a server that reports its activity counts them."""
        return self._requests + self.deployments.busy + self.generations.busy + len(self._syncing)

    async def handle(self, request: Request) -> Result:
        """Carry out one request. Raises OverskillError."""
        self._requests += 1
        try:
            return await self._handle(request)
        finally:
            self._requests -= 1

    async def _handle(self, request: Request) -> Result:
        if isinstance(request, OpenApp):
            return await self._open(request)
        if isinstance(request, Inspect):
            return await self._inspect()
        if isinstance(request, Ping):
            return Done()
        if isinstance(request, GetMetrics):
            return await metrics.read(self.measures, self.workspace, os.environ.get(config.DATABASE_URL, ""))
        if isinstance(request, Seen):
            self.looks.answer(request)
            return Done()
        if isinstance(request, KINDS):
            return await self.deployments.handle(request)
        if isinstance(request, generation_requests.KINDS):
            return await self.generations.handle(request)
        if isinstance(request, history_requests.KINDS):
            return await self._history_requests.handle(request)
        if isinstance(request, github_requests.KINDS):
            return await self._github_requests.handle(request)
        if isinstance(request, editor_requests.KINDS):
            return await self._editor_requests.handle(request)
        if isinstance(request, trials.KINDS):
            return await self._trials.handle(request)
        app = await self.app(request.app)
        if isinstance(request, WriteFiles):
            return await app.change(request.files, request.origin)
        if isinstance(request, WriteComponent):
            return await app.write_component(request)
        if isinstance(request, FindComponent):
            return ComponentPlace(path=app.project.place_of(request.name))
        if isinstance(request, EditFile):
            return await app.edit(request.path, request.old, request.new, request.origin)
        if isinstance(request, RenameFile):
            return await app.rename(request.path, request.to, request.origin)
        if isinstance(request, ReadFile):
            return FileContent(path=request.path, content=app.project.read(request.path))
        if isinstance(request, ListFiles):
            return Files(paths=app.project.files())
        if isinstance(request, Prepare):
            return await app.prepare(request.target)
        if isinstance(request, TraceError):
            return await app.trace(request)
        if isinstance(request, AllowOrigins):
            app.allow = checked(request.allow)
            remember(app.project, app.allow)
            return Done()
        raise EngineError(f"The engine does not know the request '{type(request).__name__}'.")

    async def _open(self, request: OpenApp) -> AppInfo:
        base = Path(request.workspace) if request.workspace else self.workspace
        folder = (base / Path(request.folder).expanduser()).resolve()
        created = False
        if request.create and not (folder.is_dir() and any(folder.iterdir())):
            Project.create(folder)
            created = True
            if stale := self.apps.pop(config.app_id(folder), None):
                await stale.discard("its folder was removed and made anew")
        project = Project.open(folder)
        if created:
            self.histories.made_here(project.id)
        if not request.live:
            known = remembered(project.id)
            remember(project, known.allow if known else [])
            return AppInfo(
                app=project.id,
                name=project.name,
                folder=str(project.root),
                created=created,
                seq=-1,
                diagnostics=[],
            )
        app = await self._opened(project)
        if request.allow is not None:
            app.allow = checked(request.allow)
        remember(app.project, app.allow)
        return AppInfo(
            app=app.project.id,
            name=app.project.name,
            folder=str(app.project.root),
            created=created,
            seq=app.feed.seq,
            diagnostics=app.feed.diagnostics,
            allow=app.allow,
        )

    async def app(self, name: str) -> LiveApp:
        """An app by its id, or by its folder's name where that is clear; one that was open before is opened again."""
        if found := self.apps.get(name):
            return found
        if known := remembered(name):
            app = await self._opened(Project.open(known.folder))
            app.allow = app.allow or known.allow
            return app
        return self.apps[self.project(name).id]

    def project(self, name: str) -> Project:
        """Where an app is, by its id or its folder's name; it need not be open."""
        if found := self.apps.get(name):
            return found.project
        if known := remembered(name):
            return Project.open(known.folder)
        named = [app.project for app in self.apps.values() if app.project.name == name]
        if len(named) == 1:
            return named[0]
        raise AppError(f"No app '{name}' is open; open it with App or App.open.")

    async def _opened(self, project: Project) -> LiveApp:
        if found := self.apps.get(project.id):
            return found
        task = self._opening.get(project.id)
        if task is None:
            task = asyncio.create_task(self._start_app(project))
            self._opening[project.id] = task
            task.add_done_callback(lambda _: self._opening.pop(project.id, None))
        # Shielded: one caller that gives up does not take the app from the others.
        return await asyncio.shield(task)

    async def _start_app(self, project: Project) -> LiveApp:
        if self._closed:
            raise EngineError("The engine is closed.")
        worker = await self._ready()
        assert self._node is not None

        def on_line(text: str) -> None:
            app.progress(Progress(app=project.id, stage="packages", text=text))

        packages = Packages(project, self._node, on_line)
        app = LiveApp(project, packages, worker, self._progress, self.histories)
        await app.open()
        self.apps[project.id] = app
        self._resume_deployments()
        return app

    async def _inspect(self) -> EngineInfo:
        problems: list[str] = []
        try:
            # Finding Node runs it: once, and not on the loop.
            found = self._node = self._node or await asyncio.to_thread(node.find)
        except OverskillError as error:
            found = None
            problems.append(str(error))
        return EngineInfo(
            version=__version__,
            workspace=str(self.workspace),
            host=self.host,
            python=f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}",
            node=found.version if found else "",
            node_source=f"{found.executable} ({found.source})" if found else "",
            tools=str(tools.folder()) if tools.installed() else "",
            apps={app.project.name: len(app.feed.followers) for app in self.apps.values()},
            previews=[
                follower.info(app.project.id) for app in self.apps.values() for follower in app.feed.followers.values()
            ],
            worker_pid=self._worker.pid if self._worker else None,
            problems=problems,
        )

    # ---------------------------------------------------------------------------------------------- the worker

    async def _ready(self) -> Worker:
        """The worker, with Node and the tools installed first where they are missing."""
        if self._preparing is None or (
            self._preparing.done() and (self._preparing.cancelled() or self._preparing.exception())
        ):
            self._preparing = asyncio.create_task(self._prepare())
        return await asyncio.shield(self._preparing)

    async def _prepare(self) -> Worker:
        found, installed = await self._toolchain()
        self._worker = Worker(found, installed, config.cache_folder() / chunk.FOLDER, self._restore)
        return self._worker

    async def _toolchain(self) -> tuple[Node, Path]:
        """Node and the JavaScript tools; installed first where they are missing."""
        async with self._installing:
            if self._node is None or self._tools is None:
                try:
                    self._node = await node.ensure(
                        lambda text: self._progress(Progress(app="", stage="node", text=text))
                    )
                    self._tools = await tools.ensure(
                        self._node, lambda text: self._progress(Progress(app="", stage="tools", text=text))
                    )
                finally:
                    self._progress(Progress(app="", stage="tools", text="", done=True))
            return self._node, self._tools

    async def _restore(self, ask: Ask) -> None:
        stalled = self._worker.stalled if self._worker else set()
        for app in list(self.apps.values()):
            # An app whose folder is gone must not keep the others from coming back.
            with contextlib.suppress(EngineError):
                await app.restore(ask, build=app.project.id not in stalled)

    def _progress(self, progress: Progress) -> None:
        event = Event(client="", event=progress)
        for connection in list(self._connections):
            connection.send(event)

    # ----------------------------------------------------------------------------------------- deployments

    async def _open_deployments(self) -> Answering:
        from .workspace_deployments import WorkspaceDeployments

        # Half a second of imports: only those who deploy pay for them, and the loop does not.
        await asyncio.to_thread(importlib.import_module, f"{__package__}.deployments")
        url = os.environ.get(config.DATABASE_URL, "")
        opened = WorkspaceDeployments(
            self.workspace,
            self._toolchain,
            self.histories,
            database_url=url,
            cloudflare=self.cloudflare,
            github=self.github,
        )
        opened.deployments.follow_syncs(self._sync_changed)
        # Whoever looks may deploy next. What fails here is said to whoever does.
        self._starting = asyncio.create_task(opened.deployments.start())
        self._starting.add_done_callback(lambda task: task.cancelled() or task.exception())
        return opened

    def _resume_deployments(self) -> None:
        """Go on with what the engine before this one left unfinished."""
        if self._resuming is None:
            self._resuming = asyncio.create_task(self._resume())

    async def _resume(self) -> None:
        folder, url = self.workspace / config.STATE_FOLDER, os.environ.get(config.DATABASE_URL, "")
        if await asyncio.to_thread(unfinished, folder, url):
            await self.deployments.resume()

    def _deployment_changed(self, deployment: Deployment) -> None:
        self._tell(DeploymentChanged(app=deployment.app, deployment=deployment))

    def _sync_changed(self, sync: Sync) -> None:
        if sync.status in LAST_SYNC or sync.waits_until:
            self._syncing.discard(sync.id)
        else:
            self._syncing.add(sync.id)
        self._tell(SyncChanged(app=sync.app, sync=sync))

    def _tell(self, event: DeploymentChanged | CheckpointMade | SyncChanged | GenerationStepped) -> None:
        """Tell every client. One that is congested is not told: what shows these things asks now and then."""
        for connection in list(self._connections):
            if not connection.congested:
                connection.send(Event(client="", event=event))

    # --------------------------------------------------------------------------------------------- history

    async def _find_node(self) -> Node:
        return (await self._toolchain())[0]

    def _checkpoint_made(self, app: str, checkpoint: Checkpoint) -> None:
        self._tell(CheckpointMade(app=app, checkpoint=checkpoint))

    # ---------------------------------------------------------------------------------------------- clients

    def connect(self, send: Send) -> Connection:
        """A new client, a browser page or a kernel; ``send`` takes encoded messages for it."""
        connection = Connection(self, send)
        self._connections.add(connection)
        return connection

    def forget(self, connection: Connection) -> None:
        """Drop a client and what it follows."""
        self._connections.discard(connection)
        for app in self.apps.values():
            for key in [key for key in app.feed.followers if key[0] == connection.number]:
                del app.feed.followers[key]

    async def close(self) -> None:
        """End all work and the worker process."""
        self._closed = True
        for connection in list(self._connections):
            connection.close()
        begun = [task for task in (self._preparing, self._resuming) if task is not None]
        tasks = [*self._opening.values(), *begun]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5)
        await self.generations.close()
        await self.deployments.close()
        await self._trials.close()
        for app in self.apps.values():
            await app.close()
        self.histories.close()
        if self._worker is not None:
            await self._worker.close()


__all__ = ["Connection", "Engine", "failure"]
