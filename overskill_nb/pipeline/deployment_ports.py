"""What the deployments of a workspace use: a builder, a store and a target, each made when it is first needed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from .. import config
from .artefacts import Artefact, ArtefactStore
from .cloudflare import Cloudflare, Settings, Target, connect
from .local_cloudflare import LocalCloudflare, ensure
from .node import Node
from .packages import Packages
from .production import Production
from .project import Project

Toolchain = Callable[[], Awaitable[tuple[Node, Path]]]
OnLine = Callable[[str], None]


class DeploymentPorts:
    """Builds with the engine's tools; deploys to the account that is configured, else to this machine."""

    def __init__(self, folder: Path, toolchain: Toolchain, cloudflare: Mapping[str, str], on_line: OnLine) -> None:
        self.store = ArtefactStore(folder / "artefacts")
        self._folder = folder
        self._toolchain = toolchain
        self._cloudflare = cloudflare
        self._on_line = on_line
        self._production: Production | None = None
        self._target: Target | None = None
        self._local: LocalCloudflare | None = None
        self._connecting = asyncio.Lock()

    async def build(self, app: str, root: Path, on_line: OnLine) -> Artefact:
        """Build what is on disk now. Raises BuildError, and AppError where the folder is gone."""
        node, tools = await self._toolchain()
        project = await asyncio.to_thread(Project.open, root)
        modules = await Packages(project, node, on_line).ensure()
        if self._production is None:
            self._production = Production(node, tools, config.cache_folder() / "bundles", self.store)
        return await self._production.build(project.root, modules, app=app, on_line=on_line)

    async def target(self) -> Target:
        """Where deployments go. A local Cloudflare that ended with the process that ran it is started here."""
        async with self._connecting:
            if self._target is not None and (self._local is None or await _answers(self._local.port)):
                return self._target
            await self._disconnect()
            settings = Settings.from_environment(**self._cloudflare)
            if settings.configured:
                self._target = await connect(settings)
            else:
                node, _ = await self._toolchain()
                self._local = await ensure(self._folder / "cloudflare", node, self._on_line)
                client = Cloudflare(self._local.account, self._local.token, self._local.api_url)
                self._target = Target.local(client, self._local.port, settings.prefix)
            return self._target

    async def _disconnect(self) -> None:
        target, self._target = self._target, None
        if target is not None:
            await target.close()
        local, self._local = self._local, None
        if local is not None:
            await local.close()

    async def close(self) -> None:
        """End the builder, and the local Cloudflare where it was started here."""
        if self._production is not None:
            await self._production.close()
        async with self._connecting:
            await self._disconnect()


async def _answers(port: int) -> bool:
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 2)
        writer.close()
        return True
    return False
