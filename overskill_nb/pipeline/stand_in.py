"""Stand-ins for services: a process that one of the programs which share its folder starts, and all of them use."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from ..errors import EngineError
from . import process
from .listening import listens

if TYPE_CHECKING:
    from typing_extensions import Self

FILE = "address.json"
START_SECONDS = 60.0
STOP_SECONDS = 10.0


class Address(msgspec.Struct):
    """Where a folder's stand-in is found, and what it wants to be shown: ``address.json``, for this user only.

    Kept from run to run.
    """

    port: int = 0
    """The port that it had last."""
    pid: int = 0
    """The process that listens there; 0 while it starts."""
    token: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(30))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The folder's, or a new one where there is none."""
        try:
            return msgspec.json.decode((folder / FILE).read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError):
            made = cls()
            made.save(folder)
            return made

    def save(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(prefix=".address-", dir=folder)  # 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(self))
        os.replace(name, folder / FILE)


A = TypeVar("A", bound=Address)


class StandIn(Generic[A]):
    """One that runs: started by this process, or by another that shares its folder."""

    def __init__(self, address: A, running: asyncio.subprocess.Process | None = None) -> None:
        self.token = address.token
        self.port = address.port
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
                await asyncio.wait_for(running.wait(), STOP_SECONDS)
            except asyncio.TimeoutError:
                process.kill_group(running.pid)
                await running.wait()


async def running(
    what: str, folder: Path, kind: type[A], module: str, options: Sequence[str], *, instead: str
) -> tuple[A, asyncio.subprocess.Process | None]:
    """Where the folder's stand-in is: the one that runs already, or one started here, whose process is given too.

    ``module`` is what Python runs, with the folder and the ``options``; it says ``listening`` once it does. ``what``
    names it in errors, and ``instead`` says what there is where it cannot run.
    """
    try:
        import fcntl
    except ImportError as error:
        raise EngineError(f"The {what} does not run on Windows; use WSL, or {instead}.") from error
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        with (folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                return await _start(what, folder, kind, module, options, lock.fileno())
        address = kind.load(folder)
        if address.pid and await listens(address.port):
            return address, None
        await asyncio.sleep(0.05)  # whoever has the lock is starting it, or about to end
    raise EngineError(f"The {what} in '{folder}' does not answer; end the process that holds its lock.")


def private_folder(folder: Path) -> None:
    """Make the folder, for this user only."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


async def _start(
    what: str, folder: Path, kind: type[A], module: str, options: Sequence[str], lock: int
) -> tuple[A, asyncio.subprocess.Process]:
    """Start it. It has the lock for as long as it lives, and lives no longer than this process."""
    address = kind.load(folder)
    address.pid = 0
    address.save(folder)
    with (folder / "log.txt").open("wb") as log:
        started = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            str(folder),
            *options,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            pass_fds=(lock,),
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    assert started.stdout is not None
    with contextlib.suppress(asyncio.TimeoutError):
        line = await asyncio.wait_for(started.stdout.readline(), START_SECONDS)
        if line.startswith(b"listening "):
            return kind.load(folder), started
    process.kill_group(started.pid)
    await started.wait()
    words = (folder / "log.txt").read_text("utf-8", "replace").strip().splitlines()
    raise EngineError(f"The {what} did not start: {words[-1] if words else 'it left no message'}")
