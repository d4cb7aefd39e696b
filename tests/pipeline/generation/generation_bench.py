"""The tables of ``benchmarks/generate``, and what the tests of them share."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

Change = tuple[str, str]
"""Of a text: what is there, and what comes in its place."""

BENCH = Path(__file__).resolve().parents[3] / "benchmarks/generate"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCH / f"{name}.py")
    assert spec
    assert spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def changed(code: str, *changes: Change) -> str:
    """A text with changes, each of which finds its place."""
    for old, new in changes:
        assert old in code, old
        code = code.replace(old, new)
    return code
