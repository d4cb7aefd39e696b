"""What every call of the API goes through: the Host and token checks, JSON bodies, errors in Cloudflare's envelope."""

from __future__ import annotations

import hmac
import logging
import traceback
from typing import Any

import msgspec
from tornado import httputil
from tornado.web import HTTPError, RequestHandler

from .address import ACCOUNT
from .envelope import AUTHENTICATION, ApiError, failure, success
from .state import State

log = logging.getLogger(__name__)


class Handler(RequestHandler):
    """Base of all calls."""

    def initialize(self, state: State) -> None:
        self.state = state

    def prepare(self) -> None:
        self.authenticate(self.bearer())
        account = self.path_kwargs.get("account")
        if account is not None and account != ACCOUNT:
            raise ApiError(403, AUTHENTICATION, f"Authentication error: no access to the account '{account}'")

    def authenticate(self, bearer: str) -> None:
        """The account's token is needed; uploads of assets have tokens of their own."""
        if not bearer:
            raise ApiError(400, 9106, "Authentication failed: the Authorization header is missing")
        if not hmac.compare_digest(bearer.encode(), self.state.token.encode()):
            raise ApiError(401, AUTHENTICATION, "Authentication error")

    def bearer(self) -> str:
        header = self.request.headers.get("Authorization", "")
        return header[7:] if header.startswith("Bearer ") else ""

    def answer(self, result: Any, status: int = 200, **info: Any) -> None:
        self.set_status(status)
        self._send(success(result, **info))

    def number(self, name: str, most: int) -> int:
        """A number of the query, at most and by default ``most``."""
        text = self.get_query_argument(name, str(most))
        if not text.isdecimal() or int(text) < 1:
            raise ApiError(400, 10021, f"'{name}' must be a positive number, not '{text[:40]}'.")
        return min(int(text), most)

    def one_page(self, items: list[dict[str, Any]]) -> None:
        """A list that is whole on its first page; clients ask for pages until one is empty."""
        page = self.number("page", 10_000) if self.get_query_argument("page", "") else 1
        shown = items if page == 1 else []
        self.answer(shown, count=len(shown), page=page, per_page=20, total_count=len(items))

    def _send(self, body: dict[str, Any]) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(body))

    def json(self) -> Any:
        """The body, which must be JSON."""
        try:
            return msgspec.json.decode(self.request.body or b"null")
        except msgspec.DecodeError as error:
            raise ApiError(400, 10026, f"The body is not valid JSON: {error}") from error

    def fields(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        found = self.json()
        if not isinstance(found, dict):
            raise ApiError(400, 10026, "The body must be a JSON object.")
        return found

    def parts(self) -> list[tuple[str, httputil.HTTPFile]]:
        """The parts of a multipart body that have a content type or a file name."""
        return [(name, file) for name, files in self.request.files.items() for file in files]

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, ApiError):
            self.set_status(error.status)
        elif isinstance(error, HTTPError):
            code = {404: 7003, 405: 10405}.get(status_code, 10006)
            error = ApiError(status_code, code, f"Could not route to {self.request.path}: {error}")
        else:
            error = ApiError(500, 10013, "An unknown error has occurred in the local Cloudflare; its log says more.")
        self._send(failure(error))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, (ApiError, HTTPError)):
            log.error(
                "%s %s\n%s", self.request.method, self.request.path, "".join(traceback.format_exception(typ, value, tb))
            )

    def data_received(self, chunk: bytes) -> None:
        """Bodies are read whole."""


class Missing(Handler):
    """Every address that is none of the API's."""

    def prepare(self) -> None:
        raise ApiError(404, 7003, f"Could not route to {self.request.path}, perhaps your object identifier is invalid?")
