"""Redaction: what goes into files that people share, without keys."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

STANDS_FOR = "…"
SHORTEST = 12
"""Characters that a value has at least to be taken for a key."""
_KEY = re.compile(
    r"\b(?:sk|pk|rk|key|api|ghp|gho|ghs|xox[bp]|hf)[-_][A-Za-z0-9_-]{16,}\b|\bgithub_pat_\w{20,}\b|\bAKIA[0-9A-Z]{16}\b"
    r"|\bBearer\s+[A-Za-z0-9._-]{16,}"
)
_NAMED_LIKE_KEYS = re.compile(r"KEY|TOKEN|SECRET|PASSWORD")


def of_environment(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Values of variables that are named like keys."""
    return [text for name, text in environment.items() if _NAMED_LIKE_KEYS.search(name)]


def redacted(value: Any, secrets: Sequence[str] = (), folders: Sequence[tuple[str, str]] = ()) -> Any:
    """A text, or lists and dicts of such, without ``secrets`` and what looks like one.

    ``folders`` are paths of this machine, and what stands for each.
    """
    if isinstance(value, dict):
        return {key: redacted(item, secrets, folders) for key, item in value.items()}
    if isinstance(value, list):
        return [redacted(item, secrets, folders) for item in value]
    if not isinstance(value, str):
        return value
    for folder, stands in folders:
        if len(folder) > 3:
            value = value.replace(folder, stands)
    for text in secrets:
        if len(text) >= SHORTEST:
            value = value.replace(text, STANDS_FOR)
    return _KEY.sub(STANDS_FOR, value)
