"""``overskill costs``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .deployments import Commands


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("costs", help="say what so many apps cost a month, from published prices")
    parser.add_argument("--apps", type=int, default=1000, metavar="N", help="how many apps; by default 1000")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="also write the plot to a file")
    parser.set_defaults(run=_costs)


def _costs(options: argparse.Namespace) -> int:
    from .. import session
    from ..cost_model import costs

    try:
        found = costs(apps=options.apps)
    finally:
        session.close()
    print(found)
    if options.svg:
        options.svg.write_text(found.svg(), "utf-8")
    return 0
