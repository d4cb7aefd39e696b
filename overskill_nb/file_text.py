"""The text of a file on its way to disk."""

from __future__ import annotations

from .config import MAX_FILE_BYTES
from .errors import FileError


def as_bytes(path: str, text: str) -> bytes:
    """A file's text as UTF-8. Raises FileError where it is too large or has no such form."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FileError(f"'{path}' was not written: the text has a character that is not Unicode.") from error
    if len(data) > MAX_FILE_BYTES:
        size, most = megabytes(len(data)), megabytes(MAX_FILE_BYTES)
        raise FileError(f"'{path}' was not written: it has {size}, more than {most}.")
    return data


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1024 / 1024:.1f} MB"
