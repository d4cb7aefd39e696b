"""An app's files on disk. Disk is the source of truth; nothing here knows of compilers or previews."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..config import MAX_FILE_BYTES, STATE_FOLDER, app_id
from ..errors import AppError, EditError, FileError, PathError
from ..file_text import megabytes
from . import paths

TEMPLATE = Path(__file__).parent / "template"
BEING_WRITTEN = re.compile(r"\..*\.writing")
"""Files and folders of ours that are there for a moment."""
SKIPPED_FOLDERS = {"node_modules", ".git", STATE_FOLDER, "dist", ".vite", ".ipynb_checkpoints", "__pycache__"}

COMPONENT_SUFFIXES = (".tsx", ".jsx", ".ts", ".js")


class Project:
    """One app: an ordinary Vite + React project in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.id = app_id(self.root)
        self.name = self.root.name

    @classmethod
    def open(cls, folder: Path) -> Project:
        """An existing project. Raises AppError where the folder is none."""
        if not folder.is_dir():
            raise AppError(f"There is no folder '{folder}'; App('{folder.name}') makes an app of that name.")
        project = cls(folder)
        looked_for = ("index.html", "src/main.tsx", "src/main.jsx", "src/main.ts", "src/main.js", "package.json", "src")
        if not any((project.root / name).exists() for name in looked_for):
            raise AppError(
                f"The folder '{folder}' holds no app: it has neither index.html nor package.json nor src/. "
                f"App('{folder.name}') makes one from the template in an empty folder."
            )
        return project

    @classmethod
    def create(cls, folder: Path) -> Project:
        """A new project from the template, in a folder that does not exist yet or is empty."""
        try:
            paths.check(folder.name)
        except PathError as error:
            raise AppError(f"'{folder.name}' cannot be an app's name: {error}") from error
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise AppError(f"'{folder}' exists already and is not an empty folder.")
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            # Built beside its place and moved there, so that a half-made app is never seen.
            with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as scratch:
                made = Path(scratch) / folder.name
                shutil.copytree(TEMPLATE, made)
                os.rename(made / "gitignore", made / ".gitignore")
                for name in ("package.json", "index.html"):
                    text = (made / name).read_text("utf-8")
                    (made / name).write_text(text.replace("__NAME__", _package_name(folder.name)), "utf-8")
                if folder.exists():
                    folder.rmdir()
                os.rename(made, folder)
        except OSError as error:
            raise AppError(f"The app '{folder.name}' cannot be made in '{folder.parent}': {error.strerror}.") from error
        return cls(folder)

    def files(self) -> list[str]:
        """Paths of the app's files, sorted, without packages, build output and version control."""
        return sorted(self._walk(self.root, ""))

    def _walk(self, folder: Path, prefix: str) -> Iterator[str]:
        try:
            entries = list(os.scandir(folder))
        except OSError:
            return
        for entry in entries:
            if BEING_WRITTEN.fullmatch(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED_FOLDERS:
                    yield from self._walk(Path(entry.path), f"{prefix}{entry.name}/")
            elif entry.is_file():
                yield prefix + entry.name

    def place_of(self, component: str) -> str:
        """Where a component of this name is, or goes. Raises AppError where several files could be it."""
        names = {component + suffix for suffix in COMPONENT_SUFFIXES}
        there = sorted(path for path in self._walk(self.root, "") if path.rpartition("/")[2] in names)
        if len(there) > 1:
            raise AppError(f"There are several files for '{component}': {', '.join(there)}. Say which with --path.")
        return there[0] if there else f"src/components/{component}.tsx"

    def locate(self, path: str) -> Path:
        """The file for a path in the app, checked. Raises PathError."""
        return paths.locate(self.root, path)

    def read(self, path: str) -> str:
        """A file's text. Raises FileError where there is none, or it is too large or not UTF-8."""
        file = self.locate(path)
        try:
            size = file.stat().st_size
            if size > MAX_FILE_BYTES:
                raise FileError(
                    f"'{path}' has {megabytes(size)}; files above {megabytes(MAX_FILE_BYTES)} are not read."
                )
            return file.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            raise FileError(f"There is no file '{path}' in {self.name}.") from None
        except UnicodeDecodeError as error:
            raise FileError(f"'{path}' is not UTF-8 text (byte {error.start}).") from None
        except OSError as error:
            raise FileError(f"'{path}' cannot be read: {error.strerror}.") from error

    def holds(self, file: Path, data: bytes) -> bool:
        """Whether the file has this content already."""
        try:
            return file.stat().st_size == len(data) and file.read_bytes() == data
        except OSError:
            return False

    def digest(self, path: str) -> str:
        """Names a file's content; what is too large to be a source is named by its time and size instead."""
        file = self.locate(path)
        status = file.stat()
        if status.st_size > MAX_FILE_BYTES:
            return f"{status.st_mtime_ns}:{status.st_size}"
        return digest(file.read_bytes())

    def write(self, file: Path, data: bytes) -> None:
        """Write a located file, all or nothing: readers see the old content or the new, never a part."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            target = file.resolve() if file.is_symlink() else file
            scratch = target.with_name(f".{target.name}.{os.getpid()}.writing")
            try:
                scratch.write_bytes(data)
                if target.exists():
                    shutil.copymode(target, scratch)
                os.replace(scratch, target)
            finally:
                scratch.unlink(missing_ok=True)
        except OSError as error:
            raise FileError(f"'{self.relative(file)}' cannot be written: {error.strerror}.") from error

    def delete(self, path: str) -> None:
        """Remove a file, and folders that become empty with it. Raises FileError where there is none."""
        file = self.locate(path)
        try:
            file.unlink()
        except FileNotFoundError:
            raise FileError(f"There is no file '{path}' in {self.name}.") from None
        except OSError as error:
            raise FileError(f"'{path}' cannot be deleted: {error.strerror}.") from error
        self._prune(file)

    def rename(self, path: str, to: str) -> None:
        """Move a file. Raises FileError where there is none, or one stands at the new path."""
        source = self.locate(path)
        if not source.exists():
            raise FileError(f"There is no file '{path}' in {self.name}.")
        folder, _, name = path.rpartition("/")
        to_folder, _, to_name = to.rpartition("/")
        # Another spelling of the same name collides with nothing but itself.
        respelt = folder == to_folder and name != to_name and name.casefold() == to_name.casefold()
        target = source.with_name(paths.check(to)[-1]) if respelt else self.locate(to)
        if target.exists() and not (respelt and source.samefile(target)):
            raise FileError(f"'{path}' was not renamed: there is a file '{to}' already.")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(source, target)
        except OSError as error:
            raise FileError(f"'{path}' cannot be renamed to '{to}': {error.strerror}.") from error
        self._prune(source)

    def _prune(self, removed: Path) -> None:
        """Remove folders that became empty."""
        for folder in removed.parents:
            if folder == self.root or any(folder.iterdir()):
                break
            folder.rmdir()

    def edited(self, path: str, old: str, new: str) -> str:
        """The file's text with ``old`` replaced by ``new``. Raises EditError unless ``old`` stands there once."""
        if not old:
            raise EditError(f"'{path}' was not changed: the text to replace is empty.")
        text = self.read(path)
        count = text.count(old)
        if count != 1:
            shown = old if len(old) <= 80 else f"{old[:77]}…"
            found = (
                "does not stand in it" if count == 0 else f"stands in it {count} times; give more of its surroundings"
            )
            raise EditError(f"'{path}' was not changed: {shown!r} {found}.")
        return text.replace(old, new)

    def relative(self, file: Path) -> str:
        """A file's path in the app, with forward slashes."""
        return file.relative_to(self.root).as_posix()


def digest(data: bytes) -> str:
    """Names a content, to tell an echo from a change."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _package_name(name: str) -> str:
    """A folder's name as npm allows it for a package."""
    allowed = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name.lower())
    return allowed.strip("-_.") or "app"
