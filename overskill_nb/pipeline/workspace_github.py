"""GitHub for the apps of one workspace: the account that is configured, else the stand-in on this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from .. import config
from .listening import listens

if TYPE_CHECKING:
    from ..protocol import Origin
    from .github import GithubClient, Settings, Synchroniser
    from .history import Histories
    from .local_github import LocalGithub
    from .node import Node

OnLine = Callable[[str], None]
Toolchain = Callable[[], Awaitable[tuple["Node", Path]]]
Values = Callable[[str], Awaitable[Mapping[str, str]]]


class WorkspaceGithub:
    """The way to GitHub. Nothing is started before it is used."""

    def __init__(
        self,
        workspace: Path,
        given: Mapping[str, str],
        toolchain: Toolchain,
        histories: Histories,
        *,
        secrets_of: Values,
        variables_of: Values,
    ) -> None:
        # Imported here: PyGithub and dulwich are for those who connect an app.
        from .github import Synchroniser

        self._folder = workspace / config.STATE_FOLDER / "github"
        self._given = dict(given)
        self._toolchain = toolchain
        self._histories = histories
        self._client: GithubClient | None = None
        self._local: LocalGithub | None = None
        self._connecting = asyncio.Lock()
        self.runs: Synchroniser = Synchroniser(
            self.client,
            histories.of,
            self._apply,
            secrets_of=secrets_of,
            variables_of=variables_of,
            flush=self._flush,
            lock_of=self._lock,
        )
        """What durable runs ask of it."""

    @property
    def configured(self) -> bool:
        """Whether there is an account. Raises GithubError where only half of one is named."""
        return self._settings().configured

    def _settings(self) -> Settings:
        from .github import Settings

        return Settings.from_environment(os.environ, **self._given)

    async def account(self) -> str:
        """Whose GitHub it is; empty for the one on this machine."""
        return (await (await self.client()).account()).login if self.configured else ""

    async def client(self) -> GithubClient:
        """The calls, as whoever is configured now."""
        from .github import GithubClient

        async with self._connecting:
            settings = self._settings()
            if not settings.configured:
                settings = await self._local_settings()
            if self._client is None or self._client.settings != settings:
                if self._client is not None:
                    await self._client.close()
                self._client = GithubClient(settings)
            return self._client

    async def _local_settings(self) -> Settings:
        from .github import Settings
        from .local_github import ensure

        # Another engine's goes with that engine, and this one's may have crashed: then one is to be started here.
        if self._local is None or not await listens(self._local.port):
            if self._local is not None:
                await self._local.close()
            node, _ = await self._toolchain()
            self._local = await ensure(self._folder, node, lambda _: None)
        return Settings(token=self._local.token, base_url=self._local.api_url, local=True)

    async def _flush(self, app: str, _root: Path) -> None:
        await self._histories.flush(app)

    async def _apply(self, app: str, root: Path, files: Mapping[str, bytes | None], origin: str, since: str) -> None:
        await self._histories.apply(app, root, files, cast("Origin", origin), since)

    async def _lock(self, root: Path) -> bytes | None:
        from .history.lockfile import lockfile
        from .project import Project

        node, _ = await self._toolchain()
        return await lockfile(Project(root), node, lambda _: None)

    async def close(self) -> None:
        """End what was started."""
        await self.runs.close()
        if self._client is not None:
            await self._client.close()
        if self._local is not None:
            await self._local.close()
