"""What runs need of GitHub, over its API and over git."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ...errors import GithubError
from ..cloudflare.waiting import reporting
from .client import GithubClient
from .clone import Clone
from .known import Known
from .production import WORKFLOW_PATH, Production, as_result
from .remote import Moved, Protected, Remote
from .syncing import ATTEMPTS, Syncing

if TYPE_CHECKING:
    from ...protocol_github import Repository
    from ..deployments.ports import OnLine, SyncTask, WorkflowTask
    from ..history import History

ClientOf = Callable[[], Awaitable[GithubClient]]
HistoryOf = Callable[[str, Path], "History"]
Apply = Callable[[str, Path, Mapping[str, "bytes | None"], str, str], Awaitable[None]]
"""Writes files of an app (None removes one), from an origin, and has its previews follow. The last argument is the
checkpoint that they are meant for, where it matters: with another one being the newest, HistoryError is raised."""
Flush = Callable[[str, Path], Awaitable[None]]
LockOf = Callable[[Path], "Awaitable[bytes | None]"]
"""The package-lock.json that an app should have; None where it has it."""
Values = Callable[[str], "Mapping[str, str] | Awaitable[Mapping[str, str]]"]
"""Values that the workflow needs for an environment."""


class Synchroniser:
    """``ports.Github``. Every method may be repeated: the second time changes nothing."""

    def __init__(
        self,
        client_of: ClientOf,
        history_of: HistoryOf,
        apply: Apply,
        *,
        secrets_of: Values = lambda _: {},
        variables_of: Values = lambda _: {},
        flush: Flush | None = None,
        lock_of: LockOf | None = None,
    ) -> None:
        self._client_of = client_of
        self._history_of = history_of
        self._apply = apply
        self._secrets_of = secrets_of
        self._variables_of = variables_of
        self._flush = flush
        self._lock_of = lock_of
        self._remotes: dict[str, Remote] = {}

    async def connect(
        self, app: str, root: Path, name: str, *, private: bool = True, on_line: OnLine = lambda _: None
    ) -> Repository:
        """Connect an app to ``owner/name``, or to ``name`` of the account's own; a sync that follows pushes it."""
        from .connect import Connecting, workflow_files

        async def files() -> dict[str, bytes]:
            wanted = workflow_files(root, root.name)
            if self._lock_of is not None and (lock := await self._lock_of(root)):
                wanted["package-lock.json"] = lock
            return wanted

        with reporting(on_line):
            client = await self._client_of()
            async with self._clone(app, root, name, "") as clone:
                return await Connecting(
                    client,
                    lambda full_name: self._remote(client, full_name),
                    clone,
                    flush=lambda: self.flush(app, root),
                    apply=lambda written, since: self._apply(app, root, written, "github", since),
                    files=files,
                    on_line=on_line,
                ).run(
                    name,
                    private=private,
                    secrets=await self._values(self._secrets_of, "production"),
                    variables=await self._values(self._variables_of, "production"),
                )

    # ------------------------------------------------------------------------------------------------- syncs

    async def exchange(self, task: SyncTask, on_line: OnLine) -> dict[str, Any]:
        """Fetch, merge and push. Beside what ``ports.Github`` says it gives ``hint``."""
        root = Path(task.root)
        with reporting(on_line):
            client = await self._client_of()
            async with self._clone(task.app, root, task.repository, task.branch) as clone:
                outcome = await Syncing(
                    clone,
                    self._remote(client, task.repository),
                    id=task.id,
                    app=task.app,
                    branch=task.branch,
                    flush=lambda: self.flush(task.app, root),
                    apply=lambda files, since: self._apply(task.app, root, files, "github", since),
                    secrets=client.settings.secrets,
                    on_line=on_line,
                ).run(pull=task.pull)
        return msgspec.structs.asdict(outcome)

    async def ahead(self, app: str, root: Path, repository: str, branch: str) -> int:
        """Checkpoints that GitHub does not have, as far as is known here."""
        async with self._clone(app, root, repository, branch) as clone:
            return await clone.ahead(await clone.known())

    async def flush(self, app: str, root: Path) -> None:
        """Make what is on disk a checkpoint."""
        if self._flush is not None:
            await self._flush(app, root)
        else:
            await asyncio.to_thread(lambda: self._history_of(app, root).checkpoint("file"))

    # ------------------------------------------------------------------------------------------- deployments

    async def prepare(self, task: WorkflowTask, on_line: OnLine) -> None:
        """Bring the commit, the workflow and its secrets there. Raises where the commit cannot be pushed."""
        with reporting(on_line):
            client = await self._client_of()
            async with self._clone(task.app, Path(task.root), task.repository, task.branch) as clone:
                await self._check_files(clone, task)
                await self._bring(client, clone, task, on_line)
            await client.set_secrets(task.repository, await self._values(self._secrets_of, task.environment))
            await client.set_variables(task.repository, await self._values(self._variables_of, task.environment))

    @staticmethod
    async def _check_files(clone: Clone, task: WorkflowTask) -> None:
        """The commit has the workflow. An app that was given Worker code later must not go out without it."""
        from .workflow import CONFIGURATION, ENTRIES

        files = await clone.do(clone.history.tree_files, task.commit)
        if WORKFLOW_PATH not in files:
            newest = await clone.do(clone.history.tree_files, await clone.head())
            raise GithubError(
                f"The checkpoint {task.commit[:10]} has no {WORKFLOW_PATH}; "
                + (
                    "the app got it later: deploy and promote to staging again, then promote that."
                    if WORKFLOW_PATH in newest
                    else "connect the app again, which writes it."
                )
            )
        entry = next((path for path in ENTRIES if path in files), "")
        if not entry:
            return
        text = await clone.do(clone.history.read, files[CONFIGURATION][1]) if CONFIGURATION in files else b""
        if entry.encode() not in text:
            raise GithubError(
                f"{CONFIGURATION} of the checkpoint {task.commit[:10]} does not name {entry}, so that production would "
                "go without it; connect the app again, which writes it, deploy, then promote."
            )

    async def _bring(self, client: GithubClient, clone: Clone, task: WorkflowTask, on_line: OnLine) -> None:
        """Have the commit in the branch at GitHub."""
        remote, last = self._remote(client, task.repository), None
        for _ in range(ATTEMPTS):
            heads = await remote.heads(for_push=True)
            theirs = heads.branches.get(task.branch, "")
            if theirs:
                await remote.fetch(await clone.objects(), [theirs], have=[task.commit])
                if await clone.contains(theirs, task.commit):
                    return
                if not await clone.contains(task.commit, theirs):
                    raise GithubError(
                        f"{task.branch} of {task.repository} has commits that the app does not have; "
                        "`app.github.sync()` takes them, then promote again."
                    )
            elif (seen := (await clone.known()).seen) and not await clone.contains(task.commit, seen):
                raise GithubError(
                    f"The branch {task.branch} of {task.repository} was deleted, and its last commit {seen[:10]} is "
                    "not part of the app; restore the branch at GitHub, then promote again."
                )
            pushed = await clone.check(task.commit, heads, client.settings.secrets)
            try:
                await remote.push(await clone.objects(), task.branch, task.commit, theirs, heads=heads)
            except Moved as error:
                last = error
                continue
            except Protected as error:
                raise GithubError(
                    f"{error} `app.github.sync()` opens a pull request for it; merge that, sync, then promote again."
                ) from error
            on_line(f"Pushed {pushed} commit{'' if pushed == 1 else 's'} to {task.branch} of {task.repository}.")
            await clone.learn(Known(task.commit, task.commit))
            return
        assert last is not None
        raise last

    async def dispatch(self, task: WorkflowTask, on_line: OnLine, *, again: bool) -> dict[str, Any]:
        """Start the workflow, once."""
        with reporting(on_line):
            return as_result(await (await self._production(task, on_line)).dispatch(again=again))

    async def follow(self, task: WorkflowTask, run: int, on_line: OnLine) -> dict[str, Any]:
        """Wait until the run ends; ``digest`` names what it built."""
        with reporting(on_line):
            return {"digest": await (await self._production(task, on_line)).follow(run)}

    async def stop(self, task: WorkflowTask, run: int) -> None:
        """Cancel the run and wait until it has ended."""
        await (await self._production(task, lambda _: None)).stop(run)

    async def _production(self, task: WorkflowTask, on_line: OnLine) -> Production:
        client = await self._client_of()
        secrets = await self._values(self._secrets_of, task.environment)
        return Production(client, task, on_line, [*client.settings.secrets, *secrets.values()])

    # ------------------------------------------------------------------------------------------------- parts

    def _clone(self, app: str, root: Path, repository: str, branch: str) -> AbstractAsyncContextManager[Clone]:
        return Clone.of(lambda: self._history_of(app, root), repository, branch)

    def _remote(self, client: GithubClient, repository: str) -> Remote:
        """The repository; connections to it are kept."""
        known = self._remotes.get(repository)
        if known is None or known.client is not client:
            if known is not None:
                known.close()
            known = self._remotes[repository] = Remote(client, repository)
        return known

    @staticmethod
    async def _values(of: Values, environment: str) -> Mapping[str, str]:
        found = of(environment)
        return await found if inspect.isawaitable(found) else found

    async def close(self) -> None:
        """Let go of connections. The client is whoever's who made it."""
        for remote in self._remotes.values():
            remote.close()
        self._remotes.clear()
