"""What changed, as a unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ...protocol_generation import GeneratedFile


def unified(files: Iterable[GeneratedFile]) -> str:
    """All files' differences in one text."""
    out: list[str] = []
    for file in sorted(files, key=lambda file: file.path):
        before, after = (text.splitlines() if text else [] for text in (file.before, file.after))
        old = f"a/{file.path}" if file.before is not None else "/dev/null"
        new = f"b/{file.path}" if file.after is not None else "/dev/null"
        out.extend(difflib.unified_diff(before, after, old, new, lineterm="", n=3))
    return "\n".join(out) + "\n" if out else ""
