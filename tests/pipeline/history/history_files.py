"""What the tests of histories share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Git = Callable[..., str]


def write(folder: Path, path: str, content: str | bytes) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


SOURCES = [".env.example", ".gitignore", "package.json", "src/App.tsx", "src/components/Tip.tsx"]
"""What of ``root`` is part of its history."""


def fine(git: Git, folder: Path) -> None:
    """Nothing is left for git to say."""
    assert git(folder, "status", "--porcelain") == ""
    assert "error" not in git(folder, "fsck", "--full", "--strict", "--no-dangling")
