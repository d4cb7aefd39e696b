"""What a run does to the world. Each effect may be repeated: the second time changes nothing.

They run on the engine's event loop, where builds and clients live; the run itself is on a thread of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from .ports import BuildPort, CommitPort, OnLine, ScriptState, Store, Target, TargetOf

VERIFY_SECONDS = 60.0
"""How long an address may go on serving what was there before: Cloudflare's edge takes its time."""

COMMIT_SECONDS = 0.25
"""How long a build that is done waits for its checkpoint at most; a later step takes note of one that comes later."""

Facts = dict[str, Any]
log = logging.getLogger(__name__)


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What an effect must know of a deployment."""

    id: str
    app: str
    name: str
    environment: str
    kind: str
    root: str
    artefact: str
    env: dict[str, str]
    before: str
    """The deployment that is live by what is written down, for one that puts it back; empty where there is none."""
    before_artefact: str
    repository: str = ""
    """On GitHub, whose workflow makes it; empty where that happens here."""
    branch: str = ""
    commit: str = ""
    workflow_run: int = 0
    digest: str = ""
    dispatched: bool = False
    """The workflow may have been started."""


class Effects:
    """The effects, over a build, a store and a target."""

    def __init__(self, build: BuildPort, store: Store, target: TargetOf, commit: CommitPort | None = None) -> None:
        self.store = store
        self._build = build
        self._target = target
        self._commit = commit
        self._commits: dict[str, asyncio.Task[str]] = {}
        """Checkpoints that took longer than their build."""

    async def build(self, task: Task, on_line: OnLine) -> Facts:
        """Build what is on disk now; meanwhile see that the name is free."""
        began = time.perf_counter()
        self._begin_commit(task, on_line)
        try:
            target, artefact = await _both(self._checked(task), self._build(task.app, Path(task.root), on_line))
        except BaseException:
            self.forget(task.id)
            raise
        took = since(began)
        return {
            "artefact": artefact.id,
            "first_load_gzip": artefact.first_load_gzip,
            "files": len(artefact.files),
            "warnings": list(artefact.warnings),
            "timings": {"build": took},
            **await self._committed(task, COMMIT_SECONDS),
            **place(target, task),
        }

    def _begin_commit(self, task: Task, on_line: OnLine) -> None:
        """Make the checkpoint while the build goes on."""
        if self._commit is not None:
            made = asyncio.ensure_future(self._commit(task.app, Path(task.root), on_line))
            made.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._commits[task.id] = made

    async def _committed(self, task: Task, seconds: float = 0.0) -> Facts:
        """The checkpoint, where it is there by then. Without one the deployment goes on."""
        made = self._commits.get(task.id)
        if made is None:
            return {}
        if not made.done():
            await asyncio.wait({made}, timeout=seconds)
        if not made.done():
            return {}
        del self._commits[task.id]
        try:
            return {"commit": made.result()}
        except asyncio.CancelledError:
            return {}
        except Exception as error:
            log.warning("the checkpoint of the deployment %s could not be made: %s", task.id, error)
            return {}

    def forget(self, deployment: str) -> None:
        """Its checkpoint is not waited for any more."""
        with contextlib.suppress(KeyError):
            self._commits.pop(deployment).cancel()

    async def _checked(self, task: Task) -> Target:
        target = await self._target()
        await target.check(task.name, task.environment, task.app)
        return target

    async def publish(self, task: Task, on_line: OnLine) -> Facts:
        """Upload what is lacking, and put the script. One step: the token between the two is a secret."""
        target = await self._target() if task.kind == "deploy" else await self._checked(task)
        artefact = await asyncio.to_thread(self.store.get, task.artefact)
        from ..cloudflare import reporting

        with reporting(on_line):
            timings = await self._put(target, task, artefact, deployment=task.id)
        on_line(f"Put {len(artefact.files)} files at {target.url(task.name, task.environment)}")
        return {
            "first_load_gzip": artefact.first_load_gzip,
            "files": len(artefact.files),
            "warnings": list(artefact.warnings),
            "timings": timings,
            **await self._committed(task),
            **place(target, task),
        }

    async def _put(self, target: Target, task: Task, artefact: Any, *, deployment: str) -> dict[str, float]:
        script = target.script(task.name, task.environment)
        began = time.perf_counter()
        token = await target.upload(script, artefact, self.store, app=task.app)
        uploaded = time.perf_counter()
        await target.put(script, artefact, self.store, token, app=task.app, deployment=deployment, env=task.env)
        return {"upload": round((uploaded - began) * 1000, 1), "put": since(uploaded)}

    async def verify(self, task: Task, _on_line: OnLine) -> Facts:
        """Wait until the address serves the artefact."""
        target = await self._target()
        artefact = await asyncio.to_thread(self.store.get, task.artefact)
        began = time.perf_counter()
        await target.verify(target.url(task.name, task.environment), artefact, deadline=VERIFY_SECONDS)
        facts = {"timings": {"verify": since(began)}, **await self._committed(task)}
        self.forget(task.id)
        return facts

    async def restore(self, task: Task, _on_line: OnLine) -> Facts:
        """Undo a deployment that ended after it may have been put. The note says what is live."""
        self.forget(task.id)
        target = await self._target()
        script = target.script(task.name, task.environment)
        state = await target.find(script)
        if state is None or not _put_by(task, state):
            return {"note": ""}
        url = target.url(task.name, task.environment)
        if task.before:
            artefact = await asyncio.to_thread(self.store.get, task.before_artefact)
            await self._put(target, task, artefact, deployment=task.before)
            await target.verify(url, artefact, deadline=VERIFY_SECONDS)
            return {"note": f"The deployment before it, {task.before}, was put back."}
        if await target.secrets(script):
            return {"note": f"Nothing was live before; it stays at {url}, because the app's secrets are there."}
        await target.delete(script)
        return {"note": "Nothing was live before, so it was taken off again."}

    async def take_down(self, task: Task, _on_line: OnLine) -> Facts:
        """Remove the script, which takes the app off the environment."""
        target = await self._checked(task)
        await target.delete(target.script(task.name, task.environment))
        return {}


def _put_by(task: Task, state: ScriptState) -> bool:
    """Whether a script may be what the deployment put. What a workflow puts has no tag of ours until it is adopted."""
    if f"deployment-{task.id}" in state.tags:
        return True
    return task.dispatched and not any(tag.startswith("deployment-") for tag in state.tags)


def place(target: Target, task: Task) -> Facts:
    """Where it is served."""
    return {"url": target.url(task.name, task.environment), "target": target.kind}


def since(began: float) -> float:
    """Milliseconds since then."""
    return round((time.perf_counter() - began) * 1000, 1)


A = TypeVar("A")
B = TypeVar("B")


async def _both(first: Awaitable[A], second: Awaitable[B]) -> tuple[A, B]:
    """Both results. Where one fails or the caller is cancelled, the other is stopped, and has stopped on return."""
    one, two = asyncio.ensure_future(first), asyncio.ensure_future(second)
    try:
        return await asyncio.gather(one, two)
    finally:
        for task in (one, two):
            task.cancel()
        await asyncio.gather(one, two, return_exceptions=True)
