"""A repository at GitHub, over git's own protocol: what it has, and what goes there and comes from there."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, TypeVar

import msgspec

from ...errors import GithubError
from . import meanings
from .client import GithubClient
from .exchange import failed
from .meanings import Refusal

if TYPE_CHECKING:
    from dulwich.object_store import DiskObjectStore

    from .transport import Connections, Transport

T = TypeVar("T")

_HEADS = b"refs/heads/"
_NOTHING = b"0" * 40
_IN_MEMORY = 8 * 1024 * 1024
_STALE = ("fetch first", "non-fast-forward", "stale", "lock", "already exists", "failed to update", "reference")
_TIMEOUT = 30.0


class Moved(GithubError):
    """The branch is not where it was expected. Nothing was sent, or nothing was taken."""


class Protected(GithubError):
    """The branch's rules refuse the push."""


class Heads(msgspec.Struct, frozen=True, kw_only=True):
    """What a repository said that it has."""

    branches: dict[str, str]
    """Commits by branch."""
    refs: dict[bytes, bytes]
    """All that it told of."""
    capabilities: frozenset[bytes] = frozenset()
    """What it understands when it is pushed to; empty where that was not asked."""
    url: str = ""
    """Where it answered, which differs from where it was asked after a change of names."""

    @property
    def empty(self) -> bool:
        return not self.refs


class Remote:
    """One repository. Every method may be repeated: the second time changes nothing."""

    def __init__(self, client: GithubClient, name: str) -> None:
        self.client = client
        self.name = name
        self._web = client.settings.web_url
        self._connections: Connections | None = None

    def __repr__(self) -> str:
        return f"Remote({self.name!r})"

    async def heads(self, *, for_push: bool = False) -> Heads:
        """What is there. ``for_push``: as whoever pushes is told, which spares ``push`` to ask again."""

        def ask(transport: Transport) -> Heads:
            service = b"git-receive-pack" if for_push else b"git-upload-pack"
            prefix = None if for_push else [_HEADS]
            url = transport.push_url(f"{self.name}.git")
            found, capabilities, url, _, _ = transport._discover_references(service, url, ref_prefix=prefix)  # noqa: SLF001
            if transport.dumb:
                raise ValueError("no git server")
            refs = {bytes(ref): bytes(sha) for ref, sha in found.items() if sha and ref != b"capabilities^{}"}
            return Heads(
                branches={
                    ref.removeprefix(_HEADS).decode("utf-8", "replace"): sha.decode()
                    for ref, sha in refs.items()
                    if ref.startswith(_HEADS)
                },
                refs=refs,
                capabilities=frozenset(capabilities) if for_push else frozenset(),
                url=url,
            )

        return await self._step(f"the look at {self.name}", ask)

    async def fetch(self, store: DiskObjectStore, commits: Collection[str], have: Iterable[str] = ()) -> None:
        """Bring these commits, and what they hold, into ``store``, which has what ``have`` leads to."""
        from dulwich.objects import Commit, ObjectID

        wanted = [ObjectID(sha.encode()) for sha in commits]
        wanted = [sha for sha in wanted if sha not in store]
        if not wanted:
            return
        known = [sha for sha in (ObjectID(sha.encode()) for sha in have) if sha in store]

        def get(transport: Transport) -> None:
            from dulwich.object_store import ObjectStoreGraphWalker

            def parents(sha: ObjectID) -> list[ObjectID]:
                commit = store[sha]
                return commit.parents if isinstance(commit, Commit) else []

            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="incoming-") as pack:

                def wants(refs: Any, depth: int | None = None) -> Any:
                    gone = [sha for sha in wanted if sha not in refs.values()]
                    if gone:
                        raise Moved(f"{failed(f'the fetch from {self.name}')}: The branch moved meanwhile.")
                    return wanted

                walker = ObjectStoreGraphWalker(known, parents)
                transport.fetch_pack(
                    f"{self.name}.git",
                    wants,
                    walker,
                    pack.write,
                    ref_prefix=[_HEADS],
                )
                if not pack.tell():
                    raise ValueError("no pack came")
                pack.seek(0)
                store.add_thin_pack(pack.read, None)

        await self._step(f"the fetch from {self.name}", get)

    async def push(
        self,
        store: DiskObjectStore,
        branch: str,
        new: str,
        expected: str = "",
        *,
        heads: Heads | None = None,
    ) -> None:
        """Set the branch to ``new``, which ``store`` has, if it is at ``expected`` (empty: if there is no such branch).

        ``heads``: what was told a moment ago, by ``heads(for_push=True)``. Raises Moved, Protected or what else
        GitHub says. Never forces: GitHub itself compares the old value.
        """
        told = [heads] if heads is not None and heads.capabilities else []

        async def once() -> None:
            # Asked anew each time: a push whose answer was lost is done all the same.
            now = told.pop() if told else await self.heads(for_push=True)
            there = now.branches.get(branch, "")
            if there == new:
                return
            if there != expected:
                raise Moved(
                    f"{failed(self._pushing(branch))}: The branch is at {there[:10] or 'no commit'} and not at "
                    f"{expected[:10] or 'none'}: somebody pushed meanwhile."
                )
            await self._step(
                self._pushing(branch), lambda transport: self._send(transport, store, branch, new, now), attempts=1
            )

        await self.client.exchange.repeat(self._pushing(branch), once)

    def _pushing(self, branch: str) -> str:
        return f"the push to {branch} of {self.name}"

    def _send(self, transport: Transport, store: DiskObjectStore, branch: str, new: str, heads: Heads) -> None:
        from dulwich.client import ReportStatusParser
        from dulwich.protocol import Protocol, capability_agent, pkt_line

        from . import pack
        from .transport import Stopped

        ref = _HEADS + branch.encode()
        old = heads.refs.get(ref, _NOTHING)
        negotiated, _ = transport._negotiate_receive_pack_capabilities(set(heads.capabilities))  # noqa: SLF001
        negotiated -= {b"push-options", b"atomic"}
        negotiated.add(capability_agent())
        transport._report_status_parser = ReportStatusParser()  # noqa: SLF001
        said: list[bytes] = []

        def still_wanted() -> None:
            if transport.stop.is_set():
                raise Stopped

        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="outgoing-") as body:
            command = old + b" " + new.encode() + b" " + ref
            body.write(pkt_line(command + b"\0" + b" ".join(sorted(negotiated))))
            body.write(pkt_line(None))
            missing, edge = pack.missing_commits(store, [new.encode()], heads.refs.values())
            objects = [commit.id for commit in missing]
            objects += [sha for sha, _ in pack.missing_objects(store, missing, edge)]
            pack.write(store, objects, body, still_wanted)
            headers = {
                "Content-Type": "application/x-git-receive-pack-request",
                "Accept": "application/x-git-receive-pack-result",
                "Content-Length": str(body.tell()),
            }
            body.seek(0)
            answer, read = transport._http_request(  # noqa: SLF001
                f"{heads.url}git-receive-pack",
                headers,
                _watched(body, still_wanted),
            )
            try:
                report = transport._handle_receive_pack_tail(Protocol(read, lambda _: None), negotiated, said.append)  # noqa: SLF001
            finally:
                answer.close()
        self._judge(branch, report, b"".join(said).decode("utf-8", "replace"))

    def _judge(self, branch: str, report: dict[bytes, str | None] | None, said: str) -> None:
        """Raises where the report says that the ref was not set."""
        ref = _HEADS + branch.encode()
        if not report or ref not in report:
            raise ValueError("no report came")
        problem = report[ref]
        if problem is None:
            return
        text = f"{said}\n{problem}"
        what = self._pushing(branch)
        if meanings.is_protection(text):
            raise Protected(str(self.client.refused(what, self.name, Refusal(text=text))))
        known = meanings.said(text)
        if not known and any(word in problem for word in _STALE):
            raise Moved(f"{failed(what)}: Somebody pushed meanwhile.")
        means = known or "GitHub does not take the push; its rules or hooks say why."
        error = self.client.refused(what, self.name, Refusal(text=text), means)
        error.temporary = False
        raise error

    async def _step(self, what: str, do: Callable[[Transport], T], *, attempts: int = 0) -> T:
        """Run ``do`` in a thread; when nobody waits for it any more, it ends at its next piece of data."""
        exchange = self.client.exchange

        async def once() -> T:
            from .transport import Connections, Transport

            if self._connections is None:
                self._connections = Connections(self._web, float(max(exchange.timeout, 1)))
            transport = Transport(self._web, await self.client.token(), self._connections)
            try:
                return await asyncio.to_thread(self._guarded, what, do, transport)
            except asyncio.CancelledError:
                transport.stop.set()
                raise

        return await exchange.repeat(what, once, **({"attempts": attempts} if attempts else {}))

    def _guarded(self, what: str, do: Callable[[Transport], T], transport: Transport) -> T:
        import zlib

        import urllib3
        from dulwich.errors import ApplyDeltaError, ChecksumMismatch, GitProtocolError, NotGitRepository, SendPackError

        from .transport import Refused

        exchange = self.client.exchange
        try:
            return do(transport)
        except Refused as error:
            raise exchange.failure(what, self.name, error.refusal) from None
        except urllib3.exceptions.HTTPError as error:
            raise exchange.unreached(what, _cause(error)) from None
        except SendPackError as error:
            raise exchange.failure(
                what, self.name, Refusal(status=500, text=f"the push was not unpacked: {error}")
            ) from None
        except NotGitRepository:
            raise exchange.failure(what, self.name, Refusal(status=404)) from None
        except GitProtocolError as error:
            if sentence := meanings.said(str(error)):
                raise exchange.failure(what, self.name, Refusal(text=str(error)), means=sentence) from None
            raise exchange.unreadable(what) from error
        except (
            ApplyDeltaError,
            ChecksumMismatch,
            zlib.error,
            ValueError,
            LookupError,
            AssertionError,
            EOFError,
        ) as error:
            raise exchange.unreadable(what) from error

    def close(self) -> None:
        if self._connections is not None:
            self._connections.close()


def _watched(body: IO[bytes], still_wanted: Callable[[], None]) -> Iterator[bytes]:
    while piece := body.read(256 * 1024):
        still_wanted()
        yield piece


def _cause(error: Exception) -> Exception:
    """What urllib3 wraps: a time-out reads otherwise than a refused connection."""
    reason = getattr(error, "reason", None)
    return reason if isinstance(reason, Exception) else error
