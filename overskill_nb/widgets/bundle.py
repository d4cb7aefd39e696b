"""The browser code of the widgets, as built into the package."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
LOADER = STATIC / "loader.js"
PREVIEW = STATIC / "preview.js"
PART_BYTES = 2 * 1024 * 1024
"""Size of the pieces in which the bundle goes over comm; some hosts limit a message."""


@lru_cache
def loader() -> str:
    """The small module that each widget carries."""
    return LOADER.read_text("utf-8")


@lru_cache
def preview() -> bytes:
    """The module that does the work, loaded once per page."""
    return PREVIEW.read_bytes()


@lru_cache
def preview_hash() -> str:
    """Names the bundle's content in its URL."""
    return hashlib.sha256(preview()).hexdigest()[:16]
