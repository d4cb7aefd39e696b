"""``overskill demo``: the course of notebooks, in JupyterLab."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..errors import ToolsError

PACKAGE = "jupyterlab>=4.2,<5"
FIRST = "01-first-component.ipynb"


def add(commands: Any) -> None:
    """Add the command."""
    demo = commands.add_parser("demo", help="open the first notebook of the course in JupyterLab")
    demo.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("overskill-demo"),
        metavar="FOLDER",
        help="where the notebooks are put; what is there already stays as it is. overskill-demo where it is not given",
    )
    demo.add_argument("--port", type=int, default=8888, help="JupyterLab's port, or the next one that is free")
    demo.add_argument("--no-browser", action="store_true", help="print JupyterLab's address instead of opening it")
    demo.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    folder = options.folder.expanduser().resolve()
    copy(folder)
    _say(f"The notebooks are in {folder}")
    if importlib.util.find_spec("jupyterlab") is None:
        _install()
    first = f"--LabApp.default_url=/lab/tree/{FIRST}"
    command = [sys.executable, "-m", "jupyterlab", f"--port={options.port}", first]
    if options.no_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # it listens on this machine only
    os.chdir(folder)
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - Ctrl-C, and its question, are JupyterLab's own
    return subprocess.call(command)


def lessons() -> Path:
    """The course: inside an installed package, beside the package in its sources."""
    package = Path(__file__).parent.parent
    return next(folder for folder in (package / "lessons", package.parent / "notebooks") if (folder / FIRST).is_file())


def copy(folder: Path) -> None:
    """Put the notebooks and their recordings into a folder, except for those that are there."""
    course = lessons()
    files = [*course.glob("*.ipynb"), *(file for file in (course / "recordings").rglob("*") if file.is_file())]
    for file in files:
        target = folder / file.relative_to(course)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _install() -> None:
    from ..pipeline.node import installer

    _say("Installing JupyterLab into this environment")
    if subprocess.call([*installer(), PACKAGE]) != 0:
        raise ToolsError(f"JupyterLab is missing, and installing it failed; run `pip install '{PACKAGE}'`.")


def _say(text: str) -> None:
    print(f"overskill: {text}", file=sys.stderr, flush=True)
