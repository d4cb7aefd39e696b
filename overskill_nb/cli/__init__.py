"""The ``overskill`` command."""

from __future__ import annotations

import argparse
import sys

from .._version import __version__
from ..errors import OverskillError
from . import bindings, cloudflare, costs, demo, deployments, generation, github, history, local, pictures, recordings


def parser() -> argparse.ArgumentParser:
    """All commands and what they take."""
    made = argparse.ArgumentParser(prog="overskill", description="React apps in Jupyter notebooks.")
    made.add_argument("--version", action="version", version=f"overskill-nb {__version__}")
    commands = made.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("doctor", help="say what is installed, what is missing, and which engine would be used")
    commands.add_parser("setup", help="install Node and the JavaScript tools now instead of at first use")
    demo.add(commands)
    for group in (generation, recordings, deployments, history, github, bindings, cloudflare, local, costs, pictures):
        group.add(commands)
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status is 1 where it found or met a problem."""
    options = parser().parse_args(arguments)
    try:
        if hasattr(options, "run"):
            status: int = options.run(options)
            return status
        return {"doctor": _doctor, "setup": _setup}[options.command]()
    except OverskillError as error:
        print(f"overskill: {error}", file=sys.stderr)
        return 1


def _doctor() -> int:
    from .. import session
    from ..checkup import doctor

    try:
        report = doctor()
        print(report)
    finally:
        session.close()
    return 0 if report.healthy else 1


def _setup() -> int:
    import asyncio

    from ..pipeline import node, tools, type_tools

    async def install() -> None:
        found = await node.ensure(_say)
        _say(f"Node {found.version}, {found.source}")
        _say(f"JavaScript tools in {await tools.ensure(found, _say)}")
        types = await tools.ensure(found, _say, type_tools.SOURCE, "the type checker")
        _say(f"Type checker in {types}")

    asyncio.run(install())
    return 0


def _say(text: str) -> None:
    print(f"overskill: {text}", file=sys.stderr, flush=True)
