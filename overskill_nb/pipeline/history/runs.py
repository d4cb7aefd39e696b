"""What became one checkpoint."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple


class Run(NamedTuple):
    """Changes of one origin: those of ``paths``, or all that is left."""

    origin: str
    paths: Collection[str] | None = None
    message: str = ""
