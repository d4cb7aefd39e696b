"""What clients ask about an app's history, answered with what ``history/`` knows."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, get_args

from ..errors import EngineError, FileError, HistoryError
from ..protocol_history import (
    Checkpoint,
    CheckpointInfo,
    Checkpoints,
    Diff,
    ExportApp,
    Exported,
    HistoryRequest,
    HistoryResult,
    ListCheckpoints,
    MakeCheckpoint,
    ReadDiff,
    RestoreCheckpoint,
)
from .history import Histories, History
from .history.runs import Run
from .node import Node
from .project import Project

KINDS: tuple[type, ...] = get_args(HistoryRequest)
ATTEMPTS = 3
"""How often a restore begins again because the files were changed meanwhile."""


class HistoryRequests:
    """Answers requests about histories. The apps need not be open."""

    def __init__(
        self, histories: Histories, project: Callable[[str], Project], node: Callable[[], Awaitable[Node]]
    ) -> None:
        self._histories = histories
        self._project = project
        self._node = node

    async def handle(self, request: Any) -> HistoryResult:
        """Carry out one request. Raises OverskillError."""
        history = await self._histories.history(request.app)
        if isinstance(request, ReadDiff):
            files = await asyncio.to_thread(history.diff, request.checkpoint, request.since)
            return Diff(files=files)
        if isinstance(request, ListCheckpoints):
            await self._histories.flush(request.app)
            limit = max(0, request.limit)
            return Checkpoints(checkpoints=await asyncio.to_thread(history.log, limit, request.before))
        if isinstance(request, MakeCheckpoint):
            return CheckpointInfo(checkpoint=await self._newest(history, request.app, request.message))
        if isinstance(request, RestoreCheckpoint):
            return CheckpointInfo(checkpoint=await self._restore(history, request.app, request.checkpoint))
        assert isinstance(request, ExportApp)
        return await self._export(history, request)

    async def _newest(self, history: History, app: str, message: str = "") -> Checkpoint:
        head = await self._histories.flush(app, message)
        if not head:
            raise HistoryError(f"'{history.name}' has no files that a checkpoint could be made of.")
        return await asyncio.to_thread(history.get, head)

    async def _restore(self, history: History, app: str, wanted: str) -> Checkpoint:
        project = self._project(app)
        for attempt in range(1, ATTEMPTS + 1):
            head = await self._histories.flush(app)
            target = await asyncio.to_thread(history.find, wanted)
            files = await asyncio.to_thread(history.changes, head, target)
            if not files:
                break
            # What would be written over, and is not part of the history, becomes one first.
            written = [path for path, data in files.items() if data is not None]
            if unknown := await asyncio.to_thread(history.unknown, written):
                await self._histories.record(project, Run("file"), also=unknown)
                head = await asyncio.to_thread(history.head)
            failed: EngineError | None = None
            try:
                await self._histories.apply(project.id, project.root, files, "history", head)
            except HistoryError:
                if attempt == ATTEMPTS:
                    raise
                continue
            except EngineError as error:  # previews could not be told; the files may be what they are to be
                failed = error
            await asyncio.to_thread(history.settle, target)
            said = (await asyncio.to_thread(history.get, target)).message.partition("\n")[0]
            await self._histories.record(project, Run("history", None, f"Back to {target[:8]}: {said}"))
            if failed is not None:
                raise failed
            break
        return await self._newest(history, app)

    async def _export(self, history: History, request: ExportApp) -> Exported:
        from .history.export import write_zip
        from .history.lockfile import lockfile

        file = Path(request.file)
        if not file.is_absolute() or file.is_dir() or not file.parent.is_dir():
            raise FileError(f"'{request.file}' cannot be written: give the path of a file in a folder that is there.")
        head = await self._histories.flush(request.app)
        lock = await lockfile(self._project(request.app), await self._node(), lambda _: None)
        files = await asyncio.to_thread(write_zip, history, head, lock, file)
        return Exported(file=str(file), files=files, bytes=os.stat(file).st_size)
