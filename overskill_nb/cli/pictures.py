"""``overskill pictures``: pictures of previews within notebooks, for readers that run nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Add the command."""
    pictures = commands.add_parser(
        "pictures", help="put pictures of previews into notebooks, for GitHub and others that run nothing"
    )
    pictures.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK", help="notebooks, or folders of them")
    pictures.add_argument(
        "--only", action="store_true", help="leave out widgets and their state: for notebooks that go into git"
    )
    pictures.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from .. import notebook_pictures
    from ..headless import NoBrowser

    status = 0
    for notebook in _notebooks(options.notebooks):
        try:
            count, reasons = notebook_pictures.add(notebook, only=options.only)
        except NoBrowser as error:
            print(f"overskill: there can be no pictures: {error}", file=sys.stderr)
            return 1
        except (OSError, ValueError) as error:
            count, reasons = 0, [f"it cannot be read: {error}"]
        print(f"{notebook}: {count} picture{'' if count == 1 else 's'}")
        for reason in reasons:
            status = 1
            print(f"  {reason}", file=sys.stderr)
    return status


def _notebooks(given: list[Path]) -> Iterator[Path]:
    for path in given:
        if path.is_dir():
            yield from sorted(path.glob("*.ipynb"))
        else:
            yield path
