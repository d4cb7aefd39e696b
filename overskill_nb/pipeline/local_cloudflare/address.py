"""What the local Cloudflare keeps from run to run."""

from __future__ import annotations

import secrets

import msgspec

from .. import stand_in

ACCOUNT = "0" * 31 + "1"
"""The one account that the local Cloudflare has."""


class Address(stand_in.Address):
    """Where it is found, and its keys."""

    signing_key: str = msgspec.field(default_factory=lambda: secrets.token_hex(32))
