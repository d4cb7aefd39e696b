"""Code inside a tool's arguments, as it arrives: JSON that is not whole yet."""

from __future__ import annotations

import json
import re

_CODE = re.compile(r'"(?:content|new)"\s*:\s*"')
_PATH = re.compile(r'"path"\s*:\s*"((?:[^"\\]|\\.)*)"')


class CodeInArguments:
    """Follows the arguments of one call, and gives what is new of the code in them."""

    def __init__(self) -> None:
        self._text = ""
        self._at = -1
        """Where in the arguments the code goes on; -1 before it began."""
        self._over = False

    def feed(self, delta: str) -> tuple[str, str]:
        """More of the arguments; the code that came with it, and the file that it is for."""
        self._text += delta
        if self._over:
            return "", ""
        if self._at < 0:
            found = _CODE.search(self._text)
            if not found:
                return "", ""
            self._at = found.end()
        end = self._at
        while end < len(self._text):
            character = self._text[end]
            if character == '"':
                self._over = True
                break
            width = 1
            if character == "\\":
                width = 6 if self._text[end + 1 : end + 2] == "u" else 2
                if end + width > len(self._text):
                    break
            end += width
        raw, self._at = self._text[self._at : end], end
        path = _PATH.search(self._text)
        return _plain(raw), _plain(path[1]) if path else ""


def _plain(raw: str) -> str:
    try:
        return str(json.loads(f'"{raw}"', strict=False)).encode("utf-8", "replace").decode()
    except ValueError:
        return raw
