"""A stand-in for GitHub: the REST calls that deployments use, and git over HTTP, over real bare repositories."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from .. import stand_in
from ..node import Node
from .address import LOGIN, Address

__all__ = ["LOGIN", "LocalGithub", "ensure"]


class LocalGithub(stand_in.StandIn[Address]):
    """A local GitHub that runs."""

    def __init__(self, address: Address, running: asyncio.subprocess.Process | None = None) -> None:
        super().__init__(address, running)
        self.login = LOGIN
        self.web_url = f"http://127.0.0.1:{address.port}"
        self.api_url = f"{self.web_url}/api/v3"

    def __repr__(self) -> str:
        return f"LocalGithub({self.web_url!r})"


async def ensure(folder: Path, node: Node, on_line: Callable[[str], None], *, port: int = 0) -> LocalGithub:
    """The folder's local GitHub: the one that runs already, or one started here.

    ``node`` runs the steps of workflows. ``port``: where one that is started listens.
    """
    stand_in.private_folder(folder)
    on_line("Starting the local GitHub")
    npm = [part for word in node.npm for part in ("--npm", str(word))]
    options = ["--port", str(port), "--node", str(node.executable), "--node-version", node.version, *npm]
    return LocalGithub(
        *await stand_in.running("local GitHub", folder, Address, __name__, options, instead="a GitHub account")
    )
