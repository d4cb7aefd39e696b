"""Files that are written together, byte by byte: all of them or none."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..config import MAX_FILE_BYTES
from ..errors import FileError, PathError
from . import paths
from .project import Project, digest

_Before = tuple[bytes | None, str, int]
"""What stood at a path: content, or where the link led, and the mode."""


class Replacement:
    """New contents by path; None to remove. Raises PathError, before anything is written, where a path may not be.

    Names that ``paths`` refuses because another system could not have them are taken: they are on this one already.
    """

    def __init__(self, project: Project, files: Mapping[str, bytes | None]) -> None:
        self._project = project
        self._root = project.root
        for path in files:
            _check(path)
        self._files = {path: data for path, data in files.items() if not self._holds(path, data)}
        self.paths = sorted(self._files)
        """Of the files that change."""

    def _holds(self, path: str, data: bytes | None) -> bool:
        file = self._root / path
        if data is None:
            return not os.path.lexists(file)
        return not file.is_symlink() and self._project.holds(file, data)

    def sources(self) -> dict[str, str | None]:
        """Digests of those files that the app's compiler is told of, once they are written; None for what is gone."""
        found: dict[str, str | None] = {}
        for path, data in self._files.items():
            with contextlib.suppress(PathError, OSError):
                self._project.locate(path)
                small = data is None or len(data) <= MAX_FILE_BYTES
                found[path] = (data if data is None else digest(data)) if small else self._project.digest(path)
        return found

    def write(self) -> None:
        """Write them. Where that fails, what was there is put back. Raises FileError."""
        undone: list[tuple[Path, _Before | None]] = []
        try:
            with tempfile.TemporaryDirectory(prefix=".replace-", suffix=".writing", dir=self._root) as scratch:
                staged = self._stage(Path(scratch))
                try:
                    # What is removed may stand where a folder comes to be.
                    for path in [path for path, data in self._files.items() if data is None]:
                        self._remove(self._root / path, undone)
                    for path, file in staged.items():
                        self._put(file, path, undone)
                except BaseException:
                    _undo(undone)
                    raise
        except OSError as error:
            named = f" ('{Path(error.filename).name}')" if error.filename else ""
            raise FileError(f"Nothing was written: {error.strerror or error}{named}.") from error

    def _stage(self, scratch: Path) -> dict[str, Path]:
        staged = {}
        for number, (path, data) in enumerate(self._files.items()):
            if data is not None:
                staged[path] = scratch / f"{number}.writing"
                staged[path].write_bytes(data)
        return staged

    def _remove(self, file: Path, undone: list[tuple[Path, _Before | None]]) -> None:
        if (before := _before(file)) is None:
            return
        file.unlink()
        undone.append((file, before))
        for folder in file.parents:
            if folder == self._root or any(folder.iterdir()):
                break
            folder.rmdir()

    def _put(self, staged: Path, path: str, undone: list[tuple[Path, _Before | None]]) -> None:
        file = self._root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if os.path.realpath(file.parent) != str(file.parent):
            raise FileError(f"Nothing was written: '{path}' goes through a link.")
        if file.is_dir() and not file.is_symlink():
            file.rmdir()  # where it is empty
        before = _before(file)
        if before is not None and not before[1]:
            shutil.copymode(file, staged)
        os.replace(staged, file)
        undone.append((file, before))


def _check(path: str) -> None:
    from dulwich.index import validate_path, validate_path_element_hfs, validate_path_element_ntfs

    raw = path.encode("utf-8", "surrogateescape")
    parts = path.split("/")
    if "\0" in path or any(part in {"", ".", ".."} for part in parts) or (os.sep != "/" and os.sep in path):
        raise PathError(f"The path '{path[:120]}' leads out of the app's folder.")
    ours = {part.rstrip(". ").lower() for part in parts} & paths.RESERVED_FOLDERS
    # Other spellings of .git, by which some system takes a file for it.
    unicode = raw.decode("utf-8", "replace").encode()
    git = validate_path(raw, validate_path_element_ntfs) and validate_path(unicode, validate_path_element_hfs)
    if ours or not git:
        raise PathError(f"The path '{path[:120]}' is not part of the app's sources.")


def _before(file: Path) -> _Before | None:
    try:
        status = file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISLNK(status.st_mode):
        return None, os.readlink(file), 0
    return file.read_bytes(), "", stat.S_IMODE(status.st_mode)


def _undo(undone: list[tuple[Path, _Before | None]]) -> None:
    for file, before in reversed(undone):
        with contextlib.suppress(OSError):
            if before is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            data, link, mode = before
            file.unlink(missing_ok=True)
            if data is None:
                file.symlink_to(link)
            else:
                file.write_bytes(data)
                file.chmod(mode)
