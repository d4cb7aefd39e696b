"""The signed tokens of asset uploads (JWT, HS256), as Cloudflare gives them out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from typing import Any

import msgspec

from .envelope import AUTHENTICATION, ApiError

LIFETIME = 3600


def sign(claims: dict[str, Any], key: bytes) -> str:
    """A token that holds ``claims`` for an hour."""
    now = int(time.time())
    head = _encode(msgspec.json.encode({"alg": "HS256", "typ": "JWT"}))
    body = _encode(msgspec.json.encode({**claims, "iat": now, "exp": now + LIFETIME}))
    return f"{head}.{body}.{_signature(f'{head}.{body}', key)}"


def read(token: str, key: bytes) -> dict[str, Any]:
    """The claims of a token of ours that has not expired."""
    signed, _, signature = token.rpartition(".")
    if not signed or not hmac.compare_digest(_signature(signed, key), signature):
        raise ApiError(401, AUTHENTICATION, "Authentication error: the upload token is not valid")
    try:
        claims = msgspec.json.decode(_decode(signed.split(".")[1]), type=dict[str, Any])
    except (msgspec.DecodeError, binascii.Error, IndexError) as error:
        raise ApiError(401, AUTHENTICATION, "Authentication error: the upload token cannot be read") from error
    if claims.get("exp", 0) < time.time():
        raise ApiError(401, 10410, "The upload token has expired; start the upload session again")
    return claims


def _signature(text: str, key: bytes) -> str:
    return _encode(hmac.new(key, text.encode(), hashlib.sha256).digest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
