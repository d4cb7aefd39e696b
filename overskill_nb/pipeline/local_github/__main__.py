"""``python -m overskill_nb.pipeline.local_github``: the local GitHub's process."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from ..node import Node
from .address import Address
from .server import LocalServer


def main() -> int:
    """Serve until the standard input ends, which it does when the process that started this one is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--node", type=Path, required=True)
    parser.add_argument("--node-version", default="")
    parser.add_argument("--npm", action="append", default=[])
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(_serve(options))
    return 0


async def _serve(options: argparse.Namespace) -> None:
    folder: Path = options.folder
    address = Address.load(folder)
    node = Node(options.node, tuple(options.npm), options.node_version, "the process that started this one")
    server = LocalServer(folder, address, node)
    await server.start(options.port or address.port)
    address.port, address.pid = server.port, os.getpid()
    address.save(folder)
    print(f"listening {server.port}", flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    await server.close()


if __name__ == "__main__":
    sys.exit(main())
