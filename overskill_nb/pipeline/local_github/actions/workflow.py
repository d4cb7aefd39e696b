"""What a workflow file says, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class WorkflowError(ValueError):
    """The file is no workflow that this runner can run; one sentence, with the line where it is known."""


@dataclass(frozen=True)
class Input:
    """An input of ``workflow_dispatch``."""

    name: str
    description: str = ""
    required: bool = False
    default: str = ""
    type: str = "string"
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workflow:
    """A workflow file."""

    name: str
    """Empty where the file gives none."""
    events: tuple[str, ...]
    """What it runs on, such as ``workflow_dispatch``."""
    inputs: Mapping[str, Input]
    run_name: str
    """With its expressions."""
    jobs: Mapping[str, Any]
    env: Mapping[str, Any] = field(default_factory=dict)


def parse(text: str, path: str = ".github/workflows/deploy.yml") -> Workflow:
    """Raises WorkflowError."""
    raise NotImplementedError


def complete(workflow: Workflow, inputs: Mapping[str, Any]) -> dict[str, str]:
    """The inputs with defaults. Raises WorkflowError for one that is missing, unknown or of the wrong type, in
    GitHub's words, with which the API answers 422."""
    raise NotImplementedError


def run_name(
    workflow: Workflow,
    inputs: Mapping[str, str],
    github: Mapping[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
) -> str:
    """The run's title; the workflow's name where the file gives none."""
    raise NotImplementedError
