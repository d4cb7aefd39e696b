"""``python -m overskill_nb.pipeline.local_cloudflare``: the local Cloudflare's process."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from .address import Address
from .server import LocalServer


def main() -> int:
    """Serve until the standard input ends, which it does when the process that started this one is gone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("tools", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--domain", default="localhost")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(_serve(options))
    return 0


async def _serve(options: argparse.Namespace) -> None:
    folder: Path = options.folder
    address = Address.load(folder)
    server = LocalServer(folder, options.tools, address.token, address.signing_key.encode(), options.domain)
    await server.start(options.host, options.port or address.port)
    address.port, address.pid = server.port, os.getpid()
    address.save(folder)
    print(f"listening {server.port}", flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    await server.close()


if __name__ == "__main__":
    sys.exit(main())
