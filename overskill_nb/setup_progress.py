"""Show what is being installed while a cell waits for it. Nothing appears where nothing is slow."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .notebook import in_notebook
from .protocol import Progress
from .shown import VIEW


@contextmanager
def setup_progress() -> Iterator[Callable[[Progress], None]]:
    """A function that takes progress; in a notebook it shows as one line, in a terminal as lines on stderr."""
    shown = _NotebookLine() if in_notebook() else _TerminalLine()
    try:
        yield shown.show
    finally:
        shown.end()


class _TerminalLine:
    def __init__(self) -> None:
        self._last = ""

    def show(self, progress: Progress) -> None:
        if progress.text and progress.text != self._last and sys.stderr.isatty():
            print(f"overskill: {progress.text} …", file=sys.stderr)
        self._last = progress.text

    def end(self) -> None:
        pass


class _NotebookLine:
    """One widget, gone when the work is done. It has no text: a saved notebook is the same where nothing was slow."""

    def __init__(self) -> None:
        self._label: Any = None

    def show(self, progress: Progress) -> None:
        import ipywidgets
        from IPython.display import display

        if not progress.text:
            return
        if self._label is None:
            self._label = ipywidgets.Label()
            view = self._label._repr_mimebundle_()
            display({VIEW: view[VIEW]}, raw=True)  # type: ignore[no-untyped-call]
        self._label.value = f"{progress.text} …"

    def end(self) -> None:
        if self._label is not None:
            self._label.close()
