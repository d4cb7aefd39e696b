"""Where a folder's local GitHub is found, and what it wants to be shown: ``address.json``, for this user only."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

import msgspec

FILE = "address.json"
LOGIN = "me"
"""The one user that the local GitHub has."""


class Address(msgspec.Struct):
    """Kept from run to run."""

    port: int = 0
    """The port that it had last."""
    pid: int = 0
    """The process that listens there; 0 while it starts."""
    token: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(30))
    box_key: str = msgspec.field(default_factory=lambda: secrets.token_hex(32))
    """Private key that opens the sealed boxes in which secrets arrive."""

    @classmethod
    def load(cls, folder: Path) -> Address:
        """The folder's, or a new one where there is none."""
        try:
            return msgspec.json.decode((folder / FILE).read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError):
            made = cls()
            made.save(folder)
            return made

    def save(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(prefix=".address-", dir=folder)  # 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(self))
        os.replace(name, folder / FILE)
