"""One job: a folder of its own, its steps one after another, and nothing left of it afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from .... import config
from . import environment, expressions, processes, values
from .expressions import Scope
from .masks import Masks
from .request import Conclusion, Level, Report, RunRequest
from .step import StepRun, as_context
from .syntax import ExpressionError
from .workflow import Job, Step, Workflow, typed

CLEAN_UP = 300.0
"""Seconds that steps may take which run although the run was cancelled."""
_LONGEST_LOG = 64 * 1024 * 1024


class JobRun:
    """A job that runs. ``needs``: what the jobs before it gave."""

    def __init__(
        self,
        request: RunRequest,
        workflow: Workflow,
        job: Job,
        report: Report,
        *,
        needs: Mapping[str, values.Value],
        inputs: Mapping[str, str],
    ) -> None:
        self.request = request
        self.job = job
        self.workspace = request.work_folder / job.id / request.repository.split("/")[-1]
        self.temporary = request.work_folder / job.id / "_temp"
        self._home = request.work_folder / job.id / "home"
        self.masks = Masks([*request.secrets.values(), request.token])
        self.exported: dict[str, str] = {}
        """What steps wrote to GITHUB_ENV."""
        self._report = report
        self._workflow = workflow
        self._paths: list[str] = []
        self._steps: dict[str, values.Value] = {}
        self._status: Conclusion = "success"
        self._cancelled = False
        self._logged = 0
        self._env: dict[str, str] = {}
        self._directory = ""
        self._tracking = f"overskill_{uuid.uuid4()}"
        self._machine: dict[str, str] = {}
        self._contexts: dict[str, values.Value] = {
            "github": self._github(inputs),
            "inputs": typed(workflow, inputs),
            "secrets": {**request.secrets, "GITHUB_TOKEN": request.token},
            "vars": dict(request.variables),
            "needs": dict(needs),
            "strategy": {},
            "matrix": {},
            "runner": {
                "os": {"Darwin": "macOS"}.get(platform.system(), platform.system()),
                "arch": {"x86_64": "X64", "aarch64": "ARM64", "arm64": "ARM64"}.get(platform.machine(), "X64"),
                "name": "this machine",
                "temp": str(self.temporary),
                "tool_cache": str(request.tool_folder),
                "environment": "self-hosted",
            },
        }
        self.outputs: dict[str, str] = {}

    # -------------------------------------------------------------------------------------------- the course

    async def perform(self) -> Conclusion:
        """Run the steps; how the job ended. The first cancellation ends it in order, another one at once."""
        try:
            return await self._perform()
        finally:
            processes.end_all(self._tracking)

    async def _perform(self) -> Conclusion:
        ends = asyncio.get_running_loop().time() + 60 * self._minutes(self.job.timeout_minutes, 360)
        if not await self._set_up():
            return "failure"
        number = 1
        for step in self.job.steps:
            number += 1
            await self._step(step, number, ends)
            if self._cancelled:
                ends = min(ends, asyncio.get_running_loop().time() + CLEAN_UP)
        number += 1
        self._report.step_started(number, "Complete job")
        for name, template in self.job.outputs.items():
            try:
                self.outputs[name] = expressions.text(template, self.scope(self._env))
            except ExpressionError as error:
                self.error(number, str(error))
                self._status = "failure"
        if left := processes.end_all(self._tracking):
            self.log(number, f"Ended {len(left)} process{'' if len(left) == 1 else 'es'} that steps had left running")
        self._report.step_ended(number, "success")
        if self._status == "failure" and values.truthy(self._worked_out(self.job.continue_on_error)):
            return "success"
        return self._status

    async def _set_up(self) -> bool:
        self._report.step_started(1, "Set up job")
        self.log(1, "Runner: this machine's, of overskill_nb")
        try:
            for folder in (self.workspace, self.temporary, self._home, self.request.tool_folder):
                folder.mkdir(parents=True, exist_ok=True)
            event = self.temporary / "event.json"
            event.write_text(values.as_json(self._contexts["github"]["event"]), "utf-8")
            (self._home / ".npmrc").write_text(await environment.npmrc(self.request.node, self._home), "utf-8")
            self._machine = self._of_machine()
            self._env = self._texts(self._workflow.env, {})
            self._env |= self._texts(self.job.env, self._env)
            self._directory = expressions.text(self.job.defaults.working_directory, self.scope(self._env))
        except asyncio.CancelledError:
            self._cancelled, self._status = True, "cancelled"
        except (ValueError, OSError) as error:
            self.error(1, str(error))
            self._report.step_ended(1, "failure")
            return False
        self._report.step_ended(1, self._status)
        return True

    async def _step(self, step: Step, number: int, ends: float) -> None:
        run = StepRun(self, step, number)
        outcome: Conclusion = "failure"
        self._report.step_started(number, self.masks(self._title(step, run)))
        try:
            env = {**self._env, **self.exported}
            if expressions.condition(step.condition, self.scope(env, status=True)):
                env |= self._texts(step.env, env)
                outcome = await self._within(run, step, env, number, ends)
            else:
                outcome = "skipped"
        except (ValueError, OSError) as error:
            self.error(number, f"{self._workflow.path} (Line: {step.line}): {error}")
        conclusion = outcome
        if outcome == "failure" and values.truthy(self._worked_out(step.continue_on_error)):
            conclusion = "success"
        if step.id:
            self._steps[step.id] = as_context(run.outputs, outcome, conclusion)
        if conclusion == "failure" and not self._cancelled:
            self._status = "failure"
        self._report.step_ended(number, conclusion)

    async def _within(self, run: StepRun, step: Step, env: dict[str, str], number: int, ends: float) -> Conclusion:
        """Perform a step in the time that it has."""
        now = asyncio.get_running_loop().time()
        limit = self._minutes(step.timeout_minutes, 0)
        left = max(0.0, ends - now)
        seconds = min(left, limit * 60) if limit else left
        work = asyncio.ensure_future(run.perform(env))
        cancelled_before = self._cancelled
        try:
            done, _ = await asyncio.wait({work}, timeout=seconds)
        except asyncio.CancelledError:
            await _ended(work)
            if cancelled_before:
                raise
            self._cancelled, self._status = True, "cancelled"
            self.error(number, "The operation was canceled.")
            return "cancelled"
        if done:
            return "success" if work.result() else "failure"
        await _ended(work)
        if limit and limit * 60 <= left:
            self.error(number, f"The step '{step.name or run.title}' has timed out after {limit:g} minutes.")
        else:
            self.error(number, "The job has exceeded the time that it may take.")
        return "failure"

    def _title(self, step: Step, run: StepRun) -> str:
        with contextlib.suppress(ExpressionError):
            if named := expressions.text(step.name, self.scope({**self._env, **self.exported})).strip():
                return named
        return step.name or f"Run {run.title}"

    def _minutes(self, given: Any, otherwise: float) -> float:
        found = values.number(self._worked_out(given)) if given is not None else otherwise
        return found if found > 0 else otherwise

    def _worked_out(self, template: Any) -> values.Value:
        try:
            return expressions.interpolate(template, self.scope({**self._env, **self.exported}))
        except ExpressionError:
            return None

    # ------------------------------------------------------------------------------------- what steps are told

    @property
    def directory(self) -> str:
        """Where scripts run, below the workspace."""
        return self._directory

    def scope(self, env: Mapping[str, str], *, status: bool = False) -> Scope:
        known = {
            "success": self._status == "success",
            "failure": self._status == "failure",
            "cancelled": self._cancelled,
            "always": True,
        }
        job = {"status": self._status}
        return Scope(
            {**self._contexts, "env": dict(env), "steps": self._steps, "job": job},
            known if status else {},
            self.workspace,
        )

    def _texts(self, given: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, str]:
        return {name: expressions.text(value, self.scope(env)) for name, value in given.items()}

    def add_paths(self, paths: Iterable[str]) -> None:
        """Folders in which programs are looked for first."""
        for path in paths:
            self._paths.insert(0, path)

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """What a step's processes are told."""
        told = {**self._machine, **env, **self._fixed()}
        told["PATH"] = os.pathsep.join([*self._paths, env.get("PATH") or self._machine["PATH"]])
        return told

    def _of_machine(self) -> dict[str, str]:
        request = self.request
        return {
            **environment.of_machine(),
            **request.node.environment,
            "HOME": str(self._home),
            "CI": "true",
            # What was downloaded once is not again: a workflow then runs without a network too.
            "npm_config_cache": str(config.cache_folder() / "npm"),
            "npm_config_prefer_offline": "true",
            "npm_config_update_notifier": "false",
            "WRANGLER_SEND_METRICS": "false",
        }

    def _fixed(self) -> dict[str, str]:
        github, runner = self._contexts["github"], self._contexts["runner"]
        names = (
            "action actor api_url event_name event_path graphql_url job ref ref_name ref_type repository "
            "repository_owner run_attempt run_id run_number server_url sha workflow workspace head_ref base_ref"
        )
        return {
            "GITHUB_ACTIONS": "true",
            **{f"GITHUB_{name.upper()}": values.text(github.get(name)) for name in names.split()},
            **{f"RUNNER_{name.upper()}": values.text(value) for name, value in runner.items()},
            processes.TRACKING: self._tracking,
        }

    def _github(self, inputs: Mapping[str, str]) -> values.Value:
        request = self.request
        return {
            "action": "__run",
            "actor": request.actor,
            "triggering_actor": request.actor,
            "api_url": request.api_url,
            "base_ref": "",
            "event": {
                "inputs": dict(inputs),
                "ref": request.ref,
                "repository": {"full_name": request.repository},
                "sender": {"login": request.actor},
                "workflow": request.workflow_path,
            },
            "event_name": request.event,
            "event_path": str(self.temporary / "event.json"),
            "graphql_url": f"{request.api_url}/graphql",
            "head_ref": "",
            "job": self.job.id,
            "ref": request.ref,
            "ref_name": request.ref.removeprefix("refs/heads/").removeprefix("refs/tags/"),
            "ref_type": "tag" if request.ref.startswith("refs/tags/") else "branch",
            "repository": request.repository,
            "repository_owner": request.repository.split("/")[0],
            "run_attempt": str(request.run_attempt),
            "run_id": str(request.run_id),
            "run_number": str(request.run_number),
            "server_url": request.server_url,
            "sha": request.sha,
            "token": request.token,
            "workflow": self._workflow.name or request.workflow_path,
            "workspace": str(self.workspace),
        }

    # ------------------------------------------------------------------------------------------- what is told

    def log(self, number: int, line: str) -> None:
        """A line, with secrets masked."""
        if self._logged > _LONGEST_LOG:
            return
        self._logged += len(line) + 1
        if self._logged > _LONGEST_LOG:
            line = f"##[warning]The log is cut after {_LONGEST_LOG // 1024 // 1024} MiB."
        self._report.log(number, self.masks(line))

    def error(self, number: int, message: str) -> None:
        self.remark(number, "error", message, "", "")

    def remark(self, number: int, level: Level, message: str, file: str, line: str) -> None:
        for text in message.splitlines() or [""]:
            self.log(number, f"##[{level}]{text}")
        where = int(line) if line.isdecimal() and len(line) < 10 else 0
        self._report.remark(number, level, self.masks(message), self.masks(file), where)

    def remove(self) -> None:
        """Leave nothing of the job's folder."""
        shutil.rmtree(self.request.work_folder / self.job.id, ignore_errors=True)


async def _ended(work: asyncio.Future[bool]) -> None:
    work.cancel()
    await asyncio.wait({work})
    if not work.cancelled():
        work.exception()
