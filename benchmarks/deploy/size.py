"""Builds of the same apps by us and by Vite, in one run: what a first visit loads, and how long a build takes.

usage: size.py [--only react-ts,template,dashboard] [--rounds 5] [--json FILE]

Prints a line an app. Exits 1 where our first load is more than 1.05 of Vite's, or an edit takes more than half of the
time that the first build took.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE.parent / "hot")]

import opening  # noqa: E402
import peers  # noqa: E402

from overskill_nb.pipeline import tools  # noqa: E402
from overskill_nb.pipeline.artefacts import ArtefactStore  # noqa: E402
from overskill_nb.pipeline.production import Production  # noqa: E402
from overskill_nb.pipeline.project import TEMPLATE  # noqa: E402

BAR = 1.05
EDIT_BAR = 0.5
PROJECTS = {
    "react-ts": opening.Project("react-ts", peers.MODULES / "create-vite/template-react-ts", "h1"),
    "template": opening.Project("template", TEMPLATE, "h1"),
    "dashboard": opening.Project("dashboard", peers.HERE / "apps/dashboard", "#ready"),
}


def vite(root: Path, out: Path) -> tuple[float, int]:
    """Seconds of `vite build`, and the bytes of the first load, compressed."""
    started = time.perf_counter()
    command = [
        peers.node().executable,
        root / "node_modules/vite/bin/vite.js",
        "build",
        "--outDir",
        out,
        "--emptyOutDir",
    ]
    subprocess.run(command, cwd=root, env=peers.environment(), check=True, capture_output=True)
    seconds = time.perf_counter() - started
    html = (out / "index.html").read_text("utf-8")
    loaded = re.findall(r'(?:<script[^>]+src|<link rel="(?:modulepreload|stylesheet)"[^>]+href)="/([^"]+)"', html)
    files = [out / "index.html", *(out / path for path in loaded)]
    return seconds, sum(len(gzip.compress(file.read_bytes(), 6)) for file in files)


async def ours(production: Production, root: Path) -> tuple[float, int]:
    """Seconds of our build, and the bytes of the first load, compressed."""
    started = time.perf_counter()
    artefact = await production.build(root, root, app=root.name)
    seconds = time.perf_counter() - started
    store = production.store
    hashes = {file.path: file.sha256 for file in artefact.files}
    return seconds, sum(len(gzip.compress(store.read(hashes[path]), 6)) for path in artefact.first_load)


def edit(root: Path, number: int) -> tuple[Path, str]:
    """Change one line of the app; gives the file and what it said before."""
    file = root / "src/App.tsx"
    text = file.read_text("utf-8")
    changed, count = re.subn(r">(\s*\w[^<>{}]*\w\s*)<", rf">\1 {number}<", text, count=1)
    if not count:
        changed = text + f"\nconsole.log({number});\n"
    file.write_text(changed, "utf-8")
    return file, text


async def measure(name: str, rounds: int, node_cache: Path) -> dict[str, Any]:
    """One app, ours and Vite's builds by turns."""
    root = opening.prepare(PROJECTS[name])
    row: dict[str, Any] = {"app": name}
    with tempfile.TemporaryDirectory() as scratch:
        made = Production(peers.node(), tools.folder(), node_cache, ArtefactStore(Path(scratch) / "store"))
        try:
            row["first"], row["gzip"] = await ours(made, root)
            row["vite"], row["vite gzip"] = vite(root, Path(scratch) / "dist")
            warm, edited, others = [], [], [row["vite"]]
            for number in range(rounds):
                warm.append((await ours(made, root))[0])
                file, before = edit(root, number)
                try:
                    edited.append((await ours(made, root))[0])
                finally:
                    file.write_text(before, "utf-8")
                others.append(vite(root, Path(scratch) / "dist")[0])
        finally:
            await made.close()
    row |= {"warm": statistics.median(warm), "edit": statistics.median(edited), "vite": statistics.median(others)}
    row["ratio"] = row["gzip"] / row["vite gzip"]
    return row


async def run(names: list[str], rounds: int) -> list[dict[str, Any]]:
    """All apps, printed as they are known."""
    rows = []
    await tools.ensure(peers.node(), print)
    times = " ".join(f"{name:>7}" for name in ("first", "again", "edit"))
    print(f"{'app':10} {'first load':>11} {'Vite':>9} {'ratio':>6}   {times} {'vite build':>10}")
    for name in names:
        # Nothing is kept from earlier runs, so that the first build is one.
        with tempfile.TemporaryDirectory() as cache:
            row = await measure(name, rounds, Path(cache))
        rows.append(row)
        sizes = f"{row['gzip'] / 1000:8.1f} kB {row['vite gzip'] / 1000:6.1f} kB {row['ratio']:6.3f}"
        times = "".join(f" {row[key] * 1000:4.0f} ms" for key in ("first", "warm", "edit"))
        print(f"{name:10} {sizes}  {times} {row['vite'] * 1000:7.0f} ms", flush=True)
    return rows


def main() -> int:
    """Measure, print, and say whether the bars are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PROJECTS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    peers.install()
    rows = asyncio.run(run(options.only, options.rounds))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    failed = [row["app"] for row in rows if row["ratio"] > BAR or row["edit"] > EDIT_BAR * row["first"]]
    if failed:
        print(f"Beyond a bar: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
