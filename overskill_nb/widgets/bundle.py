"""The browser code of the widgets, as built into the package."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from ..errors import EngineError

STATIC = Path(__file__).parent / "static"
LOADER = STATIC / "loader.js"
PREVIEW = STATIC / "preview.js"
EDITOR = STATIC / "editor.js"
HANDOVER = STATIC / "handover.js"
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
    return _hash(preview())


@lru_cache
def editor() -> bytes:
    """The script of the visual editor's canvas, loaded once per page that shows one."""
    try:
        return EDITOR.read_bytes()
    except FileNotFoundError as error:
        raise EngineError("The package was installed without its visual editor; reinstall overskill-nb.") from error


@lru_cache
def editor_hash() -> str:
    """Names that script's content."""
    return _hash(editor())


@lru_cache
def handover() -> str:
    """The script of a page that shows previews without a notebook."""
    try:
        return HANDOVER.read_text("utf-8")
    except FileNotFoundError as error:
        raise EngineError("The package was installed without its JavaScript; reinstall overskill-nb.") from error


def by_hash(wanted: str) -> bytes | None:
    """The bundle of that name; None for one of another version."""
    if wanted == preview_hash():
        return preview()
    return editor() if EDITOR.is_file() and wanted == editor_hash() else None


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
