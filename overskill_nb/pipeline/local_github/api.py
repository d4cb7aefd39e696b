"""What every call of the API goes through: the token, JSON bodies, pages, errors and headers as GitHub has them."""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
import time
import traceback
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from dulwich.repo import Repo
from tornado.web import HTTPError, RequestHandler

from .refusal import ApiError, not_found
from .repositories import Repository
from .state import State

log = logging.getLogger(__name__)
Item = TypeVar("Item")

RATE = 5000


def credential(header: str) -> str:
    """The token in an Authorization header, whichever way it is put there."""
    kind, _, value = header.partition(" ")
    if kind.lower() in {"bearer", "token"}:
        return value.strip()
    if kind.lower() == "basic":
        try:
            name, _, password = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return password if password not in {"", "x-oauth-basic"} else name
    return ""


class Handler(RequestHandler):
    """Base of all calls."""

    def initialize(self, state: State) -> None:
        self.state = state.seen_as(self.request.host)

    def set_default_headers(self) -> None:
        for name in ("Server",):
            self.clear_header(name)
        self.set_header("X-GitHub-Request-Id", uuid.uuid4().hex[:24].upper())
        self.set_header("X-GitHub-Media-Type", "github.v3; format=json")
        self.set_header("X-GitHub-Api-Version-Selected", "2022-11-28")
        self.set_header("X-RateLimit-Limit", str(RATE))
        self.set_header("X-RateLimit-Remaining", str(RATE - 1))
        self.set_header("X-RateLimit-Used", "1")
        self.set_header("X-RateLimit-Resource", "core")
        self.set_header("X-RateLimit-Reset", str(int(time.time()) + 3600))
        self.set_header("X-OAuth-Scopes", "delete_repo, read:org, repo, workflow")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "private, max-age=0")
        self.set_header("Content-Type", "application/json; charset=utf-8")

    def prepare(self) -> None:
        header = self.request.headers.get("Authorization", "")
        if not header:
            raise ApiError(401, "Requires authentication")
        if not hmac.compare_digest(credential(header).encode(), self.state.token.encode()):
            raise ApiError(401, "Bad credentials")

    def head(self, *args: str, **kwargs: str) -> Any:
        return self.get(*args, **kwargs)

    # what came

    def fields(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        try:
            found = msgspec.json.decode(self.request.body or b"{}")
        except (msgspec.DecodeError, RecursionError) as error:
            raise ApiError(400, "Problems parsing JSON") from error
        if not isinstance(found, dict):
            raise ApiError(400, "Body should be a JSON object")
        return found

    def number(self, name: str, default: int, most: int) -> int:
        """A number of the query; what is none counts as not given."""
        text = self.get_query_argument(name, "")
        return min(int(text), most) if text.isdecimal() and int(text) > 0 else default

    # what goes

    def answer(self, body: Any, status: int = 200) -> None:
        self.set_status(status)
        self.finish(msgspec.json.encode(body))

    def nothing(self, status: int = 204) -> None:
        """Done, without a body."""
        self.set_status(status)
        self.clear_header("Content-Type")
        self.finish()

    def page(self, items: Sequence[Item]) -> Sequence[Item]:
        """The page of a list that was asked for; says in ``Link`` where the others are."""
        size, page = self.number("per_page", 30, 100), self.number("page", 1, 1_000_000)
        last = max(1, -(-len(items) // size))
        links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        if page >= last:
            del links["next"], links["last"]
        if page == 1:
            del links["prev"], links["first"]
        if links:
            self.set_header("Link", ", ".join(f'<{self._address(page)}>; rel="{name}"' for name, page in links.items()))
        return items[(page - 1) * size : page * size]

    def _address(self, page: int) -> str:
        query = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        path = self.request.path.removeprefix("/api/v3")
        return f"{self.state.api_url}{path}?{urlencode({**query, 'page': page})}"

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, ApiError):
            self.set_status(error.status)
        elif isinstance(error, HTTPError):
            error = (
                not_found() if status_code in {404, 405} else ApiError(status_code, str(error.reason or "Bad Request"))
            )
            self.set_status(error.status)
        else:
            error = ApiError(500, "The local GitHub failed; its log says more.")
        self.finish(msgspec.json.encode(error.body()))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, (ApiError, HTTPError)):
            text = "".join(traceback.format_exception(typ, value, tb))
            log.error("%s %s\n%s", self.request.method, self.request.path, text)

    def data_received(self, chunk: bytes) -> None:
        """Bodies are read whole."""


class OfRepository(Handler):
    """A call that is about a repository."""

    repository: Repository

    def prepare(self) -> None:
        super().prepare()
        self.repository = self.state.repositories.get(self.path_kwargs["owner"] or "", self.path_kwargs["repo"] or "")

    @property
    def url(self) -> str:
        """The repository's address in the API."""
        return f"{self.state.api_url}/repos/{self.repository.full_name}"

    @property
    def html_url(self) -> str:
        return f"{self.state.web_url}/{self.repository.full_name}"

    def with_git(self, read: Callable[[Repo], Item]) -> Item:
        """What a look into the git repository gives."""
        with self.state.repositories.open(self.repository) as repo:
            return read(repo)


class Missing(Handler):
    """Every address that is none of the API's."""

    def prepare(self) -> None:
        super().prepare()
        raise not_found()
