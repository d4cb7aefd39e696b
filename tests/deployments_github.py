"""A GitHub as far as runs need one, in the world's process: it outlives whoever syncs, and counts what is done twice.

It is not idempotent where GitHub is not: each dispatch begins a run, which is listed a little later.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from deployments_world import FileStore
from small_build import Build

from overskill_nb.errors import GithubError, VerificationError
from overskill_nb.pipeline.deployments.ports import OnLine, SyncTask, WorkflowTask
from overskill_nb.protocol_github import Repository


def repository_of(name: str) -> Repository:
    full = f"me/{name}"
    return Repository(name=full, url=f"http://github.localhost/{full}", branch="main", local=True)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# ------------------------------------------------------------------------------------------------- an app's history


class Past:
    """An app's commits: a line each, and the text of each. Committing what is the newest already changes nothing."""

    def __init__(self, root: Path) -> None:
        self._file = root / ".past"
        self._page = root / "index.html"

    def all(self) -> list[str]:
        return [json.loads(line)["id"] for line in self._lines()]

    def text(self, commit: str) -> str:
        return next(str(found["text"]) for line in self._lines() if (found := json.loads(line))["id"] == commit)

    def commit(self) -> str:
        text, before = self._page.read_text(), self.all()
        if not before or self.text(before[-1]) != text:
            made = hashlib.sha1(f"{before[-1:]}{text}".encode()).hexdigest()
            # Small enough that the system writes it in one piece.
            with self._file.open("a") as file:
                file.write(json.dumps({"id": made, "text": text}) + "\n")
            return made
        return before[-1]

    def _lines(self) -> list[str]:
        return self._file.read_text().splitlines() if self._file.exists() else []


# ------------------------------------------------------------------------------------------------- the world's side


@dataclass
class WorkflowRun:
    """One run of the workflow."""

    number: int
    deployment: str
    inputs: dict[str, Any]
    conclusion: str = ""
    task: asyncio.Task[None] | None = None
    listed: float = 0.0


@dataclass
class WorldGithub:
    """Branches, pull requests and runs in memory."""

    put: Callable[[str, str, str], None]
    """Has a namespace's script serve a text, without tags, as wrangler does."""
    branches: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    pulls: dict[str, str] = field(default_factory=dict)
    runs: list[WorkflowRun] = field(default_factory=list)
    exchanges: list[str] = field(default_factory=list)
    busy: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.05
    """A run takes."""
    lag: float = 1.0
    """Until a run is listed."""
    outcome: str = "success"
    down: int = 0
    """So many calls are still refused, because it is out of reach."""
    limited: int = 0
    """So many calls are still refused, because there were too many."""

    async def answer(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        if path == "state":
            return self._state()
        if path == "be":
            for name, value in given.items():
                setattr(self, name, value)
            return {}
        if path == "push_elsewhere":
            self.branches[given["repository"]].append(given["commit"])
            return {}
        if self.down:
            self.down -= 1
            return {"refused": "out of reach"}
        if self.limited:
            self.limited -= 1
            return {"refused": "limited"}
        answer: Callable[..., Any] = getattr(self, f"_{path}")
        found: dict[str, Any] = await answer(**given)
        return found

    def _state(self) -> dict[str, Any]:
        return {
            "branches": self.branches,
            "pulls": self.pulls,
            "exchanges": self.exchanges,
            "most": self.most,
            "runs": [
                {"deployment": run.deployment, "conclusion": run.conclusion, "number": run.number} for run in self.runs
            ],
        }

    async def _begin(self, repository: str) -> dict[str, Any]:
        self.exchanges.append(repository)
        self.busy[repository] = self.busy.get(repository, 0) + 1
        self.most[repository] = max(self.most.get(repository, 0), self.busy[repository])
        return {"head": self.branches.get(repository, [""])[-1]}

    async def _end(self, repository: str) -> dict[str, Any]:
        self.busy[repository] -= 1
        return {}

    async def _push(self, repository: str, expected: str, commits: list[list[str]]) -> dict[str, Any]:
        branch = self.branches.setdefault(repository, [])
        if (branch[-1] if branch else "") != expected:
            return {"moved": True}
        for commit, text in commits:
            branch.append(commit)
            self.texts[commit] = text
        return {}

    async def _pull(self, branch: str) -> dict[str, Any]:
        return {"url": self.pulls.setdefault(branch, f"http://github.localhost/pull/{len(self.pulls) + 1}")}

    async def _dispatch(self, **inputs: Any) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        run = WorkflowRun(5_000_000_000 + len(self.runs), inputs["deployment"], inputs, listed=loop.time() + self.lag)
        run.task = loop.create_task(self._work(run))
        self.runs.append(run)
        return {"run": run.number}

    async def _work(self, run: WorkflowRun) -> None:
        try:
            await asyncio.sleep(self.seconds)
            if self.outcome == "success":
                inputs = run.inputs
                self.put(inputs["namespace"], inputs["script"], self.texts[inputs["commit"]])
            run.conclusion = self.outcome
        except asyncio.CancelledError:
            run.conclusion = "cancelled"

    async def _find(self, deployment: str) -> dict[str, Any]:
        now = asyncio.get_running_loop().time()
        found = [run.number for run in self.runs if run.deployment == deployment and run.listed <= now]
        return {"run": found[0] if found else 0}

    async def _look(self, run: int) -> dict[str, Any]:
        found = self.runs[run - 5_000_000_000]
        return {"conclusion": found.conclusion, "text": self.texts.get(found.inputs["commit"], "")}

    async def _cancel(self, run: int) -> dict[str, Any]:
        found = self.runs[run - 5_000_000_000]
        if not found.conclusion and found.task is not None:
            found.task.cancel()
        return {}


# ------------------------------------------------------------------------------------------------- the runs' side


class ScriptedGithub:
    """``ports.Github`` over the one in the world."""

    def __init__(self, port: int, slow: float = 0.0) -> None:
        self._port = port
        self._slow = slow

    async def _ask(self, path: str, **given: Any) -> dict[str, Any]:
        # To read all certificates, for "verify", would take longer than what is asked.
        async with httpx.AsyncClient(trust_env=False, timeout=30, verify=False) as client:
            answer = await client.post(f"http://127.0.0.1:{self._port}/__github/{path}", json=given)
        found: dict[str, Any] = answer.json()
        if found.get("refused") == "limited":
            raise GithubError("GitHub was asked too often.", status=429, retry_after=0.2)
        if "refused" in found:
            raise GithubError("GitHub cannot be reached.", temporary=True)
        return found

    async def checkpoint(self, _app: str, root: Path, _on_line: OnLine) -> str:
        return await asyncio.to_thread(Past(root).commit)

    async def exchange(self, task: SyncTask, on_line: OnLine) -> dict[str, Any]:
        past = Past(Path(task.root))
        head = (await self._ask("begin", repository=task.repository))["head"]
        try:
            await asyncio.sleep(self._slow)
            ours = past.all()
            if head and head not in ours:
                pull = await self._ask("pull", branch=f"overskill/{task.app}/{task.id}")
                conflict = {"path": "index.html", "ours": "a", "theirs": "b"}
                return {"commit": "", "conflicts": [conflict], "pull_request": pull["url"]}
            new = ours[ours.index(head) + 1 :] if head else ours
            if new and not task.pull:
                commits = [[commit, past.text(commit)] for commit in new]
                pushed = await self._ask("push", repository=task.repository, expected=head, commits=commits)
                if pushed.get("moved"):
                    raise GithubError(f"{task.branch} of {task.repository} moved.", temporary=True)
                on_line(f"Pushed {len(new)} commits to {task.branch} of {task.repository}.")
            return {"commit": ours[-1] if ours else "", "pushed": 0 if task.pull else len(new), "received": 0}
        finally:
            # Whoever is killed here is still counted, as one who begins again.
            await self._ask("end", repository=task.repository)

    async def prepare(self, task: WorkflowTask, on_line: OnLine) -> None:
        past = Past(Path(task.root))
        while True:
            state = await self._ask("state")
            there = state["branches"].get(task.repository, [])
            if task.commit in there:
                return
            ours = past.all()
            head = there[-1] if there else ""
            new = ours[ours.index(head) + 1 : ours.index(task.commit) + 1] if head else ours
            commits = [[commit, past.text(commit)] for commit in new]
            if not (await self._ask("push", repository=task.repository, expected=head, commits=commits)).get("moved"):
                on_line(f"Pushed {len(new)} commits.")

    async def dispatch(self, task: WorkflowTask, on_line: OnLine, *, again: bool) -> dict[str, Any]:
        found = await self._find(task.id, 2.0 if again else 0.0)
        if not found:
            inputs = {
                "deployment": task.id,
                "commit": task.commit,
                "namespace": task.namespace,
                "script": task.script,
                "env": task.env,
            }
            found = (await self._ask("dispatch", **inputs))["run"]
        return {"run": found, "run_url": f"http://github.localhost/{task.repository}/actions/runs/{found}"}

    async def _find(self, deployment: str, seconds: float) -> int:
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        while True:
            found = int((await self._ask("find", deployment=deployment))["run"])
            if found or loop.time() >= ends:
                return found
            await asyncio.sleep(0.05)

    async def follow(self, task: WorkflowTask, run: int, on_line: OnLine) -> dict[str, Any]:
        while not (found := await self._ask("look", run=run))["conclusion"]:
            await asyncio.sleep(0.05)
        if found["conclusion"] != "success":
            on_line("npm error Missing script: build")
            raise GithubError(f"The workflow of {task.repository} failed: its step 'Build' failed.")
        on_line("Build: done in 1 s")
        return {"digest": digest_of(found["text"])}

    async def stop(self, task: WorkflowTask, run: int) -> None:
        number = run or await self._find(task.id, 2.0)
        if not number:
            return
        await self._ask("cancel", run=number)
        while not (await self._ask("look", run=number))["conclusion"]:
            await asyncio.sleep(0.02)


class Capture:
    """``ports.CapturePort``: has the page of the address, where it is what was built."""

    def __init__(self, store: FileStore) -> None:
        self._store = store

    async def capture(self, url: str, digest: str, deployment: str, _target: Any, _script: Any) -> Build:
        asked = httpx.URL(url)
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            here = asked.copy_with(host="127.0.0.1")
            page = await client.get(here, headers={"Host": f"{asked.host}:{asked.port}"})
        if digest_of(page.text) != digest:
            raise VerificationError(f"{url} serves something else than the workflow of {deployment} built.")
        build = Build()
        build.add("/index.html", page.text, "text/html")
        build.add("/assets/main.js", f"console.log({page.text!r})", "text/javascript")
        return self._store.put(build)
