"""An app for a command: its folder, its workspace, and a session that ends with the command."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .. import config

if TYPE_CHECKING:
    from ..session import Session

ENVIRONMENTS = ("preview", "staging", "production")


class Opened(NamedTuple):
    """An app, and the session to ask about it."""

    id: str
    name: str
    session: Session


def add_app(parser: argparse.ArgumentParser) -> None:
    """The app's folder as the first argument."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the app's folder")


def add_environment(parser: argparse.ArgumentParser, default: str = "") -> None:
    """The environment as the next argument."""
    what = f"{', '.join(ENVIRONMENTS)}{f'; {default} where it is not given' if default else ''}"
    more = {"nargs": "?", "default": default} if default else {}
    parser.add_argument("environment", choices=ENVIRONMENTS, metavar="ENVIRONMENT", help=what, **more)  # type: ignore[arg-type]


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Opened]:
    """The app in a folder. It is not compiled for previews. Raises AppError where there is none."""
    from .. import session
    from ..protocol import AppInfo, OpenApp

    root = folder.expanduser().resolve()
    # The workspace is that of the notebook beside the app, wherever the command is given.
    os.environ.setdefault(config.WORKSPACE, str(_workspace(root)))
    try:
        chosen = session.current()
        info = chosen.call(OpenApp(folder=str(root), live=False), AppInfo)
        yield Opened(info.app, info.name, chosen)
    finally:
        session.close()


def _workspace(root: Path) -> Path:
    """The nearest folder above that has state of ours, else the one that the app is in."""
    return next((above for above in root.parents if (above / config.STATE_FOLDER).is_dir()), root.parent)


def print_json(value: object) -> None:
    """Print data."""
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(value)).decode())
