"""Replaying: an interaction is done again to a fresh build, and what is there then is compared with what was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import headless
from .errors import CheckError, ReplayError
from .protocol_trials import BuildTrial, Trial
from .recorded import Interaction, Taken
from .trees import Tree, difference
from .visit import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .session import Session
    from .steps import Step


class Stage:
    """A visit to a fresh build of an app, from Python."""

    def __init__(
        self, session: Session, app: str, shows: str, props: Mapping[str, Any], functions: Sequence[str]
    ) -> None:
        """Raises NoBrowser, or BuildError."""
        self._headless = headless.current()
        browser = self._headless.run(self._headless.browser())
        request = BuildTrial(app=app, target=shows, props=dict(props), functions=list(functions))
        self.trial = session.call(request, Trial)
        self.visit = self._headless.run(Visit.open(browser, self.trial))

    def tree(self) -> Tree:
        """What a screen reader finds now."""
        return self._headless.run(self.visit.tree())

    def do(self, step: Step) -> Tree:
        """Carry a step out; what is there then. Raises CheckError."""
        self._headless.run(self.visit.do(step))
        self.check(str(step))
        return self.tree()

    def check(self, what: str) -> None:
        """Raises CheckError where something was thrown that nobody caught."""
        if self.visit.problems:
            problem, self.visit.problems = self.visit.problems[0], []
            raise CheckError(f"On '{what}' the app threw an error: {problem}")

    def like(self, expected: Tree) -> Tree:
        """What is there now, or in a moment where it is not as expected yet."""
        return self._headless.run(self.visit.tree_like(expected))

    def control(self, name: str, role: str, nth: int, roles: tuple[str, ...]) -> tuple[str, str, int]:
        """What a person means by a name."""
        return self._headless.run(self.visit.control(name, role, nth, roles))

    def holds_secret(self, step: Step) -> bool:
        """Whether what a step types is a password."""
        return self._headless.run(self.visit.holds_secret(step))

    def picture(self) -> bytes:
        """A PNG of the page."""
        return self._headless.run(self.visit.picture())

    def evaluate(self, script: str, argument: Any = None) -> Any:
        """Run a script in the page; nothing is done to the app after it."""
        self._headless.run(self.visit.let_go())
        return self._headless.run(self.visit.evaluate(script, argument))

    def close(self) -> None:
        """Close the page."""
        self._headless.run(self.visit.close())

    def __enter__(self) -> Stage:  # noqa: PYI034 - no class is derived from it
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def replay(stage: Stage, known: Interaction) -> None:
    """Do the steps again. Raises ReplayError at the first thing that is not as it was."""
    if known.start is None:
        raise _not_looked_at(known)
    before = "at the start"
    try:
        stage.check("open")
    except CheckError as error:
        raise _stopped(known, before, error) from error
    _compare(known, stage.like(known.start), known.start, before)
    for number, taken in enumerate(known.steps, 1):
        try:
            found = stage.do(taken.step)
        except CheckError as error:
            raise _stopped(known, before, error) from error
        before = f"after step {number}, {taken.step}"
        if taken.tree is not None:
            _compare(known, found if found == taken.tree else stage.like(taken.tree), taken.tree, before)


def retake(stage: Stage, known: Interaction) -> Interaction:
    """Do the steps again, and note what is there then. Raises CheckError where one of them cannot be done."""
    stage.check("open")
    start = stage.tree()
    steps = [Taken(taken.step, stage.do(taken.step)) for taken in known.steps]
    return Interaction(known.name, known.app, known.shows, known.props, known.functions, start, steps)


def compare(known: Interaction, made: Interaction) -> None:
    """Raises ReplayError at the first thing that is otherwise than recorded."""
    if str(known) != str(made):
        diff = difference_of_lines(str(known), str(made))
        raise ReplayError(
            f"The steps of {known.name!r} are others than those recorded; overskill refresh takes them.\n{diff}",
            diff=diff,
        )
    trees = [("at the start", known.start, made.start)]
    for number, (old, new) in enumerate(zip(known.steps, made.steps, strict=True), 1):
        trees.append((f"after step {number}, {old.step}", old.tree, new.tree))
    for when, before, after in trees:
        if before is None:
            raise _not_looked_at(known)
        if after is not None:
            _compare(known, after, before, when)


def changes(known: Interaction, made: Interaction) -> str:
    """All that differs between two recordings of one interaction, in words; empty where nothing does."""
    out: list[str] = []
    if str(known) != str(made):
        out += ["The steps:", difference_of_lines(str(known), str(made))]
    if known.start is not None and made.start is not None and (found := difference(known.start, made.start)):
        out += ["At the start:", found]
    for number, (old, new) in enumerate(zip(known.steps, made.steps, strict=False), 1):
        if old.tree is not None and new.tree is not None and (found := difference(old.tree, new.tree)):
            out += [f"After step {number}, {new.step}:", found]
    return "\n".join(out)


def difference_of_lines(before: str, after: str) -> str:
    """As lines with ``-`` and ``+``."""
    import difflib

    return "\n".join(line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] != "?")


def _compare(known: Interaction, found: Tree, expected: Tree, when: str) -> None:
    if found != expected:
        diff = difference(expected, found)
        raise ReplayError(f"{known.name!r}: {when} something else is there than recorded.\n{diff}", diff=diff)


def _not_looked_at(known: Interaction) -> ReplayError:
    return ReplayError(
        f"{known.name!r} was recorded without a browser, so there is nothing to compare with: where there is one, "
        "overskill refresh takes it."
    )


def _stopped(known: Interaction, before: str, error: CheckError) -> ReplayError:
    return ReplayError(f"{known.name!r} goes on no further {before}. {error}")
