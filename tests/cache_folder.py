"""Cache folders of a run: what is slow to make, and the same for everybody, is shared."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_cache_path

from overskill_nb import config


def shared(*names: str, folder: Path) -> Path:
    """A cache folder whose named parts, immutable and named by content, are those of the user's own cache."""
    home = Path(os.environ.get(config.CACHE) or user_cache_path("overskill-nb", appauthor=False))
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (home / name).mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            (folder / name).symlink_to(home / name, target_is_directory=True)
    return folder


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """One process of a parallel run at a time."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
