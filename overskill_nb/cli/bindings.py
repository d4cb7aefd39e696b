"""``overskill env`` and ``overskill secret``: what a deployed app is given at run time."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from .folder import add_app, add_environment, opened

if TYPE_CHECKING:
    from .deployments import Commands


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    env = commands.add_parser("env", help="list, set and remove the public values of an environment")
    add_app(env)
    add_environment(env)
    env.add_argument("values", nargs="*", metavar="NAME=VALUE", help="a value to set")
    env.add_argument("--remove", action="append", default=[], metavar="NAME", help="a value to remove")
    env.set_defaults(run=_env)
    secret = commands.add_parser("secret", help="list, set and remove the secrets of an environment")
    add_app(secret)
    add_environment(secret)
    which = secret.add_mutually_exclusive_group()
    which.add_argument("--set", metavar="NAME", help="a secret to set; its value is asked for, or read from a pipe")
    which.add_argument("--remove", metavar="NAME", help="a secret to remove")
    secret.set_defaults(run=_secret)


def _env(options: argparse.Namespace) -> int:
    from ..protocol_deployments import GetVariables, SetVariables, Variables

    values: dict[str, str | None] = {}
    for given in options.values:
        name, equals, value = given.partition("=")
        if not equals:
            print(f"overskill: '{given}' is not NAME=VALUE", file=sys.stderr)
            return 2
        values[name] = value
    values.update(dict.fromkeys(options.remove))
    with opened(options.folder) as app:
        request = (
            SetVariables(app=app.id, environment=options.environment, values=values)
            if values
            else GetVariables(app=app.id, environment=options.environment)
        )
        now = app.session.call(request, Variables).values
    for name, value in sorted(now.items()):
        print(f"{name}={value}")
    return 0


def _secret(options: argparse.Namespace) -> int:
    from ..protocol_deployments import DeleteSecret, ListSecrets, Secrets, SetSecret

    with opened(options.folder) as app:
        if options.set:
            names = app.session.call(
                SetSecret(app=app.id, environment=options.environment, name=options.set, value=_value(options.set)),
                Secrets,
            ).names
        elif options.remove:
            gone = DeleteSecret(app=app.id, environment=options.environment, name=options.remove)
            names = app.session.call(gone, Secrets).names
        else:
            names = app.session.call(ListSecrets(app=app.id, environment=options.environment), Secrets).names
    for name in names:
        print(name)
    return 0


def _value(name: str) -> str:
    """A secret's value, never an argument: those are seen by everybody on the machine."""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(f"{name}: ")
    return sys.stdin.read().rstrip("\n")
