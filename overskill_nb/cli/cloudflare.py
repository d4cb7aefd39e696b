"""``overskill cloudflare``: an account made ready for apps, or looked at."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any


def add(commands: Any) -> None:
    """Add the command and its steps."""
    cloudflare = commands.add_parser("cloudflare", help="make a Cloudflare account ready for apps, or look at it")
    steps = cloudflare.add_subparsers(dest="step", required=True, metavar="step")
    steps.add_parser(
        "setup", help="make namespaces, deploy the dispatch Worker, lead the domain to it; may be repeated"
    )
    steps.add_parser("check", help="say what the account, the token and the domain lack; changes nothing")
    cloudflare.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from ..pipeline.cloudflare import Settings, reporting
    from ..pipeline.cloudflare import setup as account

    with reporting(_say):
        report = asyncio.run(
            {"setup": account.setup, "check": account.check}[options.step](Settings.from_environment())
        )
    print(report)
    return 0 if report.ready else 1


def _say(text: str) -> None:
    print(f"overskill: {text}", file=sys.stderr, flush=True)
