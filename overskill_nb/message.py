"""The base of all messages of the protocol."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """Base of all messages. Unknown fields are refused, so that the two sides cannot drift apart unseen."""
