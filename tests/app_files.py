"""What an app holds on disk, without its history."""

from __future__ import annotations

import os
from pathlib import Path


def files(root: Path) -> dict[str, bytes]:
    """Path to content. The repository is left out, and what it is made in: both come and go beside a test."""
    found = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git" and not name.endswith(".writing")]
        for name in names:
            file = Path(folder) / name
            found[file.relative_to(root).as_posix()] = file.read_bytes()
    return found
