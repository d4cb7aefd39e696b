"""Generation: one request to a model, and what became of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from . import config, notebook
from . import protocol_generation as wire
from .errors import GenerationError, OverskillError, from_failure
from .history import Diff
from .protocol import Failure
from .protocol_generation import Attempt, Cost, GenerationStatus
from .protocol_history import FileDiff

if TYPE_CHECKING:
    from .session import Session
    from .widgets.generation import GenerationView

WAIT = 30.0
"""Seconds for which the engine is asked to wait for the end, at a time."""
TO_THE_END = 2**31
"""More steps than a generation has."""


class Generation:
    """One request to a model, and what became of it. Made by ``App.generate``, ``ask``, ``fix`` and ``variants``.

    A notebook shows the code as it is written, then the difference, the cost, and what can be done with it.
    """

    def __init__(self, session: Session, known: wire.Generation) -> None:
        self._session = session
        self._known = known
        self._view: GenerationView | None = None
        self._shown_in: object = None

    # -------------------------------------------------------------------------------------------------- state

    def _ask(self, request: Any) -> wire.Generation:
        self._known = self._session.call(request, wire.GenerationInfo).generation
        if self._view is not None:
            self._view.take(self._known)
        return self._known

    def _now(self) -> wire.Generation:
        """As it is: it may have been kept, undone or tried again with the mouse."""
        number = self._known.id if self._view is None else self._view.generation
        try:
            return self._ask(wire.GetGeneration(app=self._known.app, generation=number))
        except GenerationError:
            return self._known  # the engine has started anew, and does not know it any more

    @property
    def name(self) -> str:
        """The component that was asked for; empty for a whole app."""
        return self._known.name

    @property
    def prompt(self) -> str:
        """What was asked for."""
        return self._known.prompt

    @property
    def model(self) -> str:
        """The model that answered, or that was recorded."""
        return self._known.model

    @property
    def status(self) -> GenerationStatus:
        """``running``; then ``kept``, ``proposed``, ``answered``, ``failed``, ``cancelled`` or ``undone``."""
        return self._now().status

    @property
    def error(self) -> str:
        """Why nothing was kept; empty where there is no reason."""
        return self._now().error

    @property
    def answer(self) -> str:
        """What the model said beside the code, or to a question."""
        return self._known.answer

    @property
    def files(self) -> Mapping[str, str | None]:
        """What it wrote, by path; None for a file that goes."""
        return {file.path: file.after for file in self._known.files}

    @property
    def diff(self) -> Diff:
        """What it changed, file by file. Prints as a unified diff."""
        from .pipeline.generation.diffs import unified

        return Diff([FileDiff(path=one.path, status=_change(one), text=unified([one])) for one in self._known.files])

    @property
    def cost(self) -> Cost:
        """``requests``, ``input_tokens``, ``output_tokens``, ``seconds`` of the model, ``own_seconds``, and ``money``
        in US dollars, None where the price is not known. A replay costs what was recorded."""
        return self._known.cost

    @property
    def attempts(self) -> list[Attempt]:
        """Each version that the model wrote, with what the check found: ``passed``, ``diagnostics``, ``mended``."""
        return list(self._known.attempts)

    @property
    def replayed(self) -> bool:
        """Whether a recording answered."""
        return self._known.replayed

    @property
    def transcript(self) -> Transcript:
        """All that was said and done, in order. Prints as text."""
        request = wire.GetGeneration(app=self._known.app, generation=self._known.id, seen=-1)
        info: wire.GenerationInfo = self._session.call(request, wire.GenerationInfo)
        return Transcript(info)

    # ---------------------------------------------------------------------------------------------------- acts

    def wait(self) -> Generation:
        """Wait for the end, and give itself. Interrupting the cell stops the generation at once.

        Raises GenerationError, ModelError or another OverskillError where nothing came of it; files are as before.
        """
        try:
            while self._known.status == "running":
                self._ask(
                    wire.GetGeneration(app=self._known.app, generation=self._known.id, seen=TO_THE_END, seconds=WAIT)
                )
        except KeyboardInterrupt:
            self.cancel()
            raise
        known = self._known
        if known.status in ("failed", "cancelled"):
            raise self._failure(known)
        return self

    def _failure(self, known: wire.Generation) -> OverskillError:
        found = [] if not known.attempts else known.attempts[-1].diagnostics
        return from_failure(
            Failure(error=known.error_kind or "GenerationError", message=known.error, diagnostics=found)
        )

    def cancel(self) -> None:
        """Stop at once. What was kept before stays."""
        self._ask(wire.CancelGeneration(app=self._known.app, generation=self._known.id))

    def keep(self) -> Generation:
        """Write what is proposed, also where its check failed; previews follow."""
        self._ask(wire.KeepGeneration(app=self._known.app, generation=self._known.id))
        return self

    def undo(self) -> Generation:
        """Put the files back as they were. Raises EditError where one was changed since."""
        self._ask(wire.UndoGeneration(app=self._known.app, generation=self._known.id))
        return self

    def retry(self) -> Generation:
        """Take it back and ask the same once more; a recording of it is written anew. Gives the new generation."""
        request = wire.RetryGeneration(app=self._known.app, generation=self._known.id)
        again = Generation(self._session, self._session.call(request, wire.GenerationInfo).generation)
        if notebook.in_notebook():
            again.show()
        return again.wait()

    # -------------------------------------------------------------------------------------------------- display

    def __repr__(self) -> str:
        # The same for the same outcome: no times, no ids, no costs.
        what = self._known.name or self._known.task
        return f"Generation({what}: {self._known.status})"

    def show(self) -> None:
        """Display it here; once a cell, so that a cell which ends in it shows one."""
        cell = notebook.current_cell()
        if cell is not None and cell == self._shown_in:
            return
        from IPython.display import display

        self._shown_in = cell
        display(self.view)  # type: ignore[no-untyped-call]

    @property
    def view(self) -> GenerationView:
        """The widget that shows it; there is one."""
        if self._view is None:
            from .widgets.generation import GenerationView

            self._view = GenerationView(self._session, self._known)
        return self._view

    def _ipython_display_(self) -> None:
        self.show()


class Transcript:
    """What was said and done in a generation: ``steps`` as data, printed as text."""

    def __init__(self, info: wire.GenerationInfo) -> None:
        self.steps = list(info.steps)
        self._known = info.generation

    def __repr__(self) -> str:
        lines = [f"> {line}" for line in self._known.prompt.splitlines()]
        text = ""
        for step in [*self.steps, None]:
            if isinstance(step, wire.TextWritten):
                text += step.text
                continue
            if text:
                lines += ["", text.rstrip()]
                text = ""
            lines += _told(step)
        return "\n".join(lines)


def _told(step: wire.GenerationStep | None) -> list[str]:
    if isinstance(step, wire.AttemptStarted):
        return ["", f"Attempt {step.number}" + (f": {step.reason}" if step.reason else "")]
    if isinstance(step, wire.ToolUsed):
        return [f"[{step.tool} {step.subject}] {step.outcome}".rstrip()]
    if isinstance(step, wire.AttemptChecked):
        attempt = step.attempt
        errors = [f"- {found.message}" for found in attempt.diagnostics if found.severity == "error"]
        return ["Passed." if attempt.passed else "Failed.", *(f"({note})" for note in attempt.mended), *errors]
    if isinstance(step, wire.GenerationEnded):
        return ["", f"{step.status}{': ' + step.error if step.error else ''}"]
    return []


def _change(file: wire.GeneratedFile) -> Any:
    return "added" if file.before is None else "removed" if file.after is None else "changed"


def mode() -> wire.Mode | None:
    """How requests of this process are answered; None where the environment does not say. Raises GenerationError."""
    named = os.environ.get(config.MODE, "").strip().lower()
    if not named:
        return None
    return checked_mode(named)


def checked_mode(named: str) -> wire.Mode:
    """A mode by its name. Raises GenerationError."""
    known: tuple[wire.Mode, ...] = get_args(wire.Mode)
    for one in known:
        if named == one:
            return one
    raise GenerationError(f"'{named}' is no mode: it is auto, record, replay or live.")


def asking(model: str) -> dict[str, Any]:
    """What every request says of who asks: the model, keys, the mode, and where recordings are."""
    file = os.path.expanduser(model)
    if model.lower().endswith(".gguf") and "://" not in model:
        model = os.path.abspath(file)  # the engine may run in another folder
    return {
        "model": model,
        "mode": mode(),
        "recording": notebook.recording(),
        "environment": {name: os.environ[name] for name in config.MODEL_ENVIRONMENT if os.environ.get(name)},
    }


def snapshot(known: wire.Generation) -> dict[str, Any]:
    """A generation as plain data."""
    plain: dict[str, Any] = msgspec.to_builtins(known)
    return plain


__all__ = ["Attempt", "Cost", "Generation", "Transcript"]
