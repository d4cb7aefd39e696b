"""Deployments whose every step a test decides, behind the interface of the real ones: for what shows them and asks."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from overskill_nb.errors import DeploymentError
from overskill_nb.pipeline import Engine
from overskill_nb.protocol_deployments import LAST, Deployment, Transition


class ScriptedDeployments:
    """Rows in memory. ``step`` moves one on."""

    def __init__(self) -> None:
        self.rows: dict[str, Deployment] = {}
        self.values: dict[tuple[str, str], dict[str, str]] = {}
        self.closed = False
        self._listeners: list[Callable[[Deployment], None]] = []
        self._numbers = itertools.count(1)

    def use_in(self, engine: Engine) -> ScriptedTarget:
        """Answer the engine's requests. Gives the target, with its secrets and logs."""
        target = ScriptedTarget()

        async def opened() -> Any:
            return SimpleNamespace(deployments=self, target=target.here, close=self.close)

        engine.deployments._open = opened
        return target

    def step(self, wanted: str, status: Any, note: str = "", *, at: float = 0, **fields: Any) -> Deployment:
        """Take a step now, and tell those who follow."""
        row = self.rows[wanted]
        row.transitions = [*row.transitions, Transition(status=status, at=at or time.time() * 1000, note=note)]
        row.status = status
        for name, value in fields.items():
            setattr(row, name, value)
        for listener in list(self._listeners):
            listener(row)
        return row

    def _made(self, **fields: Any) -> Deployment:
        made = Deployment(id=f"d{next(self._numbers)}", **fields)
        made.url = f"http://{made.name}--{made.environment}.localhost:8787/"
        self.rows[made.id] = made
        return self.step(made.id, "pending")

    async def deploy(self, app: str, name: str, root: Path, environment: Any = "preview") -> Deployment:
        assert root.is_dir()
        return self._made(app=app, name=name, environment=environment)

    async def promote(self, app: str, to: Any, *, source: str = "") -> Deployment:
        before = {"staging": "preview", "production": "staging"}.get(to)
        if before is None:
            raise DeploymentError("Nothing comes before preview.")
        found = self.rows.get(source) or self._live(app, before)
        if found is None:
            raise DeploymentError(f"Nothing is deployed in {before}; deploy there first.")
        fields = {"app": app, "name": found.name, "environment": to, "artefact": found.artefact, "source": found.id}
        return self._made(kind="promote", **fields)

    async def rollback(self, app: str, environment: Any, *, to: str = "") -> Deployment:
        found = self.rows.get(to) or next(
            (row for row in self._newest(app) if row.environment == environment and row.status == "superseded"), None
        )
        if found is None:
            raise DeploymentError(f"There is nothing before what {environment} serves.")
        fields = {"app": app, "name": found.name, "artefact": found.artefact, "source": found.id}
        return self._made(kind="rollback", environment=environment, **fields)

    async def cancel(self, wanted: str) -> Deployment:
        row = self.rows[wanted]
        return row if row.status in LAST else self.step(wanted, "cancelled")

    async def undeploy(self, app: str, environment: str) -> None:
        if self._live(app, environment) is None:
            raise DeploymentError(f"Nothing is deployed in {environment}.")

    async def get(self, wanted: str) -> Deployment:
        if wanted not in self.rows:
            raise DeploymentError(f"There is no deployment '{wanted}'.")
        return self.rows[wanted]

    async def list(self, app: str = "", limit: int = 100) -> list[Deployment]:
        return self._newest(app)[:limit]

    def follow(self, listener: Callable[[Deployment], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def env(self, app: str, environment: str) -> dict[str, str]:
        return dict(self.values.get((app, environment), {}))

    async def set_env(self, app: str, environment: str, values: dict[str, str]) -> None:
        await asyncio.sleep(0)
        self.values[app, environment] = dict(values)

    async def close(self) -> None:
        self.closed = True

    def _newest(self, app: str) -> list[Deployment]:
        return [row for row in reversed(self.rows.values()) if app in ("", row.app)]

    def _live(self, app: str, environment: str) -> Deployment | None:
        live = (row for row in self._newest(app) if row.environment == environment and row.status == "deployed")
        return next(live, None)


class ScriptedTarget:
    """Secrets and logs by script."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, str]] = {}
        self.lines: list[Any] = []

    async def here(self) -> ScriptedTarget:
        return self

    def script(self, name: str, environment: str) -> str:
        return f"{environment}/{name}"

    async def check(self, name: str, environment: str, app: str) -> None:
        if name == "taken":
            raise DeploymentError(f"The name 'taken' is another app's in {environment}.")

    async def set_secret(self, script: str, name: str, value: str, *, app: str) -> None:
        assert app
        self.kept.setdefault(script, {})[name] = value

    async def delete_secret(self, script: str, name: str) -> None:
        self.kept[script].pop(name)

    async def secrets(self, script: str) -> list[str]:
        return list(self.kept.get(script, {}))

    async def logs(self, script: str, since: float) -> list[Any]:
        return [line for line in self.lines if line.at > since]

    def say(self, level: str, text: str, at: float = 1.0) -> None:
        """Write a line to the log, at a Unix time in seconds."""
        self.lines.append(SimpleNamespace(at=at, level=level, text=text))
