"""Two histories that went apart, put together: file by file, and line by line where both changed one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...protocol_github import Conflict
from .diffs import text_of
from .trees import LINK, SUBMODULE, Flat, shown

if TYPE_CHECKING:
    from dulwich.object_store import PackBasedObjectStore


class Merge(NamedTuple):
    """What comes out. With conflicts it is of no use but to show them."""

    ours: str
    theirs: str
    base: str
    """The commit that both come from; empty where there is none."""
    tree: str
    """The hash of what both together are; empty with conflicts. ``History.changes`` takes it like a commit."""
    files: dict[str, tuple[int, str]]
    """Mode and hash by path."""
    conflicts: list[Conflict]


def three_way(store: PackBasedObjectStore, base: Flat, ours: Flat, theirs: Flat) -> tuple[Flat, list[Conflict]]:
    """The files of both sides together, and those that do not go together."""
    merged: Flat = {}
    conflicts: list[Conflict] = []
    for path in sorted(ours.keys() | theirs.keys() | base.keys()):
        b, o, t = base.get(path), ours.get(path), theirs.get(path)
        taken = _taken(b, o, t)
        if taken is _APART:
            joined = _joined(store, b, o, t)
            if joined is None:
                conflicts.append(_conflict(store, path, b, o, t))
                continue
            taken = joined
        if taken is not None:
            merged[path] = taken
    for path in _below_files(merged):
        merged.pop(path, None)
        conflicts.append(_conflict(store, path, base.get(path), ours.get(path), theirs.get(path)))
    return merged, sorted(conflicts, key=lambda conflict: conflict.path)


_Side = tuple[int, bytes]
_APART: _Side = (-1, b"")


def _taken(base: _Side | None, ours: _Side | None, theirs: _Side | None) -> _Side | None:
    """The side that changed; ``_APART`` where both did, each in its own way."""
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    return _APART


def _joined(store: PackBasedObjectStore, base: _Side | None, ours: _Side | None, theirs: _Side | None) -> _Side | None:
    """One file with what both sides did to it; None where that cannot be."""
    from dulwich.objects import Blob

    if ours is None or theirs is None:
        return None
    kinds = {side[0] for side in (ours, theirs)}
    if kinds & {LINK, SUBMODULE} or (base is not None and base[0] in {LINK, SUBMODULE}):
        return None
    mode = theirs[0] if base is not None and ours[0] == base[0] else ours[0]
    sha = _taken(base and (0, base[1]), (0, ours[1]), (0, theirs[1]))
    if sha is not None and sha is not _APART:
        return mode, sha[1]
    contents = [_data(store, side) for side in (base, ours, theirs)]
    if base is None or any(text_of(data) is None for data in contents):
        return None
    data = _merged_lines(*contents)
    if data is None:
        return None
    blob = Blob.from_string(data)
    store.add_object(blob)
    return mode, blob.id


def _merged_lines(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    from merge3 import Merge3

    regions = Merge3(_lines(base), _lines(ours), _lines(theirs)).merge_groups()
    merged: list[bytes] = []
    for region in regions:
        if region[0] == "conflict":
            return None
        merged.extend(region[1])
    return b"".join(merged)


def _lines(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _below_files(merged: Flat) -> list[bytes]:
    """Paths of files that would have to be folders as well."""
    return sorted(
        {path[:at] for path in merged for at in range(len(path)) if path[at : at + 1] == b"/" and path[:at] in merged}
    )


def _conflict(
    store: PackBasedObjectStore, path: bytes, base: _Side | None, ours: _Side | None, theirs: _Side | None
) -> Conflict:
    sides = {
        name: None if side is None else text_of(_data(store, side))
        for name, side in (("base", base), ("ours", ours), ("theirs", theirs))
    }
    binary = any(side is not None and sides[name] is None for name, side in (("ours", ours), ("theirs", theirs)))
    if binary:
        return Conflict(path=shown(path), ours=None, theirs=None, binary=True)
    return Conflict(path=shown(path), ours=sides["ours"], theirs=sides["theirs"], base=sides["base"])


def _data(store: PackBasedObjectStore, side: _Side | None) -> bytes:
    from dulwich.objects import Blob, ObjectID

    if side is None or side[0] == SUBMODULE:
        return b""
    found = store[ObjectID(side[1])]
    assert isinstance(found, Blob)
    return found.data


__all__ = ["Merge", "three_way"]
