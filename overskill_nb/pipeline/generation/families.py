"""What is known of models by their names: how much they read, how they are best asked."""

from __future__ import annotations

import re
from typing import NamedTuple


class Family(NamedTuple):
    """How a kind of model is asked."""

    window: int
    """Tokens that it reads and writes together."""
    answer: int
    """Tokens that one answer may have."""
    tools: bool
    """Whether it works with tools; else it writes one file at a time."""
    temperature: float | None
    """None where the model takes none."""
    sees: bool


_LARGE = Family(window=200_000, answer=16_000, tools=True, temperature=0.2, sees=True)
_MEDIUM = Family(window=32_000, answer=8_000, tools=False, temperature=0.1, sees=False)
_SMALL = Family(window=8_000, answer=2_500, tools=False, temperature=0.0, sees=False)

_KNOWN: tuple[tuple[str, Family], ...] = (
    (r"claude", _LARGE._replace(temperature=None)),
    (r"gpt-5|\bo[134](?:-|$)", _LARGE._replace(temperature=None, window=270_000)),
    (r"gpt-4o-mini|gpt-4\.1-(?:mini|nano)|haiku", _LARGE),
    (r"gpt-4|chatgpt", _LARGE._replace(window=120_000)),
    (r"gemini", _LARGE._replace(window=1_000_000)),
    (
        r"(?:deepseek|kimi|glm|minimax|grok|mistral-large|devstral|qwen3-coder|qwen-max)",
        _LARGE._replace(window=120_000, sees=False),
    ),
)
_BILLIONS = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*b(?![a-z])", re.IGNORECASE)


def family(name: str) -> Family:
    """What a model of this name can do. One that says how many billions of parameters it has is judged by that."""
    plain = name.lower()
    size = _BILLIONS.search(plain)
    if size:
        billions = float(size[1])
        if billions < 5:
            return _SMALL
        if billions < 60:
            return _MEDIUM
    for pattern, known in _KNOWN:
        if re.search(pattern, plain):
            return known
    return _MEDIUM


def tokens(text: str) -> int:
    """About how many tokens a text has: rather too many than too few."""
    return len(text.encode()) // 3 + 1
