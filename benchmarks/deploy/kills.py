#!/usr/bin/env python3
"""Kill -9 at every step boundary of every kind of deployment, and at random, on SQLite and on Postgres.

A boundary is: before and after each call to the build, the target and GitHub, and before and after each commit of a
database.
After each kill another process goes on. Then every deployment that was acknowledged must be written down and ended,
none may have failed, no environment may have two that are live, and what is served must be what is written down. GitHub
must have each commit once, no workflow may have been started twice, and none may run on for a deployment that ended.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from deployments_child import Nursery  # noqa: E402
from deployments_kills import SCENARIOS, Kills, at_random, boundaries  # noqa: E402
from deployments_world import World  # noqa: E402
from postgres_cluster import cluster  # noqa: E402

FAULTS = (
    "lost", "stuck", "failed", "live twice", "untrue", "at once", "second dispatch", "second commit", "left running",
    "broken",
)  # fmt: skip


def measure(database: str, url: str, every: int, count: int, seed: int, scenarios: tuple[str, ...]) -> dict[str, Any]:
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="overskill-kills-") as folder,
        World.running() as world,
        Nursery.open() as nursery,
    ):
        kills = Kills(Path(folder), world, nursery, url)
        trials = []
        for scenario in scenarios:
            trials += boundaries(scenario, kills.commits(scenario), 1 if scenario == "again" else every)
        chosen = len(trials)
        trials += at_random(count, seed, scenarios=scenarios)
        for number, trial in enumerate(trials, 1):
            kills.run(trial)
            if number % 25 == 0:
                print(f"{database}: {number} of {len(trials)}, {sum(kills.faults.values())} faults", file=sys.stderr)
        kills.finish()
        return {
            "database": database,
            "boundaries": chosen,
            "random": count,
            "kills": kills.landed,
            **{fault: kills.faults[fault] for fault in FAULTS},
            "deployments": len(kills.rows()),
            "syncs": len(kills.syncs()),
            "dispatches": len(world.github()["runs"]),
            "puts repeated": kills.repeated(),
            "slowest recovery s": round(kills.slowest, 1),
            "minutes": round((time.monotonic() - began) / 60, 1),
            "said": kills.said,
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--scenario", action="append", choices=SCENARIOS, help="only these; may be repeated")
    parser.add_argument("--every", type=int, default=1, help="of a scenario's commits take one of so many")
    parser.add_argument("--random", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    scenarios = tuple(asked.scenario or SCENARIOS)
    rows = []
    for database in ("sqlite", "postgres"):
        if asked.only in {None, database}:
            with cluster() if database == "postgres" else contextlib.nullcontext("") as url:
                rows.append(measure(database, url, asked.every, asked.random, asked.seed, scenarios))
    (ROOT / "artifacts").mkdir(exist_ok=True)
    (ROOT / "artifacts/kills.json").write_text(json.dumps(rows, indent=1))
    for title in (title for title in rows[0] if title != "said"):
        print(f"{title:20}", *(f"{row[title]!s:>12}" for row in rows))
    for row in rows:
        for line in row["said"]:
            print(f"{row['database']}: {line}")
    return int(any(row["said"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
