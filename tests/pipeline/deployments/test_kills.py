"""Whoever deploys is killed, and whoever comes next finishes it. ``benchmarks/deploy/kills.py`` has the whole table."""

from __future__ import annotations

from pathlib import Path

import pytest
from deployments_child import Nursery
from deployments_kills import Kills, Trial, at_random, boundaries
from deployments_world import World

QUICK = [
    *boundaries("again", 0),
    *(
        Trial("again", f"{when} commit {n}", {"on": "commit", "when": when, "n": n})
        for n in (2, 5)
        for when in ("before", "after")
    ),
    *at_random(6, seed=7),
]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_nothing_is_lost_stuck_or_live_twice(tmp_path: Path, world: World, database_url: str) -> None:
    with Nursery.open() as nursery:
        kills = Kills(tmp_path, world, nursery, database_url)
        for trial in QUICK if not database_url else QUICK[::2]:
            kills.run(trial)
        kills.finish()
    assert kills.said == []
    assert kills.landed >= len(QUICK) // 3
