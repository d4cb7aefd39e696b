"""The notebook that runs this process, as far as one can tell."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from . import config


def in_notebook() -> bool:
    """Whether a kernel with a front end runs this; a kernel started by a test runner has none."""
    if "ipykernel" not in sys.modules:
        return False
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


def current_cell() -> object:
    """Which execution of a cell this is; None outside of notebooks."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    return None if shell is None else shell.execution_count


def path() -> Path | None:
    """The notebook's file: as the environment, Jupyter Server or VS Code name it. None where nothing does."""
    named = os.environ.get(config.NOTEBOOK) or os.environ.get("JPY_SESSION_NAME", "")
    if not named and in_notebook():
        from IPython import get_ipython

        named = str(get_ipython().user_ns.get("__vsc_ipynb_file__", ""))
    # Jupyter Server names a console's session by other means than a path.
    return Path.cwd() / named if named.endswith(".ipynb") else None


def recording() -> str:
    """Where the answers of models are recorded: beside the notebook; empty outside of notebooks.

    A notebook whose name is not known, as when a test runner runs it, has the folder alone.
    """
    file = path()
    if file is not None:
        return str(file.parent / RECORDINGS / f"{file.stem}.yaml")
    return str(Path.cwd() / RECORDINGS) if in_notebook() else ""


RECORDINGS = "recordings"
"""Name of the folder, beside the notebook."""
