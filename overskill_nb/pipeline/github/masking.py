"""What secrets look like, and texts without them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..cloudflare.exchange import redact


class Shape(NamedTuple):
    """A kind of secret."""

    name: str
    words: tuple[str, ...]
    """One of them is in every text that holds such a secret, in lower case: what looks for them first is fast."""
    pattern: re.Pattern[str]


def _shape(name: str, words: str, pattern: str) -> Shape:
    return Shape(name, tuple(words.split()), re.compile(pattern))


SHAPES = (
    _shape("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"\bgh[pousr]_[A-Za-z0-9]{36,251}\b"),
    _shape("a GitHub token", "github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{60,244}\b"),
    _shape("a key of Anthropic", "sk-ant-", r"\bsk-ant-[A-Za-z0-9]{2,12}-[A-Za-z0-9_-]{32,}"),
    _shape("a key of OpenAI", "sk-", r"\bsk-(?!ant-)(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,}"),
    _shape("an AWS key", "akia asia", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    _shape(
        "an AWS secret",
        "aws",
        r"(?i)aws.{0,20}(?:secret|private).{0,20}['\"\s:=](?-i:[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    ),
    _shape("a Cloudflare token", "cfk_ cfut_ cfat_", r"\bcf(?:k|ut|at)_[A-Za-z0-9]{40,}"),
    _shape(
        "a Cloudflare token",
        "cloudflare cf_ cf-",
        r"(?i)(?:cloudflare|\bcf)[\w-]{0,20}(?:token|key)['\"]?\s{0,4}[:=]\s{0,4}['\"]?(?-i:[\w-]{37,45})(?![\w-])",
    ),
    _shape("a Google API key", "aiza", r"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    _shape("a Stripe key", "k_live_", r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
    _shape("a Slack token", "xox", r"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    _shape("an npm token", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    _shape("a private key", "-----begin", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
)


def shapes_in(text: str) -> list[Shape]:
    """Kinds of secrets that the text may hold."""
    lower = text.lower()
    return [shape for shape in SHAPES if any(word in lower for word in shape.words)]


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without these secrets, and without what looks like one."""
    for shape in shapes_in(text):
        text = shape.pattern.sub("[redacted]", text)
    return redact(text, *secrets)
