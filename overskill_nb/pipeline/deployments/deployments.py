"""The deployments of one workspace: what there are, and what can be asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, get_args

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ...errors import DeploymentError
from ...protocol_deployments import Deployment, DeploymentKind, Environment
from . import ledger, states
from .audience import Audience, Listener
from .database import explained, open_database, shown
from .effects import Effects
from .models import DeploymentRow
from .names import slug
from .ports import BuildPort, Store, TargetOf

if TYPE_CHECKING:
    from .reconciliation import Reconciliation
    from .runs import Runs
    from .steps import Steps

ENVIRONMENTS: tuple[Environment, ...] = get_args(Environment)
KEPT_ARTEFACTS = 10
"""Artefacts that stay for rollbacks, of each app's environment, beside the live one."""
COLLECT_SECONDS = 3600.0
CANCEL_SECONDS = 5.0

T = TypeVar("T")
log = logging.getLogger(__name__)


class Deployments:
    """Makes artefacts live, and keeps the record of it. Nothing is opened before it is used.

    Methods are called on one event loop, where builds and the target's client run too. The runs are on threads: see
    ``runs.py`` and ``steps.py``. What a run builds is what is on disk when it builds, so that the newest edit wins; the
    artefact's id says what that was.
    """

    def __init__(
        self, folder: Path, *, database_url: str = "", build: BuildPort, store: Store, target: TargetOf
    ) -> None:
        self._folder = folder
        self._database_url = database_url
        self._effects = Effects(build, store, target)
        self._store = store
        self._audience = Audience()
        self._engine: sa.Engine | None = None
        self._runs: Runs | None = None
        self._steps: Steps | None = None
        self._reconciliation: Reconciliation | None = None
        self._opening = asyncio.Lock()
        self._launching = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._collected = 0.0
        self._collecting: asyncio.Task[None] | None = None
        self._closed = False

    # ---------------------------------------------------------------------------------------------- what there is

    async def get(self, id: str) -> Deployment:  # noqa: A002
        """One deployment. Raises DeploymentError where there is none."""
        return await self._read(lambda session: ledger.deployments(session, [ledger.row(session, id)])[0])

    async def list(self, app: str = "", limit: int = 100) -> list[Deployment]:
        """An app's deployments, or all, newest first."""
        return await self._read(lambda session: ledger.newest(session, app, max(0, limit)))

    def follow(self, listener: Listener) -> Callable[[], None]:
        """Be told of each step and each line of a log, on the event loop. Gives what ends that."""
        return self._audience.follow(listener)

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

        def find(session: Session) -> tuple[str, str, str]:
            found = _of_app(session, app, source) if source else ledger.live(session, app, before)
            if found is None:
                raise DeploymentError(f"Nothing of this app is deployed in {before}; deploy or promote to it first.")
            _was_live(found.id, found.status, found.artefact)
            return found.id, found.name, found.artefact

        chosen, name, artefact = await self._read(find)
        return await self._again("promote", app, name, to, chosen, artefact)

    async def rollback(self, app: str, environment: Environment, *, to: str = "") -> Deployment:
        """Make what was live before live again, or the artefact of the deployment ``to``."""
        _known(environment)

        def find(session: Session) -> tuple[str, str, str]:
            found = _of_app(session, app, to) if to else ledger.previous(session, app, environment)
            if found is None:
                raise DeploymentError(f"There is nothing to roll {environment} back to: nothing else was live there.")
            _was_live(found.id, found.status, found.artefact)
            return found.id, found.name, found.artefact

        chosen, name, artefact = await self._read(find)
        return await self._again("rollback", app, name, environment, chosen, artefact)

    async def cancel(self, id: str) -> Deployment:  # noqa: A002
        """End a deployment. What is live stays, or is put back. Raises where the deployment has ended."""
        await self._open()
        await self.start()
        assert self._runs is not None
        assert self._steps is not None
        ended = asyncio.Event()
        leave = self.follow(lambda changed: ended.set() if changed.id == id and _ended(changed) else None)
        try:
            run, begun = await self._written(lambda session: _asked(session, id))
            await self._tell_of(id)
            if begun:
                self._steps.abort(id)
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
        return await self._read(lambda session: ledger.variables(session, app, environment))

    async def set_env(self, app: str, environment: Environment, values: Mapping[str, str]) -> None:
        """Replace the public values. They take effect with the next deployment."""
        _known(environment)
        await self._written(lambda session: ledger.set_variables(session, app, environment, values))

    # ---------------------------------------------------------------------------------------------- life

    async def start(self) -> None:
        """Launch the runs; unfinished ones go on. Called by what needs it; calling it early saves the first wait."""
        if self._reconciliation is not None and not self._closed:
            return
        engine = await self._open()
        async with self._launching:
            if self._reconciliation is not None:
                return
            loop = self._loop
            assert loop is not None
            runs, steps, reconciliation = await asyncio.to_thread(self._launch, engine, loop)
            self._runs, self._steps, self._reconciliation = runs, steps, reconciliation

    def _launch(self, engine: sa.Engine, loop: asyncio.AbstractEventLoop) -> tuple[Runs, Steps, Reconciliation]:
        # DBOS takes a second to import, so that only those who deploy pay for it.
        from .reconciliation import Reconciliation
        from .runs import Runs
        from .steps import Steps

        runs = Runs(self._folder, engine, self._database_url)
        steps = Steps(engine, runs, self._effects, loop, self._changed)
        runs.launch()
        try:
            reconciliation = Reconciliation(engine, runs, steps, self._tell)
            reconciliation.start()
        except BaseException:
            runs.close()
            raise
        return runs, steps, reconciliation

    async def close(self) -> None:
        """End. Runs that are under way stop where they are, and go on when the workspace is opened again."""
        if self._closed:
            return
        self._closed = True
        async with self._launching, self._opening:
            if self._collecting is not None:
                self._collecting.cancel()
            if self._reconciliation is not None:
                await asyncio.to_thread(self._reconciliation.close)
            if self._steps is not None:
                self._steps.stop()
                await self._settled(self._steps)
            if self._runs is not None:
                await asyncio.to_thread(self._runs.close)
            if self._engine is not None:
                await asyncio.to_thread(self._engine.dispose)

    @staticmethod
    async def _settled(steps: Steps) -> None:
        """Wait until no effect is under way: a build's processes are ended, not left behind."""
        for _ in range(200):
            if not steps.working:
                return
            await asyncio.sleep(0.05)

    async def _open(self) -> sa.Engine:
        if self._closed:
            raise DeploymentError("The deployments of this workspace are closed.")
        if self._engine is None:
            async with self._opening:
                if self._engine is None:
                    self._loop = asyncio.get_running_loop()
                    self._engine = await asyncio.to_thread(open_database, self._folder, self._database_url)
        return self._engine

    # ---------------------------------------------------------------------------------------------- inside

    async def _again(
        self, kind: DeploymentKind, app: str, name: str, environment: Environment, source: str, artefact: str
    ) -> Deployment:
        """Deploy an artefact that is stored."""
        await asyncio.to_thread(self._store.get, artefact)
        await self.start()
        return await self._submit(
            app=app, name=name, environment=environment, kind=kind, artefact=artefact, source=source
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
    ) -> Deployment:
        from .steps import slot_of

        runs, reconciliation = self._runs, self._reconciliation
        assert runs is not None
        assert reconciliation is not None

        def submit() -> tuple[Sequence[str], Deployment]:
            with explained(self._where()), Session(self._written_engine()) as session, session.begin():
                made, outdated = ledger.submit(
                    session,
                    app=app,
                    name=name,
                    environment=environment,
                    kind=kind,
                    root=root,
                    artefact=artefact,
                    source=source,
                )
                deployment = ledger.deployments(session, [ledger.row(session, made)])[0]
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

    def _written_engine(self) -> sa.Engine:
        assert self._engine is not None
        return self._engine

    def _where(self) -> str:
        return shown(self._written_engine().url.render_as_string(hide_password=False))

    async def _read(self, work: Callable[[Session], T]) -> T:
        engine = (await self._open()).execution_options(overskill_reads=True)

        def run() -> T:
            with explained(self._where()), Session(engine) as session:
                return work(session)

        return await asyncio.to_thread(run)

    async def _written(self, work: Callable[[Session], T]) -> T:
        engine = await self._open()

        def run() -> T:
            with explained(self._where()), Session(engine) as session, session.begin():
                return work(session)

        return await asyncio.to_thread(run)

    # ---------------------------------------------------------------------------------------------- telling

    def _changed(self, deployment: str, lines: Sequence[str]) -> None:
        """A run took a step, or its effect said a line that is not in the database yet. On any thread."""
        if not self._audience or self._engine is None:
            return
        try:
            with Session(self._engine.execution_options(overskill_reads=True)) as session:
                found = ledger.deployments(session, [ledger.row(session, deployment)])[0]
        except (sa.exc.SQLAlchemyError, DeploymentError):
            log.debug("a step could not be told", exc_info=True)
            return
        found.log = [*found.log, *lines]
        self._tell(found)

    def _tell(self, deployment: Deployment) -> None:
        """Tell the followers, from any thread."""
        loop = self._loop
        if loop is not None and not self._closed:
            try:
                loop.call_soon_threadsafe(self._deliver, deployment)
            except RuntimeError:
                log.debug("the loop is closed")

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


def _was_live(id_: str, status: str, artefact: str) -> None:
    if status not in states.ONCE_LIVE or not artefact:
        raise DeploymentError(f"The deployment {id_} was never live (it is {status}); choose one that was.")


def _asked(session: Session, id_: str) -> tuple[str, bool]:
    found = ledger.ask_cancel(session, id_)
    return found.run, found.status in states.UNDER_WAY


def _ended(deployment: Deployment) -> bool:
    return deployment.status not in states.UNDER_WAY
