"""What a fetch is sent: dulwich's upload-pack, as one request after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from dulwich.protocol import ReceivableProtocol
from dulwich.repo import Repo
from dulwich.server import Backend, UploadPackHandler


class _One(Backend):
    """The one repository that a request is about."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo

    def open_repository(self, path: str) -> Repo:  # type: ignore[override]
        del path
        return self._repo


def upload(repo: Repo, body: BinaryIO, write: Callable[[bytes], object]) -> None:
    """Answer the body of a ``git-upload-pack`` request."""
    protocol = ReceivableProtocol(body.read, lambda data: (write(data), len(data))[1])
    UploadPackHandler(_One(repo), ["/"], protocol, stateless_rpc=True).handle()


def advertisement(repo: Repo) -> bytes:
    """What a fetcher is told first: where every branch is."""
    made: list[bytes] = []
    protocol = ReceivableProtocol(lambda _: b"", lambda data: (made.append(data), len(data))[1])
    UploadPackHandler(_One(repo), ["/"], protocol, stateless_rpc=True, advertise_refs=True).handle()
    return b"".join(made)
