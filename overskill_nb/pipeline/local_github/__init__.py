"""A stand-in for GitHub: the REST calls that deployments use, and git over HTTP, over real bare repositories."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from ...errors import EngineError
from .. import process
from ..node import Node
from .address import LOGIN, Address

__all__ = ["LOGIN", "LocalGithub", "ensure"]

START_SECONDS = 60.0


class LocalGithub:
    """A local GitHub that runs: started by this process, or by another that shares its folder."""

    def __init__(self, address: Address, running: asyncio.subprocess.Process | None = None) -> None:
        self.login = LOGIN
        self.token = address.token
        self.port = address.port
        self.web_url = f"http://127.0.0.1:{address.port}"
        self.api_url = f"{self.web_url}/api/v3"
        self._process = running

    def __repr__(self) -> str:
        return f"LocalGithub({self.web_url!r})"

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
                await asyncio.wait_for(running.wait(), 10)
            except asyncio.TimeoutError:
                process.kill_group(running.pid)
                await running.wait()


async def ensure(folder: Path, node: Node, on_line: Callable[[str], None], *, port: int = 0) -> LocalGithub:
    """The folder's local GitHub: the one that runs already, or one started here.

    ``node`` runs the steps of workflows. ``port``: where one that is started listens.
    """
    try:
        import fcntl
    except ImportError as error:
        raise EngineError("The local GitHub does not run on Windows; use WSL, or a GitHub account.") from error
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        with (folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                on_line("Starting the local GitHub")
                return await _start(folder, lock.fileno(), _options(node, port))
        address = Address.load(folder)
        if await _answers(address):
            return LocalGithub(address)
        await asyncio.sleep(0.05)  # whoever has the lock is starting it, or about to end
    raise EngineError(f"The local GitHub in '{folder}' does not answer; end the process that holds its lock.")


def _options(node: Node, port: int) -> list[str]:
    npm = [part for word in node.npm for part in ("--npm", word)]
    return ["--port", str(port), "--node", str(node.executable), "--node-version", node.version, *npm]


async def _start(folder: Path, lock: int, options: list[str]) -> LocalGithub:
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
            *options,
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
            return LocalGithub(Address.load(folder), running)
    process.kill_group(running.pid)
    await running.wait()
    words = (folder / "log.txt").read_text("utf-8", "replace").strip().splitlines()
    raise EngineError(f"The local GitHub did not start: {words[-1] if words else 'it left no message'}")


async def _answers(address: Address) -> bool:
    if not address.pid:
        return False
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", address.port), 2)
    except (OSError, asyncio.TimeoutError):
        return False
    writer.close()
    return True
