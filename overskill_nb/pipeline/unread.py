"""Messages to previews that carry the worker's JSON as it came, without reading it."""

from __future__ import annotations

import msgspec

from ..protocol import Diagnostic, Origin, Vendor


class UnreadUpdate(msgspec.Struct, tag="update", kw_only=True):
    """``protocol.Update`` with the worker's JSON left as it came."""

    app: str
    build: str
    seq: int
    modules: msgspec.Raw
    removed: list[str]
    vendor: list[Vendor]
    globals: list[str] | None
    page: msgspec.Raw
    reload: str
    diagnostics: list[Diagnostic]
    origin: Origin
    sent: float


class UnreadSnapshot(msgspec.Struct, tag="snapshot", kw_only=True):
    """``protocol.Snapshot`` with the worker's JSON left as it came."""

    app: str
    build: str
    seq: int
    page: msgspec.Raw
    entries: list[str]
    globals: list[str]
    vendor: list[Vendor]
    modules: msgspec.Raw
    diagnostics: list[Diagnostic]
