"""Git's smart HTTP: ``/<owner>/<repo>.git/info/refs``, ``git-upload-pack`` and ``git-receive-pack``."""

from __future__ import annotations

import asyncio
import hmac
import logging
import tempfile
import traceback
import zlib
from typing import IO, Any, BinaryIO, cast

from dulwich.errors import GitProtocolError, HangupException
from dulwich.protocol import pkt_line
from dulwich.refs import Ref
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler, stream_request_body

from . import protections, receive, upload
from .api import credential
from .database import now
from .refusal import ApiError
from .repositories import Repository
from .state import State

log = logging.getLogger(__name__)
MAX_BODY = 2 * 1024 * 1024 * 1024
IN_MEMORY = 8 * 1024 * 1024
CHUNK = 256 * 1024
SERVICES = frozenset({"git-upload-pack", "git-receive-pack"})


class _Git(RequestHandler):
    """Base of both halves of the conversation."""

    repository: Repository

    def initialize(self, state: State) -> None:
        self.state = state

    def prepare(self) -> None:
        header = self.request.headers.get("Authorization", "")
        if not hmac.compare_digest(credential(header).encode(), self.state.token.encode()):
            raise HTTPError(401, reason="Unauthorized")
        try:
            self.repository = self.state.repositories.get(
                self.path_kwargs["owner"] or "", self.path_kwargs["repo"] or ""
            )
        except ApiError as error:
            raise HTTPError(404, reason="Not Found") from error

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-cache, max-age=0, must-revalidate")

    def compute_etag(self) -> str | None:
        return None

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        text = {404: "Repository not found.", 401: "Invalid username or token."}.get(status_code, self._reason)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if status_code == 401:
            self.set_header("WWW-Authenticate", 'Basic realm="GitHub"')
        self.finish(text)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, (HTTPError, StreamClosedError)):
            text = "".join(traceback.format_exception(typ, value, tb))
            log.error("%s %s\n%s", self.request.method, self.request.path, text)

    def data_received(self, chunk: bytes) -> None:
        """Bodies are read whole."""


class Refs(_Git):
    """Where the branches are, and what the server can do."""

    async def get(self, owner: str, repo: str) -> None:
        del owner, repo
        service = self.get_query_argument("service", "")
        if service not in SERVICES:
            raise HTTPError(403, reason="Please upgrade your git client.")
        told = await asyncio.to_thread(self._told, service)
        self.set_header("Content-Type", f"application/x-{service}-advertisement")
        self.finish(pkt_line(f"# service={service}\n".encode()) + pkt_line(None) + told)

    def _told(self, service: str) -> bytes:
        with self.state.repositories.open(self.repository) as repo:
            return upload.advertisement(repo) if service == "git-upload-pack" else receive.advertisement(repo)


@stream_request_body
class Service(_Git):
    """A fetch's or a push's request. Its body goes to a file where it is large."""

    _body: IO[bytes]

    def prepare(self) -> None:
        self._body = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        self._unzip = zlib.decompressobj(31) if self.request.headers.get("Content-Encoding") == "gzip" else None
        self.request.connection.set_max_body_size(MAX_BODY)  # type: ignore[union-attr]
        super().prepare()
        if self.request.headers.get("Content-Type") != f"application/x-{self.path_kwargs['service']}-request":
            raise HTTPError(415, reason="Unsupported Media Type")

    def data_received(self, chunk: bytes) -> None:
        self._body.write(self._unzip.decompress(chunk) if self._unzip else chunk)

    def on_finish(self) -> None:
        self._body.close()

    async def post(self, owner: str, repo: str, service: str) -> None:
        del owner, repo
        if self._unzip:
            self._body.write(self._unzip.flush())
        self._body.seek(0)
        self.set_header("Content-Type", f"application/x-{service}-result")
        try:
            await (self._fetch() if service == "git-upload-pack" else self._push())
        except (GitProtocolError, HangupException, ValueError) as error:
            raise HTTPError(400, reason="Bad Request") from error

    async def _fetch(self) -> None:
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as made:
            await asyncio.to_thread(self._upload, made)
            made.seek(0)
            while chunk := made.read(CHUNK):
                self.write(chunk)
                await self.flush()
        await self.finish()

    def _upload(self, made: IO[bytes]) -> None:
        with self.state.repositories.open(self.repository) as repo:
            upload.Upload(repo, cast(BinaryIO, self._body), made.write).answer()

    async def _push(self) -> None:
        rules = protections.rules(self.state.database, self.repository)
        told, moved = await asyncio.to_thread(self._receive, rules)
        if moved:
            self._notice(moved)
        await self.finish(told)

    def _receive(self, rules: dict[str, receive.Rule]) -> tuple[bytes, list[receive.Move]]:
        repositories = self.state.repositories
        with repositories.lock(self.repository), repositories.open(self.repository) as repo:
            push = receive.Push(repo, rules, self.repository.default_branch)
            told = push.receive(cast(BinaryIO, self._body))
            return told, push.moved

    def _notice(self, moved: list[receive.Move]) -> None:
        """What follows from a push: its time, and the default branch where there was none."""
        repositories = self.state.repositories
        repositories.update(self.repository, pushed_at=now())
        branches = [
            move.ref.decode().removeprefix("refs/heads/") for move in moved if move.ref.startswith(b"refs/heads/")
        ]
        with repositories.open(self.repository) as repo:
            empty = Ref(f"refs/heads/{self.repository.default_branch}".encode()) not in repo.refs.as_dict()
        if empty and branches:
            repositories.set_default_branch(self.repository, branches[0])
