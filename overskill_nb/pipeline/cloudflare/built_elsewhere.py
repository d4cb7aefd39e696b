"""Takes in a build that was made elsewhere: checked file by file at its address, and kept as an artefact."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import msgspec

from ...errors import VerificationError
from ..artefacts import BuiltFile, BuiltFiles
from .addresses import path_prefix
from .clock import Clock
from .exchange import http_client
from .verification import INDEX, describe, reachable, without_prefix

if TYPE_CHECKING:
    from ..artefacts import Artefact, ArtefactStore

LIST = "/_overskill/build.json"
MOST_FILES = 20_000
LARGEST_FILE = 25 * 1024 * 1024
LARGEST_BUILD = 1024 * 1024 * 1024
_LARGEST_LIST = 8 * 1024 * 1024
_AT_ONCE = 6
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0
_TIMEOUT = 60.0
_LINKED = re.compile(rb"""<(?:script|link)\b[^>]*?\b(?:src|href)\s*=\s*["']([^"'#?]+)""", re.IGNORECASE)

WorkerCode = Callable[[], Awaitable[Mapping[str, bytes]]]
"""Gives the Worker's modules, main one first; none where it has none."""


class _Listed(msgspec.Struct):
    path: str
    sha256: str
    size: int


class _Build(msgspec.Struct):
    """What the workflow wrote of its build."""

    deployment: str
    files: list[_Listed]
    headers: str = ""
    redirects: str = ""
    worker: bool = False
    """Whether the app has Worker code of its own."""


class _Differs(Exception):
    """What is wrong at the address; it may be right a moment later."""


async def capture(
    url: str,
    digest: str,
    deployment: str,
    store: ArtefactStore,
    *,
    deadline: float,
    worker: WorkerCode | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Clock | None = None,
) -> Artefact:
    """The artefact that is served at ``url``, now in the store too.

    ``digest`` is what the workflow's log says of its build. The edge takes a while to know of a new script, so what is
    wrong is looked at again for ``deadline`` seconds; then raises VerificationError, which says what is served.
    """
    async with http_client(url.startswith("https:"), transport) as client:
        with tempfile.TemporaryDirectory(prefix="overskill-build-") as folder:
            taking = _Taking(client, url.rstrip("/"), digest, deployment, Path(folder))
            await _until_right(taking, deadline, clock or Clock())
            modules = await worker() if worker and taking.has_worker else {}
            if taking.has_worker and not modules:
                raise VerificationError(f"The app at {url} has Worker code, which Cloudflare does not give out.")
            return await asyncio.to_thread(taking.keep, store, modules)


async def _until_right(taking: _Taking, deadline: float, clock: Clock) -> None:
    ends = clock.now() + deadline
    pause = _FIRST_PAUSE
    while True:
        try:
            await taking.take(max(1.0, min(_TIMEOUT, ends - clock.now())))
        except _Differs as wrong:
            if clock.now() + pause > ends:
                raise VerificationError(f"{taking.url} does not serve what the workflow built: {wrong}") from None
        else:
            return
        await clock.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)


class _Taking:
    """What has been fetched so far stays, so that a repetition asks for the rest alone."""

    def __init__(self, client: httpx.AsyncClient, url: str, digest: str, deployment: str, folder: Path) -> None:
        self.url = url
        self._client = client
        self._digest = digest
        self._deployment = deployment
        self._folder = folder
        self._build: _Build | None = None
        self._files: dict[str, BuiltFile] = {}

    @property
    def has_worker(self) -> bool:
        return self._build is not None and self._build.worker

    async def take(self, timeout: float) -> None:
        """Fetch what is not there yet. Raises _Differs."""
        if self._build is None:
            self._build = await self._list(timeout)
        left = [file for file in self._build.files if file.path not in self._files]
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(file: _Listed) -> _Differs | None:
            async with gate:
                try:
                    self._files[file.path] = await self._file(file, timeout)
                except _Differs as wrong:
                    return wrong
                return None

        # The first that is wrong is enough to wait and look again.
        pending = {asyncio.ensure_future(one(file)) for file in left}
        try:
            for found in asyncio.as_completed(pending):
                if wrong := await found:
                    raise wrong
        finally:
            for task in pending:
                task.cancel()
            if pending:
                await asyncio.wait(pending)

    async def _list(self, timeout: float) -> _Build:
        body, _ = await self._get(LIST, _LARGEST_LIST, timeout)
        found = hashlib.sha256(body).hexdigest()
        try:
            build = msgspec.json.decode(body, type=_Build)
        except msgspec.DecodeError:
            raise _Differs(f"{LIST} is no list of a build.") from None
        if found != self._digest:
            of = f"deployment {build.deployment}" if build.deployment != self._deployment else "another build"
            raise _Differs(f"it is that of {of} ({found[:12]} instead of {self._digest[:12]}).")
        self._check(build)
        self._files[LIST] = self._stored(LIST, body, "application/json")
        return build

    def _check(self, build: _Build) -> None:
        """Raises VerificationError for what no second look makes right."""
        if build.deployment != self._deployment:
            raise VerificationError(
                f"The workflow's build is of the deployment {build.deployment!r}, not of {self._deployment!r}."
            )
        if len(build.files) > MOST_FILES:
            raise VerificationError(f"The build has {len(build.files)} files; at most {MOST_FILES:,} can be deployed.")
        for file in build.files:
            if file.size > LARGEST_FILE:
                raise VerificationError(f"{file.path} has {file.size} bytes; a file has at most {LARGEST_FILE}.")
            wrong = not file.path.startswith("/") or ".." in file.path.split("/") or "\\" in file.path
            if wrong or "\0" in file.path:
                raise VerificationError(f"The build lists the path {file.path!r}, which cannot be served.")
        if (whole := sum(file.size for file in build.files)) > LARGEST_BUILD:
            raise VerificationError(f"The build has {whole} bytes; at most {LARGEST_BUILD} are taken in.")
        if not any(file.path == INDEX for file in build.files):
            raise VerificationError("The build has no index.html.")

    async def _file(self, file: _Listed, timeout: float) -> BuiltFile:
        body, content_type = await self._get(file.path, file.size + 65536, timeout)
        if file.path.endswith(".html"):
            body = without_prefix(body, path_prefix(self.url))
        if hashlib.sha256(body).hexdigest() != file.sha256:
            raise _Differs(f"{file.path} is not what was built ({len(body)} bytes instead of {file.size}).")
        return self._stored(file.path, body, content_type)

    async def _get(self, path: str, most: int, timeout: float) -> tuple[bytes, str]:
        address, headers = reachable(self.url + quote(visited(path)))
        headers["Cache-Control"] = "no-cache"
        try:
            async with self._client.stream("GET", address, headers=headers, timeout=timeout) as response:
                body = b""
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > most:
                        raise _Differs(f"{path} is longer than {most} bytes.")
        except httpx.HTTPError as error:
            raise _Differs(f"{path} does not answer ({type(error).__name__}).") from None
        if response.status_code != 200:
            shown = httpx.Response(response.status_code, headers=_plain(response.headers), content=body)
            raise _Differs(f"{path} gave {describe(shown, '')}.")
        return body, response.headers.get("Content-Type", "")

    def _stored(self, path: str, body: bytes, content_type: str) -> BuiltFile:
        sha256 = hashlib.sha256(body).hexdigest()
        source = self._folder / sha256
        source.write_bytes(body)
        return BuiltFile(path, sha256, len(body), str(source), content_type)

    def keep(self, store: ArtefactStore, modules: Mapping[str, bytes]) -> Artefact:
        """Put all that was taken into the store."""
        assert self._build is not None
        first = self._first_load()
        return store.put(
            BuiltFiles(
                files=sorted(self._files.values(), key=lambda file: file.path),
                worker=self._worker(modules),
                first_load=first,
                first_load_gzip=sum(len(gzip.compress(self._content(path), 9, mtime=0)) for path in first),
                headers=self._build.headers,
                redirects=self._build.redirects,
            )
        )

    def _worker(self, modules: Mapping[str, bytes]) -> BuiltFile | None:
        if len(modules) > 1:
            others = ", ".join(list(modules)[1:4])
            raise VerificationError(
                f"The Worker has modules beside its main one ({others}), which cannot be kept for a rollback; bundle "
                "all its code into one module."
            )
        return next((self._stored(name, body, "") for name, body in modules.items()), None)

    def _first_load(self) -> list[str]:
        """index.html and what it names: what a first visit loads."""
        found = dict.fromkeys([INDEX])
        for link in _LINKED.findall(self._content(INDEX)):
            path = "/" + link.decode("utf-8", "replace").removeprefix("./").lstrip("/")
            if path in self._files:
                found[path] = None
        return list(found)

    def _content(self, path: str) -> bytes:
        return Path(self._files[path].source).read_bytes()


def visited(path: str) -> str:
    """Where a file is found, where pages are served without their names' ends."""
    if path.endswith("/index.html"):
        return path.removesuffix("index.html")
    return path.removesuffix(".html")


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """Headers of a body that is decoded already."""
    return {name: value for name, value in headers.items() if name not in {"content-encoding", "content-length"}}
