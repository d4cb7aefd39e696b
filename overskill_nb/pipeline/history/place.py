"""Where an app's repository is: in its folder, apart from it, or one that was there before."""

from __future__ import annotations

import functools
import os
import tempfile
from pathlib import Path
from typing import Literal, NamedTuple

from ...config import app_id
from ..project import SKIPPED_FOLDERS

HISTORY_REF = b"refs/overskill/history"
"""Where checkpoints go in a repository that is somebody else's."""
WORKTREE_REF = b"refs/worktree/overskill"
"""The same in one of several work trees of a repository."""
DEFAULT_BRANCH = b"main"

_EXCLUDED = "".join(f"{name}/\n" for name in sorted(SKIPPED_FOLDERS - {".git"}))
EXCLUDE = f"# What overskill_nb leaves out of an app's history\n{_EXCLUDED}.env*\n!.env.example\n.*.writing\n"


class Place(NamedTuple):
    """A repository's git directory, and whose it is."""

    folder: Path
    kind: Literal["inside", "apart", "foreign"]


def find(root: Path, state_folder: Path, made_here: bool) -> Place:
    """Where the repository is, or goes. ``made_here``: whether the folder is ours to put one into."""
    inside = root / ".git"
    if os.path.lexists(inside):
        return Place(inside, "inside" if _ours(inside) else "foreign")
    apart = state_folder / "history" / f"{app_id(root)}.git"
    if not made_here or apart.is_dir() or any(os.path.lexists(folder / ".git") for folder in root.parents):
        return Place(apart, "apart")
    return Place(inside, "inside")


def _ours(inside: Path) -> bool:
    config = inside / "config"
    try:
        status = config.stat()
        return _says_ours(str(config), status.st_mtime_ns, status.st_size, status.st_ino)
    except (OSError, ValueError, IndexError):
        return False


@functools.lru_cache(maxsize=64)
def _says_ours(config: str, *_: int) -> bool:
    """Whether a configuration, as of that time and size, is that of a repository of this package."""
    from dulwich.config import ConfigFile

    try:
        return bool(ConfigFile.from_path(config).get((b"overskill",), b"app"))
    except KeyError:
        return False


def make(place: Place, root: Path) -> None:
    """Make the repository, all of it or nothing. Where another process was faster, its one is the same."""
    from dulwich.repo import Repo

    parent = place.folder.parent
    if place.kind == "apart":
        parent.mkdir(parents=True, exist_ok=True)
        # The work tree around it must not take it for its own.
        (parent / ".gitignore").write_text("*\n", "utf-8")
    with tempfile.TemporaryDirectory(prefix=".git-", suffix=".writing", dir=parent) as scratch:
        with Repo.init(scratch, default_branch=DEFAULT_BRANCH) as made:
            config = made.get_config()
            config.set((b"overskill",), b"app", os.fsencode(root.name))
            # What is on disk is what is kept, byte by byte.
            config.set((b"core",), b"autocrlf", b"false")
            if place.kind == "apart":
                config.set((b"core",), b"worktree", os.fsencode(root))
            config.write_to_path()
        (Path(scratch) / ".git" / "info" / "exclude").write_text(EXCLUDE, "utf-8")
        try:
            os.rename(Path(scratch) / ".git", place.folder)
        except OSError:
            if not (place.folder / "HEAD").is_file():
                raise
