"""Keeps secrets out of logs."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from urllib.parse import quote

MASK = "***"


class Masks:
    """What must not be seen: secrets as they are, and as they look in base64, JSON and addresses."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._hidden: set[str] = set()
        self._ordered: list[str] = []
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        if not secret.strip():
            return
        lines = [line.strip() for line in secret.splitlines()]
        # A line such as "}" of a key file would black out everything.
        for value in {secret, secret.strip(), *(line for line in lines if len(line) > 3)}:
            self._hidden.update(_forms(value))
        self._ordered = sorted(self._hidden, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for hidden in self._ordered:
            if hidden in text:
                text = text.replace(hidden, MASK)
        return text


def _forms(value: str) -> set[str]:
    found = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], quote(value, safe="")}
    raw = value.encode()
    if len(raw) > 5:
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # In the middle of something else it may begin at any of three places; the edges mix with what is around.
            for before in range(3):
                text = encode(b"\0" * before + raw).decode().rstrip("=")
                end = len(text) - (1 if (before + len(raw)) % 3 else 0)
                found.add(text[(0, 2, 3)[before] : end])
        found.add(base64.b64encode(raw).decode())
    return found
