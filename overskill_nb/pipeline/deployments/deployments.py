"""The deployments of one workspace: what there are, and what can be asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

from sqlalchemy.orm import Session

from ...errors import DeploymentError
from ...protocol_deployments import Deployment, DeploymentKind, Environment
from ...protocol_github import Repository
from . import ledger, states, sync_ledger, variables
from .connections import Connections
from .database import explained
from .effects import Effects
from .models import DeploymentRow
from .names import slug
from .ports import BuildPort, CapturePort, CommitPort, Github, Store, TargetOf
from .workflow_effects import WorkflowEffects

ENVIRONMENTS: tuple[Environment, ...] = get_args(Environment)
KEPT_ARTEFACTS = 10
"""Artefacts that stay for rollbacks, of each app's environment, beside the live one."""
COLLECT_SECONDS = 3600.0
CANCEL_SECONDS = 5.0

log = logging.getLogger(__name__)


class Deployments(Connections):
    """Makes artefacts live, and keeps the record of it. Nothing is opened before it is used.

    What a run builds is what is on disk when it builds, so that the newest edit wins; the artefact's id says what that
    was, and ``commit`` the checkpoint. ``github`` is needed for syncs, and with ``capture`` for what workflows deploy.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str = "",
        build: BuildPort,
        store: Store,
        target: TargetOf,
        commit: CommitPort | None = None,
        github: Github | None = None,
        capture: CapturePort | None = None,
    ) -> None:
        effects = Effects(build, store, target, commit)
        super().__init__(folder, database_url, effects, WorkflowEffects(target, github, capture), github)
        self._store = store
        self._target = target
        self._collected = 0.0
        self._collecting: asyncio.Task[None] | None = None

    # ---------------------------------------------------------------------------------------------- what there is

    async def get(self, id: str) -> Deployment:  # noqa: A002
        """One deployment. Raises DeploymentError where there is none."""
        return await self._read(lambda session: ledger.deployments(session, [ledger.row(session, id)])[0])

    async def list(self, app: str = "", limit: int = 100) -> list[Deployment]:
        """An app's deployments, or all, newest first."""
        return await self._read(lambda session: ledger.newest(session, app, max(0, limit)))

    # ---------------------------------------------------------------------------------------------- asking for work

    async def deploy(self, app: str, name: str, root: Path, environment: Environment = "preview") -> Deployment:
        """Build the app and make it live. Given at once, as pending; the newest deployment of a slot wins."""
        _known(environment)
        label = slug(name)
        await self.start()
        return await self._submit(app=app, name=label, environment=environment, kind="deploy", root=root)

    async def promote(self, app: str, to: Environment, *, source: str = "") -> Deployment:
        """Make the artefact that the environment before ``to`` serves live in ``to``, or that of ``source``."""
        _known(to)
        position = ENVIRONMENTS.index(to)
        if position == 0:
            raise DeploymentError(
                f"Nothing is promoted to {to}, where deployments begin; promote to {' or '.join(ENVIRONMENTS[1:])}."
            )
        before = ENVIRONMENTS[position - 1]

        def find(session: Session) -> _Source:
            found = _of_app(session, app, source) if source else ledger.live(session, app, before)
            if found is None:
                raise DeploymentError(f"Nothing of this app is deployed in {before}; deploy or promote to it first.")
            return _source(found)

        chosen = await self._read(find)
        if to == "production" and (repository := await self.repository(app)):
            return await self._by_workflow(app, chosen, repository)
        return await self._again("promote", app, to, chosen)

    async def rollback(self, app: str, environment: Environment, *, to: str = "") -> Deployment:
        """Make what was live before live again, or the artefact of the deployment ``to``."""
        _known(environment)

        def find(session: Session) -> _Source:
            found = _of_app(session, app, to) if to else ledger.previous(session, app, environment)
            if found is None:
                raise DeploymentError(f"There is nothing to roll {environment} back to: nothing else was live there.")
            return _source(found)

        return await self._again("rollback", app, environment, await self._read(find))

    async def cancel(self, id: str) -> Deployment:  # noqa: A002
        """End a deployment. What is live stays, or is put back. Raises where the deployment has ended."""
        await self._open()
        await self.start()
        assert self._runs is not None
        assert self._stepping is not None
        ended = asyncio.Event()
        leave = self.follow(lambda changed: ended.set() if changed.id == id and _ended(changed) else None)
        try:
            run, begun = await self._written(lambda session: _asked(session, id))
            await self._tell_of(id)
            if begun:
                self._stepping.abort(id)
                # Another process may be at work on it, which sees to it within a second or two.
                try:
                    await asyncio.wait_for(ended.wait(), CANCEL_SECONDS)
                except asyncio.TimeoutError:
                    log.debug("the deployment %s is still ending", id)
            else:
                await asyncio.to_thread(self._runs.drop, [run])
        finally:
            leave()
        return await self.get(id)

    async def undeploy(self, app: str, environment: Environment) -> None:
        """Take the app off the environment, and end what is under way there."""
        _known(environment)

        def find(session: Session) -> tuple[str, Sequence[str]]:
            live = ledger.live(session, app, environment)
            rows = ledger.under_way(session, app, environment)
            if live is None and not rows:
                raise DeploymentError(
                    f"Nothing of this app is deployed in {environment}; there is nothing to take off."
                )
            return (live or rows[-1]).name, [found.id for found in rows]

        name, running = await self._read(find)
        for id_ in running:
            try:
                await self.cancel(id_)
            except DeploymentError:
                log.debug("the deployment %s ended by itself", id_)
        await self.start()
        runs = self._runs
        assert runs is not None
        await asyncio.to_thread(runs.take_down, app, name, environment)

    async def env(self, app: str, environment: Environment) -> dict[str, str]:
        """The public values of the app in an environment."""
        _known(environment)
        return await self._read(lambda session: variables.read(session, app, environment))

    async def set_env(self, app: str, environment: Environment, values: Mapping[str, str]) -> None:
        """Replace the public values. They take effect with the next deployment."""
        _known(environment)
        await self._written(lambda session: variables.replace(session, app, environment, values))

    async def close(self) -> None:
        """End. Runs that are under way stop where they are, and go on when the workspace is opened again."""
        if self._collecting is not None:
            self._collecting.cancel()
        await super().close()

    # ---------------------------------------------------------------------------------------------- inside

    async def _again(self, kind: DeploymentKind, app: str, environment: Environment, source: _Source) -> Deployment:
        """Deploy an artefact that is stored."""
        await asyncio.to_thread(self._store.get, source.artefact)
        await self.start()
        return await self._submit(
            app=app,
            name=source.name,
            environment=environment,
            kind=kind,
            artefact=source.artefact,
            source=source.id,
            commit=source.commit,
        )

    async def _by_workflow(self, app: str, source: _Source, repository: Repository) -> Deployment:
        """Have GitHub build the checkpoint and deploy that to production."""
        if not source.commit:
            raise DeploymentError(
                f"Of the deployment {source.id} no checkpoint is known, which GitHub could build; deploy again, then "
                "promote that."
            )
        if self._github is None:
            raise DeploymentError(f"GitHub is not set up here, and production comes from {repository.name} there.")
        if not repository.local and (await self._target()).kind == "local":
            raise DeploymentError(
                f"The workflow of {repository.name} runs on GitHub's machines, and cannot reach the Cloudflare that is "
                "on this one; set CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN, or disconnect the app from GitHub."
            )
        await self.start()
        return await self._submit(
            app=app,
            name=source.name,
            environment="production",
            kind="promote",
            source=source.id,
            commit=source.commit,
            by_workflow=True,
        )

    async def _submit(
        self,
        *,
        app: str,
        name: str,
        environment: Environment,
        kind: DeploymentKind,
        root: Path | None = None,
        artefact: str = "",
        source: str = "",
        commit: str = "",
        by_workflow: bool = False,
    ) -> Deployment:
        from .steps import slot_of

        runs, reconciliation = self._runs, self._reconciliation
        assert runs is not None
        assert reconciliation is not None

        def write(session: Session) -> tuple[str, Sequence[str], Deployment]:
            made, outdated = ledger.submit(
                session,
                app=app,
                name=name,
                environment=environment,
                kind=kind,
                root=root,
                artefact=artefact,
                source=source,
                commit=commit,
                repository=sync_ledger.connected(session, app) if by_workflow else None,
            )
            return made, outdated, ledger.deployments(session, [ledger.row(session, made)])[0]

        def submit() -> tuple[Sequence[str], Deployment]:
            made, outdated, deployment = self._write(write)
            # Written down first: a process that ends here leaves a deployment that reconciliation finds a run for.
            with explained(self._where()):
                runs.enqueue("deployment", made, slot_of(app, environment), made)
                runs.drop(outdated)
            return outdated, deployment

        outdated, deployment = await asyncio.to_thread(submit)
        reconciliation.hurry()
        self._deliver(deployment)
        for ended in outdated:
            await self._tell_of(ended.partition("~")[0])
        return deployment

    async def _tell_of(self, id_: str) -> None:
        self._deliver(await self.get(id_))

    def _deliver(self, deployment: Deployment) -> None:
        if self._audience.deliver(deployment) and deployment.status == "deployed":
            self._collect_now_and_then()

    def _collect_now_and_then(self) -> None:
        """Remove artefacts that no deployment needs."""
        loop = self._loop
        assert loop is not None
        if self._closed or (self._collected and loop.time() - self._collected < COLLECT_SECONDS):
            return
        self._collected = loop.time()
        self._collecting = loop.create_task(self._collect())

    async def _collect(self) -> None:
        try:
            needed = await self._read(lambda session: ledger.needed_artefacts(session, KEPT_ARTEFACTS))
            await asyncio.to_thread(self._store.collect, needed)
        except (DeploymentError, OSError) as error:
            log.warning("artefacts could not be collected: %s", error)


def _known(environment: str) -> None:
    if environment not in ENVIRONMENTS:
        raise DeploymentError(f"There is no environment '{environment[:80]}'; there are {', '.join(ENVIRONMENTS)}.")


def _of_app(session: Session, app: str, id_: str) -> DeploymentRow:
    found = ledger.row(session, id_)
    if found.app != app:
        raise DeploymentError(f"The deployment {found.id} is not one of this app; app.deployments lists those.")
    return found


class _Source(NamedTuple):
    """The deployment whose artefact is deployed again."""

    id: str
    name: str
    artefact: str
    commit: str


def _source(found: DeploymentRow) -> _Source:
    if found.status not in states.ONCE_LIVE or not found.artefact:
        raise DeploymentError(f"The deployment {found.id} was never live (it is {found.status}); choose one that was.")
    return _Source(found.id, found.name, found.artefact, found.commit)


def _asked(session: Session, id_: str) -> tuple[str, bool]:
    found = ledger.ask_cancel(session, id_)
    return found.run, found.status in states.UNDER_WAY


def _ended(deployment: Deployment) -> bool:
    return deployment.status not in states.UNDER_WAY
