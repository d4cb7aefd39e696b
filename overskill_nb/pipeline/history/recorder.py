"""Makes checkpoints by themselves, a little after an open app's files changed, and never on the way of an update."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ...errors import HistoryError
from ...protocol_history import Checkpoint
from . import aside, packing

if TYPE_CHECKING:
    from .history import History

QUIET_SECONDS = 1.5
"""Without a change for so long, a checkpoint is made."""
LONGEST_SECONDS = 15.0
"""It is made after so long, even where changes go on."""
BROKEN_SECONDS = 30.0
"""An app that does not compile, or still waits for packages, is given so long first."""
BEGIN_SECONDS = 2.0
"""The first change to an app that was just opened waits no longer for the checkpoint of what was there."""

log = logging.getLogger(__name__)


class Recorder:
    """Checkpoints of one open app.

    Changes of several origins that come close together become a checkpoint for each origin, in the order of their last
    changes; a file that several of them changed goes to the last one. What nobody told of is of origin ``file``.
    """

    def __init__(
        self,
        name: str,
        history: Callable[[], History],
        compiles: Callable[[], bool],
        settled: Callable[[], bool],
        made: Callable[[Checkpoint], None],
    ) -> None:
        self._name = name
        self._history = history
        self._compiles = compiles
        self._settled = settled
        self._made = made
        self._noted: dict[str, set[str]] = {}
        self._origin = "file"
        self._first = self._last = 0.0
        self._changed = asyncio.Event()
        self._soon: asyncio.Task[None] | None = None
        self._beginning: asyncio.Task[None] | None = None
        self._packing: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._failure = ""

    def note(self, origin: str, paths: Iterable[str]) -> None:
        """Files were changed. Costs next to nothing."""
        self._origin = origin
        now = asyncio.get_running_loop().time()
        if not self._noted:
            self._first = now
        mine = self._noted.pop(origin, set()) | set(paths)
        for others in self._noted.values():
            others.difference_update(mine)
        self._noted[origin] = mine
        self._last = now
        self._changed.set()
        if self._soon is None or self._soon.done():
            self._first = now
            self._soon = asyncio.create_task(self._record_soon())

    def note_more(self, paths: Iterable[str]) -> None:
        """Files were changed by what the last change brought along."""
        self.note(self._origin, paths)

    def begin(self) -> None:
        """Make what is on disk as the app is opened a checkpoint, where it is none yet."""
        self._beginning = asyncio.create_task(self._begin())

    async def begun(self) -> None:
        """Let what was there be told from what comes: wait for the checkpoint that ``begin`` makes."""
        if self._beginning is not None and not self._beginning.done():
            await asyncio.wait([self._beginning], timeout=BEGIN_SECONDS)

    async def _begin(self) -> None:
        with contextlib.suppress(HistoryError):
            await self.flush()

    async def flush(self, message: str = "") -> list[Checkpoint]:
        """Make a checkpoint of what is on disk now; with a message just one of it. Raises HistoryError."""
        # A caller that gives up does not take the checkpoint from the others.
        return await asyncio.shield(asyncio.ensure_future(self._record(message)))

    async def flush_to(self, since: str) -> None:
        """The same. Raises HistoryError where something else than ``since`` is the newest checkpoint then."""
        await self.flush()
        await asyncio.to_thread(lambda: check_unmoved(self._history(), since))

    async def close(self) -> None:
        """Make the last checkpoint."""
        if self._soon is not None:
            self._soon.cancel()
            await asyncio.wait([self._soon], timeout=2)
        if self._beginning is not None:
            await asyncio.wait([self._beginning], timeout=2)
        if self._packing is not None:
            self._packing.cancel()
            await asyncio.wait([self._packing], timeout=2)
        if self._noted:
            # What another process keeps from being recorded is recorded when the app is opened again.
            with contextlib.suppress(HistoryError, asyncio.TimeoutError):
                await asyncio.wait_for(self.flush(), 5)

    async def _record_soon(self) -> None:
        loop = asyncio.get_running_loop()
        while self._noted:
            due = min(self._last + QUIET_SECONDS, self._first + LONGEST_SECONDS)
            ready = self._compiles() and self._settled()
            if not ready:
                due = max(self._first + BROKEN_SECONDS, due)
            self._changed.clear()
            if (left := due - loop.time()) > 0:
                # Nobody tells when an app is ready again, such as when the change under way has ended.
                longest = left if ready else min(left, QUIET_SECONDS)
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), longest)
                continue
            try:
                await self.flush()
            except HistoryError:  # the next change tries again
                return

    async def _record(self, message: str) -> list[Checkpoint]:
        from .runs import Run

        async with self._turn:
            noted, self._noted = self._noted, {}
            origins = list(noted) or ["file"]
            if message:
                # Files that nobody told of, such as those of a new app, do not make it another program's.
                told = [origin for origin in noted if origin != "file"]
                runs = [Run(told[-1] if told else "python", None, message)]
            else:
                runs = [Run(origin, noted.get(origin, set())) for origin in origins]
            compiles = self._compiles()
            try:
                found = await aside.run(lambda: self._history().record(runs, compiles))
            except HistoryError as error:
                self._fail(error, noted)
                raise
            self._failure = ""
        for checkpoint in found:
            self._made(checkpoint)
        if found and (self._packing is None or self._packing.done()):
            self._packing = asyncio.create_task(self._pack())
        return found

    async def _pack(self) -> None:
        history = self._history()
        with contextlib.suppress(HistoryError):
            if (folder := await asyncio.to_thread(history.crowded)) is not None:
                await packing.pack(folder)

    def _fail(self, error: HistoryError, noted: dict[str, set[str]]) -> None:
        """What could not be recorded is recorded with the next change. Each reason is logged once."""
        for origin, paths in noted.items():
            if origin not in self._noted:
                self._noted = {origin: paths, **self._noted}
        if str(error) != self._failure:
            self._failure = str(error)
            log.warning("%s: no checkpoint could be made: %s", self._name, error)


def check_unmoved(history: History, since: str) -> None:
    """Raises HistoryError where something else than ``since`` is the newest checkpoint."""
    if since and history.head() != since:
        raise HistoryError(f"The files of '{history.name}' were changed meanwhile; nothing was written. Try again.")
