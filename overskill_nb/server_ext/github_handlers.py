"""The REST API's part about GitHub; ``rest-api.yml`` describes it."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from .. import errors
from ..message import Message
from ..protocol_github import ConnectRepository, DisconnectRepository, GetGithub, GetSync, GithubInfo, StartSync
from .api_handlers import OverskillAPIHandler


class _Connection(Message):
    name: str
    private: bool = True


class _Exchange(Message):
    pull: bool = False


class _GithubRestHandler(OverskillAPIHandler):
    def status_of(self, error: errors.OverskillError) -> int:
        """What GitHub refused is 502; what was refused here, before it was asked, is not."""
        if isinstance(error, errors.GithubError) and not error.status and not error.temporary:
            return 422
        return super().status_of(error)


class GithubHandler(_GithubRestHandler):
    """How an app stands with its repository. PUT connects it to one, DELETE lets go of it."""

    @web.authenticated
    @authorized
    async def get(self, app: str) -> None:
        await self.ask(GetGithub(app=app))

    @web.authenticated
    @authorized("execute")
    async def put(self, app: str) -> None:
        body = self.body(_Connection)
        await self.ask(ConnectRepository(app=app, name=body.name, private=body.private))

    @web.authenticated
    @authorized("execute")
    async def delete(self, app: str) -> None:
        await self.ask(DisconnectRepository(app=app))


class SyncsHandler(_GithubRestHandler):
    """POST begins an exchange and answers at once."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str) -> None:
        pull = self.body(_Exchange).pull
        try:
            info = await self.engine.handle(GetGithub(app=app))
        except errors.OverskillError as error:
            self.refuse(error, self.status_of(error))
            return
        if isinstance(info, GithubInfo) and info.repository is None:
            self.refuse(errors.GithubError(f"The app '{app}' is not connected to GitHub; connect it first."), 409)
            return
        await self.ask(StartSync(app=app, pull=pull))


class SyncHandler(_GithubRestHandler):
    """One exchange; with ``seen`` and ``seconds``, once it took another step."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, app: str, sync: str) -> None:
        seen, seconds = int(self.number("seen", -1)), self.number("seconds", 0)
        await self.ask(GetSync(app=app, sync=sync, seen=seen, seconds=seconds))

    def status_of(self, error: errors.OverskillError) -> int:
        """GitHub is not asked: there is none of that name."""
        return 404 if isinstance(error, errors.GithubError) else super().status_of(error)


_APP = r"/overskill-nb/api/apps/(?P<app>[^/]+)"

handlers: list[tuple[str, Any]] = [
    (rf"{_APP}/github", GithubHandler),
    (rf"{_APP}/github/syncs", SyncsHandler),
    (rf"{_APP}/github/syncs/(?P<sync>[^/]+)", SyncHandler),
]
