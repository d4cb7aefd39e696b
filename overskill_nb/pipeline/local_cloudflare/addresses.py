"""Which script a host name means: ``<script>[--<environment>].localhost``."""

from __future__ import annotations

from .database import Database, Script

SUFFIX = ".localhost"
DEFAULT = "production"


def hostname(host: str) -> str:
    """A Host header without its port, in lower case."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0].rstrip(".")


def app_label(name: str) -> str | None:
    """The first label of an app's host name; None where the host is no app's."""
    if not name.endswith(SUFFIX):
        return None
    label = name[: -len(SUFFIX)]
    return label if label and "." not in label else None


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
