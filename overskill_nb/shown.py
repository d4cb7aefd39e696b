"""What a notebook keeps of a preview that it showed: enough to show it again on a page without the notebook.

It stands in the metadata of the cell's output, which front ends keep and nobody compares, under the name ``overskill``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .redaction import of_environment, redacted

NAME = "overskill"
VIEW = "application/vnd.jupyter.widget-view+json"
"""The type of an output that is a widget."""
MOST_BYTES = 100_000
"""Props beyond this are not kept: a notebook is read by people, and kept by git."""


class Shown(msgspec.Struct, omit_defaults=True):
    """A preview as it was displayed."""

    folder: str
    """The app's, seen from the notebook's; with slashes."""
    title: str
    module: str = ""
    """Module id of the component; empty for the whole app."""
    export: str = ""
    props: dict[str, Any] = {}
    functions: list[str] = []
    """Names of the function props that Python answered."""
    allow: list[str] = []
    height: int = 0
    device: str = ""
    props_bytes: int = 0
    """Size of props that were too much to be kept; 0 where they were."""
    id: str = ""
    """The app's, where it is known: it says where the app is, on this machine."""


class _Kept(msgspec.Struct):
    previews: list[Shown]


def keep(*previews: Shown) -> dict[str, Any]:
    """What goes into an output's metadata."""
    kept: dict[str, Any] = msgspec.to_builtins(_Kept([_small(shown) for shown in previews]))
    return kept


def kept(metadata: Mapping[str, Any]) -> list[Shown]:
    """What an output's metadata say was shown; empty for what is none of ours."""
    try:
        return msgspec.convert(metadata.get(NAME), _Kept).previews
    except msgspec.ValidationError:
        return []


def _small(shown: Shown) -> Shown:
    size = len(msgspec.json.encode(shown.props))
    if size > MOST_BYTES:
        return msgspec.structs.replace(shown, props={}, props_bytes=size)
    return msgspec.structs.replace(shown, props=redacted(shown.props, of_environment()))
