"""What a push sends: the objects that the other side lacks, as one pack.

dulwich's own way reads all commits that both sides have, however many; this one stops where the histories meet.
"""

from __future__ import annotations

import hashlib
import heapq
import stat
import struct
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import IO, TYPE_CHECKING

from dulwich.objects import S_ISGITLINK, Blob, Commit, ObjectID, Tree

if TYPE_CHECKING:
    from dulwich.object_store import BaseObjectStore

_FAST_FROM = 1024 * 1024
"""From so many bytes on, speed goes before size."""


def missing_commits(
    store: BaseObjectStore, wants: Iterable[bytes], haves: Iterable[bytes]
) -> tuple[list[Commit], list[Commit]]:
    """Commits that ``wants`` lead to and ``haves`` do not, newest first, and those next to them that the other side
    has. Haves that are not here are passed over."""
    colours: dict[ObjectID, bool] = {}
    """Whether the other side has it."""
    commits: dict[ObjectID, Commit] = {}
    queue: list[tuple[int, ObjectID]] = []
    open_here = 0

    def add(sha: ObjectID, there: bool) -> None:
        nonlocal open_here
        known = colours.get(sha)
        if known is None:
            found = store[sha]
            if not isinstance(found, Commit):  # a tag, which no history leads through
                return
            commits[sha] = found
            colours[sha] = there
            heapq.heappush(queue, (-found.commit_time, sha))
            open_here += not there
        elif there and not known:
            colours[sha] = True
            if sha in waiting:
                open_here -= 1
            else:  # its clock was wrong: what lies behind it is there too
                heapq.heappush(queue, (-commits[sha].commit_time, sha))
                waiting.add(sha)
            return
        else:
            return
        waiting.add(sha)

    waiting: set[ObjectID] = set()
    for sha in haves:
        if ObjectID(sha) in store:
            add(ObjectID(sha), True)
    for sha in wants:
        add(ObjectID(sha), False)
    oldest = float("inf")
    # What is as old as the oldest missing one may still lead to it.
    while queue and (open_here or -queue[0][0] >= oldest):
        _, sha = heapq.heappop(queue)
        waiting.discard(sha)
        if not colours[sha]:
            open_here -= 1
            oldest = min(oldest, commits[sha].commit_time)
        for parent in commits[sha].parents:
            add(parent, colours[sha])
    missing = [commit for sha, commit in commits.items() if not colours[sha]]
    edge = {parent for commit in missing for parent in commit.parents if colours.get(parent)}
    return missing, [commits[sha] for sha in edge]


def missing_objects(
    store: BaseObjectStore, missing: Iterable[Commit], edge: Iterable[Commit]
) -> Iterator[tuple[ObjectID, bytes]]:
    """The trees and files that come with these commits, with their paths."""
    seen: set[ObjectID] = set()
    for commit in edge:
        walk_all(store, commit.tree, seen)
    for commit in missing:
        yield from walk(store, commit.tree, b"", seen)


def walk(store: BaseObjectStore, sha: ObjectID, path: bytes, seen: set[ObjectID]) -> Iterator[tuple[ObjectID, bytes]]:
    """A tree and all below it that was not ``seen``, each once, with paths."""
    if sha in seen:
        return
    seen.add(sha)
    yield sha, path
    for name, mode, below in _entries(store, sha):
        where = path + b"/" + name if path else name
        if stat.S_ISDIR(mode):
            yield from walk(store, below, where, seen)
        elif not S_ISGITLINK(mode) and below not in seen:
            seen.add(below)
            yield below, where


def walk_all(store: BaseObjectStore, sha: ObjectID, seen: set[ObjectID]) -> None:
    """Take a tree and all below it for seen."""
    if sha in seen:
        return
    seen.add(sha)
    for _, mode, below in _entries(store, sha):
        if stat.S_ISDIR(mode):
            walk_all(store, below, seen)
        else:
            seen.add(below)


def _entries(store: BaseObjectStore, sha: ObjectID) -> list[tuple[bytes, int, ObjectID]]:
    tree = store[sha]
    assert isinstance(tree, Tree)
    return [
        (name, mode, below)
        for name, mode, below in tree.iteritems()
        if name is not None and mode is not None and below is not None
    ]


def write(store: BaseObjectStore, objects: Collection[bytes], out: IO[bytes], on_object: Callable[[], None]) -> None:
    """The pack that holds these objects. ``on_object`` is called before each, and may raise."""
    checksum = hashlib.sha1(usedforsecurity=False)

    def put(piece: bytes) -> None:
        checksum.update(piece)
        out.write(piece)

    put(b"PACK" + struct.pack(">LL", 2, len(objects)))
    for sha in objects:
        on_object()
        kind, data = store.get_raw(ObjectID(sha))
        put(_header(kind, len(data)))
        put(zlib.compress(data, 1 if len(data) >= _FAST_FROM else -1))
    out.write(checksum.digest())


def _header(kind: int, size: int) -> bytes:
    byte = (kind << 4) | (size & 0x0F)
    size >>= 4
    out = bytearray()
    while size:
        out.append(byte | 0x80)
        byte = size & 0x7F
        size >>= 7
    out.append(byte)
    return bytes(out)


def is_text(data: bytes) -> bool:
    return b"\0" not in data[:8000]


def blob(store: BaseObjectStore, sha: bytes) -> bytes | None:
    """A file's content; None where it is something else than a file."""
    kind, data = store.get_raw(ObjectID(sha))
    return data if kind == Blob.type_num else None
