"""A lock that one thread of one process holds. The system lets go of it when the process ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from pathlib import Path
from typing import IO

from ...errors import HistoryError

PATIENCE_SECONDS = 30.0


class Lock:
    """May be taken again by the thread that holds it."""

    def __init__(self, file: Path) -> None:
        self._path = file
        self._thread = threading.RLock()
        self._file: IO[bytes] | None = None
        self._depth = 0
        self.broken = False
        """Whether who held it before was killed meanwhile: what it was writing may be half there."""

    def __enter__(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        if not self._thread.acquire(timeout=PATIENCE_SECONDS):
            raise HistoryError("The app's history is busy; try again.")
        try:
            if self._depth == 0:
                self._take(deadline)
            self._depth += 1
        except BaseException:
            self._thread.release()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            self._depth -= 1
            if self._depth == 0 and self._file is not None:
                with contextlib.suppress(OSError):
                    self._file.truncate(0)
                self._file.close()
                self._file = None
        finally:
            self._thread.release()

    def _take(self, deadline: float) -> None:
        while True:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+b", buffering=0)
            if _lock(file):
                # The folder may have been removed, and made anew, while this waited.
                with contextlib.suppress(OSError):
                    if os.path.samestat(os.fstat(file.fileno()), self._path.stat()):
                        break
            file.close()
            if time.monotonic() > deadline:
                raise HistoryError("Another process is writing the app's history; try again when it is done.")
            time.sleep(0.01)
        self._file = file
        # Emptied by who lets go; what a killed process wrote stays.
        self.broken = os.fstat(file.fileno()).st_size > 0
        if not self.broken:
            file.write(f"{os.getpid()}\n".encode())


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(2**30)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
