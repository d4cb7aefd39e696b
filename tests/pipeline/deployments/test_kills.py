"""Whoever deploys is killed, and whoever comes next finishes it. ``benchmarks/deploy/kills.py`` has the whole table."""

from __future__ import annotations

from pathlib import Path

import pytest
from deployments_child import Nursery
from deployments_kills import SCENARIOS, Kills, Trial, at_random, boundaries
from deployments_world import World
from postgres_cluster import NoPostgres, programs

QUICK = [
    *boundaries("again", 0),
    *(
        Trial("again", f"{when} commit {n}", {"on": "commit", "when": when, "n": n})
        for n in (2, 5)
        for when in ("before", "after")
    ),
    *at_random(6, seed=7, scenarios=SCENARIOS[:6]),
]
WITH_GITHUB = [
    *(Trial("sync", f"{when} exchange", {"on": "exchange", "when": when, "n": 1}) for when in ("before", "after")),
    *(
        # Before a call is, but for what was written down between, after the one before it.
        Trial("production again", f"{when} {call}", {"on": call, "when": when, "n": 1})
        for when, call in (
            ("before", "dispatch"),
            *(("after", call) for call in ("prepare", "dispatch", "follow", "adopt", "capture")),
        )
    ),
    *(Trial("stop", f"{when} stop", {"on": "stop", "when": when, "n": 1}) for when in ("before", "after")),
]


def share(trials: list[Trial], database_url: str) -> list[Trial]:
    """A database's half: before one call, after the next, and so on. The other database has the rest, where it is."""
    try:
        programs()
    except NoPostgres:
        return trials
    return [trial for at, trial in enumerate(trials) if (at % 4 in {1, 2}) is bool(database_url)]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_nothing_is_lost_stuck_or_live_twice(tmp_path: Path, world: World, nursery: Nursery, database_url: str) -> None:
    kills = Kills(tmp_path, world, nursery, database_url)
    trials = share(QUICK, database_url)
    for trial in trials:
        kills.run(trial)
    kills.finish()
    assert kills.said == []
    assert kills.landed >= len(trials) // 2


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_no_commit_or_dispatch_is_lost_or_made_twice(
    tmp_path: Path, world: World, nursery: Nursery, database_url: str
) -> None:
    kills = Kills(tmp_path, world, nursery, database_url)
    trials = share(WITH_GITHUB, database_url)
    for trial in trials:
        kills.run(trial)
    kills.finish()
    assert kills.said == []
    assert kills.landed >= len(trials) // 2
