"""Which paths a project may use. Names that some other system could not check out are refused on every system."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from ..errors import PathError

RESERVED_FOLDERS = {"node_modules", ".git", ".overskill"}
_RESERVED_NAMES = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
MAX_NAME_BYTES = 200
MAX_PATH_BYTES = 900


def check(path: str) -> tuple[str, ...]:
    """The parts of a relative path, after checking each of them. Raises PathError."""
    if not isinstance(path, str) or not path.strip():
        raise PathError("The path is empty; give one relative to the app's folder, such as 'src/App.tsx'.")
    shown = path if len(path) <= 120 else f"{path[:117]}…"
    if len(path.encode("utf-8", "surrogatepass")) > MAX_PATH_BYTES:
        raise PathError(f"The path '{shown}' is longer than {MAX_PATH_BYTES} bytes; use a shorter one.")
    if path.startswith(("/", "\\", "~")) or re.match(r"^[A-Za-z]:", path):
        raise PathError(f"The path '{shown}' is absolute; give one relative to the app's folder.")
    parts = tuple(path.split("/"))
    for part in parts:
        if part == "..":
            raise PathError(f"The path '{shown}' leads out of the app's folder.")
        if part in {"", "."}:
            raise PathError(f"The path '{shown}' has an empty part; write it as 'folder/file'.")
        if _FORBIDDEN.search(part) or not _is_unicode(part):
            raise PathError(f"The path '{shown}' has a character that file names cannot have on every system.")
        if _RESERVED_NAMES.match(part):
            raise PathError(f"The path '{shown}' uses '{part}', a name that Windows reserves for a device.")
        if part.endswith((".", " ")) or part.startswith(" "):
            raise PathError(f"The path '{shown}' has a part that begins or ends with a blank or ends with a dot.")
        if len(part.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
            raise PathError(f"The path '{shown}' has a name longer than {MAX_NAME_BYTES} bytes; use a shorter one.")
        if part.lower() in RESERVED_FOLDERS:
            raise PathError(f"The path '{shown}' lies in '{part}', which is not part of the app's sources.")
    return parts


def locate(root: Path, path: str) -> Path:
    """The file that ``path`` means below ``root`` (a real path). Raises PathError where it leads out or collides."""
    parts = check(path)
    at = root
    for position, part in enumerate(parts):
        below = at / part
        last = position == len(parts) - 1
        try:
            status = os.lstat(below)
        except FileNotFoundError:
            _refuse_collision(at, part, path)
            return below.joinpath(*parts[position + 1 :])
        except OSError as error:
            raise PathError(f"The path '{path}' cannot be used: {error.strerror}.") from error
        if stat.S_ISLNK(status.st_mode):
            try:
                real = below.resolve()
                status = real.stat() if real.exists() else status
            except (OSError, RuntimeError) as error:  # links in a ring
                raise PathError(f"The path '{path}' goes through a link that leads nowhere.") from error
            if not real.is_relative_to(root):
                raise PathError(f"The path '{path}' goes through a link that leads out of the app's folder.")
            if stat.S_ISLNK(status.st_mode) and real.is_symlink():
                raise PathError(f"The path '{path}' goes through a link that leads nowhere.")
        elif _ignores_case(at, part, status):
            _refuse_collision(at, part, path)
        if last and stat.S_ISDIR(status.st_mode):
            raise PathError(f"The path '{path}' is a folder; give a file's path.")
        if last and not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            raise PathError(f"The path '{path}' is a device or a pipe, not a file.")
        if not last and not stat.S_ISDIR(status.st_mode):
            raise PathError(f"The path '{path}' goes through '{part}', which is a file.")
        at = below
    return at


def check_together(paths: Iterable[str]) -> None:
    """Refuse files that cannot stand side by side, before any of them is written. Raises PathError."""
    spelt: dict[str, str] = {}
    files: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            at = "/".join(parts[:end])
            other = spelt.setdefault(at.casefold(), at)
            if other != at:
                raise PathError(f"The paths '{other}' and '{at}' differ only in upper and lower case.")
            (files if end == len(parts) else folders).add(at)
    for both in sorted(files & folders):
        raise PathError(f"The path '{both}' cannot be a file and a folder at once.")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _ignores_case(folder: Path, name: str, status: os.stat_result) -> bool:
    """Whether the file system took ``name`` for another spelling of a file's name."""
    try:
        return os.path.samestat(os.lstat(folder / name.swapcase()), status) and name.swapcase() != name
    except OSError:
        return False


def _refuse_collision(folder: Path, name: str, path: str) -> None:
    if not folder.is_dir():
        return
    folded = name.casefold()
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise PathError(f"The path '{path}' cannot be used: {error.strerror}.") from error
    for there in names:
        if there != name and there.casefold() == folded:
            raise PathError(
                f"The path '{path}' differs from the existing '{there}' only in upper and lower case; "
                "such files cannot stand side by side on every system."
            )
