"""What the local GitHub keeps from run to run."""

from __future__ import annotations

import secrets

import msgspec

from .. import stand_in

LOGIN = "me"
"""The one user that the local GitHub has."""


class Address(stand_in.Address):
    """Where it is found, and its keys."""

    box_key: str = msgspec.field(default_factory=lambda: secrets.token_hex(32))
    """Private key that opens the sealed boxes in which secrets arrive."""
