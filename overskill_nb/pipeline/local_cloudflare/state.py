"""What the parts of the local Cloudflare share."""

from __future__ import annotations

from dataclasses import dataclass

from .blobs import Blobs
from .database import Database
from .runtime import Runtime


@dataclass
class State:
    """One local Cloudflare."""

    database: Database
    blobs: Blobs
    runtime: Runtime
    token: str
    signing_key: bytes
    domains: frozenset[str]
    """What apps' host names end with."""
