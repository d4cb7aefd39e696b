"""``overskill local``: the local Cloudflare and the local GitHub in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import config
from ..errors import EngineError

if TYPE_CHECKING:
    from ..pipeline.local_cloudflare import LocalCloudflare
    from ..pipeline.local_github import LocalGithub


def add(commands: Any) -> None:
    """Add the command."""
    local = commands.add_parser(
        "local", help="run a local Cloudflare and a local GitHub: deployments without an account"
    )
    local.add_argument(
        "workspace", nargs="?", type=Path, default=Path(), metavar="WORKSPACE", help="the folder that holds apps"
    )
    local.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for other machines too")
    local.add_argument("--port", type=int, default=0, help="the local Cloudflare's port; else the one that it had last")
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
    from ..pipeline import local_cloudflare, local_github, node

    state = config.find_workspace(options.workspace.expanduser()) / config.STATE_FOLDER
    found = await node.ensure(_say)
    cloudflare = await local_cloudflare.ensure(
        state / "cloudflare", found, _say, host=options.host, port=options.port, domain=options.domain
    )
    github: LocalGithub | None = None
    try:
        print(_cloudflare_usage(cloudflare, options.domain), flush=True)
        try:
            github = await local_github.ensure(state / "github", found, _say)
        except EngineError as error:  # deployments need none
            _say(str(error))
        else:
            print(_github_usage(github), flush=True)
        return await _until_stopped(cloudflare, github)
    finally:
        if github is not None:
            await github.close()
        await cloudflare.close()


async def _until_stopped(cloudflare: LocalCloudflare, github: LocalGithub | None) -> int:
    """Wait for Ctrl-C; 1 where one that was started here ended by itself."""
    both = {"Cloudflare": cloudflare, "GitHub": github}
    own = {name: one for name, one in both.items() if one is not None and one.own}
    for name, one in both.items():
        if one is not None and not one.own:
            _say(f"The local {name} runs already, and ends with the engine that started it.")
    if not own:
        return 0
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, stopped.set)
    ended = {asyncio.ensure_future(one.ended()): name for name, one in own.items()}
    waiting = [asyncio.ensure_future(stopped.wait()), *ended]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    gone = [name for task, name in ended.items() if task.done()]
    for task in waiting:
        task.cancel()
    if stopped.is_set():
        return 0
    for name in gone:
        _say(f"The local {name} ended by itself; its log is in {config.STATE_FOLDER}/{name.lower()}/log.txt.")
    return 1


def _cloudflare_usage(running: LocalCloudflare, domain: str) -> str:
    return f"""Apps are at http://<name>--preview.{domain}:{running.port}/

wrangler, and every other client of Cloudflare's API, deploys here with
  export CLOUDFLARE_API_BASE_URL={running.api_url}
  export CLOUDFLARE_API_TOKEN={running.token}
  export CLOUDFLARE_ACCOUNT_ID={running.account}
  wrangler deploy --dispatch-namespace overskill-preview"""


def _github_usage(running: LocalGithub) -> str:
    # gh speaks HTTPS with every host but github.localhost, which it looks for on port 80: the proxy brings it here.
    return f"""
Repositories are at {running.web_url}/{running.login}/<name>.git

git asks for a password, which is the token
  git clone http://{running.login}@127.0.0.1:{running.port}/{running.login}/<name>.git
gh works with it by
  export HTTP_PROXY={running.web_url} GH_HOST=github.localhost
  export GH_TOKEN={running.token}
  gh run list -R {running.login}/<name>
and every other client of GitHub's API by
  export GITHUB_API_URL={running.api_url}"""


def _say(text: str) -> None:
    print(f"overskill: {text}", file=sys.stderr, flush=True)
