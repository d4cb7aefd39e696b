"""``overskill local``: the local Cloudflare in the foreground, for this machine or for a class."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import config

if TYPE_CHECKING:
    from ..pipeline.local_cloudflare import LocalCloudflare


def add(commands: Any) -> None:
    """Add the command."""
    local = commands.add_parser("local", help="run a local Cloudflare: deployments without an account")
    local.add_argument(
        "workspace", nargs="?", type=Path, default=Path(), metavar="WORKSPACE", help="the folder that holds apps"
    )
    local.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for other machines too")
    local.add_argument("--port", type=int, default=0, help="port to listen on; else the one that it had last")
    local.add_argument(
        "--domain",
        default="localhost",
        help="domain whose every subdomain leads here, for other machines, such as 192-168-1-5.sslip.io",
    )
    local.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_serve(options))
    return 0


async def _serve(options: argparse.Namespace) -> int:
    from ..pipeline import local_cloudflare, node

    workspace = config.find_workspace(options.workspace.expanduser())
    running = await local_cloudflare.ensure(
        workspace / config.STATE_FOLDER / "cloudflare",
        await node.ensure(_say),
        _say,
        host=options.host,
        port=options.port,
        domain=options.domain,
    )
    print(_usage(running, options.domain), flush=True)
    if not running.own:
        _say("It runs already, and ends with the engine that started it.")
        return 0
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, stopped.set)
    waiting = [asyncio.ensure_future(stopped.wait()), asyncio.ensure_future(running.ended())]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await running.close()
    if not stopped.is_set():
        _say("The local Cloudflare ended by itself; its log is in .overskill/cloudflare/log.txt.")
        return 1
    return 0


def _usage(running: LocalCloudflare, domain: str) -> str:
    return f"""Apps are at http://<name>--preview.{domain}:{running.port}/

wrangler, and every other client of Cloudflare's API, deploys here with
  export CLOUDFLARE_API_BASE_URL={running.api_url}
  export CLOUDFLARE_API_TOKEN={running.token}
  export CLOUDFLARE_ACCOUNT_ID={running.account}
  wrangler deploy --dispatch-namespace overskill-preview"""


def _say(text: str) -> None:
    print(f"overskill: {text}", file=sys.stderr, flush=True)
