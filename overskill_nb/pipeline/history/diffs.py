"""What became of files, as git tells it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from ...protocol_history import FileDiff
from .trees import Flat, shown

MAX_TEXT_BYTES = 1024 * 1024
"""A larger file is not shown line by line."""


def text_of(data: bytes) -> str | None:
    """A file's text; None where it is none."""
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def between(before: Flat, after: Flat, path: bytes, old: bytes, new: bytes) -> FileDiff:
    """What became of one file, with its contents."""
    name = shown(path)
    if path not in before:
        return FileDiff(path=name, status="added", text=unified(None, name, old, new))
    if path not in after:
        return FileDiff(path=name, status="removed", text=unified(name, None, old, new))
    return FileDiff(path=name, status="changed", text=unified(name, name, old, new))


def unified(old_name: str | None, new_name: str | None, old: bytes, new: bytes) -> str:
    """A patch that ``git apply`` takes; empty for what is not text."""
    before, after = text_of(old), text_of(new)
    if before is None or after is None or len(old) + len(new) > MAX_TEXT_BYTES:
        return ""
    names = (f"a/{old_name}" if old_name else "/dev/null", f"b/{new_name}" if new_name else "/dev/null")
    return "".join(_lines(before, after, *names))


def _lines(before: str, after: str, old_name: str, new_name: str) -> Iterator[str]:
    # Lines end at line feeds alone, as git has it.
    for line in difflib.unified_diff(_split(before), _split(after), old_name, new_name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _split(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
