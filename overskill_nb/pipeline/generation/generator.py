"""The loop: ask, read the answer, check it, have it mended, until it passes or the budget is used up."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ...errors import GenerationError, OverskillError
from ...protocol import Diagnostic
from ...protocol_generation import Attempt, AttemptChecked, AttemptStarted, CostChanged, Picture, TextWritten, ToolUsed
from . import prompts
from .answer import Answer, read
from .asked_for import missing
from .asking import Answered, Asking, Called, Text
from .budget import Spending, settled
from .check import Checked
from .draft import Draft
from .families import tokens
from .fences import Unfenced
from .grammar import of_file
from .model_spec import ModelSpec
from .ports import AppPort, BrowserPort
from .request import Wanted
from .surroundings import Surroundings
from .tools import Toolbox

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage

Step: TypeAlias = TextWritten | AttemptStarted | ToolUsed | AttemptChecked | CostChanged

SAME_ERRORS = 3
"""After so many attempts in a row with the same errors, another one is not made."""
ATTENTIVE = 16_000
"""Models that read fewer tokens than this are told only of what the task names."""
WARMER = 0.3
"""A model that takes a temperature is asked for another try with so much more: the same words give the same answer."""


class _Runs(NamedTuple):
    """A version that runs while a more complete one is tried for."""

    changes: dict[str, str | None]
    lacks: list[Diagnostic]


class Generator:
    """One generation. ``run`` yields what happens; the outcome is in ``draft``, ``passed``, ``answer``."""

    def __init__(
        self,
        app: AppPort,
        wanted: Wanted,
        spec: ModelSpec,
        browser: BrowserPort | None = None,
        environment: Mapping[str, str] = os.environ,
        trial: Callable[[Draft], Awaitable[list[Diagnostic]]] | None = None,
    ) -> None:
        """``trial`` writes a draft that passed the check, and takes it back where a browser finds errors in it."""
        self.app = app
        self._environment = environment
        self.wanted = wanted
        self.spec = spec
        self.draft = Draft(app.project)
        self.spending = Spending(settled(wanted.budget))
        self.attempts: list[Attempt] = []
        self.answer = ""
        self.passed = False
        self.reason = ""
        """Why nothing passed, in one sentence."""
        self._toolbox = Toolbox(app, self.draft, self._check, browser, sees=spec.family.sees)
        self._trial = trial
        self._around = Surroundings()
        self._bare = True
        self._idle: set[str] = set()
        """What the component did not do before, in the check's words."""
        self._lacks: list[Diagnostic] = []
        """What the last version does not do though it runs."""
        self._runs: _Runs | None = None

    async def run(self) -> AsyncIterator[Step]:
        """Ask until a version passes. Raises ModelError or GenerationError where nothing more can be asked."""
        self._around = await self.app.surroundings()
        path = self.wanted.path
        if self.spec.family.window < ATTENTIVE:
            current = self.draft.read(path) if path and self.draft.exists(path) else ""
            self._around = self._around.mentioned("\n".join([self._task(), current, *self.wanted.context]))
        if path and self.draft.exists(path):
            # What does not do without props today need not tomorrow; nor is what is idle today this request's fault.
            there = await self.app.check({}, path, mend=False)
            self._bare = there.passed
            self._idle = {found.message for found in there.idle}
        async with Asking(self.spec, self.spending, self._environment) as asking:
            if self.wanted.task == "ask":
                async for step in self._question(asking):
                    yield step
            elif self.spec.family.tools:
                async for step in self._with_tools(asking):
                    yield step
            else:
                async for step in self._whole_files(asking):
                    yield step
        yield CostChanged(cost=self.spending.cost)

    # ------------------------------------------------------------------------------------------------- questions

    async def _question(self, asking: Asking) -> AsyncIterator[Step]:
        system = self._system()
        tools = self._toolbox.tools(writing=False) if self.spec.family.tools else ()
        context = dict(self.wanted.context)
        if not tools:
            context = {path: self.draft.read(path) for path in self._sources()} | context
        prompt = prompts.first(self.wanted.prompt, "", "", None, context, self._room(system))
        async for piece in asking.ask(prompt, system, tools=tools, pictures=self._pictures()):
            if isinstance(piece, Answered):
                self.answer = piece.text.strip()
            elif isinstance(piece, Text):
                yield TextWritten(text=piece.text)
            else:
                yield _tool(piece)
        self.passed = bool(self.answer)
        if not self.passed:
            self.reason = f"'{self.spec.shown}' gave no answer."

    # ----------------------------------------------------------------------------------------------- whole files

    async def _whole_files(self, asking: Asking) -> AsyncIterator[Step]:
        """For models that write a file at a time: each attempt starts anew, from the last version and its errors."""
        wanted, system = self.wanted, self._system()
        several = self._several
        path = wanted.path or "src/App.tsx"
        current = self.draft.read(path) if self.draft.exists(path) and self._is_edit(path) else None
        context = dict(wanted.context)
        if several:
            broken = self._broken
            sources = [p for p in self._sources() if p != path and (not broken or p in broken)]
            context = {p: self.draft.read(p) for p in sources} | context
        first = prompts.first(self._task(), wanted.name, path, current, context, self._room(system))
        prompt, last = first, None
        grammar = "" if several or current is not None else of_file(wanted.name, self._around)
        for number in self._numbers():
            yield AttemptStarted(number=number, reason=self.reason)
            answered: Answered | None = None
            shown = Unfenced()
            # The first try is the model's best; the same question again would get the same answer.
            warm = self._temperature(number)
            async for piece in asking.ask(prompt, system, pictures=self._pictures(), temperature=warm, grammar=grammar):
                if isinstance(piece, Answered):
                    answered = piece
                    if rest := shown.rest():
                        yield TextWritten(text=rest, path=path)
                elif isinstance(piece, Text) and (code := shown.feed(piece.text)):
                    yield TextWritten(text=code, path=path)
            assert answered is not None
            found = read(answered.text, path, cut_off=answered.cut_off, several=several)
            if answered.stopped:
                found = Answer({}, found.prose, f"The answer was stopped: {answered.stopped}. Write the file once.")
            found = self._take(found)
            errors = await self._judge(number, found)
            yield AttemptChecked(attempt=self.attempts[-1])
            yield CostChanged(cost=self.spending.cost)
            last = self.draft.changes.get(path) or last
            if self.passed and self._lacks and self._may_complete(number):
                self._runs = _Runs(dict(self.draft.changes), self._lacks)
                self.reason = prompts.first_error(self._lacks)
                prompt = prompts.better(self._task(), path, last or "", self._lacks)
                continue
            if self._runs is not None:
                await self._settle_for_better()
            if self.passed:
                self.answer = found.prose
                return
            if self._gives_up():
                return
            prompt = prompts.mend(self._task(), path, last, errors, found.problem, files=False)
            if tokens(prompt) + tokens(system) > self.spec.family.window - self.spec.family.answer:
                prompt = first

    def _may_complete(self, number: int) -> bool:
        """Whether a version that runs is worth another attempt, for what it lacks. There is one such attempt."""
        left = number < self.spending.budget.attempts and not self.spending.used_up
        return left and self._runs is None

    async def _settle_for_better(self) -> None:
        """Of the version that ran and the attempt to complete it, take the one that lacks less."""
        runs, self._runs = self._runs, None
        assert runs is not None
        if self.passed and len(self._lacks) <= len(runs.lacks):
            return
        self.draft.changes = runs.changes
        self.passed, self.reason = True, ""
        if self._trial is not None and (broken := await self._trial(self.draft)):
            self.passed, self.reason = False, prompts.first_error(broken)

    def _take(self, found: Answer) -> Answer:
        """Put an answer's files into the draft. One that may not be written makes the answer useless."""
        if not found.files:
            return found
        self.draft.changes.clear()
        try:
            for path, code in found.files.items():
                self.draft.write(path, code)
        except OverskillError as error:
            self.draft.changes.clear()
            return Answer({}, found.prose, str(error))
        return found

    # ------------------------------------------------------------------------------------------------ with tools

    async def _with_tools(self, asking: Asking) -> AsyncIterator[Step]:
        """For models that work with tools: one conversation, gone on with by what the check says."""
        wanted, system = self.wanted, self._system()
        current = self.draft.read(wanted.path) if wanted.path and self.draft.exists(wanted.path) else None
        prompt = prompts.first(self._task(), wanted.name, wanted.path, current, wanted.context, self._room(system))
        tools = self._toolbox.tools()
        history: Sequence[ModelMessage] = ()
        for number in self._numbers():
            yield AttemptStarted(number=number, reason=self.reason)
            async for piece in asking.ask(
                prompt,
                system,
                history=history,
                tools=tools,
                pictures=self._pictures() if number == 1 else (),
                temperature=self._temperature(1),
            ):
                if isinstance(piece, Answered):
                    history, self.answer = piece.history, piece.text.strip()
                elif isinstance(piece, Text):
                    yield TextWritten(text=piece.text, path=piece.path)
                else:
                    yield _tool(piece)
            found = Answer(dict.fromkeys(self.draft.changes, ""), self.answer, "")
            if not self.draft.changes:
                found = self._without_tools(number)
            errors = await self._judge(number, found)
            yield AttemptChecked(attempt=self.attempts[-1])
            yield CostChanged(cost=self.spending.cost)
            if self.passed or self._gives_up():
                return
            prompt = prompts.mend(self._task(), wanted.path, None, errors, found.problem, files=True)

    def _without_tools(self, number: int) -> Answer:
        """A model that was given tools may write the code into its answer all the same."""
        found = self._take(read(self.answer, self.wanted.target, several=self._several))
        if found.files:
            return found
        problem = "Nothing was written." if number == 1 else "Nothing was written again."
        return Answer({}, self.answer, f"{problem} Use write_file or edit_file.")

    # -------------------------------------------------------------------------------------------------- judging

    async def _check(self) -> Checked:
        checked = await self.app.check(self.draft.changes, self.wanted.target, bare=self._bare)
        for file in checked.mended:
            self.draft.write(file.path, file.content)
        return checked

    async def _judge(self, number: int, found: Answer) -> list[Diagnostic]:
        """Check the draft and note the attempt; what was found wrong."""
        if not found.files:
            self.reason = found.problem
            told = Diagnostic(severity="error", kind="syntax", message=found.problem)
            self.attempts.append(Attempt(number=number, passed=False, diagnostics=[told]))
            return []
        checked = await self._check()
        self.passed = checked.passed
        errors = checked.errors
        if not checked.module and not errors:
            errors = [Diagnostic(severity="error", kind="resolve", message=f"{self.wanted.target} was not written")]
        idle = [found for found in checked.idle if found.message not in self._idle]
        self._lacks = [*self._missing(checked), *idle] if self.passed else []
        waits = bool(self._lacks) and self._may_complete(number) and not self.spec.family.tools
        if self.passed and self._trial is not None and not waits:
            errors = await self._trial(self.draft)
            self.passed = not errors
        self.reason = "" if self.passed else prompts.first_error(errors)
        self.attempts.append(
            Attempt(
                number=number,
                passed=self.passed,
                diagnostics=[*errors, *checked.warnings, *(one for one in self._lacks if one not in checked.warnings)],
                mended=checked.notes,
                text=checked.text,
            )
        )
        return errors

    def _missing(self, checked: Checked) -> list[Diagnostic]:
        """What the prompt names and neither the answer nor, for a change, the file before it has."""
        if self.wanted.task != "component":
            return []
        before = self.draft.before().get(self.wanted.path) or ""
        source = self.draft.changes.get(self.wanted.path) or ""
        return [
            Diagnostic(severity="warning", kind="behaviour", message=f"The task asks for '{text}', which is not there")
            for text in missing(self.wanted.prompt, source, checked.text)
            if not before or text.lower() not in before.lower()
        ]

    def _gives_up(self) -> bool:
        """Whether another attempt is of no use. The same errors again are what fix loops burn tokens on."""
        last = _errors(self.attempts[-1])
        same = sum(1 for _ in itertools.takewhile(lambda attempt: _errors(attempt) == last, reversed(self.attempts)))
        if same >= SAME_ERRORS:
            self.reason = f"{same} attempts in a row failed with the same error: {self.reason}"
        elif used_up := self.spending.used_up:
            self.reason = f"The generation used up {used_up}; the last version failed: {self.reason}"
        else:
            return False
        return True

    def _numbers(self) -> range:
        return range(1, self.spending.budget.attempts + 1)

    # --------------------------------------------------------------------------------------------------- wording

    def _system(self) -> str:
        ask = self.wanted.task == "ask"
        name = self.wanted.name or ("" if self._several else PurePosixPath(self.wanted.path).stem)
        return prompts.system(name, self._around, self.spec.family, several=self._several and not ask, ask=ask)

    @property
    def _several(self) -> bool:
        """Whether an answer may be of several files. Errors that are all in one are mended there."""
        return self.wanted.task != "component" and not (self.wanted.task == "fix" and len(self._broken) == 1)

    @property
    def _broken(self) -> set[str]:
        return {error.location.file for error in self.wanted.errors if error.location}

    def _task(self) -> str:
        if self.wanted.task != "fix":
            return self.wanted.prompt
        return "Mend these errors:\n" + "\n".join(f"- {prompts.told(error)}" for error in self.wanted.errors[:10])

    def _is_edit(self, path: str) -> bool:
        return self.wanted.task == "component" or path in self._broken

    def _temperature(self, number: int) -> float | None:
        """None where the model takes none. Variants differ from each other, later attempts from those before."""
        standard = self.spec.family.temperature
        if standard is None:
            return None
        return min(1.0, standard + WARMER * (self.wanted.variant + (number > 1)))

    def _room(self, system: str) -> int:
        family = self.spec.family
        return max(0, min(family.window - family.answer, self.spending.budget.tokens // 2) - tokens(system))

    def _sources(self) -> list[str]:
        return [path for path in self.draft.paths() if re.fullmatch(r"src/.*\.(?:[tj]sx?|css)", path)]

    def _pictures(self) -> Sequence[Picture]:
        if self.wanted.pictures and not self.spec.family.sees:
            raise GenerationError(f"'{self.spec.shown}' does not see images; name a model that does.")
        return self.wanted.pictures


def _errors(attempt: Attempt) -> set[str]:
    """The same for the same errors, wherever they stand."""
    return {f"{d.kind} {d.message}" for d in attempt.diagnostics if d.severity == "error"}


def _tool(piece: Called) -> ToolUsed:
    return ToolUsed(tool=piece.tool, subject=piece.subject, outcome=piece.outcome)
