"""Measure deployments against the bars, side by side with `vite build` and `wrangler deploy`, in one run.

usage: run.py [--only speed,size,overhead,load,kills] [--rounds 15] [--quick] [--json FILE]

Prints a line a bar, then what was measured. Exits 1 where a bar is not met.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE), str(HERE.parent / "hot")]

import peers  # noqa: E402
import speed  # noqa: E402
from bars import Bar  # noqa: E402

PARTS = ("speed", "size", "overhead", "load", "kills")
# Each is a program of its own, that can be run alone and exits 1 where its bar is not met.
PROGRAMS: dict[str, tuple[str, list[str], list[str]]] = {
    "size": ("size.py", [], ["--rounds", "1"]),
    "overhead": ("overhead.py", [], []),
    "load": ("local_cloudflare.py", [], ["--apps", "20", "--visited", "5", "--requests", "100"]),
    "kills": ("kills.py", [], ["--every", "12", "--random", "5"]),
}


def program(part: str, quick: bool) -> Bar:
    """Run one of the programs; what it prints is shown as it comes."""
    script, whole, short = PROGRAMS[part]
    done = subprocess.run([sys.executable, HERE / script, *(short if quick else whole)], check=False)
    return Bar(f"{part}, bars that are not met", float(done.returncode != 0), 0.0, "")


def main() -> int:
    """Measure, print, and say whether all bars are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--quick", action="store_true", help="show that it runs; the figures say little")
    parser.add_argument("--json", type=Path, default=ROOT / "artifacts/bench-deploy.json")
    options = parser.parse_args()
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    peers.install()
    found: dict[str, Any] = {}
    bars: list[Bar] = []
    lines: list[str] = []
    for part in PARTS:
        if part not in options.only:
            continue
        if part == "speed":
            found[part] = speed.measure(2 if options.quick else options.rounds)
            bars += speed.bars(found[part])
            lines += speed.lines(found[part])
        else:
            bars.append(program(part, options.quick))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    known = [{"name": bar.name, "figure": bar.figure, "bar": bar.bar, "met": bar.met} for bar in bars]
    options.json.write_text(json.dumps({"bars": known, **found}, indent=1) + "\n", "utf-8")
    print(*lines, *bars, sep="\n")
    return 0 if all(bar.met for bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
