"""One exchange of an app's history with its repository. No commit is lost on either side, whatever the other does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ...errors import GithubError, HistoryError, OverskillError
from . import names
from .known import Known
from .remote import Heads, Moved, Protected, Remote

if TYPE_CHECKING:
    from ...protocol_github import Conflict
    from ..deployments.ports import OnLine
    from ..history import Merge
    from .clone import Clone

ATTEMPTS = 3
"""How often an exchange begins again because one of the sides moved meanwhile."""

Apply = Callable[[Mapping[str, "bytes | None"], str], Awaitable[None]]
"""Writes files of the app, None removes one, and has previews follow. Raises HistoryError, and writes nothing, where
the newest checkpoint is not the one named."""


class Outcome(msgspec.Struct, kw_only=True):
    """What came of it, as ``protocol_github.Sync`` has it."""

    commit: str = ""
    pushed: int = 0
    received: int = 0
    pull_request: str = ""
    conflicts: list[Any] = []
    hint: str = ""


class _Again(Exception):
    """A side moved; the exchange begins again."""


class Syncing:
    """Brings two histories together: ours, in the app's folder, and theirs, at GitHub."""

    def __init__(
        self,
        clone: Clone,
        remote: Remote,
        *,
        id: str,  # noqa: A002
        app: str,
        branch: str,
        flush: Callable[[], Awaitable[None]],
        apply: Apply,
        secrets: Collection[str] = (),
        on_line: OnLine = lambda _: None,
    ) -> None:
        self.clone = clone
        self.remote = remote
        self.id = id
        self.app = app
        self.branch = branch
        self.flush = flush
        self.apply = apply
        self.secrets = secrets
        self.on_line = on_line
        self.outcome = Outcome()

    @property
    def where(self) -> str:
        return f"{self.branch} of {self.remote.name}"

    async def run(self, *, pull: bool = False) -> Outcome:
        """Fetch, merge and push; with ``pull`` nothing is pushed."""
        last: Exception | None = None
        for _ in range(ATTEMPTS):
            try:
                return await self._once(pull=pull)
            except (Moved, _Again) as error:
                last = error
                self.on_line("One of the sides moved meanwhile; the exchange begins again.")
        raise GithubError(
            f"The exchange with {self.where} was given up after {ATTEMPTS} attempts: GitHub or the app moved each "
            "time; sync again.",
            temporary=True,
        ) from last

    async def _once(self, *, pull: bool) -> Outcome:
        self.outcome = Outcome(received=self.outcome.received)
        await self.flush()
        ours = await self.clone.head()
        heads = await self.remote.heads(for_push=not pull)
        theirs = heads.branches.get(self.branch, "")
        known = await self.clone.known()
        if not theirs:
            return await self._create(ours, heads, known, pull=pull)
        await self._fetch(theirs, [ours, known.seen])
        if theirs == ours:
            return await self._agreed(ours)
        rewritten = bool(known.agreed) and not await self.clone.contains(theirs, known.agreed)
        if known.seen != theirs:
            known = Known(theirs, known.agreed)
            await self.clone.learn(known)
        if not ours:
            return await self._take("", theirs)
        if not rewritten and await self.clone.contains(ours, theirs):
            return await self._push(ours, theirs, heads, pull=pull)
        if await self.clone.contains(theirs, ours):
            return await self._take(ours, theirs)
        return await self._join(ours, theirs, heads, pull=pull, rewritten=rewritten)

    async def _fetch(self, theirs: str, have: list[str]) -> None:
        await self.remote.fetch(await self.clone.objects(), [theirs], have=list(filter(None, have)))

    async def _agreed(self, commit: str) -> Outcome:
        await self.clone.learn(Known(commit, commit))
        self.outcome.commit = commit
        return self.outcome

    # -------------------------------------------------------------------------------------------------- ours

    async def _create(self, ours: str, heads: Heads, known: Known, *, pull: bool) -> Outcome:
        """Where GitHub has no such branch: it is new, or was deleted."""
        if pull or not ours:
            self.outcome.commit = ours
            return self.outcome
        if known.seen and not await self.clone.contains(ours, known.seen):
            raise GithubError(
                f"The branch {self.where} was deleted, and its last commit {known.seen[:10]} is not part of the app; "
                "restore the branch at GitHub and sync again, or connect the app to another repository."
            )
        if known.seen:
            self.on_line(f"The branch {self.branch} was deleted at GitHub; it is made again.")
        return await self._push(ours, "", heads)

    async def _push(self, ours: str, theirs: str, heads: Heads, *, pull: bool = False) -> Outcome:
        """Where GitHub only lacks what came here."""
        if pull:
            self.outcome.commit = theirs
            return self.outcome
        pushed = await self.clone.check(ours, heads, self.secrets)
        try:
            await self.remote.push(await self.clone.objects(), self.branch, ours, theirs, heads=heads)
        except Protected as error:
            self.on_line(str(error))
            return await self._aside(
                ours,
                heads,
                title=f"Changes of {self.app}",
                body=f"`{self.branch}` is protected, so overskill_nb pushed the app's changes to this branch.",
                hint=f"The branch {self.branch} is protected; merge the pull request, and sync again.",
            )
        self.outcome.pushed = pushed
        self.on_line(f"Pushed {_commits(pushed)} to {self.where}.")
        return await self._agreed(ours)

    # ------------------------------------------------------------------------------------------------ theirs

    async def _take(self, ours: str, theirs: str) -> Outcome:
        """Where only GitHub went on: the app follows."""
        received = await self.clone.received(ours, theirs)
        await self._write(ours, theirs)
        try:
            await self.clone.do(self.clone.history.advance, theirs)
        except HistoryError:
            await self._moved(ours)
            raise
        self.outcome.received += received
        self.on_line(f"Took {_commits(received)} from {self.where}.")
        return await self._agreed(theirs)

    async def _write(self, ours: str, target: str) -> None:
        """Bring the app's files from one state to the next. What a person changed since ``ours`` goes first."""
        files = await self.clone.changes(ours, target)
        unknown = await self.clone.do(self.clone.history.unknown, list(files))
        await self.flush()
        await self._moved(ours)
        if unknown:
            raise GithubError(
                f"Nothing was taken from {self.where}: {unknown[0]} comes from there and is here too, left out of the "
                "app's history; move it away, and sync again."
            )
        try:
            if files:
                await self.apply(files, ours)
        except GithubError:
            raise
        except HistoryError:
            await self._moved(ours)
            raise
        except OverskillError as error:
            raise GithubError(f"What is in {self.where} cannot be an app's file here: {error}") from error

    async def _moved(self, ours: str) -> None:
        """Raises where something else than ``ours`` is the newest checkpoint."""
        if await self.clone.head() != ours:
            raise _Again

    # -------------------------------------------------------------------------------------------------- both

    async def _join(self, ours: str, theirs: str, heads: Heads, *, pull: bool, rewritten: bool) -> Outcome:
        """Where both went on."""
        merge = await self.clone.merge(ours, theirs)
        if not merge.base:
            raise GithubError(
                f"{self.where} and the app have no commit in common, so neither was changed; connect the app to an "
                "empty repository, or clone that one and open its folder as an app."
            )
        if rewritten:
            return await self._conflict(
                ours,
                heads,
                merge.conflicts,
                pull=pull,
                body=f"The history of `{self.branch}` was rewritten (a forced push): commits that the app has are not "
                "in it any more. Merging brings them back.",
                hint=f"The history of {self.branch} was rewritten at GitHub; merge the pull request to have both, then "
                "sync again.",
            )
        if merge.conflicts:
            paths = ", ".join(conflict.path for conflict in merge.conflicts[:5])
            return await self._conflict(
                ours,
                heads,
                merge.conflicts,
                pull=pull,
                body=f"The app and `{self.branch}` changed the same lines of {paths}.",
                hint="Merge the pull request, at GitHub or with git, and say there how the files shall be; then sync "
                "again.",
            )
        return await self._merged(merge, heads, pull=pull)

    async def _merged(self, merge: Merge, heads: Heads, *, pull: bool) -> Outcome:
        received = await self.clone.received(merge.ours, merge.theirs)
        await self._write(merge.ours, merge.tree)
        try:
            made = await self.clone.do(self.clone.history.commit_merge, merge)
        except HistoryError:
            await self._moved(merge.ours)
            raise
        self.outcome.received += received
        self.on_line(f"Merged {_commits(received)} from {self.where}.")
        await self.clone.learn(Known(merge.theirs, merge.theirs))
        if pull:
            self.outcome.commit = merge.theirs
            return self.outcome
        return await self._push(made.id, merge.theirs, heads)

    async def _conflict(
        self, ours: str, heads: Heads, conflicts: list[Conflict], *, pull: bool, body: str, hint: str
    ) -> Outcome:
        """Leave both sides as they are, and show the one to the other."""
        self.outcome.conflicts = list(conflicts)
        self.outcome.hint = hint
        if pull:
            return self.outcome
        return await self._aside(ours, heads, title=f"Changes of {self.app} that need a decision", body=body, hint=hint)

    async def _aside(self, ours: str, heads: Heads, *, title: str, body: str, hint: str) -> Outcome:
        """Push to a branch of our own, and ask for it to be merged. What was begun before is gone on with."""
        branch, there = await self._branch_aside(ours, heads)
        if there != ours:
            await self.clone.check(ours, heads, self.secrets)
            await self.remote.push(await self.clone.objects(), branch, ours, there)
            self.on_line(f"Pushed the app's side to {branch}.")
        request = await self.remote.client.pull_request(self.remote.name, branch, self.branch, title=title, body=body)
        self.on_line(f"Pull request {request.number}: {request.url}")
        self.outcome.pull_request = request.url
        self.outcome.hint = hint
        return self.outcome

    async def _branch_aside(self, ours: str, heads: Heads) -> tuple[str, str]:
        """The branch for our side, and where it is: this sync's own, or that of an earlier one still open."""
        own = names.branch_of(self.app, self.id)
        prefix = names.prefix_of(self.app)
        for branch in sorted(
            (name for name in heads.branches if name.startswith(prefix)), key=lambda name: name != own
        ):
            there = heads.branches[branch]
            if not await self.clone.contains(ours, there):
                continue  # somebody went on with it
            if branch == own or await self.remote.client.find_pull_request(self.remote.name, branch, self.branch):
                return branch, there
        number = 2
        branch = own
        while branch in heads.branches:
            branch, number = f"{own}-{number}", number + 1
        return branch, ""


def _commits(number: int) -> str:
    return "1 commit" if number == 1 else f"{number} commits"
