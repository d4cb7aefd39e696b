"""Processes that deploy, and die on the word.

Run as a program it imports what deploying needs, then forks for each order that it reads, one JSON object a line. A
child deploys what the order says, kills itself where the order says, and else waits until nothing is under way. What it
was acknowledged goes to the order's file, a line each.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments_github import Capture, ScriptedGithub, repository_of
from deployments_world import FileStore, World, build_files

from overskill_nb.pipeline.deployments import Deployments, sync_ledger
from overskill_nb.protocol_deployments import LAST


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(10)


class Death:
    """Kills this process before or after the n-th call of a kind, or the n-th commit of any database."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._on, self._when, self._left = order.get("on", ""), order.get("when", ""), order.get("n", 1)
        self.commits = 0
        self.armed = False

    @contextlib.contextmanager
    def around(self, name: str) -> Iterator[None]:
        hit = self.armed and name == self._on
        if self.armed and name == "commit":
            self.commits += 1
        if hit:
            self._left -= 1
            hit = self._left == 0
        if hit and self._when == "before":
            die()
        yield
        if hit and self._when == "after":
            die()

    def watch_commits(self) -> None:
        from sqlalchemy.engine.default import DefaultDialect

        commit = DefaultDialect.do_commit

        def counted(dialect: Any, connection: Any) -> None:
            with self.around("commit"):
                commit(dialect, connection)

        DefaultDialect.do_commit = counted  # type: ignore[method-assign]


class Deadly:
    """A target, a GitHub or the like whose calls may be the last thing that this process does."""

    def __init__(self, inner: Any, death: Death) -> None:
        self._inner, self._death = inner, death

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not asyncio.iscoroutinefunction(found):
            return found

        async def called(*arguments: Any, **keywords: Any) -> Any:
            with self._death.around(name):
                return await found(*arguments, **keywords)

        return called


async def obey(order: dict[str, Any]) -> None:
    death = Death(order.get("die", {}))
    death.watch_commits()
    world = World(order["port"])
    folder = Path(order["folder"])
    store = FileStore(folder / "artefacts")
    target = Deadly(world.target(), death)

    async def build(app: str, root: Path, on_line: Any) -> Any:
        with death.around("build"):
            on_line(f"Building {app}")
            return await build_files(store, root)

    async def target_of() -> Any:
        return target

    if version := order.get("version"):
        from overskill_nb.pipeline.deployments import reconciliation, runs

        runs.VERSION = reconciliation.VERSION = version
    github = Deadly(ScriptedGithub(order["port"], order.get("slow", 0.0)), death)
    deployments = Deployments(
        folder / ".overskill",
        database_url=order.get("database_url", ""),
        build=build,
        store=store,
        target=target_of,
        commit=github.checkpoint,
        github=github,
        capture=Deadly(Capture(store), death).capture,
    )
    # A run that is taken up again may come to a call before the start has ended.
    death.armed = bool(order.get("early"))
    await deployments.start()
    said = Path(order["said"])

    def say(**what: Any) -> None:
        with said.open("a") as file:
            file.write(json.dumps(what) + "\n")

    say(started=time.time())
    death.armed = True
    for step in order.get("steps", []):
        if step["do"] == "pause":
            await asyncio.sleep(step["seconds"])
            continue
        app, name, environment = f"{step['name']}-0a1b", step["name"], step.get("environment", "preview")
        if step["do"] == "deploy":
            root = folder / name
            root.mkdir(exist_ok=True)
            scratch = root / "scratch"
            scratch.write_text(step["text"])
            scratch.replace(root / "index.html")
            made = await deployments.deploy(app, name, root, environment)
        elif step["do"] == "promote":
            made = await deployments.promote(app, environment)
        elif step["do"] == "rollback":
            made = await deployments.rollback(app, environment)
        elif step["do"] == "connect":
            (folder / name).mkdir(exist_ok=True)
            await deployments.connect_repository(app, folder / name, repository_of(name))
            continue
        elif step["do"] == "edit":
            (folder / name / "index.html").write_text(step["text"])
            await github.checkpoint(app, folder / name, print)
            continue
        elif step["do"] == "sync":
            say(synced=(await deployments.sync(app)).id)
            continue
        elif step["do"] == "undeploy":
            await deployments.undeploy(app, environment)
            say(undeployed=name)
            continue
        else:
            newest = (await deployments.list(app))[0]
            with contextlib.suppress(Exception):
                await deployments.cancel(newest.id)
            say(cancelled=newest.id)
            continue
        say(made=made.id)
        if step.get("wait"):
            await _settled(deployments)
    if not order.get("leave"):
        await _settled(deployments)
        say(settled=time.time(), commits=death.commits)
    else:
        await asyncio.sleep(order["leave"])


async def _settled(deployments: Deployments) -> None:
    while True:
        # What takes an app off an environment is a run without a row. The cheapest question comes first.
        if not await asyncio.to_thread(deployments._runs.unfinished):
            syncs = await deployments._read(sync_ledger.under_way)
            if not syncs and all(row.status in LAST for row in await deployments.list(limit=400)):
                return
        await asyncio.sleep(0.04)


def nurse() -> None:
    """Fork a child for each order; say how each ended."""
    # What a child would import by itself.
    import alembic.command
    import alembic.config  # noqa: F401
    import httpcore  # noqa: F401

    import overskill_nb.pipeline.deployments.reconciliation  # noqa: F401

    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            code = 1
            try:
                asyncio.run(asyncio.wait_for(obey(order), order.get("limit", 60)))
                code = 0
            except BaseException:
                import traceback

                traceback.print_exc()
            os._exit(code)
        print(json.dumps({"pid": pid}), flush=True)
        if not order.get("aside"):
            _, status = os.waitpid(pid, 0)
            print(json.dumps({"status": status}), flush=True)


@dataclass
class Nursery:
    """Where children that deploy come from."""

    running: subprocess.Popen[str]

    @classmethod
    @contextlib.contextmanager
    def open(cls) -> Iterator[Nursery]:
        with subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout is not None
            assert running.stdin is not None
            assert running.stdout.readline() == "ready\n"
            try:
                yield cls(running)
            finally:
                running.stdin.close()
                running.wait(timeout=30)

    def start(self, order: dict[str, Any]) -> int:
        """Have a child begin; its process id."""
        assert self.running.stdin is not None
        assert self.running.stdout is not None
        self.running.stdin.write(json.dumps(order) + "\n")
        self.running.stdin.flush()
        return int(json.loads(self.running.stdout.readline())["pid"])

    def ended(self) -> int:
        """Wait for the child that was started last; minus the signal that ended it, or its exit code."""
        assert self.running.stdout is not None
        return os.waitstatus_to_exitcode(json.loads(self.running.stdout.readline())["status"])

    def run(self, order: dict[str, Any], kill_after: float | None = None) -> int:
        """Have a child do it all; kill it so many seconds after it began to deploy, if it lives that long."""
        said = Path(order["said"])
        before = said.read_text().count('"started"') if said.exists() else 0
        pid = self.start(order)
        if kill_after is not None:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline and not (said.exists() and said.read_text().count('"started"') > before):
                time.sleep(0.005)
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return self.ended()


if __name__ == "__main__":
    nurse()
