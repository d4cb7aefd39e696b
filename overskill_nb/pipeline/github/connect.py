"""Connects an app to a repository: made where it is missing, and given what the workflow needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import GithubError
from ...protocol_github import Repository
from . import names
from .clone import Clone

if TYPE_CHECKING:
    from ..deployments.ports import OnLine
    from .answers import Repository as Found
    from .client import GithubClient
    from .remote import Remote
    from .syncing import Apply

Files = Callable[[], Awaitable[Mapping[str, bytes]]]
"""What the workflow needs in the app: its own files, and the lock file."""
BRANCH = "main"


class Connecting:
    """May be done again at any point: what is there already is taken as it is."""

    def __init__(
        self,
        client: GithubClient,
        remote_of: Callable[[str], Remote],
        clone: Clone,
        *,
        flush: Callable[[], Awaitable[None]],
        apply: Apply,
        files: Files,
        on_line: OnLine,
    ) -> None:
        self.client = client
        self.remote_of = remote_of
        self.clone = clone
        self.flush = flush
        self.apply = apply
        self.files = files
        self.on_line = on_line

    async def run(
        self, name: str, *, private: bool, secrets: Mapping[str, str], variables: Mapping[str, str]
    ) -> Repository:
        """The repository that the app is connected to from now on. What is pushed goes with the sync that follows."""
        account = self.client.settings.owner or ("" if "/" in name else (await self.client.account()).login)
        owner, bare = names.split(name, account)
        found = await self._found(f"{owner}/{bare}", private)
        await self.flush()
        branch = await self._branch(found)
        await self.clone.do(self.clone.history.adopt)
        await self._write()
        await self.client.set_secrets(found.name, secrets)
        await self.client.set_variables(found.name, variables)
        return Repository(
            name=found.name,
            url=found.url,
            branch=branch,
            local=self.client.settings.local,
            private=found.private,
        )

    async def _found(self, name: str, private: bool) -> Found:
        found = await self.client.find_repository(name)
        if found is None:
            found = await self.client.create_repository(name, private=private)
            self.on_line(f"Made {found.name} ({'private' if found.private else 'public'}).")
        if found.archived:
            raise GithubError(
                f"{found.name} is archived, so nothing can be changed there; unarchive it in its settings at GitHub, "
                "or connect to another repository."
            )
        if not found.can_push:
            raise GithubError(
                f"The token may read {found.name} and not push to it; give it the permission `Contents` to read and "
                "write, or connect to a repository of your own."
            )
        return found

    async def _branch(self, found: Found) -> str:
        """The branch that the app is. Raises where what it holds has nothing to do with the app."""
        remote = self.remote_of(found.name)
        heads = await remote.heads(for_push=True)
        if not heads.branches:
            ref = await self.clone.do(lambda: self.clone.history.ref)
            return ref.removeprefix(b"refs/heads/").decode() if ref.startswith(b"refs/heads/") else BRANCH
        branch = found.branch if found.branch in heads.branches else next(iter(sorted(heads.branches)))
        theirs, ours = heads.branches[branch], await self.clone.head()
        await remote.fetch(await self.clone.objects(), [theirs], have=[ours] if ours else [])
        if ours and not (await self.clone.merge(ours, theirs)).base:
            raise GithubError(
                f"{found.name} holds commits that have nothing in common with the app, so nothing was changed; connect "
                "to an empty or new one, or clone this one and open its folder as an app."
            )
        return branch

    async def _write(self) -> None:
        """Put the workflow's files into the app, where they are not as they shall be."""
        wanted = await self.files()
        head = await self.clone.head()
        there = await self.clone.do(self.clone.history.tree_files, head) if head else {}
        changed: dict[str, bytes | None] = {}
        for path, content in wanted.items():
            known = there.get(path)
            if known is None or await self._outdated(path, known[1], content):
                changed[path] = content
        if not changed:
            return
        await self.apply(changed, "")
        await self.clone.do(self.clone.history.checkpoint, "github", "Add what GitHub needs to build the app")
        self.on_line(f"Wrote {', '.join(sorted(changed))}.")

    async def _outdated(self, path: str, blob: str, content: bytes) -> bool:
        from .workflow import replaceable

        now = await self.clone.do(self.clone.history.read, blob)
        return now != content and replaceable(self.clone.history.root.name, path, now.decode("utf-8", "replace"))


def workflow_files(root: Path, app_name: str) -> dict[str, bytes]:
    """The workflow, and what it needs beside it."""
    from .workflow import ENTRIES, files

    entry = next((path for path in ENTRIES if (root / path).is_file()), "")
    return {path: text.encode() for path, text in files(app_name, entry).items()}
