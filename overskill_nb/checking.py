"""Checking: assertions about an app, as a teacher would say them."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import diagnostics
from .errors import CheckError
from .headless import NoBrowser
from .outcome import Outcome, skipped
from .replaying import Stage
from .trees import Tree
from .visit import named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .interactions import Interactions
    from .protocol import Diagnostic
    from .protocol_trials import Rendered

AXE = Path(__file__).parent / "widgets" / "static" / "axe.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """async ([code, tags]) => {
  new Function(code).call(globalThis); // ours, whatever the app has under that name
  const { violations } = await globalThis.axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  return violations.map(({ id, help, impact, nodes }) => ({
    id, help, impact, nodes: nodes.map(({ html, target }) => ({ html, target: target.join(" ") })),
  }));
}"""


class Checks:
    """``app.check``: each method says what it found, and raises CheckError where it should not be so.

    ``of`` is the component that is looked at; by default what was previewed last, and ``""`` is the whole app.
    """

    def __init__(self, app: Interactions) -> None:
        self._app = app

    def __repr__(self) -> str:
        return f"Checks({self._app.name})"

    def see(self, text: str, *, of: str | None = None, props: Mapping[str, Any] | None = None) -> Outcome:
        """That a text stands in what is rendered first. No browser is needed for it."""
        found = self._app._rendered(of, props)  # noqa: SLF001
        _sound(found)
        tree = Tree(found.text, of_eyes=True)
        if not tree.sees(text):
            raise CheckError(f'"{text}" is not there; there is {_nearest(text, tree.texts)}.')
        return Outcome(f'"{text}" is there.')

    def no_errors(self, *, of: str | None = None, props: Mapping[str, Any] | None = None) -> Outcome:
        """That it compiles and renders without an error, and that its preview, where one is open, shows none."""
        found = self._app._rendered(of, props)  # noqa: SLF001
        _sound(found)
        _, _, _, preview = self._app._shown_as(of, props)  # noqa: SLF001
        shown = diagnostics.errors(preview.errors) if preview is not None else []
        if shown:
            raise CheckError(f"Its preview shows an error: {_first(shown)}", shown)
        if said := [line for line in found.console if line.startswith("error: ")]:
            first = said[0].removeprefix("error:").strip()
            raise CheckError(f"It renders, and writes an error to its console: {first}")
        return Outcome("There are no errors.")

    def accessible(self, *, of: str | None = None, props: Mapping[str, Any] | None = None) -> Outcome:
        """That axe-core finds no fault against WCAG 2.2, level AA, in a fresh build in headless Chromium."""
        app = self._app
        shows, given, functions, _ = app._shown_as(of, props)  # noqa: SLF001
        try:
            with Stage(app._session, app.id, shows, given, functions) as stage:  # noqa: SLF001
                stage.check("open")
                found = stage.evaluate(RUN, [AXE.read_text("utf-8"), TAGS])
        except NoBrowser as error:
            return skipped("accessible() did not look", str(error))
        if found:
            raise CheckError(_faults(found))
        return Outcome("axe-core finds no fault.")


def _sound(found: Rendered) -> None:
    problems = diagnostics.errors(found.diagnostics)
    if problems:
        raise CheckError(f"It cannot be shown: {_first(problems)}", problems)


def _first(problems: list[Diagnostic]) -> str:
    where = diagnostics.place(problems[0])
    message = problems[0].message.partition("\n")[0].rstrip(".")
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{where}: {message}{more}." if where else f"{message}{more}."


def _nearest(text: str, texts: list[str]) -> str:
    """What is likest first."""
    near = difflib.get_close_matches(text, texts, n=3, cutoff=0.5)
    return named([*near, *(one for one in texts if one not in near)])


def _faults(found: list[dict[str, Any]]) -> str:
    """One sentence; what weighs most first."""
    ranks = ["critical", "serious", "moderate", "minor"]
    found = sorted(found, key=lambda one: ranks.index(one["impact"]) if one["impact"] in ranks else len(ranks))
    said = []
    for one in found[:5]:
        html = one["nodes"][0]["html"]
        more = len(one["nodes"]) - 1
        short = html if len(html) <= 90 else f"{html[:90]}…"
        said.append(f"{one['help']} ({one['id']}) at {short}{f' and {more} more' if more else ''}")
    count = len(found)
    rest = f"; and {count - 5} more" if count > 5 else ""
    return f"axe-core finds {count} {'fault' if count == 1 else 'faults'}: {'; '.join(said)}{rest}."


__all__ = ["Checks"]
