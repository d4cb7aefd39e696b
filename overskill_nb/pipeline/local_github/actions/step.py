"""One step: worked out, run, and what it leaves behind taken in."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from . import built_in, commands, expressions, processes, values
from .commands import Command
from .turn import turn

if TYPE_CHECKING:
    from .job import JobRun
    from .request import Level
    from .workflow import Step

_FILES = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE")
_SHELLS = {
    "": "bash -e {0}",
    "bash": "bash --noprofile --norc -eo pipefail {0}",
    "sh": "sh -e {0}",
    "python": "python {0}",
}
_NPX = re.compile(r"\bnpx\b|\bnpm exec\b")
"""It installs into npm's cache, which is one for all workflows, and bears no two that install the same."""
_KEPT = ("GITHUB_", "RUNNER_")
_IGNORED = {"debug", "echo", "add-matcher", "remove-matcher", "save-state"}


class StepError(ValueError):
    """A step cannot be run; one sentence."""


class StepRun:
    """A step of a job that runs."""

    def __init__(self, job: JobRun, step: Step, number: int) -> None:
        self._job = job
        self._step = step
        self._number = number
        self._until = ""
        """What ends a stretch without commands, after ``::stop-commands::``."""
        self.outputs: dict[str, str] = {}

    @property
    def title(self) -> str:
        """What the step is called, where it is not named."""
        step = self._step
        return step.uses or (step.run.strip().splitlines() or [""])[0]

    async def perform(self, env: Mapping[str, str]) -> bool:
        """Run the step; whether it succeeded. Raises ValueError with a sentence where it cannot be run."""
        return await (self._use(env) if self._step.uses else self._script(env))

    # ---------------------------------------------------------------------------------------------- actions

    async def _use(self, env: Mapping[str, str]) -> bool:
        action = built_in.find(self._step.uses)
        scope = self._job.scope(env)
        given = {name.lower(): expressions.text(value, scope) for name, value in self._step.inputs.items()}
        self._head([f"Run {self._step.uses}"], "", given, env)
        done = await action(built_in.Asked(given, self._job.request, self._job.workspace, self._say))
        self.outputs.update(done.outputs)
        self._job.add_paths(done.paths)
        return True

    # ---------------------------------------------------------------------------------------------- scripts

    async def _script(self, env: Mapping[str, str]) -> bool:
        job, step = self._job, self._step
        scope = job.scope(env)
        text = expressions.text(step.run, scope)
        chosen = expressions.text(step.shell, scope) or job.job.defaults.shell
        shell = _SHELLS.get(chosen, chosen)
        if "{0}" not in shell:
            raise StepError(f"This machine's runner has no shell '{chosen}'; it has bash, sh and python.")
        where = job.workspace / (expressions.text(step.working_directory, scope) or job.directory)
        if not where.is_dir():
            raise StepError(f"An error occurred trying to start the step: there is no folder '{where}'.")
        file = job.temporary / f"step-{self._number}.{'py' if chosen == 'python' else 'sh'}"
        file.write_text(text if text.endswith("\n") else text + "\n", "utf-8")
        files = self._files()
        told = {**job.environment(env), **{name: str(path) for name, path in files.items()}}
        command = [word.replace("{0}", str(file)) for word in shlex.split(shell)]
        program = shutil.which(command[0], path=told["PATH"])
        if program is None:
            raise StepError(f"This machine has no {command[0]}, which the step needs.")
        lines = text.rstrip().split("\n")
        self._head([f"Run {lines[0]}", *lines], shell.replace(command[0], program, 1), {}, env)
        async with turn(Path(told["npm_config_cache"]) / "lock") if _NPX.search(text) else contextlib.nullcontext():
            code = await processes.run([program, *command[1:]], cwd=where, env=told, on_line=self.take)
        self._collect(files)
        if code != 0:
            job.error(self._number, f"Process completed with exit code {code}.")
        return code == 0

    def _files(self) -> dict[str, Path]:
        folder = self._job.temporary / f"files-{self._number}"
        folder.mkdir(parents=True)
        files = {name: folder / name.removeprefix("GITHUB_").lower() for name in _FILES}
        for path in files.values():
            path.touch()
        return files

    def _collect(self, files: Mapping[str, Path]) -> None:
        """Take in what the step wrote. Raises FileError."""
        for name, value in commands.assignments(files["GITHUB_ENV"]).items():
            if name.upper().startswith(_KEPT) or name.upper() == "NODE_OPTIONS":
                raise StepError(f"Can't store {name} output parameter using '$GITHUB_ENV' command.")
            self._job.exported[name] = value
        self.outputs.update(commands.assignments(files["GITHUB_OUTPUT"]))
        self._job.add_paths(commands.paths(files["GITHUB_PATH"]))

    def _head(self, lines: list[str], shell: str, given: Mapping[str, str], env: Mapping[str, str]) -> None:
        self._say(f"##[group]{lines[0]}")
        for line in lines[1:]:
            self._say(line)
        if given:
            self._say("with:")
            for name, value in given.items():
                self._say(f"  {name}: {value}")
        if shell:
            self._say(f"shell: {shell}")
        if env:
            self._say("env:")
            for name, value in env.items():
                self._say(f"  {name}: {value}")
        self._say("##[endgroup]")

    # ------------------------------------------------------------------------------------------ what it says

    def _say(self, line: str) -> None:
        self._job.log(self._number, line)

    def take(self, line: str) -> None:
        """A line that the step printed."""
        if self._until:
            if line.strip() == f"::{self._until}::":
                self._until = ""
            else:
                self._say(line)
            return
        found = commands.command(line)
        if found is None:
            # Else a step could pass off its own text as the runner's.
            self._say(line)
            return
        known: Callable[[Command], None] | None = {
            "error": self._remark,
            "warning": self._remark,
            "notice": self._remark,
            "group": lambda told: self._say(f"##[group]{told.value}"),
            "endgroup": lambda _: self._say("##[endgroup]"),
            "add-mask": lambda told: self._job.masks.add(told.value),
            "set-output": self._output,
            "stop-commands": self._stop,
        }.get(found.name)
        if known is not None:
            known(found)
        elif found.name not in _IGNORED:
            self._say(line)

    def _remark(self, told: Command) -> None:
        level: Level = "error" if told.name == "error" else "warning" if told.name == "warning" else "notice"
        self._job.remark(
            self._number, level, told.value, told.properties.get("file", ""), told.properties.get("line", "")
        )

    def _output(self, told: Command) -> None:
        self.outputs[told.properties.get("name", "")] = told.value

    def _stop(self, told: Command) -> None:
        self._until = told.value


def as_context(outputs: Mapping[str, str], outcome: str, conclusion: str) -> values.Value:
    """What ``steps.<id>`` gives."""
    return {"outputs": dict(outputs), "outcome": outcome, "conclusion": conclusion}
