"""The shape of what clients say about a script. Values have checks of their own; see ``uploads``."""

from __future__ import annotations

from typing import Any

import msgspec

from .envelope import ApiError


class _AssetConfig(msgspec.Struct):
    html_handling: str | None = None
    not_found_handling: str | None = None
    run_worker_first: bool | list[str] | None = None
    headers: str | None = msgspec.field(name="_headers", default=None)
    redirects: str | None = msgspec.field(name="_redirects", default=None)


class _Assets(msgspec.Struct):
    jwt: str | None = None
    config: _AssetConfig | None = None


class _Metadata(msgspec.Struct):
    main_module: str | None = None
    body_part: str | None = None
    compatibility_date: str | None = None
    compatibility_flags: list[str] | None = None
    bindings: list[dict[str, Any]] | None = None
    tags: list[str] | None = None
    assets: _Assets | None = None
    keep_assets: bool | None = None
    keep_bindings: list[str] | None = None


def read(text: bytes, what: str) -> dict[str, Any]:
    """The metadata of an upload, or settings, as they were sent but for what is null."""
    try:
        found = msgspec.json.decode(text)
        msgspec.convert(found, _Metadata)
    except msgspec.DecodeError as error:  # a value of another type is one too
        raise ApiError(400, 10026, f"The {what} cannot be read: {error}") from error
    given = _present(found)
    if given.get("assets") is not None and given["assets"].get("config") is not None:
        given["assets"] = {**given["assets"], "config": _present(given["assets"]["config"])}
    return given


def _present(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if value is not None}
