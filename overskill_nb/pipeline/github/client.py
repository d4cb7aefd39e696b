"""The calls of GitHub's API that are used, each of which may be repeated: the second time changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from ...errors import GithubError
from ..cloudflare.clock import Clock
from . import actions
from .answers import Account, Job, PullRequest, Repository, Run, Workflow
from .exchange import PAGE, TIMEOUT, Exchange
from .meanings import Refusal

if TYPE_CHECKING:
    import github
    from github.Repository import Repository as Found

    from .settings import Settings


class GithubClient:
    """GitHub, or what answers like it. ``repr`` and errors never show the token."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None, timeout: int = TIMEOUT) -> None:
        self.settings = settings
        self.exchange = Exchange(settings, clock=clock, timeout=timeout)
        self._account: Account | None = None

    def __repr__(self) -> str:
        return f"GithubClient({self.settings.base_url!r})"

    @property
    def clock(self) -> Clock:
        return self.exchange.clock

    async def close(self) -> None:
        await self.exchange.close()

    async def token(self) -> str:
        """The token for git; an app's is asked for where the last one is about to expire."""
        if not self.settings.app:
            return self.settings.token

        def ask(client: github.Github) -> str:
            auth = client.requester.auth
            assert auth is not None
            return auth.token

        return await self.exchange.step("the app's token", ask, where="The installation")

    # ------------------------------------------------------------------------------------------------- account

    async def account(self) -> Account:
        """Who calls: the token's owner, or the account that the app is installed in."""
        if self._account is None:
            self._account = await self.exchange.step("the look for the account", self._who)
        return self._account

    def _who(self, client: github.Github) -> Account:
        import github

        if not self.settings.app:
            return Account(client.get_user().login)
        auth: Any = client.requester.auth
        with github.GithubIntegration(
            auth=auth._app_auth,  # noqa: SLF001
            base_url=self.settings.base_url,
            timeout=self.exchange.timeout,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        ) as integration:
            raw = integration.get_app_installation(int(self.settings.installation)).raw_data
        return Account(raw["account"]["login"], raw.get("target_type") == "Organization")

    async def find_repository(self, name: str) -> Repository | None:
        """The repository, under the name that it has today; None where it is not there or not seen."""
        try:
            return await self.exchange.step(
                f"the look for {name}", lambda client: _repository(client.get_repo(name)), where=name
            )
        except GithubError as error:
            if error.status == 404:
                return None
            raise

    async def create_repository(self, name: str, *, private: bool = True, description: str = "") -> Repository:
        """The repository; made, without a commit, where it is missing."""
        owner, _, bare = name.partition("/")
        who = await self.account()

        def make(client: github.Github) -> Repository:
            import github

            try:
                return _repository(client.get_repo(name))
            except github.UnknownObjectException:
                pass
            named: dict[str, Any] = {"private": private, "auto_init": False, "description": description}
            if owner.lower() == who.login.lower() and not who.organization:
                return _repository(client.get_user().create_repo(bare, **named))
            return _repository(client.get_organization(owner).create_repo(bare, **named))

        if self.settings.app and not who.organization:
            found = await self.find_repository(name)
            if found is None:
                raise GithubError(
                    f"Making {name} failed: A GitHub App makes no repositories for a person; make it at GitHub, give "
                    "the app access to it, and connect again."
                )
            return found
        return await self.exchange.step(f"making {name}", make, where=f"The account {owner}")

    # ------------------------------------------------------------------------------------ secrets and variables

    async def set_secrets(self, name: str, secrets: Mapping[str, str]) -> None:
        """Values that the workflow may read and nobody may see; they travel sealed with the repository's key."""
        if not secrets:
            return

        def put(client: github.Github) -> None:
            repository = actions.repository(client, name)
            key = repository.get_public_key()
            for secret, value in secrets.items():
                sealed = {"key_id": key.key_id, "encrypted_value": key.encrypt(value)}
                url = f"{repository.url}/actions/secrets/{secret}"
                client.requester.requestJsonAndCheck("PUT", url, input=sealed)

        await self.exchange.step(f"setting secrets of {name}", put, where=name, again_on={409})

    async def secrets(self, name: str) -> list[str]:
        """Names only: GitHub shows no value."""
        return await self.exchange.step(
            f"the secrets of {name}",
            lambda client: [secret.name for secret in actions.repository(client, name).get_secrets()],
            where=name,
        )

    async def set_variables(self, name: str, variables: Mapping[str, str]) -> None:
        """Values that the workflow may read and whoever sees the repository's settings too."""
        if not variables:
            return

        def put(client: github.Github) -> None:
            repository = actions.repository(client, name)
            there = {variable.name: variable.value for variable in repository.get_variables()}
            for variable, value in variables.items():
                if variable not in there:
                    repository.create_variable(variable, value)
                elif there[variable] != value:
                    url = f"{repository.url}/actions/variables/{variable}"
                    client.requester.requestJsonAndCheck("PATCH", url, input={"name": variable, "value": value})

        await self.exchange.step(f"setting variables of {name}", put, where=name, again_on={409})

    # ------------------------------------------------------------------------------------------------- Actions

    async def workflow(self, name: str, file: str) -> Workflow | None:
        """The workflow in ``.github/workflows/<file>`` of the default branch; None where GitHub knows none."""
        try:
            return await self.exchange.step(
                f"the look for the workflow of {name}",
                lambda client: actions.workflow(client, name, file),
                where=f"The workflow {file} of {name}",
            )
        except GithubError as error:
            if error.status == 404:
                return None
            raise

    async def dispatch(self, name: str, file: str, branch: str, inputs: Mapping[str, str]) -> Run | None:
        """Start the workflow. Called once and never again from here, since each call that arrives starts a run; None
        where GitHub does not say which."""
        return await self.exchange.step(
            f"starting the workflow of {name}",
            lambda client: actions.dispatch(client, name, file, branch, inputs),
            where=f"The workflow {file} of {name}",
            attempts=1,
        )

    async def find_run(self, name: str, file: str, title: str) -> Run | None:
        """The newest run whose name holds ``title``."""
        return await self.exchange.step(
            f"the look for the run of {name}",
            lambda client: actions.find_run(client, name, file, title),
            where=f"The workflow {file} of {name}",
        )

    async def run(self, name: str, run: int) -> Run:
        return await self.exchange.step(
            f"the look at run {run} of {name}",
            lambda client: actions.run(client, name, run),
            where=f"The run {run} of {name}",
        )

    async def jobs(self, name: str, run: int) -> list[Job]:
        return await self.exchange.step(
            f"the jobs of run {run} of {name}",
            lambda client: actions.jobs(client, name, run),
            where=f"The run {run} of {name}",
        )

    async def job_log(self, name: str, job: int) -> str:
        """The job's log as GitHub keeps it, a time before each line. Raises with status 404 while there is none."""
        return await self.exchange.step(
            f"the log of job {job} of {name}",
            lambda client: actions.job_log(client, name, job, self.exchange.timeout, self.settings.secure),
            where=f"The log of job {job} of {name}",
        )

    async def remarks(self, name: str, job: int) -> list[str]:
        """What GitHub remarks on a job, such as why it did not begin."""
        return await self.exchange.step(
            f"the remarks on job {job} of {name}",
            lambda client: actions.remarks(client, name, job),
            where=f"The job {job} of {name}",
        )

    async def cancel(self, name: str, run: int, *, force: bool = False) -> None:
        """Ask for the run's end; one that has ended stays as it is."""
        try:
            await self.exchange.step(
                f"cancelling run {run} of {name}",
                lambda client: actions.cancel(client, name, run, force=force),
                where=f"The run {run} of {name}",
            )
        except GithubError as error:
            if error.status != 409:
                raise

    # ------------------------------------------------------------------------------------------- pull requests

    async def find_pull_request(self, name: str, head: str, base: str) -> PullRequest | None:
        """The open pull request from ``head`` to ``base``."""
        return await self.exchange.step(
            f"the look for a pull request of {name}",
            lambda client: _pull_request(actions.repository(client, name), name, head, base),
            where=name,
        )

    async def pull_request(self, name: str, head: str, base: str, *, title: str, body: str) -> PullRequest:
        """The open pull request from ``head`` to ``base``; made where there is none."""

        def make(client: github.Github) -> PullRequest:
            import github

            repository = actions.repository(client, name)
            if found := _pull_request(repository, name, head, base):
                return found
            try:
                made = repository.create_pull(base, head, title=title, body=body)
            except github.GithubException as error:
                found = _pull_request(repository, name, head, base) if error.status == 422 else None
                if found is None:
                    raise
                return found
            return PullRequest(made.number, made.html_url, made.state)

        return await self.exchange.step(f"opening a pull request at {name}", make, where=name)

    # ------------------------------------------------------------------------------------------------ waiting

    async def pause(self, seconds: float) -> None:
        await self.clock.sleep(seconds)
        await asyncio.sleep(0)

    def refused(self, what: str, where: str, refusal: Refusal, means: str = "") -> GithubError:
        return self.exchange.failure(what, where, refusal, means=means)


def _repository(found: Found) -> Repository:
    permissions = found.permissions
    return Repository(
        name=found.full_name,
        url=found.html_url,
        branch=found.default_branch or "main",
        private=bool(found.private),
        archived=bool(found.archived),
        can_push=permissions is None or permissions.push is not False,
    )


def _pull_request(repository: Found, name: str, head: str, base: str) -> PullRequest | None:
    owner = name.partition("/")[0]
    for pull in islice(repository.get_pulls(state="open", head=f"{owner}:{head}", base=base), PAGE):
        if pull.head.ref == head and pull.base.ref == base:
            return PullRequest(pull.number, pull.html_url, pull.state)
    return None
