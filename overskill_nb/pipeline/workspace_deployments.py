"""What deployments of a workspace are made of: its record, its builds, and where they go."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import config, diagnostics
from ..errors import BuildError, OverskillError
from .listening import listens
from .node import Node
from .packages import Packages
from .project import Project

if TYPE_CHECKING:
    from .artefacts import Artefact, ArtefactStore
    from .cloudflare import Target
    from .deployments import Deployments
    from .history import Histories
    from .local_cloudflare import LocalCloudflare
    from .production import Production
    from .workspace_github import WorkspaceGithub

Toolchain = Callable[[], Awaitable[tuple[Node, Path]]]
OnLine = Callable[[str], None]
CAPTURE_SECONDS = 120.0
"""How long an address may go on serving what was there before a workflow deployed."""


class WorkspaceDeployments:
    """The deployments of one workspace, with all that they need. Nothing is started before it is used."""

    def __init__(
        self,
        workspace: Path,
        toolchain: Toolchain,
        histories: Histories,
        *,
        database_url: str = "",
        cloudflare: Mapping[str, str] | None = None,
        github: Mapping[str, str] | None = None,
    ) -> None:
        # Imported here: an engine that deploys nothing does not pay for it.
        from .artefacts import ArtefactStore
        from .deployments import Deployments
        from .workspace_github import WorkspaceGithub

        self._toolchain = toolchain
        self._histories = histories
        self._settings = dict(cloudflare or {})
        self._folder = workspace / config.STATE_FOLDER
        self._store: ArtefactStore = ArtefactStore(self._folder / "artefacts")
        self._production: Production | None = None
        self._local: LocalCloudflare | None = None
        self._target: Target | None = None
        self._connecting = asyncio.Lock()
        self._on_line: OnLine = lambda _: None
        """The log of the deployment that builds: what must be installed first is said there."""
        self.github: WorkspaceGithub = WorkspaceGithub(
            workspace,
            github or {},
            toolchain,
            histories,
            secrets_of=self._workflow_secrets,
            variables_of=self._workflow_variables,
        )
        self.deployments: Deployments = Deployments(
            self._folder,
            database_url=database_url,
            build=self._build,
            store=self._store,
            target=self.target,
            commit=self._commit,
            github=self.github.runs,
            capture=self._capture,
        )

    async def _build(self, app: str, root: Path, on_line: OnLine) -> Artefact:
        from .production import Production

        self._on_line = on_line
        node, tools = await self._toolchain()
        modules = await Packages(Project.open(root), node, on_line).ensure()
        if self._production is None:
            self._production = Production(node, tools, config.cache_folder() / "bundles", self._store)
        try:
            return await self._production.build(root, modules, app=app, on_line=on_line)
        except BuildError as error:
            raise BuildError(_sentence(error), error.diagnostics) from error

    async def _commit(self, app: str, root: Path, on_line: OnLine) -> str:
        del root, on_line
        return await self._histories.flush(app)

    async def _capture(self, url: str, digest: str, deployment: str, target: Any, script: Any) -> Artefact:
        from .cloudflare.built_elsewhere import capture

        return await capture(
            url,
            digest,
            deployment,
            self._store,
            deadline=CAPTURE_SECONDS,
            worker=lambda: target.cloudflare.modules(script),
        )

    async def _workflow_secrets(self, _environment: str) -> dict[str, str]:
        """What the workflow deploys with."""
        cloudflare = (await self.target()).cloudflare
        return {config.CLOUDFLARE_ACCOUNT: cloudflare.account, config.CLOUDFLARE_TOKEN: cloudflare.token}

    async def _workflow_variables(self, _environment: str) -> dict[str, str]:
        return {config.CLOUDFLARE_URL: (await self.target()).cloudflare.base_url}

    async def target(self) -> Target:
        """Where deployments go: the account that is configured, else this machine."""
        async with self._connecting:
            from .cloudflare import Settings, connect

            settings = Settings.from_environment(os.environ, **self._settings)
            if not settings.configured:
                return await self._local_target(settings.prefix)
            if self._target is None:
                self._target = await connect(settings)
            return self._target

    async def _local_target(self, prefix: str) -> Target:
        from .cloudflare import Cloudflare, Target
        from .local_cloudflare import ensure

        before = self._local
        if self._target is not None and before is not None and await listens(before.port):
            return self._target
        # Another engine's goes with that engine, and this one's may have crashed: then one is to be started here.
        if before is not None:
            await before.close()
        node, _ = await self._toolchain()
        self._local = now = await ensure(self._folder / "cloudflare", node, self._say)
        if self._target is None or before is None or (before.port, before.token) != (now.port, now.token):
            if self._target is not None:
                await self._target.close()
            cloudflare = Cloudflare(now.account, now.token, now.api_url)
            self._target = Target.local(cloudflare, now.port, prefix)
        return self._target

    def _say(self, text: str) -> None:
        self._on_line(text)

    async def close(self) -> None:
        """End what was started."""
        with contextlib.suppress(OverskillError):
            await self.deployments.close()
        await self.github.close()
        if self._production is not None:
            await self._production.close()
        if self._target is not None:
            await self._target.close()
        if self._local is not None:
            await self._local.close()


def _sentence(error: BuildError) -> str:
    """The first problem with its place, and how many more there are; the log has them all."""
    found = diagnostics.errors(error.diagnostics)
    if not found:
        return str(error)
    where = diagnostics.place(found[0])
    first = f"{where}: {found[0].message}" if where else found[0].message
    more = len(found) - 1
    return f"{first} ({more} more in the log)" if more else first


__all__ = ["WorkspaceDeployments"]
