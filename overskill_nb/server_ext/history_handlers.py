"""The REST API's part about histories; ``rest-api.yml`` describes it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado import web

from .. import errors
from ..message import Message
from ..protocol_history import ExportApp, ListCheckpoints, MakeCheckpoint, ReadDiff, RestoreCheckpoint
from .api_handlers import Nothing, OverskillAPIHandler

CHUNK = 1 << 20


class _Checkpoint(Message):
    message: str = ""


class HistoryHandler(OverskillAPIHandler):
    """An app's checkpoints. POST makes one."""

    @web.authenticated
    @authorized
    async def get(self, app: str) -> None:
        limit = max(1, min(1000, int(self.number("limit", 100))))
        await self.ask(ListCheckpoints(app=app, limit=limit, before=self.get_query_argument("before", "")))

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str) -> None:
        await self.ask(MakeCheckpoint(app=app, message=self.body(_Checkpoint).message))


class DiffHandler(OverskillAPIHandler):
    """What a checkpoint changed."""

    @web.authenticated
    @authorized
    async def get(self, app: str, checkpoint: str) -> None:
        await self.ask(ReadDiff(app=app, checkpoint=checkpoint, since=self.get_query_argument("since", "")))

    def status_of(self, error: errors.OverskillError) -> int:
        """There is none of that name."""
        return 404 if isinstance(error, errors.HistoryError) else super().status_of(error)


class RestoreHandler(OverskillAPIHandler):
    """Makes the files what they were."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str, checkpoint: str) -> None:
        self.body(Nothing)
        try:
            # Whether it is there is asked for by itself: what fails later is not that the address names nothing.
            await self.engine.handle(ReadDiff(app=app, checkpoint=checkpoint, since=checkpoint))
        except errors.HistoryError as error:
            self.refuse(error, 404)
        except errors.OverskillError as error:
            self.refuse(error, self.status_of(error))
        else:
            await self.ask(RestoreCheckpoint(app=app, checkpoint=checkpoint))


class ExportHandler(OverskillAPIHandler):
    """The app as a zip file."""

    @web.authenticated
    @authorized("execute")
    async def get(self, app: str) -> None:
        self.extension.touch()
        with tempfile.TemporaryDirectory(prefix="overskill-") as folder:
            file = Path(folder) / "app.zip"
            try:
                name = self.engine.project(app).name
                await self.engine.handle(ExportApp(app=app, file=str(file)))
            except errors.OverskillError as error:
                self.refuse(error, self.status_of(error))
                return
            self.set_header("Content-Type", "application/zip")
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(f'{name}.zip', safe='')}")
            self.set_header("Content-Length", str(file.stat().st_size))
            with file.open("rb") as content:
                while chunk := await asyncio.to_thread(content.read, CHUNK):
                    self.write(chunk)
                    await self.flush()
        self.finish(set_content_type="application/zip")


_APP = r"/overskill-nb/api/apps/(?P<app>[^/]+)"

handlers: list[tuple[str, Any]] = [
    (rf"{_APP}/history", HistoryHandler),
    (rf"{_APP}/history/(?P<checkpoint>[^/]+)/diff", DiffHandler),
    (rf"{_APP}/history/(?P<checkpoint>[^/]+)/restore", RestoreHandler),
    (rf"{_APP}/export", ExportHandler),
]
