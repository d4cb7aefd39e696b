"""The workflow that makes production: started once, followed to its end, its failure told by its own log."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ...errors import GithubError
from .answers import Job, Run, Step
from .masking import masked

if TYPE_CHECKING:
    from ..deployments.ports import OnLine, WorkflowTask
    from .client import GithubClient

WORKFLOW = "deploy.yml"
WORKFLOW_PATH = f".github/workflows/{WORKFLOW}"
LISTED = 75.0
"""Seconds after which a run that was started is listed for certain."""
LOG_LINES = 200
_DIGEST = re.compile(r"overskill-build ([0-9a-f]{64})\b")
_TIME = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT[\d:.]+Z ?", re.MULTILINE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_BEGINS = ("##[group]Run ", "Post job cleanup.")
_LONGEST_OUTAGE = 600.0
_STOPPING = 60.0


class Production:
    """One deployment's run."""

    def __init__(
        self, client: GithubClient, task: WorkflowTask, on_line: OnLine, secrets: Collection[str] = ()
    ) -> None:
        self.client = client
        self.task = task
        self.on_line = on_line
        self.secrets = secrets
        self.local = client.settings.local

    # ---------------------------------------------------------------------------------------------- starting

    async def dispatch(self, *, again: bool) -> Run:
        """The run that carries the deployment's id: found, or else started."""
        name, clock = self.task.repository, self.client.clock
        last: GithubError | None = None
        for attempt in range(3):
            ends = clock.now() + (self._listed if again or attempt else 0.0)
            if found := await self._find(ends):
                self.on_line(f"The run {found.url} was started before.")
                return found
            try:
                started = await self.client.dispatch(name, WORKFLOW, self.task.branch, self._inputs)
            except GithubError as error:
                if error.status == 404:
                    raise GithubError(
                        f"Starting the workflow of {name} failed: GitHub knows no workflow {WORKFLOW_PATH} on the "
                        "repository's default branch; sync the app, or connect it again, which writes it.",
                        status=404,
                    ) from error
                # What was limited did not start anything; all else that passes may have.
                if not error.temporary or error.retry_after is not None:
                    raise
                last = error
                self.on_line(f"{error} Whether the run began is looked for before it is started again.")
                continue
            if started is None and (started := await self._find(clock.now() + self._listed)) is None:
                raise GithubError(
                    f"Starting the workflow of {name} failed: GitHub took the call and lists no run for it; see the "
                    f"Actions page of {name}.",
                    temporary=True,
                )
            return started
        assert last is not None
        raise last

    @property
    def _listed(self) -> float:
        return 2.0 if self.local else LISTED

    @property
    def _inputs(self) -> dict[str, str]:
        task = self.task
        return {
            "deployment": task.id,
            "commit": task.commit,
            "environment": task.environment,
            "namespace": task.namespace,
            "script": task.script,
            "env": json.dumps(task.env, sort_keys=True, ensure_ascii=False),
        }

    async def _find(self, ends: float) -> Run | None:
        """The run, which is looked for at least once and until then."""
        pause = 0.3 if self.local else 3.0
        while True:
            try:
                if found := await self.client.find_run(self.task.repository, WORKFLOW, self.task.id):
                    return found
            except GithubError as error:
                if error.status != 404:  # no such workflow yet: no run of it either
                    raise
            left = ends - self.client.clock.now()
            if left <= 0:
                return None
            await self.client.pause(min(pause, left))
            pause = min(pause * 1.5, 10.0)

    # --------------------------------------------------------------------------------------------- following

    async def follow(self, number: int) -> str:
        """Wait for the run's end, with a line for each step; the digest of what it built."""
        name, told = self.task.repository, set[tuple[int, int]]()
        pause = 0.3 if self.local else 3.0
        broken_since: float | None = None
        waits = False
        while True:
            try:
                run = await self.client.run(name, number)
                jobs = await self.client.jobs(name, number)
                broken_since = None
            except GithubError as error:
                now = self.client.clock.now()
                broken_since = now if broken_since is None else broken_since
                if not error.temporary or error.retry_after is not None or now - broken_since > _LONGEST_OUTAGE:
                    raise
                self.on_line(f"{error} The run goes on; it is looked at again.")
            else:
                for job in jobs:
                    for step in job.steps:
                        if step.status == "completed" and (job.id, step.number) not in told:
                            told.add((job.id, step.number))
                            self._tell(step)
                if run.status == "completed":
                    break
                if run.status in {"waiting", "action_required"} and not waits:
                    waits = True
                    self.on_line(f"The run waits for somebody's approval at {run.url}")
            await self.client.pause(pause)
            pause = 0.3 if self.local else min(pause * 1.25, 10.0)
        if run.conclusion == "success":
            return await self._digest(run, jobs)
        raise await self._failed(run, jobs)

    def _tell(self, step: Step) -> None:
        if step.conclusion == "skipped":
            return
        became = "done in" if step.conclusion == "success" else f"{step.conclusion or 'ended'} after"
        self.on_line(f"{step.name}: {became} {_seconds(step.seconds)}")

    async def _digest(self, run: Run, jobs: list[Job]) -> str:
        for job in jobs:
            found = _DIGEST.findall(await self._log(job))
            if found:
                return str(found[-1])
        raise GithubError(
            f"The workflow of {self.task.repository} succeeded and does not say what it built: its log lacks the line "
            f"'overskill-build …'; connect the app again, which writes {WORKFLOW_PATH} anew. The run is {run.url}"
        )

    async def _log(self, job: Job) -> str:
        """The job's log; GitHub has it a little after the job's end."""
        pause = 0.3 if self.local else 1.0
        for attempt in range(8):
            try:
                return await self.client.job_log(self.task.repository, job.id)
            except GithubError as error:
                if error.status not in {404, 410} or attempt == 7:
                    raise
            await self.client.pause(pause)
            pause = min(pause * 1.5, 5.0)
        raise AssertionError("the last attempt gives or raises")

    async def _failed(self, run: Run, jobs: list[Job]) -> GithubError:
        name = self.task.repository
        job = next((job for job in jobs if job.conclusion not in {"success", "skipped", "neutral"}), None)
        if run.conclusion == "cancelled":
            return GithubError(f"The workflow's run at {name} was cancelled: {run.url}")
        if job is None or not job.steps:
            why = await self._remarks(job) if job else ""
            if run.conclusion == "startup_failure" and not why:
                why = f"GitHub could not read {WORKFLOW_PATH}; connect the app again, which writes it anew."
            return GithubError(f"The workflow of {name} did not begin: {why or 'GitHub does not say why.'} {run.url}")
        step = next((step for step in job.steps if step.conclusion in {"failure", "cancelled", "timed_out"}), None)
        try:
            for line in failing_lines(await self._log(job)):
                self.on_line(masked(line, self.secrets))
        except GithubError as error:
            self.on_line(str(error))
        what = f"its step '{step.name}' failed" if step else f"its job '{job.name}' {job.conclusion.replace('_', ' ')}"
        return GithubError(f"The workflow of {name} failed: {what}; see the deployment's log, or {run.url}")

    async def _remarks(self, job: Job) -> str:
        try:
            said = " ".join(await self.client.remarks(self.task.repository, job.id))
        except GithubError:
            return ""
        from . import meanings

        return meanings.said(said) or masked(said, self.secrets)

    # ---------------------------------------------------------------------------------------------- stopping

    async def stop(self, number: int) -> None:
        """Cancel the run and wait for its end, which its clean-up may delay. 0: it may have been started, or not."""
        name, clock = self.task.repository, self.client.clock
        if not number:
            found = await self._find(clock.now() + self._listed)
            if found is None:
                return
            number = found.id
        for force in (False, True):
            try:
                if (await self.client.run(name, number)).status == "completed":
                    return
                await self.client.cancel(name, number, force=force)
            except GithubError as error:
                if error.status == 404 and not force:
                    return  # there is no such run
                raise
            ends = clock.now() + _STOPPING
            while clock.now() < ends:
                if (await self.client.run(name, number)).status == "completed":
                    return
                await self.client.pause(0.3 if self.local else 3.0)
        raise GithubError(
            f"The workflow's run at {name} does not end, although it was cancelled; see it at GitHub.", temporary=True
        )


def failing_lines(log: str) -> list[str]:
    """What the failing step wrote, at most its last lines, without times and colours."""
    lines = _COLOURS.sub("", _TIME.sub("", log.replace("\r\n", "\n"))).rstrip("\n").split("\n")
    errors = [at for at, line in enumerate(lines) if line.startswith("##[error]")]
    if errors:
        first = errors[0]
        end = next((at for at in range(first + 1, len(lines)) if lines[at].startswith(_BEGINS)), len(lines))
        begin = next((at for at in range(first, -1, -1) if lines[at].startswith(_BEGINS)), 0)
        lines = lines[begin:end]
    shown = [line.replace("##[error]", "").replace("##[group]", "") for line in lines if line != "##[endgroup]"]
    return shown[-LOG_LINES:]


def as_result(run: Run) -> dict[str, Any]:
    return {"run": run.id, "run_url": run.url}


def _seconds(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"
