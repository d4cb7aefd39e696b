"""What a run is asked to do, and how it tells what it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from ...node import Node

Conclusion = Literal["success", "failure", "cancelled", "skipped"]
"""How a step, a job or a run ended, in GitHub's words."""
Level = Literal["error", "warning", "notice"]


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """One run of a workflow."""

    workflow: str
    """The file's text."""
    workflow_path: str = ".github/workflows/deploy.yml"
    inputs: Mapping[str, str] = field(default_factory=dict)
    """As the dispatch gave them; defaults are added here."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict)
    repository: str
    """Owner and name."""
    bare: Path
    """The bare repository's folder."""
    ref: str
    """Such as ``refs/heads/main``."""
    sha: str
    run_id: int
    run_number: int = 1
    run_attempt: int = 1
    run_name: str = ""
    event: str = "workflow_dispatch"
    actor: str = "me"
    server_url: str
    api_url: str
    token: str = field(default="", repr=False)
    """What ``github.token`` gives."""
    node: Node
    work_folder: Path
    """Scratch of this run alone; what is made in it is removed at the end."""
    tool_folder: Path
    """Kept from run to run: npm's cache."""


class Report(Protocol):
    """Takes in what happens, in order. Jobs run one after another: what is said of steps is of the job begun last."""

    def job(self, name: str, number: int) -> None:
        """A job begins; numbers count from 1."""

    def job_ended(self, conclusion: Conclusion) -> None: ...

    def step_started(self, number: int, name: str) -> None:
        """A step begins; the first has number 1 and is the runner's own ``Set up job``."""

    def step_ended(self, number: int, conclusion: Conclusion) -> None: ...

    def log(self, number: int, line: str) -> None:
        """A line of a step's log, without its time and with secrets masked."""

    def remark(self, number: int, level: Level, message: str, file: str, line: int) -> None:
        """What a step said of a file, or of the whole where ``file`` is empty: an annotation."""
