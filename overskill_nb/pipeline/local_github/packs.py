"""Takes pushed packs into a repository, as git does: a small one as single objects, a large one as a pack."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from dulwich.errors import ApplyDeltaError, ChecksumMismatch, HangupException, ObjectFormatException
from dulwich.object_store import DiskObjectStore
from dulwich.objects import S_ISGITLINK, Blob, Commit, ObjectID, ShaFile, Tag, Tree
from dulwich.pack import PackData, PackInflater
from dulwich.repo import Repo

FEW = 32
"""Objects, from which on a pack stays one; git's ``receive.unpackLimit``, which is 100 there: one file is quicker than
sixty."""
MANY_PACKS = 40
MANY_LOOSE = 4000
MAX_BLOB = 100 * 1024 * 1024
"""GitHub takes no larger file."""
_WHAT_A_BAD_PACK_LEADS_TO = (
    OSError,
    EOFError,
    HangupException,
    ChecksumMismatch,
    ApplyDeltaError,
    AssertionError,
    ObjectFormatException,
    ValueError,
    KeyError,
    IndexError,
    struct.error,
    zlib.error,
)
_ORDER: dict[type[ShaFile], int] = {Blob: 0, Tree: 1, Commit: 2, Tag: 3}


class BadPack(ValueError):
    """It cannot be read."""


class Incomplete(Exception):
    """An object that is needed is not there."""

    def __init__(self, sha: ObjectID) -> None:
        super().__init__(sha.decode())
        self.sha = sha


class TooLarge(Exception):
    """A file is."""


def take(store: DiskObjectStore, body: BinaryIO) -> None:
    """Put the pack that ``body`` goes on with into the store. Raises where it is not taken, and then leaves nothing."""
    try:
        head = body.read(12)
        magic, _, count = struct.unpack(">4sLL", head)
        if magic != b"PACK":
            raise BadPack("bad pack header")
        if count >= FEW:
            _keep(store, head, body)
        else:
            _unpack(store, head + body.read())
    except _WHAT_A_BAD_PACK_LEADS_TO as error:
        raise BadPack(str(error) or type(error).__name__) from error


def _unpack(store: DiskObjectStore, content: bytes) -> None:
    if hashlib.sha1(content[:-20]).digest() != content[-20:]:  # noqa: S324
        raise BadPack("pack is corrupted (SHA1 mismatch)")
    with PackData.from_file(io.BytesIO(content), store.object_format) as data:
        found = list(PackInflater.for_pack_data(data, resolve_ext_ref=store.get_raw)) if len(data) else []
    _check(found, store)
    # what others need comes first, so that a kill leaves nothing that lacks something
    found.reverse()
    for one in sorted(found, key=lambda one: _ORDER[type(one)]):
        store.add_object(one)


def _keep(store: DiskObjectStore, head: bytes, body: BinaryIO) -> None:
    rest = io.BytesIO(head)
    before = {pack.name() for pack in store.packs}

    def read(size: int) -> bytes:
        return rest.read(size) or body.read(size)

    pack = store.add_thin_pack(read, None)
    try:
        _check(pack.iterobjects(), store)
    except (Incomplete, TooLarge):
        if pack.name() not in before:
            path = Path(store.pack_dir) / f"pack-{pack.name().decode()}"
            pack.close()
            for ending in (".pack", ".idx"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
        raise


def _check(found: Iterable[ShaFile], store: DiskObjectStore) -> None:
    """What was there before is whole; the new ones may need nothing else but each other."""
    new: set[ObjectID] = set()
    needed: set[ObjectID] = set()
    for one in found:
        new.add(one.id)
        if isinstance(one, Commit):
            needed.update((one.tree, *one.parents))
        elif isinstance(one, Tree):
            needed.update(entry.sha for entry in one.iteritems() if entry.sha and not S_ISGITLINK(entry.mode or 0))
        elif isinstance(one, Tag):
            needed.add(one.object[1])
        elif one.raw_length() > MAX_BLOB:
            raise TooLarge(one.id.decode())
    for sha in needed - new:
        if sha not in store:
            raise Incomplete(sha)


def tidy(path: Path) -> None:
    """Make one pack of many, and of many single objects. Nobody else may be at the repository."""
    loose = sum(1 for _ in path.glob("objects/[0-9a-f][0-9a-f]/*"))
    if loose > MANY_LOOSE or len(list(path.glob("objects/pack/*.pack"))) > MANY_PACKS:
        with Repo(str(path), bare=True) as repo:
            repo.object_store.repack()
