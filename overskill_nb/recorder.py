"""Recorder: writes down what is done to an app, by a person in its preview or by Python, and what is there then."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec

from . import config, steps
from .errors import CheckError
from .headless import NoBrowser
from .outcome import Outcome, noted, skipped
from .recorded import Interaction, Shelf, Taken, slug
from .redaction import of_environment, redacted
from .replaying import Stage, changes, compare, retake
from .trees import FIELDS
from .visit import CONTROLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from .session import Session
    from .widgets.preview import Preview

FIELD_ROLES = ("textbox", "searchbox", "spinbutton", "combobox", "slider")
CHOICE_ROLES = ("combobox", "listbox")
MOST_SHOWN = 80
"""Characters of a step that is none."""


def keeps() -> bool:
    """Whether what is recorded takes the place of what was; else it is compared with that, as always in tests."""
    tested = bool(os.environ.get(config.OUTCOMES)) or os.environ.get(config.MODE, "").strip().lower() == "replay"
    return not tested or refreshes()


def refreshes() -> bool:
    """Whether ``overskill refresh`` has notebooks run: all is taken anew."""
    return os.environ.get(config.REFRESH) == "1"


class Recorder:
    """Made by ``App.record``.

    ``with app.record("adds a task") as r:`` records what Python does to a fresh build in headless Chromium::

        r.type("Milk", into="New task")
        r.click("Add")
        r.see("Milk")

    As a cell's last line, or with ``start()``, it records what a person does in the preview, until the preview's
    button or ``stop()`` ends that.
    """

    def __init__(
        self,
        session: Session,
        app: str,
        name: str,
        *,
        label: str,
        shows: str,
        props: Mapping[str, Any],
        functions: Sequence[str],
        preview: Preview | None,
    ) -> None:
        slug(name)  # refused here rather than at the end
        self._session = session
        self._app = app
        self._preview = preview
        self._made = Interaction(name, label, shows, dict(props), list(functions))
        self._stage: Stage | None = None
        self._outcome: Outcome | None = None
        self._skipped = ""

    @classmethod
    def of_preview(cls, session: Session, preview: Preview, name: str) -> Recorder:
        """For what a person does in a preview."""
        shows = target_of(preview)
        props, functions = dict(preview.props), list(preview.functions)
        return cls(
            session,
            preview.app,
            name,
            label=preview.name,
            shows=shows,
            props=props,
            functions=functions,
            preview=preview,
        )

    def __repr__(self) -> str:
        return f"Recorder({self._made.name!r})"

    # ------------------------------------------------------------------------------------------------ by Python

    def __enter__(self) -> Recorder:  # noqa: PYI034 - no class is derived from it
        try:
            self._stage = self._open()
        except NoBrowser as error:
            self._skipped = str(error)
            return self
        try:
            self._stage.check("open")
            self._made.start = self._stage.tree()
        except BaseException:
            self._stage.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        stage, self._stage = self._stage, None
        if stage is not None:
            stage.close()
        name = self._made.name
        with noted(name) as outcomes:
            if isinstance(error, CheckError):
                raise error
            if kind is None:
                if self._skipped:
                    outcomes.append(skipped(f"{name!r} was not recorded", self._skipped))
                else:
                    outcomes.append(_settle(self._made))
        if kind is None and outcomes:
            self._outcome = outcomes[0]
            self._outcome.show()

    def click(self, name: str, *, role: str = "", nth: int = 0) -> None:
        """Click what has this accessible name; ``role`` and ``nth``, from 1, say which where there are several."""
        self._click("click", name, role, nth)

    def double_click(self, name: str, *, role: str = "", nth: int = 0) -> None:
        """Click it twice."""
        self._click("double-click", name, role, nth)

    def _click(self, verb: steps.Verb, name: str, role: str, nth: int) -> None:
        if stage := self._ready():
            found = stage.control(name, role, nth, CONTROLS)
            self._do(steps.Step(verb, *found))

    def type(self, text: str, into: str = "", *, role: str = "", nth: int = 0) -> None:
        """Make a text the content of a field, by the field's name; of the only one where none is said."""
        if stage := self._ready():
            found = stage.control(into, role, nth, FIELD_ROLES)
            self._do(steps.Step("type", *found, value=text))

    def select(self, option: str, of: str = "", *, role: str = "", nth: int = 0) -> None:
        """Choose an option of a field, by what the option says."""
        if stage := self._ready():
            found = stage.control(of, role, nth, CHOICE_ROLES)
            self._do(steps.Step("select", *found, value=option))

    def press(self, key: str, on: str = "", *, role: str = "", nth: int = 0) -> None:
        """Press a key, such as ``Enter``, ``ArrowDown`` or ``Control+a``; where the focus is, or on what has a name."""
        if stage := self._ready():
            found = stage.control(on, role, nth, (*FIELDS, *CONTROLS)) if on or role else ("", "", 0)
            self._do(steps.Step("press", *found, value=key))

    def see(self, text: str) -> None:
        """Expect a text to be there, or to come. Raises CheckError."""
        self._do(steps.Step("see", value=text))

    def wait(self, seconds: float) -> None:
        """Let time go by, of the app's clock: that takes none of yours."""
        self._do(steps.Step("wait", seconds=float(seconds)))

    def _ready(self) -> Stage | None:
        if self._skipped:
            return None
        if self._stage is None:
            raise CheckError(f"Steps are recorded within: with app.record({self._made.name!r}) as r: …")
        return self._stage

    def _do(self, step: steps.Step) -> None:
        if stage := self._ready():
            step = steps.parse(str(step))
            hides = step.do == "type" and stage.holds_secret(step)
            tree = stage.do(step)
            kept = steps.HIDDEN if hides else redacted(step.value, of_environment())
            self._made.steps.append(Taken(msgspec.structs.replace(step, value=kept), tree))

    # ---------------------------------------------------------------------------------------------- by a person

    def start(self) -> Recorder:
        """Write down what a person does in the preview from now on."""
        if self._preview is None:
            raise CheckError("There is no preview to record in: show one first, with app.preview().")
        self._preview.record(self._made.name)
        return self

    def stop(self) -> Outcome:
        """Take what was written down until now."""
        if self._preview is None or self._preview.recording != self._made.name:
            raise CheckError(f"{self._made.name!r} is not being recorded.")
        made = self.take(self._preview.recorded_steps)
        self._preview.record("")  # which drops the steps: not before they are kept
        return made

    def take(self, said: Sequence[Any]) -> Outcome:
        """Keep steps that a page wrote down, with what is there after each on a fresh build."""
        if not said:
            raise CheckError(f"Nothing was done in the preview, so {self._made.name!r} is not kept.")
        taken: list[Taken] = []
        for number, one in enumerate(said, 1):
            try:
                taken.append(Taken(steps.checked(one)))
            except CheckError as error:
                words = " ".join(str(value) for value in one.values()) if isinstance(one, dict) else str(one)
                raise CheckError(f"Step {number}, {words[:MOST_SHOWN]}, cannot be kept: {error}") from error
        made = self._made
        made.start = None
        made.steps = taken
        try:
            with self._open() as stage:
                made = retake(stage, made)
        except NoBrowser as error:
            Shelf.here(made.app).keep(made)
            text = f"{_sentence(made)} What is there after each was not looked at, since {error}."
            return Outcome(text, skipped=str(error))
        self._made = made
        return _settle(made, keep=True)

    def _ipython_display_(self) -> None:
        if self._outcome is not None:
            print(repr(self._outcome))
            return
        self.start()
        assert self._preview is not None
        print(f"Recording {self._made.name!r} in the preview of {self._preview.title}: use it, then press Stop there.")

    def _open(self) -> Stage:
        made = self._made
        return Stage(self._session, self._app, made.shows, made.props, made.functions)


def target_of(preview: Preview) -> str:
    """A preview's component: by its name where its file has that, so that it is found when the file moves."""
    module, export = str(preview.target["module"]), str(preview.target["export"])
    stem = module.rpartition("/")[2].partition(".")[0]
    if not module or (stem != "index" and export in {"", "default", stem}):
        return stem
    return f"{module}#{export}"


def _settle(made: Interaction, *, keep: bool = False) -> Outcome:
    """Keep what was recorded, or compare it with what was kept. Raises ReplayError."""
    shelf = Shelf.here(made.app)
    if keep or keeps():
        known = shelf.known(made.name)
        # A notebook that is refreshed says it where that was asked for, not in what is saved.
        diff = changes(known, made) if known is not None and not refreshes() else ""
        shelf.keep(made)
        return Outcome(_sentence(made), diff=diff)
    compare(shelf.find(made.name, made.app)[1], made)
    return Outcome(_sentence(made))


def _sentence(made: Interaction) -> str:
    count = len(made.steps)
    return f"{made.name!r} is recorded: {count} {'step' if count == 1 else 'steps'}."
