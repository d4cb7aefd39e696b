"""A stand-in for Cloudflare: the part of its API that deployments use, over its real runtime ``workerd``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from .. import stand_in, tools
from ..node import Node
from .address import ACCOUNT, Address

__all__ = ["ACCOUNT", "LocalCloudflare", "ensure"]

TOOLCHAIN = Path(__file__).parent / "toolchain"


class LocalCloudflare(stand_in.StandIn[Address]):
    """A local Cloudflare that runs."""

    def __init__(self, address: Address, running: asyncio.subprocess.Process | None = None) -> None:
        super().__init__(address, running)
        self.account = ACCOUNT
        self.api_url = f"http://127.0.0.1:{address.port}/client/v4"


async def ensure(
    folder: Path,
    node: Node,
    on_line: Callable[[str], None],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    domain: str = "localhost",
) -> LocalCloudflare:
    """The folder's local Cloudflare: the one that runs already, or one started here.

    ``host`` and ``port``: where one that is started listens. ``domain``: what apps' host names may end with besides
    ``localhost``.
    """
    stand_in.private_folder(folder)
    installed = await tools.ensure(node, on_line, TOOLCHAIN, "Cloudflare's runtime workerd")
    options = [str(installed), "--host", host, "--port", str(port), "--domain", domain]
    found = await stand_in.running(
        "local Cloudflare", folder, Address, __name__, options, instead="deploy to a Cloudflare account"
    )
    return LocalCloudflare(*found)
