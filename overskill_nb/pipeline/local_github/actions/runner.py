"""Executes a run: its jobs one after another, each in a folder of its own."""

from __future__ import annotations

from .request import Conclusion, Report, RunRequest


async def execute(request: RunRequest, report: Report) -> Conclusion:
    """Run the workflow to its end.

    Raises WorkflowError where the file is none that can be run. Cancelling the task ends the steps' processes; steps
    with ``if: always()`` still run, and the conclusion is ``cancelled``.
    """
    raise NotImplementedError
