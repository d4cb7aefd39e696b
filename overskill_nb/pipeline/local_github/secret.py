"""Secrets of Actions. They come in sealed boxes, are kept in them, and are opened for a run alone."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from .api import OfRepository
from .database import now
from .refusal import ApiError, not_found
from .repositories import Repository
from .state import State

_NAME = re.compile(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*", re.IGNORECASE)
MAX_BYTES = 48 * 1024


def key_id(key: bytes) -> str:
    """The public key's name."""
    public = bytes(PrivateKey(key).public_key)
    return str(int.from_bytes(hashlib.sha256(public).digest()[:8], "big"))


def unseal(key: bytes, sealed: str) -> str:
    """What is in a sealed box."""
    return SealedBox(PrivateKey(key)).decrypt(base64.b64decode(sealed)).decode()


def of_run(state: State, repository: Repository) -> dict[str, str]:
    """A repository's secrets, open."""
    rows = state.database.all("SELECT name, value FROM secrets WHERE repository = ? ORDER BY name", repository.id)
    return {row["name"]: unseal(state.box_key, row["value"]) for row in rows}


def check_name(name: str, what: str) -> str:
    """A secret's or variable's name, in capitals as GitHub keeps it."""
    if not _NAME.fullmatch(name):
        raise ApiError(
            422,
            f"{what} names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). Spaces "
            "are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_). Must not start with GITHUB_.",
        )
    return name.upper()


class PublicKey(OfRepository):
    """What clients seal secrets with."""

    def get(self, **_: str) -> None:
        public = bytes(PrivateKey(self.state.box_key).public_key)
        self.answer({"key_id": key_id(self.state.box_key), "key": base64.b64encode(public).decode()})


class Secrets(OfRepository):
    """The names of all; nobody gets a value back."""

    def get(self, **_: str) -> None:
        rows = self.state.database.all("SELECT * FROM secrets WHERE repository = ? ORDER BY name", self.repository.id)
        self.answer({"total_count": len(rows), "secrets": [_shown(row) for row in self.page(rows)]})


class OneSecret(OfRepository):
    def get(self, name: str, **_: str) -> None:
        self.answer(_shown(self._find(name)))

    def put(self, name: str, **_: str) -> None:
        name = check_name(name, "Secret")
        given = self.fields()
        sealed, key = given.get("encrypted_value"), given.get("key_id")
        if not isinstance(sealed, str) or str(key) != key_id(self.state.box_key):
            raise ApiError(422, "The key_id does not match the repository's public key; ask for it again.")
        try:
            opened = unseal(self.state.box_key, sealed)
        except (CryptoError, binascii.Error, ValueError, TypeError) as error:
            raise ApiError(422, "Bad request - Missing or invalid encrypted_value") from error
        if len(opened.encode()) > MAX_BYTES:
            raise ApiError(422, "Secret value is too large")
        at = now()
        row = self.state.database.one(
            "SELECT name FROM secrets WHERE repository = ? AND name = ?", self.repository.id, name
        )
        self.state.database.run(
            "INSERT INTO secrets VALUES (?, ?, ?, ?, ?) ON CONFLICT (repository, name) DO UPDATE SET "
            "value = excluded.value, updated_at = excluded.updated_at",
            self.repository.id,
            name,
            sealed,
            at,
            at,
        )
        if row:
            self.nothing()
        else:
            self.answer({}, 201)

    def delete(self, name: str, **_: str) -> None:
        row = self._find(name)
        self.state.database.run(
            "DELETE FROM secrets WHERE repository = ? AND name = ?", self.repository.id, row["name"]
        )
        self.nothing()

    def _find(self, name: str) -> Any:
        row = self.state.database.one(
            "SELECT * FROM secrets WHERE repository = ? AND name = ?", self.repository.id, name.upper()
        )
        if row is None:
            raise not_found()
        return row


def _shown(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in ("name", "created_at", "updated_at")}
