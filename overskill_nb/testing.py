"""A pytest plugin: notebooks run under ``pytest --nbval`` as tests, each in a folder of its own, with what is recorded.

What a notebook recorded of its app's use is a test of its own, after the notebook's cells. What needs a browser is
skipped, with the reason, where there is none.

It is found by pytest once the package is installed, and does nothing in runs without nbval.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from . import config as names
from . import notebook as notebooks
from . import recorded
from .errors import ReplayError
from .outcome import SKIPPED, outcome_of

_NBVAL = "IPyNbFile"
_CELL = "IPyNbCell"
REPLAY_SECONDS = 300.0


class Notebooks:
    """Names each notebook to its kernel before nbval starts that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._workspaces = names.WORKSPACE not in os.environ
        self._known: dict[Path, Path] = {}
        self.ran: set[object] = set()
        """Collectors of notebooks whose cells were run."""

    def enter(self, notebook: Path) -> None:
        """The environment that the notebook's kernel gets."""
        os.environ[names.NOTEBOOK] = str(notebook)
        if notebook not in self._known:
            self._known[notebook] = self._folder / f"{len(self._known)}-{notebook.stem}"
            self.outcomes(notebook).mkdir(parents=True)
        os.environ[names.OUTCOMES] = str(self.outcomes(notebook))
        if self._workspaces:
            os.environ[names.WORKSPACE] = str(self._known[notebook])

    def outcomes(self, notebook: Path) -> Path:
        """Where the notebook says what became of its recorded interactions."""
        return self._known[notebook] / ".outcomes"


_notebooks: Notebooks | None = None


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is asked of a model, and no server is talked to, unless the environment says so."""
    global _notebooks
    if not (config.getoption("nbval", False) or config.getoption("nbval_lax", False)):
        return
    os.environ.setdefault(names.MODE, "replay")
    os.environ.setdefault(names.ENGINE, "kernel")
    folder = tempfile.TemporaryDirectory(prefix="overskill-notebooks-", ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    _notebooks = Notebooks(Path(folder.name))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Recorded interactions come after the notebook's cells."""
    report = yield
    if _notebooks is not None and type(collector).__name__ == _NBVAL and report.passed:
        report.result = [*(report.result or []), *_recorded(collector)]
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the first cell of a notebook, whose kernel starts with it."""
    if _notebooks is None:
        return
    for parent in _parents(item):
        if type(parent).__name__ == _NBVAL:
            _notebooks.enter(parent.path)  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """A cell that did not try what it should is skipped, whatever it printed when it was saved."""
    if _notebooks is None or type(item).__name__ != _CELL:
        return (yield)
    _notebooks.ran.add(item.parent)
    try:
        result = yield
    except Exception:
        _skip(item)
        raise
    _skip(item)
    return result


def _skip(item: pytest.Item) -> None:
    outputs: list[Any] = getattr(item, "test_outputs", None) or []
    if any(output.get("output_type") == "error" for output in outputs):
        return
    for output in outputs:
        if said := output.get("data", {}).get(SKIPPED):
            pytest.skip(str(said.get("reason", "")))


class RecordedInteraction(pytest.Item):
    """An interaction that a notebook recorded: as the notebook replayed it, or replayed on what it left behind."""

    parent: Any
    unreadable = ""
    """Why its file cannot be read."""

    def runtest(self) -> None:
        """Fails with the difference of the trees; skipped where there is no browser."""
        assert _notebooks is not None
        if self.unreadable:
            raise InteractionFailed(self.unreadable)
        kernel = self.parent.kernel
        if self.parent not in _notebooks.ran:
            for cell in self.parent.nb.cells:
                if cell.cell_type == "code":
                    kernel.await_reply(kernel.execute_cell_input(cell.source, allow_stdin=False), REPLAY_SECONDS)
            _notebooks.ran.add(self.parent)
        folder = _notebooks.outcomes(self.parent.path)
        if outcome_of(folder, self.name) is None:
            code = f"from overskill_nb import interactions; interactions.replay_named({self.name!r})"
            kernel.await_reply(kernel.execute_cell_input(code, allow_stdin=False), REPLAY_SECONDS)
        said = outcome_of(folder, self.name)
        if said is None:
            raise InteractionFailed("The notebook's kernel ended before it said what became of the interaction.")
        if said["status"] == "skipped":
            pytest.skip(said["text"])
        if said["status"] == "failed":
            raise InteractionFailed(said["text"])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The sentence and the difference, without a Python traceback."""
        if isinstance(excinfo.value, InteractionFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """How pytest names it."""
        return self.path, 0, f"recorded: {self.name}"


class InteractionFailed(Exception):
    """A recorded interaction went otherwise than it did."""


def _recorded(notebook: pytest.Collector) -> Iterator[RecordedInteraction]:
    """What is kept beside a notebook. A file that cannot be read fails by itself."""
    path = notebook.path
    for file in recorded.Shelf(path.parent / notebooks.RECORDINGS / path.stem).files():
        try:
            name, unreadable = recorded.read(file).name, ""
        except ReplayError as error:
            name, unreadable = file.stem, str(error)
        item: RecordedInteraction = RecordedInteraction.from_parent(notebook, name=name)
        item.unreadable = unreadable
        yield item


def _parents(item: pytest.Item) -> Iterator[object]:
    at: object | None = item
    while at is not None:
        yield at
        at = getattr(at, "parent", None)
