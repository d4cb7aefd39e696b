"""The REST API; ``rest-api.yml`` describes it."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import msgspec
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from .. import errors
from ..message import Message
from ..pipeline.engine import failure
from ..protocol import (
    FileChange,
    Inspect,
    ListFiles,
    OpenApp,
    Origin,
    Prepare,
    ReadFile,
    RenameFile,
    Request,
    WriteFiles,
)
from .base import OverskillMixin

T = TypeVar("T")

STATUS: list[tuple[type[errors.OverskillError], int]] = [
    (errors.AppError, 404),
    (errors.PathError, 400),
    (errors.FileError, 404),
    (errors.EditError, 409),
    (errors.EditorError, 422),
    (errors.BuildError, 422),
    (errors.PackageError, 422),
    (errors.NameTaken, 409),
    (errors.HistoryError, 422),
    (errors.GenerationError, 422),
    (errors.ModelError, 502),
    (errors.CloudflareError, 502),
    (errors.GithubError, 502),
    (errors.VerificationError, 502),
    (errors.DeploymentError, 422),
    (errors.EngineError, 503),
]


class OverskillAPIHandler(OverskillMixin, APIHandler):
    """Answers JSON, errors included."""

    async def ask(self, request: Request, status: int = 200) -> None:
        """Carry out a request and answer with its result, and with this status."""
        if self._track_activity:
            self.extension.touch()
        try:
            result: Message = await self.engine.handle(request)
        except errors.OverskillError as error:
            self.refuse(error, self.status_of(error))
            return
        self.set_status(status)
        self.finish(msgspec.json.encode(result))

    def status_of(self, error: errors.OverskillError) -> int:
        """Which status an error is answered with."""
        return next((status for kind, status in STATUS if isinstance(error, kind)), 500)

    def refuse(self, error: errors.OverskillError, status: int) -> None:
        """Answer with an error."""
        self.set_status(status)
        self.finish(msgspec.json.encode(failure(error)))

    def number(self, name: str, default: float) -> float:
        """A number of the query. Answers 400 where it is none."""
        try:
            given = float(self.get_query_argument(name, str(default)))
        except ValueError:
            given = math.nan
        if not math.isfinite(given):
            raise web.HTTPError(400, f"The parameter '{name}' is not a number.")
        return given

    def body(self, kind: type[T]) -> T:
        """The request's body as a message. Answers 400 where it is none."""
        try:
            return msgspec.json.decode(self.request.body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise web.HTTPError(400, f"The request's body is not what this address takes: {error}") from error


class Nothing(Message):
    """A body that says nothing more than the address."""


class _Open(Message):
    folder: str
    create: bool = False
    allow: list[str] | None = None


class _Source(Message):
    path: str
    source: str
    origin: Origin = "file"


class _Content(Message):
    content: str
    origin: Origin = "python"


class _Rename(Message):
    path: str
    to: str


class _Target(Message):
    target: str = ""


class StatusHandler(OverskillAPIHandler):
    """What the engine is and has."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        await self.ask(Inspect())


class AppsHandler(OverskillAPIHandler):
    """Opens apps."""

    @web.authenticated
    @authorized("execute")
    async def post(self) -> None:
        body = self.body(_Open)
        await self.ask(OpenApp(folder=body.folder, create=body.create, allow=body.allow))


class FilesHandler(OverskillAPIHandler):
    """An app's files. POST hands in one source and answers when it is compiled and sent out."""

    @web.authenticated
    @authorized
    async def get(self, app: str) -> None:
        await self.ask(ListFiles(app=app))

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str) -> None:
        body = self.body(_Source)
        change = FileChange(path=body.path, content=body.source)
        await self.ask(WriteFiles(app=app, files=[change], origin=body.origin))


class FileHandler(OverskillAPIHandler):
    """One file of an app."""

    @web.authenticated
    @authorized
    async def get(self, app: str, path: str) -> None:
        await self.ask(ReadFile(app=app, path=path))

    @web.authenticated
    @authorized("execute")
    async def put(self, app: str, path: str) -> None:
        body = self.body(_Content)
        await self.ask(WriteFiles(app=app, files=[FileChange(path=path, content=body.content)], origin=body.origin))

    @web.authenticated
    @authorized("execute")
    async def delete(self, app: str, path: str) -> None:
        await self.ask(WriteFiles(app=app, files=[FileChange(path=path)]))


class RenameHandler(OverskillAPIHandler):
    """Moves a file."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str) -> None:
        body = self.body(_Rename)
        await self.ask(RenameFile(app=app, path=body.path, to=body.to))


class TargetHandler(OverskillAPIHandler):
    """Compiles what a preview is about to show."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str) -> None:
        await self.ask(Prepare(app=app, target=self.body(_Target).target))


_APP = r"(?P<app>[^/]+)"

handlers: list[tuple[str, Any]] = [
    (r"/overskill-nb/api/status", StatusHandler),
    (r"/overskill-nb/api/apps", AppsHandler),
    (rf"/overskill-nb/api/apps/{_APP}/files", FilesHandler),
    (rf"/overskill-nb/api/apps/{_APP}/files/(?P<path>.+)", FileHandler),
    (rf"/overskill-nb/api/apps/{_APP}/rename", RenameHandler),
    (rf"/overskill-nb/api/apps/{_APP}/target", TargetHandler),
]
