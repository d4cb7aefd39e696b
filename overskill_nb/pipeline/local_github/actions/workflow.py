"""What a workflow file says, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import expressions, values
from .document import Document, WorkflowError
from .document import Mapping as Block
from .expressions import Scope
from .syntax import ExpressionError

__all__ = ["Input", "Job", "Step", "Workflow", "WorkflowError", "complete", "parse", "run_name"]

_WORKFLOW = {"name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"}
_JOB = {
    "name",
    "permissions",
    "needs",
    "if",
    "runs-on",
    "environment",
    "concurrency",
    "outputs",
    "env",
    "defaults",
    "steps",
    "timeout-minutes",
    "continue-on-error",
}
_NOT_IN_JOBS = {"services", "container", "strategy", "uses", "with", "secrets"}
_STEP = {
    "id",
    "if",
    "name",
    "uses",
    "run",
    "working-directory",
    "shell",
    "with",
    "env",
    "continue-on-error",
    "timeout-minutes",
}
_INPUT = {"description", "required", "default", "type", "options", "deprecationMessage"}
_TYPES = {"string", "boolean", "choice", "number", "environment"}


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
class Defaults:
    shell: str = ""
    working_directory: str = ""


@dataclass(frozen=True)
class Step:
    """A step; its texts still have their expressions."""

    line: int
    id: str = ""
    name: str = ""
    condition: Any = None
    uses: str = ""
    run: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """What ``with`` says."""
    env: Mapping[str, Any] = field(default_factory=dict)
    shell: str = ""
    working_directory: str = ""
    continue_on_error: Any = False
    timeout_minutes: Any = None


@dataclass(frozen=True)
class Job:
    line: int
    id: str
    name: str
    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    condition: Any = None
    env: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    defaults: Defaults = Defaults()
    timeout_minutes: Any = 360
    continue_on_error: Any = False


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
    jobs: Mapping[str, Job]
    """Each after those that it needs."""
    env: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""


def parse(text: str, path: str = ".github/workflows/deploy.yml") -> Workflow:
    """Raises WorkflowError."""
    return _Reader(Document(text, path)).workflow()


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document

    def workflow(self) -> Workflow:
        root, document = self._document.root, self._document
        document.known(root, _WORKFLOW)
        for key in ("on", "jobs"):
            if root.get(key) is None:
                raise document.wrong(f"Required property is missing: {key}", root.line)
        on = root["on"]
        events = tuple(map(str, on)) if isinstance(on, (list, dict)) else (str(on),)
        self._expression(root, "run-name")
        outer = self._defaults(root, Defaults())
        jobs = document.mapping(root, "jobs")
        found = {id_: self._job(id_, jobs, outer) for id_ in jobs}
        if not found:
            raise document.wrong("the workflow has no job", jobs.line)
        return Workflow(
            name=values.text(root.get("name")),
            events=events,
            inputs=self._inputs(on) if isinstance(on, Block) else {},
            run_name=values.text(root.get("run-name")),
            jobs=self._ordered(found),
            env=self._env(root),
            path=document.path,
        )

    def _inputs(self, on: Block) -> dict[str, Input]:
        document = self._document
        given = document.mapping(document.mapping(on, "workflow_dispatch"), "inputs")
        inputs: dict[str, Input] = {}
        for name in given:
            about = document.mapping(given, name)
            document.known(about, _INPUT)
            kind = values.text(about.get("type")) or "string"
            if kind not in _TYPES:
                raise document.wrong(f"Unexpected value '{kind}' for the type of an input", about.lines["type"])
            options = tuple(map(values.text, about.get("options") or ()))
            default = values.text(about.get("default"))
            if kind == "choice" and not options:
                raise document.wrong(f"The input '{name}' is a choice and has no options", about.line)
            inputs[name] = Input(
                name=name,
                description=values.text(about.get("description")),
                required=about.get("required") is True,
                default=default or (options[0] if kind == "choice" else "false" if kind == "boolean" else ""),
                type=kind,
                options=options,
            )
        return inputs

    def _job(self, id_: str, jobs: Block, outer: Defaults) -> Job:
        document = self._document
        job = document.mapping(jobs, id_)
        document.known(job, _JOB, _NOT_IN_JOBS)
        if not job.get("runs-on"):
            raise document.wrong("Required property is missing: runs-on", job.line)
        for key in ("name", "timeout-minutes", "continue-on-error"):
            self._expression(job, key)
        self._condition(job)
        needs = job.get("needs") or []
        steps = job.get("steps")
        if not isinstance(steps, list) or not steps:
            raise document.wrong(f"The job '{id_}' has no steps", job.line)
        defaults = self._defaults(job, outer)
        return Job(
            line=job.line,
            id=id_,
            name=values.text(job.get("name")) or id_,
            steps=tuple(self._step(step, job) for step in steps),
            needs=tuple(needs) if isinstance(needs, list) else (str(needs),),
            condition=job.get("if"),
            env=self._env(job),
            outputs=self._texts(job, "outputs"),
            defaults=defaults,
            timeout_minutes=job.get("timeout-minutes", 360),
            continue_on_error=job.get("continue-on-error", False),
        )

    def _step(self, step: Any, job: Block) -> Step:
        document = self._document
        if not isinstance(step, Block):
            raise document.wrong("a step is a mapping", job.lines["steps"])
        document.known(step, _STEP)
        if ("uses" in step) == ("run" in step):
            raise document.wrong("a step has either 'uses' or 'run'", step.line)
        for key in ("name", "run", "shell", "working-directory", "continue-on-error", "timeout-minutes"):
            self._expression(step, key)
        self._condition(step)
        return Step(
            line=step.line,
            id=values.text(step.get("id")),
            name=values.text(step.get("name")),
            condition=step.get("if"),
            uses=values.text(step.get("uses")),
            run=values.text(step.get("run")),
            inputs=self._texts(step, "with"),
            env=self._env(step),
            shell=values.text(step.get("shell")),
            working_directory=values.text(step.get("working-directory")),
            continue_on_error=step.get("continue-on-error", False),
            timeout_minutes=step.get("timeout-minutes"),
        )

    def _ordered(self, jobs: Mapping[str, Job]) -> dict[str, Job]:
        ordered: dict[str, Job] = {}
        for job in jobs.values():
            if unknown := [needed for needed in job.needs if needed not in jobs]:
                raise self._document.wrong(f"The job '{job.id}' needs '{unknown[0]}', which is not there", job.line)
        while len(ordered) < len(jobs):
            ready = [job for job in jobs.values() if job.id not in ordered and all(n in ordered for n in job.needs)]
            if not ready:
                stuck = next(job for job in jobs.values() if job.id not in ordered)
                raise self._document.wrong(f"The job '{stuck.id}' needs itself in the end", stuck.line)
            ordered[ready[0].id] = ready[0]
        return ordered

    def _defaults(self, of: Block, outer: Defaults) -> Defaults:
        run = self._document.mapping(self._document.mapping(of, "defaults"), "run")
        self._document.known(run, {"shell", "working-directory"})
        return Defaults(
            values.text(run.get("shell")) or outer.shell,
            values.text(run.get("working-directory")) or outer.working_directory,
        )

    def _env(self, of: Block) -> dict[str, Any]:
        return self._texts(of, "env")

    def _texts(self, of: Block, key: str) -> dict[str, Any]:
        found = self._document.mapping(of, key)
        for name, value in found.items():
            if isinstance(value, (dict, list)):
                raise self._document.wrong(f"'{name}' is no text", found.lines[name])
            self._expression(found, name)
        return dict(found)

    def _expression(self, of: Block, key: str) -> None:
        self._checked(of, key, expressions.check)

    def _condition(self, of: Block) -> None:
        self._checked(of, "if", expressions.check_condition)

    def _checked(self, of: Block, key: str, check: Callable[[Any], None]) -> None:
        try:
            check(of.get(key))
        except ExpressionError as error:
            raise self._document.wrong(str(error), of.lines[key]) from None


def complete(workflow: Workflow, inputs: Mapping[str, Any]) -> dict[str, str]:
    """The inputs with defaults. Raises WorkflowError for one that is missing, unknown or of the wrong type, in
    GitHub's words, with which the API answers 422."""
    if unknown := [name for name in inputs if name not in workflow.inputs]:
        raise WorkflowError(f"Unexpected inputs provided: {unknown!r}".replace("'", '"'))
    made: dict[str, str] = {}
    for name, about in workflow.inputs.items():
        given = values.text(inputs[name]) if name in inputs else ""
        if not given and about.required and not about.default:
            raise WorkflowError(f"Required input '{name}' not provided")
        value = given if name in inputs else about.default
        if about.type == "boolean" and value not in {"true", "false"}:
            raise WorkflowError(f"Provided value '{value}' for input '{name}' not in the list of allowed values")
        if about.type == "choice" and value not in about.options:
            raise WorkflowError(f"Provided value '{value}' for input '{name}' not in the list of allowed values")
        made[name] = value
    return made


def typed(workflow: Workflow, inputs: Mapping[str, str]) -> dict[str, values.Value]:
    """The inputs as the context ``inputs`` has them: booleans and numbers are such."""

    def value(name: str, given: str) -> values.Value:
        kind = workflow.inputs[name].type if name in workflow.inputs else "string"
        return given == "true" if kind == "boolean" else values.number(given) if kind == "number" and given else given

    return {name: value(name, given) for name, given in inputs.items()}


def run_name(
    workflow: Workflow,
    inputs: Mapping[str, str],
    github: Mapping[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
) -> str:
    """The run's title; the workflow's name where the file gives none."""
    about = {"github": dict(github or {}), "inputs": typed(workflow, inputs), "vars": dict(variables or {})}
    try:
        made = expressions.text(workflow.run_name, Scope(about)).strip()
    except ExpressionError as error:
        raise WorkflowError(f"{workflow.path}: {error}") from None
    return made or workflow.name or workflow.path
