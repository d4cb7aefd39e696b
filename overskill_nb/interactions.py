"""Interactions: what an app's user does to it, recorded and replayed; what is there, as text and as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .checking import Checks
from .errors import AppError, ReplayError
from .headless import NoBrowser
from .outcome import Outcome, noted, skipped
from .picture import Picture
from .protocol_trials import Rendered, RenderOnce
from .recorded import Interaction, Shelf
from .recorder import Recorder, keeps, refreshes, target_of
from .replaying import Stage, replay, retake
from .trees import Tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .session import Session
    from .widgets.preview import Preview

TOLERANCE = 0.01


class Interactions:
    """What is done with an app as its users do. ``App`` adds files and previews."""

    id: str
    name: str
    _session: Session
    _previews: dict[str, Preview]

    if TYPE_CHECKING:
        # App has it.
        def _call(self, request: Any, expect: type[Any]) -> Any: ...

    def record(self, name: str, of: str | None = None, *, props: Mapping[str, Any] | None = None) -> Recorder:
        """Record an interaction under a name, beside the notebook.

        ``with app.record("adds a task") as r:`` records what Python does, such as ``r.click("Add")``; as a cell's last
        line it records what a person does in the preview, until Stop is pressed there. ``of`` is the component; by
        default what was previewed last, and ``""`` is the whole app. ``props`` are by default those of its preview.
        """
        shows, given, functions, preview = self._shown_as(of, props)
        return Recorder(
            self._session,
            self.id,
            name,
            label=self.name,
            shows=shows,
            props=given,
            functions=functions,
            preview=preview,
        )

    def replay(self, name: str = "") -> Outcome:
        """Do again what was recorded, on a fresh build in headless Chromium; without a name, all of this app.

        Raises ReplayError, with a diff, where something else is there than recorded. Without a browser nothing is
        replayed: what is given says so, and in pytest the test is skipped.
        """
        shelf = Shelf.here(self.name)
        if name:
            return self._replay(*shelf.find(name, self.name))
        known = shelf.everywhere(self.name)
        if not known:
            raise ReplayError(f"Nothing is recorded of {self.name}. To record something: app.record('adds a task')")
        done = [self._replay(where, one) for where, one in known]
        return next((one for one in done if one.skipped), None) or Outcome("\n".join(one.text for one in done))

    def _replay(self, shelf: Shelf, known: Interaction) -> Outcome:
        with noted(known.name) as outcomes:
            outcomes.append(self._replayed(shelf, known))
        return outcomes[0]

    def _replayed(self, shelf: Shelf, known: Interaction) -> Outcome:
        count = len(known.steps)
        text = f"{known.name!r} went as recorded: {count} {'step' if count == 1 else 'steps'}."
        try:
            with Stage(self._session, self.id, known.shows, known.props, known.functions) as stage:
                if refreshes():
                    shelf.keep(retake(stage, known))
                    return Outcome(text)
                replay(stage, known)
        except NoBrowser as error:
            return skipped(f"{known.name!r} was not replayed", str(error))
        return Outcome(text)

    @property
    def interactions(self) -> dict[str, Interaction]:
        """What is recorded of this app beside the notebook, by name."""
        return {one.name: one for _, one in Shelf.here(self.name).everywhere(self.name)}

    def snapshot(self, of: str | None = None, *, props: Mapping[str, Any] | None = None) -> Tree:
        """What a screen reader finds in a component as it is rendered first, without a browser: the same everywhere.

        ``of`` is the component; by default what was previewed last, and ``""`` is the whole app.
        """
        found = self._rendered(of, props)
        if failure := failed(found):
            raise failure
        return Tree(found.text, of_eyes=True)

    def screenshot(
        self,
        name: str,
        of: str | None = None,
        *,
        props: Mapping[str, Any] | None = None,
        after: str = "",
        tolerance: float = TOLERANCE,
    ) -> Picture | Outcome:
        """A picture of a fresh build, compared with the one that is kept beside the notebook under this name.

        ``after`` names an interaction to do first. At most ``tolerance``, a share from 0 to 1, of what is drawn on the
        page's background may differ; else CheckError is raised, and what was drawn is kept beside it as ``….new.png``.
        The first picture is kept as it is. Without a browser nothing is drawn, and what is given says so.
        """
        if not 0 <= tolerance < 1:
            raise ValueError(f"tolerance={tolerance} is none: give a share from 0 to below 1, such as 0.01.")
        shelf = Shelf.here(self.name)
        known = shelf.find(after, self.name)[1] if after else None
        shows, given, functions, _ = self._shown_as(of, props)
        if known is not None:
            shows, given, functions = known.shows, known.props, known.functions
        try:
            with Stage(self._session, self.id, shows, given, functions) as stage:
                stage.check("open")
                for taken in known.steps if known else []:
                    stage.do(taken.step)
                made = Picture(name, stage.picture())
                made.settle(shelf.picture(name), stage, tolerance, keep=keeps(), anew=refreshes())
        except NoBrowser as error:
            return skipped(f"the picture {name!r} was not taken", str(error))
        return made

    @property
    def check(self) -> Checks:
        """Assertions: ``app.check.see("3 items left")``, ``app.check.no_errors()``, ``app.check.accessible()``."""
        return Checks(self)

    def _rendered(self, of: str | None, props: Mapping[str, Any] | None) -> Rendered:
        shows, given, functions, _ = self._shown_as(of, props)
        request = RenderOnce(app=self.id, target=shows, props=dict(given), functions=functions)
        found: Rendered = self._call(request, Rendered)
        return found

    def _shown_as(
        self, of: str | None, props: Mapping[str, Any] | None
    ) -> tuple[str, Mapping[str, Any], list[str], Preview | None]:
        """What is meant: a component and how it is shown, and its preview where there is one."""
        from . import values

        preview = next(reversed(self._previews.values()), None) if of is None else self._preview_at(of)
        shows = of if of is not None else target_of(preview) if preview else ""
        plain = values.as_props(props) if props is not None else dict(preview.props) if preview else {}
        return shows, plain, list(preview.functions) if preview else [], preview

    def _preview_at(self, of: str) -> Preview | None:
        return next((one for one in self._previews.values() if of in {target_of(one), one.target["module"]}), None)


def replay_named(name: str) -> Outcome:
    """Replay an interaction of this process's notebook, of whichever of its open apps that is."""
    from .app import App

    with noted(name):
        _, known = Shelf.here("").find(name)
        try:
            app = App.named(known.app)
        except AppError as error:
            raise ReplayError(f"{name!r} is of an app that the notebook does not open: {error}") from error
    return app.replay(name)


def failed(found: Rendered) -> Exception | None:
    """Why there is nothing to see; None where there is."""
    from .diagnostics import errors, summary
    from .errors import BuildError

    problems = errors(found.diagnostics)
    return BuildError(summary(problems), problems) if problems else None


__all__ = ["Interactions"]
