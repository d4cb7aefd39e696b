#!/usr/bin/env python3
"""What deployments cost beside build and network: until the first step, over all, at rest, to begin and to end."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from deployments_world import FileStore, World, build_files  # noqa: E402

TIMES = 40
REST_SECONDS = 20
STEPS = ("build", "upload", "put", "verify")


async def measure(folder: Path, world: World) -> dict[str, float]:
    began = time.perf_counter()
    from overskill_nb.pipeline.deployments import Deployments

    store, target = FileStore(folder / "artefacts"), world.target()

    async def build(_app: str, root: Path, _on_line: Any) -> Any:
        return await build_files(store, root)

    async def target_of() -> Any:
        return target

    deployments = Deployments(folder / ".overskill", build=build, store=store, target=target_of)
    await deployments.start()
    started = time.perf_counter() - began
    ended = asyncio.Event()
    deployments.follow(lambda told: ended.set() if told.status in {"deployed", "failed"} else None)
    root = folder / "app"
    root.mkdir()
    rows, busy = [], 0.0
    for edit in range(TIMES + 3):
        (root / "index.html").write_text(f"edit {edit}")
        ended.clear()
        before = time.process_time()
        made = await deployments.deploy("app-0a1b", "app", root)
        await ended.wait()
        if edit >= 3:
            busy += time.process_time() - before
            rows.append((await deployments.get(made.id)).timings)
    before = time.process_time()
    await asyncio.sleep(REST_SECONDS)
    rest = (time.process_time() - before) / REST_SECONDS * 100
    began = time.perf_counter()
    await deployments.close()
    await target.close()
    over = sorted(row["total"] - sum(row[step] for step in STEPS) for row in rows)
    return {
        "to launch, with imports, ms": started * 1000,
        "submitted -> first step, median ms": statistics.median(row["wait"] for row in rows),
        "beside build and network, median ms": statistics.median(over),
        "beside build and network, p95 ms": over[int(len(over) * 0.95)],
        "processor time a deployment, ms": busy / TIMES * 1000,
        "at rest, % of a core": rest,
        "to close, ms": (time.perf_counter() - began) * 1000,
        "load of the machine": os.getloadavg()[0],
    }


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="overskill-overhead-") as folder, World.running() as world:
        figures = asyncio.run(measure(Path(folder), world))
    (ROOT / "artifacts").mkdir(exist_ok=True)
    (ROOT / "artifacts/deploy-overhead.json").write_text(json.dumps(figures, indent=1))
    for name, value in figures.items():
        print(f"{name:40} {value:8.1f}")
    return int(figures["beside build and network, median ms"] > 150 or figures["at rest, % of a core"] > 2)


if __name__ == "__main__":
    sys.exit(main())
