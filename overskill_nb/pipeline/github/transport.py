"""Git over HTTP, by dulwich: with the token in a header, what a refusal says, time limits, and a way to stop."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any

import urllib3
from dulwich.client import Urllib3HttpGitClient

from .meanings import Refusal

if TYPE_CHECKING:
    from dulwich.client import HTTPResponse

_LONGEST_REFUSAL = 64 * 1024
_RETRIES = urllib3.Retry(total=None, connect=0, read=0, redirect=3, status=0, other=0)
"""Only renamed repositories are followed; what fails is begun again further up."""


class Refused(Exception):
    """GitHub answered with something else than success."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"HTTP {refusal.status}")
        self.refusal = refusal


class Stopped(Exception):
    """Nobody waits for it any more."""


class Connections:
    """Connections to one server, which later calls use again."""

    def __init__(self, url: str, timeout: float) -> None:
        self.timeout = urllib3.Timeout(connect=min(10.0, timeout), read=timeout)
        if url.startswith("https:"):
            from dulwich.client import default_urllib3_manager
            from dulwich.config import StackedConfig

            # Behind the proxy and with the certificates that git is set up for.
            self.pool: Any = default_urllib3_manager(StackedConfig.default(), base_url=url)
        else:
            self.pool = urllib3.PoolManager()

    def close(self) -> None:
        self.pool.clear()


class Transport(Urllib3HttpGitClient):
    """One exchange with one server. The token goes to its origin alone, and stands in no message."""

    def __init__(self, url: str, token: str, connections: Connections) -> None:
        super().__init__(url, pool_manager=connections.pool)
        self.pause = connections.timeout
        self.stop = threading.Event()
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        self._credentials = f"Basic {secret}"
        self._allowed = self._origin(url)

    def __repr__(self) -> str:
        return f"Transport({self._base_url!r})"

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | IO[bytes] | None = None,
        raise_for_status: bool = True,
    ) -> tuple[HTTPResponse, Callable[[int], bytes]]:
        if self.stop.is_set():
            raise Stopped
        sent = {**self.pool_manager.headers, **(headers or {}), "Pragma": "no-cache"}
        if self._origin(url) == self._allowed:
            sent["Authorization"] = self._credentials
        answer: Any = self.pool_manager.request(
            "GET" if data is None else "POST",
            url,
            headers=sent,
            body=data,
            preload_content=False,
            timeout=self.pause,
            retries=_RETRIES,
        )
        if answer.status != 200:
            text = answer.read(_LONGEST_REFUSAL).decode("utf-8", "replace")
            answer.release_conn()
            named = {name.lower(): value for name, value in answer.headers.items()}
            raise Refused(Refusal(status=answer.status, text=text, headers=named))
        answer.content_type = answer.headers.get("Content-Type")
        address = answer.geturl()
        answer.redirect_location = address if address and address != url and address.startswith("http") else ""

        def read(size: int) -> bytes:
            if self.stop.is_set():
                answer.close()
                raise Stopped
            piece: bytes = answer.read(size)
            return piece

        return answer, read

    def push_url(self, path: str) -> str:
        return self._get_url(path)
