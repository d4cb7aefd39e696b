"""What is agreed on when files are about to be uploaded: which are missing, and the tokens for them."""

from __future__ import annotations

import base64
from typing import Any

import msgspec


class Asset(msgspec.Struct):
    """A file's entry in the manifest of an upload session."""

    hash: str
    size: int


class AssetSession(msgspec.Struct):
    """What an upload session wants: its token, and the hashes that are missing, in buckets."""

    jwt: str
    buckets: list[list[str]] = []

    def __repr__(self) -> str:
        return f"AssetSession(buckets={self.buckets!r})"

    @property
    def claims(self) -> dict[str, Any]:
        """What the token says of itself; empty where it says nothing readable."""
        return claims(self.jwt)


def claims(jwt: str) -> dict[str, Any]:
    """The payload of a token; nobody checks its signature, since it is only read for when it ends."""
    try:
        payload = jwt.split(".")[1]
        return msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=dict[str, Any])
    except (IndexError, ValueError, msgspec.MsgspecError):
        return {}


def expired(jwt: str, now: float) -> bool:
    """Whether a token has ended, or will within a minute."""
    ends = claims(jwt).get("exp")
    return isinstance(ends, (int, float)) and ends < now + 60


def is_session(result: Any) -> bool:
    """Whether an answer's result is a session."""
    try:
        return bool(msgspec.convert(result, AssetSession).jwt)
    except msgspec.ValidationError:
        return False
