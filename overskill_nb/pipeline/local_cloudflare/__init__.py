"""A stand-in for Cloudflare: the part of its API that deployments use, over its real runtime ``workerd``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from ...errors import EngineError
from .. import process, tools
from ..listening import listens
from ..node import Node
from .address import ACCOUNT, Address

__all__ = ["ACCOUNT", "LocalCloudflare", "ensure"]

TOOLCHAIN = Path(__file__).parent / "toolchain"
START_SECONDS = 60.0


class LocalCloudflare:
    """A local Cloudflare that runs: started by this process, or by another that shares its folder."""

    def __init__(self, address: Address, running: asyncio.subprocess.Process | None = None) -> None:
        self.account = ACCOUNT
        self.token = address.token
        self.port = address.port
        self.api_url = f"http://127.0.0.1:{address.port}/client/v4"
        self._process = running

    @property
    def own(self) -> bool:
        """Whether this process started it."""
        return self._process is not None

    async def ended(self) -> None:
        """Returns when the one that this process started has ended."""
        if self._process is not None:
            await self._process.wait()

    async def close(self) -> None:
        """End it where this process started it; another process's goes on."""
        running, self._process = self._process, None
        if running is not None:
            if running.stdin is not None:
                running.stdin.close()
            try:
                await asyncio.wait_for(running.wait(), 5)
            except asyncio.TimeoutError:
                process.kill_group(running.pid)
                await running.wait()


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
    try:
        import fcntl
    except ImportError as error:
        raise EngineError(
            "The local Cloudflare does not run on Windows; use WSL, or deploy to a Cloudflare account."
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    installed = await tools.ensure(node, on_line, TOOLCHAIN, "Cloudflare's runtime workerd")
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        with (folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                where = ("--host", host, "--port", str(port), "--domain", domain)
                return await _start(folder, installed, lock.fileno(), where)
        address = Address.load(folder)
        if address.pid and await listens(address.port):
            return LocalCloudflare(address)
        await asyncio.sleep(0.05)  # whoever has the lock is starting it, or about to end
    raise EngineError(f"The local Cloudflare in '{folder}' does not answer; end the process that holds its lock.")


async def _start(folder: Path, installed: Path, lock: int, where: tuple[str, ...]) -> LocalCloudflare:
    """Start it. It has the lock for as long as it lives, and lives no longer than this process."""
    address = Address.load(folder)
    address.pid = 0
    address.save(folder)
    with (folder / "log.txt").open("wb") as log:
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            str(folder),
            str(installed),
            *where,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            pass_fds=(lock,),
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    assert running.stdout is not None
    with contextlib.suppress(asyncio.TimeoutError):
        line = await asyncio.wait_for(running.stdout.readline(), START_SECONDS)
        if line.startswith(b"listening "):
            return LocalCloudflare(Address.load(folder), running)
    process.kill_group(running.pid)
    await running.wait()
    words = (folder / "log.txt").read_text("utf-8", "replace").strip().splitlines()
    raise EngineError(f"The local Cloudflare did not start: {words[-1] if words else 'it left no message'}")
