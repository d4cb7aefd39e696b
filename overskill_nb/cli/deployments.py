"""``overskill deploy``, ``status``, ``promote``, ``rollback``, ``logs`` and ``undeploy``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from .folder import Opened, add_app, add_environment, opened, print_json
from .interrupts import interrupts_later

if TYPE_CHECKING:
    from ..protocol_deployments import Deploy, Deployment, Promote, Rollback

Commands = argparse._SubParsersAction  # noqa: SLF001  (argparse has no public name for it)
LINE_SECONDS = 1.0
"""How often lines are asked for that come without a step."""


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    deploy = commands.add_parser("deploy", help="build an app and make it live, and wait until it is")
    add_app(deploy)
    add_environment(deploy, "preview")
    status = commands.add_parser("status", help="list an app's deployments")
    add_app(status)
    promote = commands.add_parser("promote", help="make what one environment serves live in the next, unchanged")
    add_app(promote)
    add_environment(promote)
    promote.add_argument("--source", default="", metavar="ID", help="another deployment to take the files from")
    rollback = commands.add_parser("rollback", help="make what was live before live again")
    add_app(rollback)
    add_environment(rollback)
    rollback.add_argument("--to", default="", metavar="ID", help="the deployment to go back to")
    logs = commands.add_parser("logs", help="print what a deployed app's Worker wrote, and its errors")
    add_app(logs)
    add_environment(logs, "preview")
    undeploy = commands.add_parser("undeploy", help="take an app off an environment")
    add_app(undeploy)
    add_environment(undeploy)
    for parser, run in (
        (deploy, _deploy),
        (status, _status),
        (promote, _promote),
        (rollback, _rollback),
        (logs, _logs),
        (undeploy, _undeploy),
    ):
        parser.set_defaults(run=run)
        if run is not _undeploy:
            parser.add_argument("--json", action="store_true", help="print data instead of text")


def _deploy(options: argparse.Namespace) -> int:
    from ..protocol_deployments import Deploy

    with opened(options.folder) as app:
        return _followed(app, Deploy(app=app.id, environment=options.environment), options.json)


def _promote(options: argparse.Namespace) -> int:
    from ..protocol_deployments import Promote

    with opened(options.folder) as app:
        request = Promote(app=app.id, to=options.environment, source=options.source)
        return _followed(app, request, options.json)


def _rollback(options: argparse.Namespace) -> int:
    from ..protocol_deployments import Rollback

    with opened(options.folder) as app:
        request = Rollback(app=app.id, environment=options.environment, to=options.to)
        return _followed(app, request, options.json)


def _followed(app: Opened, request: Deploy | Promote | Rollback, as_json: bool) -> int:
    """Begin a deployment and print a line for each step that it ends; 0 where it is live."""
    from ..protocol_deployments import LAST, CancelDeployment, DeploymentInfo, GetDeployment

    with interrupts_later() as interrupted:
        now = app.session.call(request, DeploymentInfo).deployment
    told, lines, run = 1, 0, ""
    try:
        if interrupted:
            raise KeyboardInterrupt
        while True:
            if not as_json:
                # A workflow takes minutes, and its steps are lines of the log.
                if now.run_url != run:
                    print(f"{'workflow':10} {now.run_url}", flush=True)
                _print_lines(now.log[lines:] if now.repository else [])
                _print_steps(now, told)
            told, lines, run = max(told, len(now.transitions)), len(now.log), now.run_url
            if now.status in LAST:
                break
            seconds = LINE_SECONDS if now.repository else 20
            more = GetDeployment(app=app.id, deployment=now.id, seen=len(now.transitions), seconds=seconds)
            now = app.session.call(more, DeploymentInfo).deployment
    except KeyboardInterrupt:
        app.session.call(CancelDeployment(app=app.id, deployment=now.id), DeploymentInfo)
        print("overskill: cancelled; what was live before still is", file=sys.stderr)
        return 130
    live = now.status == "deployed" or any(step.status == "deployed" for step in now.transitions)
    if as_json:
        print_json(now)
    elif live:
        _print_summary(now, app)
    else:
        why = " ".join(part for part in (now.error, now.hint) if part) or f"The deployment is {now.status}."
        print(f"overskill: {why}", file=sys.stderr)
    return 0 if live else 1


def _print_lines(lines: list[str]) -> None:
    for line in lines:
        print(f"  {line}", flush=True)


def _print_steps(now: Deployment, told: int) -> None:
    for before, after in zip(now.transitions[told - 1 :], now.transitions[told:], strict=False):
        if before.status != "pending":
            print(f"{before.status:10} {(after.at - before.at) / 1000:7.2f} s", flush=True)


def _print_summary(now: Deployment, app: Opened) -> None:
    total = now.timings.get("total", now.transitions[-1].at - now.transitions[0].at)
    print(f"{'live':10} {total / 1000:7.2f} s  {now.url}")
    print(f"artefact {now.artefact[:12]}, {now.files} files, {now.first_load_gzip / 1000:.1f} kB first load")
    for warning in now.warnings:
        print(f"overskill: {warning}", file=sys.stderr)
    if now.target == "local" and app.session.host == "kernel":
        print("overskill: on this machine; it is served while `overskill local` runs", file=sys.stderr)


def _status(options: argparse.Namespace) -> int:
    from ..deployment import Deployments
    from ..protocol_deployments import DeploymentTable, ListDeployments

    with opened(options.folder) as app:
        found = app.session.call(ListDeployments(app=app.id), DeploymentTable).deployments
        if options.json:
            print_json(found)
        else:
            print(Deployments(app.session, app.id, app.name, found))
    return 0


def _logs(options: argparse.Namespace) -> int:
    from ..deployment import LogLines
    from ..protocol_deployments import Logs, ReadLogs

    with opened(options.folder) as app:
        lines = app.session.call(ReadLogs(app=app.id, environment=options.environment), Logs).lines
        if options.json:
            print_json(lines)
        else:
            print(LogLines(lines))
    return 0


def _undeploy(options: argparse.Namespace) -> int:
    from ..protocol import Done
    from ..protocol_deployments import Undeploy

    with opened(options.folder) as app:
        app.session.call(Undeploy(app=app.id, environment=options.environment), Done)
    return 0
