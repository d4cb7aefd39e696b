"""``actions/checkout``: a clone of the repository, made without git's program."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

_SHA = re.compile(r"[0-9a-f]{40}")


class CheckoutError(ValueError):
    """What is asked for is not in the repository; one sentence."""


def clone(bare: Path, target: Path, *, ref: str, depth: int, url: str) -> str:
    """Make ``target`` a clone of ``ref`` (a commit, branch or tag); the commit. ``depth`` 0: its whole history."""
    from dulwich.client import LocalGitClient
    from dulwich.index import build_index_from_tree
    from dulwich.objects import Commit, ObjectID, Tag
    from dulwich.repo import Repo

    _emptied(target)
    with Repo(str(bare)) as source, Repo.init(str(target), default_branch=b"main") as made:
        wanted, branch = _resolved(source, ref)
        if ObjectID(wanted) not in source.object_store:
            raise CheckoutError(f"The commit {ref} is not in the repository; push it first.")
        LocalGitClient().fetch(
            str(bare), made, determine_wants=lambda refs, depth=None: [ObjectID(wanted)], depth=depth or None
        )
        found = made[ObjectID(wanted)]
        while isinstance(found, Tag):
            found = made[found.object[1]]
        if not isinstance(found, Commit):
            raise CheckoutError(f"'{ref}' is no commit.")
        config = made.get_config()
        config.set((b"remote", b"origin"), b"url", url.encode())
        config.set((b"remote", b"origin"), b"fetch", b"+refs/heads/*:refs/remotes/origin/*")
        config.write_to_path()
        if branch:
            from dulwich.refs import Ref

            made.refs[Ref(b"refs/heads/" + branch)] = found.id
            made.refs[Ref(b"refs/remotes/origin/" + branch)] = found.id
            made.refs.set_symbolic_ref(Ref(b"HEAD"), Ref(b"refs/heads/" + branch))
        else:
            (Path(made.controldir()) / "HEAD").write_bytes(found.id + b"\n")
        build_index_from_tree(str(target), made.index_path(), made.object_store, found.tree)
        return found.id.decode()


def _emptied(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for entry in target.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _resolved(source: object, ref: str) -> tuple[bytes, bytes]:
    """The object that a name means, and the branch where it is one."""
    from dulwich.refs import Ref
    from dulwich.repo import Repo

    assert isinstance(source, Repo)
    if _SHA.fullmatch(ref):
        return ref.encode(), b""
    known = source.get_refs()
    name = ref.encode()
    for full in (name, b"refs/heads/" + name, b"refs/tags/" + name):
        if full.startswith(b"refs/") and Ref(full) in known:
            return known[Ref(full)], full.removeprefix(b"refs/heads/") if full.startswith(b"refs/heads/") else b""
    raise CheckoutError(f"A branch or tag with the name '{ref}' could not be found")
