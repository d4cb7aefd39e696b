"""How apps are named: their scripts, and the addresses they are at."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from ... import config
from ...errors import DeploymentError
from .script import Script

ENVIRONMENTS = ("preview", "staging", "production")
DEFAULT_PREFIX = "overskill"

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_LONGEST = 63 - len("--preview")


class Addresses(msgspec.Struct, frozen=True):
    """Where apps are: hosts below a domain, or paths below the dispatch Worker's own address (``by_path``)."""

    domain: str
    scheme: Literal["http", "https"] = "https"
    port: int = 0
    prefix: str = DEFAULT_PREFIX
    by_path: bool = False

    def script(self, name: str, environment: str) -> Script:
        """Where the app's Worker is. The same name in each environment, whose namespaces differ."""
        check_name(name)
        return Script(self.namespace(environment), name)

    def namespace(self, environment: str) -> str:
        if environment not in ENVIRONMENTS:
            raise DeploymentError(f"There is no environment {environment!r}; there are {', '.join(ENVIRONMENTS)}.")
        if not _LABEL.fullmatch(self.prefix) or len(self.prefix) > _LONGEST:
            raise DeploymentError(
                f"{config.NAMESPACE_PREFIX} is {self.prefix!r}; take lower-case letters, digits and dashes."
            )
        return f"{self.prefix}-{environment}"

    def url(self, name: str, environment: str) -> str:
        """The app's address, with a slash at its end."""
        script = self.script(name, environment)
        port = f":{self.port}" if self.port else ""
        if self.by_path:
            return f"{self.scheme}://{self.domain}{port}/{environment}/{script.name}/"
        host = name if environment == "production" else f"{name}--{environment}"
        return f"{self.scheme}://{host}.{self.domain}{port}/"


def check_name(name: str) -> None:
    """Raises where a name cannot be a part of an address."""
    if not _LABEL.fullmatch(name) or "--" in name:
        raise DeploymentError(
            f"An app cannot be deployed as {name!r}: a name consists of lower-case letters, digits and single dashes, "
            "and begins and ends with a letter or digit."
        )
    if len(name) > _LONGEST:
        raise DeploymentError(f"An app cannot be deployed as {name!r}: a name has at most {_LONGEST} characters.")


def path_prefix(url: str) -> str:
    """What an app by path has before its own paths: "/preview/tips"; empty where it has a host of its own."""
    return urlsplit(url).path.rstrip("/")
