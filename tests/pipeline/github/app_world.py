"""An app and its history, and somebody else who works on the same repository with git."""

from __future__ import annotations

import asyncio
import base64
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from git_server import git

from overskill_nb.errors import HistoryError
from overskill_nb.pipeline.deployments.ports import SyncTask
from overskill_nb.pipeline.github import GithubClient, Synchroniser
from overskill_nb.pipeline.history import History

APP = "tips-0123456789ab"


class AppWorld:
    """One app, connected to a repository."""

    def __init__(self, folder: Path, client: GithubClient, name: str, direct: GithubClient | None = None) -> None:
        self.client = client
        self.direct = direct or client
        """Past what spoils answers."""
        self.name = name
        self.root = folder / "tips"
        self.root.mkdir(parents=True)
        self.folder = folder
        self.history = History(self.root, folder / ".overskill")
        self.applied: list[dict[str, bytes | None]] = []
        self.before_apply: Callable[[], Any] = lambda: None
        self.lines: list[str] = []
        self.ever: set[str] = set()
        """Commits that the remote was ever seen to have."""

        async def client_of() -> GithubClient:
            return client

        self.synchroniser = Synchroniser(client_of, lambda *_: self.history, self._apply)

    async def _apply(self, app: str, root: Path, files: Mapping[str, bytes | None], origin: str, since: str) -> None:
        assert (app, root, origin) == (APP, self.root, "github")
        self.before_apply()
        await asyncio.to_thread(self.history.checkpoint, "file")
        if since and self.history.head() != since:
            raise HistoryError("The files were changed meanwhile.")
        await asyncio.to_thread(self.write, dict(files))
        self.applied.append(dict(files))

    async def close(self) -> None:
        await self.synchroniser.close()
        self.history.close()

    def write(self, files: Mapping[str, bytes | str | None]) -> None:
        for name, content in files.items():
            file = self.root / name
            if content is None:
                file.unlink(missing_ok=True)
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content.encode() if isinstance(content, str) else content)

    def texts(self) -> dict[str, str]:
        return {
            str(file.relative_to(self.root)): file.read_text("latin-1")
            for file in sorted(self.root.rglob("*"))
            if file.is_file() and ".git" not in file.relative_to(self.root).parts
        }

    def task(self, *, pull: bool = False, id: str = "") -> SyncTask:  # noqa: A002
        return SyncTask(
            id=id or uuid4().hex[:12],
            app=APP,
            root=str(self.root),
            repository=self.name,
            branch="main",
            pull=pull,
        )

    async def sync(self, *, pull: bool = False, id: str = "") -> dict[str, Any]:  # noqa: A002
        await self.remember()
        try:
            return await self.synchroniser.exchange(self.task(pull=pull, id=id), self.lines.append)
        finally:
            await self.remember()

    # -------------------------------------------------------------------------------------------- the remote

    @property
    def url(self) -> str:
        return f"{self.direct.settings.web_url}/{self.name}.git"

    def remote_git(self, folder: Path, *arguments: str) -> str:
        secret = base64.b64encode(f"x-access-token:{self.direct.settings.token}".encode()).decode()
        return git(folder, "-c", f"http.extraHeader=Authorization: Basic {secret}", *arguments)

    async def elsewhere(self, *arguments: str, folder: str = "elsewhere") -> str:
        """What git says in somebody else's clone."""
        there = self.folder / folder
        if not there.exists():
            await asyncio.to_thread(self.remote_git, self.folder, "clone", "-q", self.url, str(there))
            git(there, "config", "user.name", "Bob")
            git(there, "config", "user.email", "bob@example.com")
        return await asyncio.to_thread(self.remote_git, there, *arguments)

    async def they_push(
        self, files: Mapping[str, str | bytes | None], *, force: bool = False, branch: str = "main"
    ) -> str:
        """Somebody else changes files and pushes."""
        await self.elsewhere("fetch", "-q")
        there = self.folder / "elsewhere"
        if not force:
            await self.elsewhere("checkout", "-q", "-B", branch, f"origin/{branch}")
        for name, content in files.items():
            file = there / name
            if content is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content.encode() if isinstance(content, str) else content)
        await self.elsewhere("add", "-A")
        await self.elsewhere("commit", "-q", "-m", "theirs")
        await self.elsewhere("push", "-q", *(["-f"] if force else []), "origin", branch)
        await self.remember()
        return await self.elsewhere("rev-parse", "HEAD")

    async def refs(self) -> dict[str, str]:
        told = await asyncio.to_thread(self.remote_git, self.folder, "ls-remote", self.url, "refs/heads/*")
        return {line.split()[1].removeprefix("refs/heads/"): line.split()[0] for line in told.splitlines()}

    async def commits(self) -> set[str]:
        """Everything that some branch there leads to."""
        mirror = self.folder / f"mirror-{uuid4().hex}"
        await asyncio.to_thread(self.remote_git, self.folder, "clone", "-q", "--mirror", self.url, str(mirror))
        try:
            return set(git(mirror, "rev-list", "--all").split())
        except subprocess.CalledProcessError:
            return set()

    async def remember(self) -> None:
        self.ever |= await self.commits()

    async def nothing_lost(self, *but: str) -> None:
        """Every commit that was ever there still is, except what somebody else threw away."""
        assert self.ever - await self.commits() <= set(but)
