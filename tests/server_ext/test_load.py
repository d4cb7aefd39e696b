"""Many followers at once; ``benchmarks/hot/load.py`` runs the large loads and prints what they take."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).resolve().parents[2] / "benchmarks/hot/load.py"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("load", FILE)
    assert spec
    assert spec.loader
    module = sys.modules["load"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize(("apps", "followers"), [(1, 40), (5, 4)])
async def test_every_follower_ends_with_the_last_edit(bench: ModuleType, apps: int, followers: int) -> None:
    figures = await bench.load(apps, followers, edits=20, seconds=1)
    assert (figures.wrong, figures.snapshots) == (0, 0)
    assert figures.server_mb_peak < figures.server_mb_before + 20
