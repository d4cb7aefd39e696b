"""The REST API's part about pages; ``rest-api.yml`` describes it."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..message import Message
from ..protocol_editor import EditPage, GetPalette, MakePage, OpenPage
from .api_handlers import OverskillAPIHandler


class _NewPage(Message):
    path: str


class _PageData(Message):
    data: Any
    base: str


class PagesHandler(OverskillAPIHandler):
    """Makes pages."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str) -> None:
        await self.ask(MakePage(app=app, path=self.body(_NewPage).path))


class PageHandler(OverskillAPIHandler):
    """A page as data."""

    @web.authenticated
    @authorized
    async def get(self, app: str, path: str) -> None:
        await self.ask(OpenPage(app=app, path=path, canvas=False))

    @web.authenticated
    @authorized("execute")
    async def put(self, app: str, path: str) -> None:
        body = self.body(_PageData)
        await self.ask(EditPage(app=app, path=path, data=body.data, base=body.base))


class PaletteHandler(OverskillAPIHandler):
    """What can be put into pages."""

    @web.authenticated
    @authorized
    async def get(self, app: str) -> None:
        await self.ask(GetPalette(app=app))


_APP = r"(?P<app>[^/]+)"

handlers: list[tuple[str, Any]] = [
    (rf"/overskill-nb/api/apps/{_APP}/pages", PagesHandler),
    (rf"/overskill-nb/api/apps/{_APP}/pages/(?P<path>.+)", PageHandler),
    (rf"/overskill-nb/api/apps/{_APP}/palette", PaletteHandler),
]
