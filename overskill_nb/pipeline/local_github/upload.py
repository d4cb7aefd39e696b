"""What a fetch is sent: git's upload-pack, without memory from one request to the next.

Dulwich's own ``UploadPackHandler`` refuses a shallow clone that fetches again, so this is not it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import BinaryIO

import msgspec
from dulwich.errors import GitProtocolError
from dulwich.object_store import find_shallow
from dulwich.objects import S_ISGITLINK, Commit, ObjectID, Tag, Tree
from dulwich.pack import write_pack_from_container
from dulwich.protocol import (
    SIDE_BAND_CHANNEL_DATA,
    Protocol,
    extract_want_line_capabilities,
    format_ref_line,
    pkt_line,
    symref_capabilities,
)
from dulwich.refs import Ref
from dulwich.repo import Repo

Write = Callable[[bytes], object]
_CAPABILITIES = [
    b"multi_ack_detailed",
    b"no-done",
    b"side-band-64k",
    b"ofs-delta",
    b"shallow",
    b"no-progress",
    b"include-tag",
    b"allow-tip-sha1-in-want",
    b"allow-reachable-sha1-in-want",
    b"object-format=sha1",
    b"agent=git/overskill-local",
]
_BAND = 65515


class _Wanted(msgspec.Struct):
    """The first part of a request."""

    commits: list[ObjectID] = []
    capabilities: set[bytes] = set()
    shallow: set[ObjectID] = set()
    """Commits whose parents the client does not have."""
    depth: int = 0


def advertisement(repo: Repo) -> bytes:
    """What a fetcher is told first: where every branch is."""
    refs = repo.refs.as_dict()
    lines: list[tuple[Ref, ObjectID]] = []
    for name, sha in sorted(refs.items()):
        lines.append((name, sha))
        if name.startswith(b"refs/tags/") and (peeled := repo.object_store.peel(sha)[1].id) != sha:
            lines.append((Ref(name + b"^{}"), peeled))
    symrefs = [(name, to) for name, to in repo.refs.get_symrefs().items() if to in refs]
    if not lines:
        return pkt_line(format_ref_line(Ref(b"capabilities^{}"), ObjectID(b"0" * 40), _CAPABILITIES)) + pkt_line(None)
    first = format_ref_line(*lines[0], [*_CAPABILITIES, *symref_capabilities(symrefs)])
    return b"".join([pkt_line(first), *(pkt_line(format_ref_line(*line)) for line in lines[1:]), pkt_line(None)])


class Upload:
    """One ``git-upload-pack`` request to an open repository."""

    def __init__(self, repo: Repo, body: BinaryIO, write: Write) -> None:
        self._repo = repo
        self._store = repo.object_store
        self._write = write
        self._protocol = Protocol(body.read, lambda data: (write(data), len(data))[1])

    def answer(self) -> None:
        """Negotiate as far as the request goes, and send the pack where it goes to the end."""
        wanted = self._wanted()
        if not wanted.commits:
            return
        boundary = set(wanted.shallow)
        if wanted.depth:
            shallow, whole = find_shallow(self._store, wanted.commits, wanted.depth)
            shallow -= whole
            for sha in sorted(shallow - wanted.shallow):
                self._line(b"shallow " + sha)
            for sha in sorted(whole & wanted.shallow):
                self._line(b"unshallow " + sha)
            self._write(pkt_line(None))
            boundary = shallow | (wanted.shallow - whole)
        found = self._negotiate(wanted)
        if found is not None:
            self._send(wanted, found, boundary)

    def _line(self, text: bytes) -> None:
        self._write(pkt_line(text + b"\n"))

    def _wanted(self) -> _Wanted:
        wanted = _Wanted()
        while (line := self._protocol.read_pkt_line()) is not None:
            if not wanted.commits:
                line, given = extract_want_line_capabilities(line)
                wanted.capabilities = set(given)
            command, _, value = line.strip().partition(b" ")
            if command == b"want":
                if len(value) != 40 or ObjectID(value) not in self._store:
                    raise GitProtocolError("upload-pack: not our ref " + value[:40].decode("ascii", "replace"))
                wanted.commits.append(ObjectID(value))
            elif command == b"shallow":
                wanted.shallow.add(ObjectID(value))
            elif command == b"deepen" and value.isdigit():
                wanted.depth = int(value)
            else:
                raise GitProtocolError("upload-pack: " + command[:40].decode("ascii", "replace") + " is not served")
        return wanted

    def _negotiate(self, wanted: _Wanted) -> list[ObjectID] | None:
        """What both sides have; nothing where the client has more to say, in its next request."""
        detailed = b"multi_ack_detailed" in wanted.capabilities
        common: list[ObjectID] = []
        ready = unknown = False
        while not self._protocol.eof():
            line = self._protocol.read_pkt_line()
            if line is None:
                if detailed and common and not unknown and self._enough(wanted, common):
                    ready = True
                    self._line(b"ACK %s ready" % common[-1])
                if not common or detailed:
                    self._line(b"NAK")
                if ready and b"no-done" in wanted.capabilities:
                    self._line(b"ACK " + common[-1])
                    return common
                unknown = False
                continue
            command, _, value = line.strip().partition(b" ")
            sha = ObjectID(value)
            if command == b"done":
                self._line(
                    b"ACK " + common[-1] if common and detailed else b"NAK" if not common else b"ACK " + common[0]
                )
                return common
            if command != b"have" or len(value) != 40:
                raise GitProtocolError("upload-pack: a line cannot be read")
            if sha not in self._store:
                unknown = True
                if detailed and common and self._enough(wanted, common):
                    ready = True
                    self._line(b"ACK %s ready" % sha)
                continue
            common.append(sha)
            if detailed:
                self._line(b"ACK %s common" % sha)
            elif len(common) == 1:
                self._line(b"ACK " + sha)
        return None

    def _enough(self, wanted: _Wanted, common: Iterable[ObjectID]) -> bool:
        """Whether each wanted commit leads back to one that both have."""
        known = set(common)
        return all(any(sha in known for sha in self._history([want], set())) for want in wanted.commits)

    def _history(self, tips: Iterable[ObjectID], boundary: set[ObjectID]) -> Iterable[ObjectID]:
        """Commits from ``tips`` back, without the parents of those at the boundary."""
        waiting = deque(tips)
        seen: set[ObjectID] = set(waiting)
        while waiting:
            sha = waiting.popleft()
            found = self._store[sha]
            if isinstance(found, Tag):
                parents = [found.object[1]]
            elif isinstance(found, Commit):
                yield sha
                parents = [] if sha in boundary else found.parents
            else:
                continue
            for parent in parents:
                if parent not in seen and parent in self._store:
                    seen.add(parent)
                    waiting.append(parent)

    def _send(self, wanted: _Wanted, common: list[ObjectID], boundary: set[ObjectID]) -> None:
        theirs = set(self._history(common, wanted.shallow))
        wanting = [sha for sha in self._history(wanted.commits, boundary) if sha not in theirs]
        seen: set[ObjectID] = set()
        known = {parent for sha in wanting for parent in self._commit(sha).parents if parent in theirs}
        for sha in known | (set(common) & theirs):
            self._walk(self._commit(sha).tree, seen)
        objects: list[ObjectID] = []
        for sha in wanted.commits:
            found = self._store[sha]
            while isinstance(found, Tag):
                objects.append(found.id)
                found = self._store[found.object[1]]
        for sha in wanting:
            objects.append(sha)
            objects += self._walk(self._commit(sha).tree, seen)
        if b"include-tag" in wanted.capabilities:
            objects += self._tags(set(wanting), set(objects))
        self._pack(list(dict.fromkeys(objects)), b"side-band-64k" in wanted.capabilities)

    def _commit(self, sha: ObjectID) -> Commit:
        found = self._store[sha]
        assert isinstance(found, Commit)
        return found

    def _walk(self, root: ObjectID, seen: set[ObjectID]) -> list[ObjectID]:
        """What is in a tree and was not seen yet."""
        if root in seen:
            return []
        seen.add(root)
        found, waiting = [root], [root]
        while waiting:
            tree = self._store[waiting.pop()]
            assert isinstance(tree, Tree)
            for entry in tree.iteritems():
                if entry.sha is None or entry.sha in seen or S_ISGITLINK(entry.mode or 0):
                    continue
                seen.add(entry.sha)
                found.append(entry.sha)
                if (entry.mode or 0) & 0o170000 == 0o040000:
                    waiting.append(entry.sha)
        return found

    def _tags(self, sent: set[ObjectID], have: set[ObjectID]) -> list[ObjectID]:
        found = []
        for name, sha in self._repo.refs.as_dict().items():
            if not name.startswith(b"refs/tags/") or sha in have:
                continue
            tag = self._store[sha]
            if isinstance(tag, Tag) and tag.object[1] in sent:
                found.append(sha)
        return found

    def _pack(self, objects: list[ObjectID], banded: bool) -> None:
        held = bytearray()

        def write(data: bytes) -> None:
            held.extend(data)
            while len(held) >= _BAND:
                self._protocol.write_sideband(SIDE_BAND_CHANNEL_DATA, bytes(held[:_BAND]))
                del held[:_BAND]

        def plain(data: bytes) -> None:
            self._write(data)

        wanted = [(sha, None) for sha in objects]
        write_pack_from_container(
            write if banded else plain,
            self._store,
            wanted,
            object_format=self._repo.object_format,
            compression_level=1,  # it goes no further than this machine
        )
        if banded:
            if held:
                self._protocol.write_sideband(SIDE_BAND_CHANNEL_DATA, bytes(held))
            self._write(pkt_line(None))
