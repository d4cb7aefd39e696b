"""Which script a host name means: ``<script>[--<environment>].<domain>``."""

from __future__ import annotations

import ipaddress

from .database import Database, Script

DEFAULT = "production"


def hostname(host: str) -> str:
    """A Host header without its port, in lower case."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0].rstrip(".")


def app_label(name: str, domains: frozenset[str]) -> str | None:
    """The first label of an app's host name; None where the host is no app's."""
    label, _, domain = name.partition(".")
    return label if label and domain in domains else None


def is_api(name: str) -> bool:
    """Whether the API answers under a host name. An address is no name that somebody else's DNS could lead here."""
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def find(database: Database, label: str) -> Script | None:
    """The script of a label: of the namespace that is called, or ends, as the label's end says."""
    script, separator, environment = label.rpartition("--")
    if separator and (found := _in(database, script, environment)):
        return found
    if found := _in(database, label, DEFAULT):
        return found
    everywhere = [
        known for space in database.namespaces() if (known := database.find_script(space.name, label)) is not None
    ]
    return everywhere[0] if len(everywhere) == 1 and not separator else None


def _in(database: Database, script: str, environment: str) -> Script | None:
    for space in database.namespaces():
        name = space.name.lower()
        if (name == environment or name.endswith(f"-{environment}")) and (
            found := database.find_script(space.name, script)
        ):
            return found
    return None
