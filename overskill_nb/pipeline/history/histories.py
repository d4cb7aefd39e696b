"""The histories of a workspace's apps, open in the engine or not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ... import config
from ...events import Origin
from ...protocol_history import Checkpoint
from ..project import Project
from .recorder import Recorder, check_unmoved
from .runs import Run

if TYPE_CHECKING:
    from ..live_app import LiveApp
    from .history import History


class Histories:
    """One History for each app."""

    def __init__(
        self,
        workspace: Path,
        project: Callable[[str], Project],
        live: Callable[[str], LiveApp | None],
        made: Callable[[str, Checkpoint], None],
    ) -> None:
        self._state_folder = workspace / config.STATE_FOLDER
        self._project = project
        self._live = live
        self._made = made
        self._opened: dict[str, History] = {}
        self._made_here: set[str] = set()
        self._opening = threading.Lock()

    def made_here(self, app: str) -> None:
        """An app was made from the template: its repository goes into its folder. Into others' folders nothing goes."""
        self._made_here.add(app)
        self._opened.pop(app, None)

    def of(self, app: str, root: Path) -> History:
        """An app's history. The first call imports dulwich: make it in a thread."""
        from .history import History

        with self._opening:
            if app not in self._opened:
                self._opened[app] = History(root, self._state_folder, app in self._made_here)
            return self._opened[app]

    async def history(self, app: str) -> History:
        """The same, by the app's id or its folder's name."""
        project = self._project(app)
        return await asyncio.to_thread(self.of, project.id, project.root)

    def recorder(self, app: LiveApp) -> Recorder:
        """What makes checkpoints of an app that is opened."""
        project = app.project
        return Recorder(
            project.name,
            lambda: self.of(project.id, project.root),
            lambda: app.feed.compiles,
            lambda: app.settled,
            lambda checkpoint: self._made(project.id, checkpoint),
        )

    async def flush(self, app: str, message: str = "") -> str:
        """Make what is on disk a checkpoint, where it is none. Gives the newest one's id. Raises HistoryError."""
        project = self._project(app)
        if (live := self._live(project.id)) is not None:
            await live.recorder.flush(message)
        else:
            await self.record(project, Run("python" if message else "file", None, message))
        return await asyncio.to_thread(lambda: self.of(project.id, project.root).head())

    async def record(self, project: Project, run: Run, also: Collection[str] = ()) -> None:
        """Make a checkpoint of what is on disk and of the files ``also``, whatever the rules say of those."""
        live = self._live(project.id)
        compiles = live is None or live.feed.compiles
        made = await asyncio.to_thread(
            lambda: self.of(project.id, project.root).record([run], compiles=compiles, also=also)
        )
        for checkpoint in made:
            self._made(project.id, checkpoint)

    async def apply(
        self, app: str, root: Path, files: Mapping[str, bytes | None], origin: Origin, since: str = ""
    ) -> None:
        """Write files, all of them or none; previews follow with one update. What is on disk becomes a checkpoint
        before; where that is not ``since``, nothing is written and HistoryError is raised."""
        if (live := self._live(app)) is not None:
            await live.replace(files, origin, since)
        else:
            project = Project(root)
            await self.record(project, Run("file"))
            await asyncio.to_thread(self._write, project, files, since)

    def _write(self, project: Project, files: Mapping[str, bytes | None], since: str) -> None:
        from ..replacement import Replacement

        check_unmoved(self.of(project.id, project.root), since)
        Replacement(project, files).write()

    def close(self) -> None:
        """Let go of open files."""
        for history in self._opened.values():
            history.close()
        self._opened.clear()
