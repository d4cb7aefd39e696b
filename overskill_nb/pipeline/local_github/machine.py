"""The machine that runs workflows: one run of a group at a time, and few altogether. What it was at when it died is
cancelled; what waited starts."""

from __future__ import annotations

import asyncio
import logging
import uuid
from pathlib import Path

from ..node import Node
from . import secret, variable
from .actions.request import Conclusion, Level, RunRequest
from .actions.runner import execute
from .actions.workflow import WorkflowError
from .address import LOGIN
from .runs import Run, Runs
from .state import State

log = logging.getLogger(__name__)
AT_ONCE = 2
STOPPED = "The machine stopped while this ran."


class Record:
    """Writes down what a run does as it does it."""

    def __init__(self, runs: Runs, run: Run) -> None:
        self._runs = runs
        self._run = run
        self._job = 0

    def job(self, name: str, number: int) -> None:
        del number
        self._job = self._runs.start_job(self._run, name)

    def job_ended(self, conclusion: Conclusion) -> None:
        self._runs.end_job(self._job, conclusion)

    def step_started(self, number: int, name: str) -> None:
        self._runs.start_step(self._job, number, name)

    def step_ended(self, number: int, conclusion: Conclusion) -> None:
        self._runs.end_step(self._job, number, conclusion)

    def log(self, number: int, line: str) -> None:
        self._runs.log(self._job, number, line)

    def remark(self, number: int, level: Level, message: str, file: str, line: int) -> None:
        self._runs.remark(self._job, number, level, message, file, line)

    def fail(self, message: str) -> None:
        """Say why there is no job, or why it went no further."""
        if not self._job:
            self.job("workflow", 1)
            self.step_started(1, "Set up job")
        self.log(1, f"##[error]{message}")
        self.remark(1, "error", message, "", 1)
        self.job_ended("failure")


class Machine:
    """Runs in tasks of the server's own loop."""

    def __init__(self, state: State, node: Node, folder: Path) -> None:
        self._state = state
        self._runs = state.runs
        self._node = node
        self._folder = folder
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._waiting: dict[str, list[int]] = {}
        self._running: dict[str, int] = {}
        self._free = asyncio.Semaphore(AT_ONCE)
        self._closing = False

    def recover(self) -> None:
        """Go on after a stop."""
        for run in self._runs.unfinished():
            if run.status == "queued":
                self.submit(run)
                continue
            for job in self._runs.jobs(run):
                if job["status"] != "completed":
                    steps = [step["number"] for step in self._runs.steps(job["id"]) if step["status"] == "in_progress"]
                    self._runs.log(job["id"], steps[-1] if steps else 1, f"##[error]{STOPPED}")
                    self._runs.remark(job["id"], steps[-1] if steps else 1, "error", STOPPED, "", 1)
                    self._runs.end_job(job["id"], "cancelled")
            self._runs.set(run.id, status="completed", conclusion="cancelled")

    def submit(self, run: Run) -> None:
        """Run it when its group's turn has come. An older one that waits in its group is cancelled."""
        group = f"{run.repository}/{run.content.group}" if run.content.group else f"run {run.id}"
        for waiting in self._waiting.pop(group, []):
            self._end(waiting, "cancelled")
        running = self._running.get(group)
        if running is not None:
            self._waiting[group] = [run.id]
            if run.content.cancels:
                self.cancel(running)
            return
        self._start(group, run.id)

    def cancel(self, run: int) -> None:
        """Stop it, or keep it from starting."""
        for waiting in self._waiting.values():
            if run in waiting:
                waiting.remove(run)
                self._end(run, "cancelled")
                return
        task = self._tasks.get(run)
        if task is not None:
            task.cancel()
        else:
            self._end(run, "cancelled")

    async def forget(self, repository: int) -> None:
        """Stop all of a repository, which is about to go."""
        theirs = [run.id for run in self._runs.unfinished() if run.repository == repository]
        tasks = [self._tasks[run] for run in theirs if run in self._tasks]
        for run in theirs[::-1]:
            self.cancel(run)
        if tasks:
            await asyncio.wait(tasks, timeout=8)

    async def close(self) -> None:
        """Stop all that runs; what waits starts with the next server."""
        self._closing = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=8)

    def _start(self, group: str, run: int) -> None:
        self._running[group] = run
        task = asyncio.get_running_loop().create_task(self._work(run))
        self._tasks[run] = task
        task.add_done_callback(lambda _: self._done(group, run))

    def _done(self, group: str, run: int) -> None:
        self._tasks.pop(run, None)
        self._running.pop(group, None)
        if self._closing:
            return
        self._end(run, "cancelled")  # where it was cancelled before it began
        for waiting in self._waiting.pop(group, []):
            self._start(group, waiting)

    def _end(self, run: int, conclusion: Conclusion) -> None:
        found = self._runs.find(run)
        if found is None or found.status == "completed":  # gone with its repository
            return
        for job in self._runs.jobs(found):
            if job["status"] != "completed":
                self._runs.end_job(job["id"], conclusion)
        self._runs.set(run, status="completed", conclusion=conclusion)

    async def _work(self, id: int) -> None:  # noqa: A002
        async with self._free:
            run = self._runs.by_id(id)
            self._runs.set(id, status="in_progress")
            record = Record(self._runs, run)
            conclusion: Conclusion = "failure"
            try:
                conclusion = await execute(self._request(run), record)
            except asyncio.CancelledError:
                conclusion = "cancelled"
            except WorkflowError as error:
                record.fail(str(error))
            except Exception:
                log.exception("run %s", id)
                record.fail("The local GitHub failed to run this; its log says more.")
            self._end(id, conclusion)

    def _request(self, run: Run) -> RunRequest:
        state, content = self._state, run.content
        repository = state.repositories.by_id(run.repository)
        return RunRequest(
            workflow=content.text,
            workflow_path=content.path,
            inputs=content.inputs,
            secrets=secret.of_run(state, repository),
            variables=variable.of_run(state, repository),
            repository=repository.full_name,
            bare=state.repositories.path(repository),
            ref=content.ref,
            sha=content.sha,
            run_id=run.id,
            run_number=run.number,
            run_attempt=run.attempt,
            run_name=content.title,
            event=content.event,
            actor=LOGIN,
            server_url=state.web_url,
            api_url=state.api_url,
            token=state.token,
            node=self._node,
            work_folder=self._folder / "work" / uuid.uuid4().hex,
            tool_folder=self._folder / "tools",
        )
