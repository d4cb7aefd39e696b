#!/usr/bin/env python3
"""What GitHub costs the preview: deployments of an app that is synced beside those of the same app that is not.

Two copies of an app with 60 dependencies, one connected to the local GitHub; an edit of one line of each is deployed in
turn. A sample of the other begins once the sync of the one before has ended, except in the last rounds, where nothing
waits: what a sync that goes on takes from the next deployment.

usage: overhead.py [--rounds 24]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE.parent / "deploy"), str(HERE.parent / "hot")]

import opening  # noqa: E402
import peers  # noqa: E402
import quiet  # noqa: E402
import speed  # noqa: E402
from bars import Bar  # noqa: E402

from overskill_nb import config  # noqa: E402
from overskill_nb.pipeline import tools  # noqa: E402

if TYPE_CHECKING:
    import overskill_nb as ov

BAR = 1.05


def measure(rounds: int) -> dict[str, Any]:
    """All samples, in milliseconds."""
    peers.install()
    source = opening.prepare(speed.PROJECT)
    with tempfile.TemporaryDirectory(prefix="overskill-github-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        (scratch / "cache").mkdir()
        (scratch / "cache/tools").symlink_to(tools.folder().parent, target_is_directory=True)
        os.environ |= {
            config.CACHE: str(scratch / "cache"),
            config.ENGINE: "kernel",
            config.WORKSPACE: str(scratch / "work"),
        }
        (scratch / "work").mkdir()
        import overskill_nb as ov
        from overskill_nb import session

        try:
            apps = {name: ov.App.open(speed.copy(source, scratch / "work" / name)) for name in ("synced", "alone")}
            apps["synced"].github.connect("bench/synced")
            for app in apps.values():
                deployed(app, 0)
            samples: dict[str, list[float]] = {"synced": [], "alone": [], "synced at once": [], "alone at once": []}
            for number in range(1, rounds + 1):
                order = ("synced", "alone") if number % 2 else ("alone", "synced")
                for which in order:
                    asyncio.run(quiet.quiet())
                    samples[which].append(deployed(apps[which], number))
                    settle(apps["synced"])
            for number in range(rounds + 1, rounds + 6):
                for which in ("synced", "alone"):
                    samples[f"{which} at once"].append(deployed(apps[which], number))
            settle(apps["synced"])
            last = apps["synced"].github.status
            samples["ahead"] = [float(last.ahead)]
        finally:
            session.close()
    return samples


def deployed(app: ov.App, number: int) -> float:
    """Milliseconds from the call to the address that serves the edit."""
    speed.edit(app.folder, number)
    return speed.ours(app)[0]


def settle(app: ov.App) -> None:
    """Wait until the last sync has ended, well."""
    app.github.sync().wait(60)


def bars(found: dict[str, Any]) -> Iterator[Bar]:
    """The one bar, and what it is made of."""
    synced, alone = statistics.median(found["synced"]), statistics.median(found["alone"])
    p95 = f"p95 {_p95(found['synced']):.0f} / {_p95(found['alone']):.0f} ms"
    yield Bar("preview, sync on / sync off", synced / alone, BAR, note=f"{synced:.0f} / {alone:.0f} ms, {p95}")


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.95 * (len(values) - 1)))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=24)
    options = parser.parse_args()
    found = measure(options.rounds)
    (ROOT / "artifacts").mkdir(exist_ok=True)
    (ROOT / "artifacts/github-overhead.json").write_text(json.dumps(found, indent=1))
    measured = list(bars(found))
    print(*measured, sep="\n")
    busy, other = (statistics.median(found[f"{name} at once"]) for name in ("synced", "alone"))
    print(f"overhead  one after another, syncs under way: {busy:.0f} ms synced, {other:.0f} ms alone")
    return 0 if all(bar.met for bar in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
