"""The expression ``hashFiles()``: one hash over the files that patterns name."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path


def hash_files(workspace: Path, patterns: Sequence[str]) -> str:
    """Empty where no file is named. A pattern that begins with ``!`` takes files out again."""
    chosen: dict[str, Path] = {}
    there = _files(workspace)
    for line in (line.strip() for pattern in patterns for line in pattern.splitlines()):
        if not line or line.startswith("#"):
            continue
        matching = _pattern(line.removeprefix("!").removeprefix("./"))
        for path, file in there.items():
            if matching.fullmatch(path):
                if line.startswith("!"):
                    chosen.pop(path, None)
                else:
                    chosen[path] = file
    if not chosen:
        return ""
    whole = hashlib.sha256()
    for _, file in sorted(chosen.items()):
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _files(workspace: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder, below, names in os.walk(workspace):
        below[:] = [name for name in below if name != ".git"]
        for name in names:
            file = Path(folder) / name
            if file.is_file():
                found[file.relative_to(workspace).as_posix()] = file
    return found


def _pattern(glob: str) -> re.Pattern[str]:
    made = ""
    for piece in re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]]*\]|.", glob):
        made += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(piece) or (
            piece.replace("[!", "[^") if len(piece) > 1 else re.escape(piece)
        )
    return re.compile(made)
