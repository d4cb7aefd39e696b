"""What became of something that was tried: it went as it should, or it was not tried at all, and why."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import config
from .errors import OverskillError, ReplayError
from .notebook import current_cell, in_notebook

SKIPPED = "application/vnd.overskill.skipped+json"
"""By this the pytest plugin knows a cell that did not try what it should."""


class Outcome:
    """How a check or a replay went; one that failed is an error. ``skipped`` says why it was not tried."""

    def __init__(self, text: str, *, skipped: str = "", diff: str = "") -> None:
        self.text = text
        self.skipped = skipped
        self.diff = diff
        """What was taken anew in place of something else."""
        self._shown_in: object = None

    def __bool__(self) -> bool:
        return not self.skipped

    def __repr__(self) -> str:
        return f"{self.text}\n{self.diff}" if self.diff else self.text

    def show(self) -> None:
        """Display it in a notebook; once a cell, so that a cell which ends in it shows it once."""
        cell = current_cell()
        if not in_notebook() or (cell is not None and cell == self._shown_in):
            return
        from IPython.display import display

        self._shown_in = cell
        display(self._data(), raw=True)  # type: ignore[no-untyped-call]

    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"text/plain": repr(self)}
        if self.skipped:
            data[SKIPPED] = {"reason": self.skipped}
        return data

    def _ipython_display_(self) -> None:
        if in_notebook():
            self.show()
        else:
            print(repr(self))


def skipped(what: str, reason: str) -> Outcome:
    """Say that something is not tried: as a skipped test within pytest, else as a sentence."""
    if "pytest" in sys.modules and "PYTEST_CURRENT_TEST" in os.environ:
        import pytest

        pytest.skip(f"{what}: {reason}")
    made = Outcome(f"Skipped: {what}, since {reason}.", skipped=reason)
    made.show()
    return made


@contextlib.contextmanager
def noted(name: str) -> Iterator[list[Outcome]]:
    """Tell the pytest plugin what becomes of an interaction, where one asks for it. The list takes the outcome."""
    made: list[Outcome] = []
    try:
        yield made
    except Exception as error:
        diff = error.diff if isinstance(error, ReplayError) else ""
        text = str(error) if isinstance(error, OverskillError) else f"{type(error).__name__}: {error}"
        _note(name, {"status": "failed", "text": text, "diff": diff})
        raise
    for one in made:
        _note(name, {"status": "skipped" if one.skipped else "passed", "text": one.skipped or one.text})


def outcome_of(folder: Path, name: str) -> dict[str, str] | None:
    """What was told of an interaction; None where nothing was."""
    from .recorded import slug

    try:
        said: dict[str, str] = json.loads((folder / f"{slug(name)}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return said


def _note(name: str, said: dict[str, str]) -> None:
    from .recorded import slug

    folder = os.environ.get(config.OUTCOMES)
    if folder:
        with contextlib.suppress(OSError):
            Path(folder, f"{slug(name)}.json").write_text(json.dumps(said), "utf-8")
