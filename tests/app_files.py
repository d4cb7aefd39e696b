"""What an app holds on disk, without its history."""

from __future__ import annotations

from pathlib import Path

_HISTORY = {".git", ".gitignore", ".gitattributes", ".overskill"}


def files(root: Path) -> dict[str, bytes]:
    """Path to content."""
    there = [file for file in root.rglob("*") if file.is_file() and not _HISTORY & {*file.parts}]
    return {str(file.relative_to(root)): file.read_bytes() for file in there}
