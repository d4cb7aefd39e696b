"""Which processes run deployments, and which of them are dead.

A process holds a slot: a file that it keeps locked. The system lets go of the lock when the process ends, however it
ends; so on one machine death is certain and seen at once. Of another machine only the signs of life in the database
are known.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from . import moves
from .models import ExecutorRow

HEARTBEAT_SECONDS = 10.0
DEAD_AFTER_SECONDS = 25.0
"""Without a sign of life for so long, an executor of another machine is dead."""


def host() -> str:
    """This machine's name, told from others that are called the same."""
    identity = ""
    with contextlib.suppress(OSError):
        identity = Path("/etc/machine-id").read_text("ascii").strip()
    return f"{socket.gethostname()[:40]}-{_short(identity)}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Slot:
    """This process's place. Its id is the same after a restart, so that a server finds its own unfinished runs."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        number = 0
        while True:
            self.lock = folder / f"executor-{number}.lock"
            self._file = self.lock.open("ab")
            if _lock(self._file):
                break
            self._file.close()
            number += 1
        self.id = f"{host()}-{_short(str(folder.resolve()))}-{number}"

    def release(self) -> None:
        """Let another process have it."""
        self._file.close()


@contextlib.contextmanager
def abandoned(lock: Path) -> Iterator[bool]:
    """Holds a slot whose process is dead, so that it cannot come back meanwhile; gives False where it lives."""
    with lock.open("ab") as file:
        yield _lock(file)


class Executors:
    """The slots of all processes that share the database."""

    def __init__(self, engine: sa.Engine, slot: Slot, version: str) -> None:
        self._engine = engine
        self._slot = slot
        self._version = version
        self._beat = 0.0

    def beat(self) -> None:
        """Give a sign of life, now and then."""
        if time.monotonic() - self._beat < HEARTBEAT_SECONDS:
            return
        with Session(self._engine) as session, session.begin():
            session.merge(
                ExecutorRow(
                    id=self._slot.id,
                    host=host(),
                    lock=str(self._slot.lock),
                    pid=os.getpid(),
                    version=self._version,
                    seen=moves.now(),
                )
            )
        self._beat = time.monotonic()

    def alive(self) -> dict[str, str]:
        """Ids of those that live, and the version of each."""
        with Session(self._engine.execution_options(overskill_reads=True)) as session:
            known = session.scalars(sa.select(ExecutorRow)).all()
        living = {self._slot.id: self._version}
        for executor in known:
            if executor.id != self._slot.id and self._lives(executor):
                living[executor.id] = executor.version
        return living

    @staticmethod
    def _lives(executor: ExecutorRow) -> bool:
        lock = Path(executor.lock)
        if executor.host == host() and lock.is_file():
            with contextlib.suppress(OSError), abandoned(lock) as dead:
                return not dead
        return executor.seen > moves.now() - DEAD_AFTER_SECONDS * 1000

    def forget(self, executor: str) -> None:
        """Its runs are taken over."""
        with Session(self._engine) as session, session.begin():
            session.execute(sa.delete(ExecutorRow).where(ExecutorRow.id == executor))
