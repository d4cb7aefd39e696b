"""Origins that an app may reach from its preview."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import AppError

_ORIGIN = re.compile(
    r"(https?|wss?)://"
    r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
    r"(:[0-9]{1,5})?",
    re.IGNORECASE,
)


def checked(origins: Sequence[str]) -> list[str]:
    """The list, when each entry is an origin such as ``https://api.example.com``. Raises AppError."""
    for origin in origins:
        if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin):
            raise AppError(
                f"{origin!r} in allow= is not an origin; write it as 'https://api.example.com', without a path."
            )
    return sorted({origin.lower() for origin in origins})
