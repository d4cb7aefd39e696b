"""An app as a zip file that builds anywhere."""

from __future__ import annotations

import os
import stat
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import FileError
from .lockfile import NAME
from .scan import is_secret
from .trees import LINK, SUBMODULE

if TYPE_CHECKING:
    from .history import History

_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every file, so that the same app makes the same zip."""


def write_zip(history: History, commit: str, lock: bytes | None, file: Path) -> int:
    """Write a commit's files, and the lockfile where one is given; how many they are. Raises FileError."""
    tree = history.tree_files(commit)
    kept = {path: side for path, side in tree.items() if side[0] != SUBMODULE and not _left_out(path)}
    names = sorted({*kept, *([NAME] if lock is not None else [])})
    try:
        with tempfile.TemporaryDirectory(prefix=".export-", dir=file.parent) as scratch:
            made = Path(scratch) / file.name
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                for path in names:
                    mode, blob = kept.get(path, (stat.S_IFREG | 0o644, ""))
                    data = lock if path == NAME and lock is not None else history.read(blob)
                    archive.writestr(_entry(path, mode), data)
            os.replace(made, file)
    except OSError as error:
        raise FileError(f"'{file}' cannot be written: {error.strerror}.") from error
    return len(names)


def _left_out(path: str) -> bool:
    return any(is_secret(part.encode("utf-8", "surrogateescape")) for part in path.split("/"))


def _entry(path: str, mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), _TIME)
    entry.create_system = 3  # modes are Unix's, on every system
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (mode | 0o777 if mode == LINK else mode) << 16
    return entry
