"""Executes a run: its jobs one after another, each in a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib

from . import expressions, values
from .expressions import Scope
from .job import JobRun
from .request import Conclusion, Report, RunRequest
from .syntax import ExpressionError
from .turn import turn
from .workflow import Job, Workflow, WorkflowError, complete, parse, typed


async def execute(request: RunRequest, report: Report) -> Conclusion:
    """Run the workflow to its end. One run at a time uses a tool folder; another waits.

    Raises WorkflowError where the file is none that can be run. Cancelling the task ends the steps' processes; steps
    with ``if: always()`` still run, and the conclusion is ``cancelled``. Cancelling it once more ends it at once.
    """
    workflow = parse(request.workflow, request.workflow_path)
    inputs = complete(workflow, request.inputs)
    try:
        async with turn(request.tool_folder / "lock"):
            return await _Run(request, workflow, report, inputs).perform()
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) is not None and getattr(task, "cancelling", lambda: 2)() > 1:
            raise
        return "cancelled"


class _Run:
    def __init__(self, request: RunRequest, workflow: Workflow, report: Report, inputs: dict[str, str]) -> None:
        self._request = request
        self._workflow = workflow
        self._report = report
        self._inputs = inputs
        self._needs: dict[str, values.Value] = {}
        self._conclusion: Conclusion = "success"

    async def perform(self) -> Conclusion:
        for number, job in enumerate(self._workflow.jobs.values(), 1):
            conclusion = await self._job(job, number)
            if conclusion == "cancelled" or (conclusion == "failure" and self._conclusion == "success"):
                self._conclusion = conclusion
        return self._conclusion

    async def _job(self, job: Job, number: int) -> Conclusion:
        needs = {name: self._needs[name] for name in job.needs}
        run = JobRun(self._request, self._workflow, job, self._report, needs=needs, inputs=self._inputs)
        self._report.job(run.masks(self._name(job)), number)
        conclusion: Conclusion = "failure"
        try:
            conclusion = await run.perform() if self._wanted(job, needs) else "skipped"
        except ExpressionError as error:
            raise WorkflowError(f"{self._workflow.path} (Line: {job.line}): {error}") from None
        finally:
            await asyncio.to_thread(run.remove)
            self._report.job_ended(conclusion)
        self._needs[job.id] = {"result": conclusion, "outputs": run.outputs}
        return conclusion

    def _scope(self, needs: dict[str, values.Value]) -> Scope:
        results = [about["result"] for about in needs.values()]
        return Scope(
            {
                "github": {"ref": self._request.ref, "sha": self._request.sha, "event_name": self._request.event},
                "inputs": typed(self._workflow, self._inputs),
                "vars": dict(self._request.variables),
                "needs": needs,
            },
            {
                "success": self._conclusion != "cancelled" and all(result == "success" for result in results),
                "failure": "failure" in results,
                "cancelled": self._conclusion == "cancelled",
                "always": True,
            },
        )

    def _wanted(self, job: Job, needs: dict[str, values.Value]) -> bool:
        return expressions.condition(job.condition, self._scope(needs))

    def _name(self, job: Job) -> str:
        with contextlib.suppress(ExpressionError):
            return expressions.text(job.name, self._scope({}))
        return job.name
