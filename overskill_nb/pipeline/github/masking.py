"""Keeps tokens out of what people see: messages, logs, pushed files."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..cloudflare.exchange import redact

SHAPES: tuple[tuple[str, str], ...] = (
    ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{60,244})\b"),
    ("a key of OpenAI", r"\bsk-(?!ant-)(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,}"),
    ("a key of Anthropic", r"\bsk-ant-[A-Za-z0-9-]{2,12}-[A-Za-z0-9_-]{32,}"),
    ("an AWS key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    (
        "an AWS secret",
        r"(?i)aws.{0,20}(?:secret|private).{0,20}['\"\s:=]+(?-i:[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    ),
    ("a Cloudflare token", r"\bcf(?:k|ut|at)_[A-Za-z0-9]{40,}"),
    (
        "a Cloudflare token",
        r"(?i)(?:cloudflare|\bcf)[\w-]{0,20}(?:token|key)['\"]?\s{0,4}[:=]\s{0,4}['\"]?(?-i:[\w-]{37,45})(?![\w-])",
    ),
    ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    ("a Stripe key", r"\b(?:sk|rk)_live_[A-Za-z0-9]{20,}"),
    ("a Slack token", r"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
)
"""What a secret is called, and how it looks."""

_ANY = re.compile("|".join(f"(?:{shape.removeprefix('(?i)')})" for _, shape in SHAPES if not shape.startswith("(?i)")))


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without these secrets, and without what looks like one."""
    return redact(_ANY.sub("[redacted]", text), *secrets)
