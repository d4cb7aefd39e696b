"""Measure GitHub and production against their bars, beside the peers, in one run.

usage: run.py [--only clients,overhead,push,faults,kills,exported] [--quick]

Prints a line a bar. Exits 1 where a bar is not met. Each part is a program of its own, or a folder of tests.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE.parent / "hot")]

from bars import Bar  # noqa: E402

KILLED = [word for name in ("sync", "production", "production again", "stop") for word in ("--scenario", name)]
TESTS = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
# What is run, and what is run instead to show that it runs.
PARTS: dict[str, tuple[list[str], list[str]]] = {
    "clients": ([*TESTS, "tests/pipeline/local_github"], [*TESTS, "tests/pipeline/local_github", "-m", "not slow"]),
    "overhead": (["benchmarks/github/overhead.py"], ["benchmarks/github/overhead.py", "--rounds", "3"]),
    "push": (["benchmarks/github/push.py"], ["benchmarks/github/push.py", "--rounds", "3"]),
    "faults": ([*TESTS, "tests/pipeline/github"], [*TESTS, "tests/pipeline/github/test_conflicts.py"]),
    "kills": (
        ["benchmarks/deploy/kills.py", *KILLED, "--every", "6", "--random", "40"],
        ["benchmarks/deploy/kills.py", *KILLED, "--every", "24", "--random", "4", "--only", "sqlite"],
    ),
    "exported": (["benchmarks/github/exported.py"], ["benchmarks/github/exported.py"]),
}


def main() -> int:
    """Measure, print, and say whether all bars are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS))
    parser.add_argument("--quick", action="store_true", help="show that it runs; the figures say little")
    options = parser.parse_args()
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    bars = []
    for part, (whole, short) in PARTS.items():
        if part in options.only:
            done = subprocess.run([sys.executable, *(short if options.quick else whole)], cwd=ROOT, check=False)
            bars.append(Bar(f"{part}, bars that are not met", float(done.returncode != 0), 0.0, ""))
    print(*bars, sep="\n")
    return 0 if all(bar.met for bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
