"""Where the local GitHub of a run of tests is."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Started(NamedTuple):
    """A local GitHub that runs for this whole run of tests."""

    port: int
    token: str
    folder: Path
