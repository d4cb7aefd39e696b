"""What expressions work on, and how GitHub turns one kind into another."""

from __future__ import annotations

import json
import math
import re
from typing import Any

Value = Any
"""None, a bool, a float or int, a str, a list or a dict."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def number(value: Value) -> float:
    """As a number; NaN where it is none."""
    if value is None:
        return 0.0
    if isinstance(value, (bool, int, float)):
        return float(value)
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return 0.0
        if re.fullmatch(r"0x[0-9a-fA-F]+", text):
            return float(int(text, 16))
        if re.fullmatch(r"0o[0-7]+", text):
            return float(int(text, 8))
        if _NUMBER.fullmatch(text):
            return float(text)
        if text in {"Infinity", "+Infinity", "-Infinity"}:
            return -math.inf if text[0] == "-" else math.inf
    return math.nan


def text(value: Value) -> str:
    """As text, as it stands where an expression was."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, str):
        return value
    return "Array" if isinstance(value, list) else "Object"


def truthy(value: Value) -> bool:
    if value is None or value == "" or value is False:
        return False
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value != 0 and not math.isnan(value)
    return True


def equal(left: Value, right: Value) -> bool:
    """GitHub's ``==``: texts without regard to case, kinds that differ as numbers."""
    if isinstance(left, str) and isinstance(right, str):
        return left.upper() == right.upper()
    if isinstance(left, (list, dict)) or isinstance(right, (list, dict)):
        return left is right
    if left is None and right is None:
        return True
    return number(left) == number(right)


def less(left: Value, right: Value, *, or_equal: bool) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        one, other = left.upper(), right.upper()
        return one < other or (or_equal and one == other)
    if isinstance(left, (list, dict)) or isinstance(right, (list, dict)):
        return or_equal and left is right
    first, second = number(left), number(right)
    return first < second or (or_equal and first == second)


def member(value: Value, key: Value) -> Value:
    """What is at a key; nothing where there is none."""
    if isinstance(value, dict):
        wanted = text(key)
        if wanted in value:
            return value[wanted]
        return next((found for name, found in value.items() if name.upper() == wanted.upper()), None)
    if isinstance(value, list):
        at = number(key)
        if not math.isnan(at) and 0 <= int(at) < len(value):
            return value[int(at)]
    return None


def as_json(value: Value) -> str:
    def plain(value: Value) -> Value:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, dict):
            return {name: plain(found) for name, found in value.items()}
        return [plain(found) for found in value] if isinstance(value, list) else value

    return json.dumps(plain(value), indent=2, ensure_ascii=False)
