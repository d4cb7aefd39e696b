"""``overskill github``: an app's repository on GitHub, and the exchanges with it."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from .folder import Opened, add_app, opened, print_json

if TYPE_CHECKING:
    from ..protocol_github import GithubInfo, Sync
    from .deployments import Commands

LINE_SECONDS = 1.0
"""How often lines are asked for that come without a step."""


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the command and its steps."""
    github = commands.add_parser("github", help="connect an app to GitHub, and exchange histories with it")
    steps = github.add_subparsers(dest="step", required=True, metavar="step")
    connect = steps.add_parser("connect", help="connect to a repository, made where it is missing, and push to it")
    status = steps.add_parser("status", help="say how the app stands with its repository")
    sync = steps.add_parser("sync", help="push what GitHub does not have, take what it has more")
    pull = steps.add_parser("pull", help="take what GitHub has more, push nothing")
    disconnect = steps.add_parser("disconnect", help="let go of the repository; it stays, and so does the app")
    for parser, run in (
        (connect, _connect),
        (status, _status),
        (sync, _sync),
        (pull, _sync),
        (disconnect, _disconnect),
    ):
        add_app(parser)
        parser.set_defaults(run=run)
        if run is not _disconnect:
            parser.add_argument("--json", action="store_true", help="print data instead of text")
    connect.add_argument("name", metavar="NAME", help="owner/name, or a name alone for the account's own")
    connect.add_argument("--public", action="store_true", help="where it is made, let everybody read it")


def _connect(options: argparse.Namespace) -> int:
    from ..protocol import Progress
    from ..protocol_github import ConnectRepository, GithubInfo

    def on_progress(progress: Progress) -> None:
        if progress.text:
            print(f"overskill: {progress.text}", file=sys.stderr, flush=True)

    with opened(options.folder) as app:
        request = ConnectRepository(app=app.id, name=options.name, private=not options.public)
        info = app.session.call(request, GithubInfo, on_progress)
        return _followed(app, info.sync, options.json) if info.sync else 0


def _status(options: argparse.Namespace) -> int:
    with opened(options.folder) as app:
        info = _info(app)
        if options.json:
            print_json(info)
            return 0
        if info.repository is None:
            print(f"{app.name} is not connected to GitHub.")
            return 0
        print(f"{info.repository.name}  {info.repository.url}")
        print(f"{info.ahead} checkpoint{'' if info.ahead == 1 else 's'} ahead of GitHub")
        if info.sync is not None:
            _print_end(info.sync)
    return 0


def _sync(options: argparse.Namespace) -> int:
    from ..protocol_github import StartSync, SyncInfo

    with opened(options.folder) as app:
        _connected(app)
        begun = app.session.call(StartSync(app=app.id, pull=options.step == "pull"), SyncInfo).sync
        return _followed(app, begun, options.json)


def _disconnect(options: argparse.Namespace) -> int:
    from ..protocol import Done
    from ..protocol_github import DisconnectRepository

    with opened(options.folder) as app:
        _connected(app)
        app.session.call(DisconnectRepository(app=app.id), Done)
    return 0


def _info(app: Opened) -> GithubInfo:
    from ..protocol_github import GetGithub, GithubInfo

    return app.session.call(GetGithub(app=app.id), GithubInfo)


def _connected(app: Opened) -> None:
    from ..errors import GithubError

    if _info(app).repository is None:
        raise GithubError(f"'{app.name}' is not connected to GitHub; connect it with `overskill github connect`.")


def _followed(app: Opened, now: Sync, as_json: bool) -> int:
    """Print the lines of an exchange as they come; 0 where both sides have the same."""
    from ..protocol_github import LAST_SYNC, GetSync, SyncInfo

    told, waits_until = 0, 0.0
    while True:
        if not as_json:
            for line in now.log[told:]:
                print(line, flush=True)
        if now.waits_until > waits_until:
            until = datetime.fromtimestamp(now.waits_until / 1000)
            print(f"overskill: GitHub asks to wait until {until:%H:%M}", file=sys.stderr, flush=True)
        told, waits_until = max(told, len(now.log)), max(waits_until, now.waits_until)
        if now.status in LAST_SYNC:
            break
        request = GetSync(app=app.id, sync=now.id, seen=len(now.transitions), seconds=LINE_SECONDS)
        now = app.session.call(request, SyncInfo).sync
    if as_json:
        print_json(now)
    else:
        _print_end(now)
    return 0 if now.status == "synced" else 1


def _print_end(now: Sync) -> None:
    if now.status == "synced":
        print(f"{'synced':10} {now.ms / 1000:7.2f} s  {now.commit[:8]}, {now.pushed} pushed, {now.received} received")
    elif now.status == "conflict":
        paths = ", ".join(conflict.path for conflict in now.conflicts)
        where = f"; see {now.pull_request}" if now.pull_request else ""
        print(f"overskill: both sides changed {paths}; neither was touched{where}", file=sys.stderr)
    elif now.status == "failed":
        print(f"overskill: {' '.join(part for part in (now.error, now.hint) if part)}", file=sys.stderr)
    else:
        print(f"overskill: the exchange is {now.status}", file=sys.stderr)
