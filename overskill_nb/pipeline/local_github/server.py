"""The local GitHub's one port: the API under ``/api/v3``, git under ``/<owner>/<repo>.git``, pages elsewhere."""

from __future__ import annotations

from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from ..node import Node
from . import accounts, git_http, repository
from .address import Address
from .api import Missing
from .database import Database
from .front import Front
from .repositories import Repositories
from .state import State

MAX_BODY = 100 * 1024 * 1024
HOST = "127.0.0.1"


def application(state: State) -> Application:
    """Everything that is answered."""
    api = "/api/v3"
    of = rf"{api}/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)"
    git = r"/(?P<owner>[^/]+)/(?P<repo>[^/]+?)(?:\.git)?"
    calls: list[tuple[str, type[RequestHandler]]] = [
        (rf"{git}/info/refs", git_http.Refs),
        (rf"{git}/(?P<service>git-upload-pack|git-receive-pack)", git_http.Service),
        (rf"{api}/?", accounts.Root),
        (rf"{api}/meta", accounts.Meta),
        (rf"{api}/rate_limit", accounts.RateLimit),
        (rf"{api}/user", accounts.User),
        (rf"{api}/user/orgs", accounts.UserOrganizations),
        (rf"{api}/users/(?P<login>[^/]+)", accounts.OneUser),
        (rf"{api}/orgs/(?P<org>[^/]+)", accounts.Organization),
        (rf"{api}/user/repos", repository.UserRepositories),
        (rf"{api}/users/(?P<login>[^/]+)/repos", repository.AccountRepositories),
        (rf"{api}/orgs/(?P<org>[^/]+)/repos", repository.OrganizationRepositories),
        (of, repository.OneRepository),
    ]
    with_state = {"state": state}
    return Application(
        [(pattern, handler, with_state) for pattern, handler in calls],
        default_handler_class=Missing,
        default_handler_args=with_state,
        log_function=lambda _: None,
    )


class LocalServer:
    """Everything that runs in the local GitHub's process."""

    def __init__(self, folder: Path, address: Address, node: Node) -> None:
        self.node = node
        database = Database(folder / "github.db")
        self.state = State(
            database=database,
            repositories=Repositories(folder / "repositories", database),
            token=address.token,
            box_key=bytes.fromhex(address.box_key),
        )
        self._server = HTTPServer(Front(application(self.state)), max_body_size=MAX_BODY, max_buffer_size=MAX_BODY)
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen, on another port where the wanted one is taken."""
        try:
            sockets = bind_sockets(port, HOST)
        except OSError:
            sockets = bind_sockets(0, HOST)
        self.port = sockets[0].getsockname()[1]
        self.state.web_url = f"http://{HOST}:{self.port}"
        self._server.add_sockets(sockets)

    async def close(self) -> None:
        self._server.stop()
        self.state.database.close()
