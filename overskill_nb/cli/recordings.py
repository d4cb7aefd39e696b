"""``overskill refresh`` and ``replay``: what notebooks recorded, taken anew, and done again."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .deployments import Commands


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    refresh = commands.add_parser(
        "refresh", help="run notebooks, take anew what is recorded beside them, and say what changed"
    )
    refresh.add_argument(
        "notebooks", nargs="*", type=Path, default=[Path()], metavar="NOTEBOOK", help="a notebook, or a folder of them"
    )
    refresh.set_defaults(run=_refresh)
    replay = commands.add_parser("replay", help="do again to an app what a notebook recorded, in headless Chromium")
    replay.add_argument("folder", type=Path, metavar="FOLDER", help="the app's folder")
    replay.add_argument("names", nargs="*", metavar="NAME", help="of an interaction; by default all of the app's")
    replay.add_argument(
        "--notebook", type=Path, metavar="NOTEBOOK", help="the notebook that recorded them; by default all beside it"
    )
    replay.set_defaults(run=_replay)


def _refresh(options: argparse.Namespace) -> int:
    from ..errors import OverskillError
    from ..refreshing import notebooks_in, refresh

    failed = 0
    for notebook in notebooks_in(options.notebooks):
        try:
            changed = refresh(notebook)
        except OverskillError as error:
            failed = 1
            print(f"overskill: {error}", file=sys.stderr)
            continue
        print(changed or f"{notebook.name}: nothing changed", flush=True)
    return failed


def _replay(options: argparse.Namespace) -> int:
    from .. import config, headless, session
    from ..app import App
    from ..errors import CheckError
    from ..recorded import Shelf

    folder = options.folder.expanduser().resolve()
    os.environ.setdefault(config.WORKSPACE, str(folder.parent))
    if options.notebook:
        os.environ[config.NOTEBOOK] = str(options.notebook.expanduser().resolve())
    os.chdir(folder.parent)  # what is recorded of an app is beside it
    failed = 0
    try:
        app = App.open(folder)
        names = options.names or [one.name for _, one in Shelf.here(app.name).everywhere(app.name)]
        if not names:
            print("overskill: nothing is recorded of this app", file=sys.stderr)
            return 1
        for name in names:
            try:
                done = app.replay(name)
            except CheckError as error:
                failed = 1
                print(error, file=sys.stderr, flush=True)
                continue
            failed |= bool(done.skipped)
            print(done, file=sys.stderr if done.skipped else sys.stdout, flush=True)
    finally:
        headless.close()
        session.close()
    return failed


__all__ = ["add"]
