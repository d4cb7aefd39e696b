"""What a run does to the world. Each effect may be repeated: the second time changes nothing.

They run on the engine's event loop, where builds and clients live; the run itself is on a thread of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from .ports import BuildPort, OnLine, Store, Target, TargetOf

VERIFY_SECONDS = 60.0
"""How long an address may go on serving what was there before: Cloudflare's edge takes its time."""

T = TypeVar("T")
Facts = dict[str, Any]


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


class Effects:
    """The effects, over a build, a store and a target."""

    def __init__(self, build: BuildPort, store: Store, target: TargetOf) -> None:
        self.store = store
        self._build = build
        self._target = target

    async def build(self, task: Task, on_line: OnLine) -> Facts:
        """Build what is on disk now; meanwhile see that the name is free."""
        began = time.perf_counter()
        target, artefact = await _both(self._checked(task), self._build(task.app, Path(task.root), on_line))
        return {
            "artefact": artefact.id,
            "first_load_gzip": artefact.first_load_gzip,
            "files": len(artefact.files),
            "warnings": list(artefact.warnings),
            "timings": {"build": _since(began)},
            **_place(target, task),
        }

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
            **_place(target, task),
        }

    async def _put(self, target: Target, task: Task, artefact: Any, *, deployment: str) -> dict[str, float]:
        script = target.script(task.name, task.environment)
        began = time.perf_counter()
        token = await target.upload(script, artefact, self.store, app=task.app)
        uploaded = time.perf_counter()
        await target.put(script, artefact, self.store, token, app=task.app, deployment=deployment, env=task.env)
        return {"upload": round((uploaded - began) * 1000, 1), "put": _since(uploaded)}

    async def verify(self, task: Task, _on_line: OnLine) -> Facts:
        """Wait until the address serves the artefact."""
        target = await self._target()
        artefact = await asyncio.to_thread(self.store.get, task.artefact)
        began = time.perf_counter()
        await target.verify(target.url(task.name, task.environment), artefact, deadline=VERIFY_SECONDS)
        return {"timings": {"verify": _since(began)}}

    async def restore(self, task: Task, _on_line: OnLine) -> Facts:
        """Undo a deployment that ended after it may have been put. The note says what is live."""
        target = await self._target()
        script = target.script(task.name, task.environment)
        state = await target.find(script)
        if state is None or f"deployment-{task.id}" not in state.tags:
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


def _place(target: Target, task: Task) -> Facts:
    return {"url": target.url(task.name, task.environment), "target": target.kind}


def _since(began: float) -> float:
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


Effect = Callable[[Task, OnLine], Awaitable[Facts]]
