"""Trees of git, as flat maps of path to mode and hash, and back."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dulwich.object_store import BaseObjectStore
    from dulwich.objects import ObjectID

Flat = dict[bytes, tuple[int, bytes]]
"""Mode and hash by path."""

LINK = stat.S_IFLNK
SUBMODULE = 0o160000


def flatten(store: BaseObjectStore, tree: bytes | None) -> Flat:
    """All files of a tree. Without one there are none."""
    from dulwich.object_store import iter_tree_contents
    from dulwich.objects import ObjectID

    if tree is None:
        return {}
    found: Flat = {}
    for entry in iter_tree_contents(store, ObjectID(tree)):
        assert entry.path is not None
        assert entry.mode is not None
        assert entry.sha is not None
        found[entry.path] = (entry.mode, entry.sha)
    return found


def build(store: BaseObjectStore, files: Mapping[bytes, tuple[int, bytes]]) -> ObjectID:
    """Write the trees that hold these files; the hash of the outermost."""
    from dulwich.objects import ObjectID, Tree

    folders: dict[bytes, Tree] = {b"": Tree()}

    def folder(path: bytes) -> Tree:
        if path not in folders:
            folder(path.rpartition(b"/")[0])
            folders[path] = Tree()
        return folders[path]

    for path, (mode, sha) in files.items():
        above, _, name = path.rpartition(b"/")
        folder(above).add(name, mode, ObjectID(sha))
    # Those further in first: what holds them names them by their hash.
    for path in sorted(folders, key=lambda path: path.count(b"/") + bool(path), reverse=True):
        tree = folders[path]
        if tree.id not in store:
            store.add_object(tree)
        if path:
            above, _, name = path.rpartition(b"/")
            folders[above].add(name, stat.S_IFDIR, tree.id)
    return folders[b""].id


def differing(before: Mapping[bytes, tuple[int, bytes]], after: Mapping[bytes, tuple[int, bytes]]) -> list[bytes]:
    """Paths that are not the same in both, sorted."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def to_text(path: bytes) -> str:
    """A path as the system's calls take it; bytes that are not UTF-8 survive the way there and back."""
    return path.decode("utf-8", "surrogateescape")


def to_bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def shown(path: bytes) -> str:
    """A path for people and messages."""
    return path.decode("utf-8", "replace")
