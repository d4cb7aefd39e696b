"""A pytest plugin: notebooks run under ``pytest --nbval`` as tests, each in a folder of its own, with what is recorded.

It is found by pytest once the package is installed, and does nothing in runs without nbval.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import config as names

_NBVAL = "IPyNbFile"


class Notebooks:
    """Names each notebook to its kernel before nbval starts that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._workspaces = names.WORKSPACE not in os.environ
        self._known: dict[Path, Path] = {}

    def enter(self, notebook: Path) -> None:
        """The environment that the notebook's kernel gets."""
        os.environ[names.NOTEBOOK] = str(notebook)
        if not self._workspaces:
            return
        if notebook not in self._known:
            self._known[notebook] = self._folder / f"{len(self._known)}-{notebook.stem}"
            self._known[notebook].mkdir()
        os.environ[names.WORKSPACE] = str(self._known[notebook])


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


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the first cell of a notebook, whose kernel starts with it."""
    if _notebooks is None:
        return
    for parent in _parents(item):
        if type(parent).__name__ == _NBVAL:
            _notebooks.enter(parent.path)  # type: ignore[attr-defined]


def _parents(item: pytest.Item) -> Iterator[object]:
    at: object | None = item
    while at is not None:
        yield at
        at = getattr(at, "parent", None)
