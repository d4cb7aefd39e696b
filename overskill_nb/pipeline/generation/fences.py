"""Takes the fences out of code as it arrives: they are the answer's form, and nothing that a person reads."""

from __future__ import annotations

import re

_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})[^`\n]*\n?")
_MAYBE = re.compile(r"[ \t]*(?:`{0,2}|~{0,2}|(?:`{3,}|~{3,})[^`\n]*)$")


class Unfenced:
    """Text that comes in pieces, without the lines that open or close a block of code."""

    def __init__(self) -> None:
        self._held = ""
        self._at_start = True

    def feed(self, piece: str) -> str:
        """What can be shown once this has come; the beginning of a line that may be a fence is held back."""
        text, self._held = self._held + piece, ""
        out = []
        for line in text.splitlines(keepends=True):
            if self._at_start and not line.endswith("\n") and _MAYBE.match(line):
                self._held = line
                break
            if not (self._at_start and _FENCE.fullmatch(line)):
                out.append(line)
            self._at_start = line.endswith("\n")
        return "".join(out)

    def rest(self) -> str:
        """What was held back and is no fence after all."""
        held, self._held = self._held, ""
        return "" if _FENCE.fullmatch(held) else held
