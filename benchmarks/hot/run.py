"""Measure hot updates against the bars, side by side with the peers, in one run.

usage: run.py [--only leaf,root,util,class,lab,comm,open,idle,load] [--edits 30] [--sizes 1,20,200,1000] [--quick]
              [--json FILE]

Prints a line a bar, then the table. Exits 1 where a bar is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

import idle  # noqa: E402
import lab  # noqa: E402
import opening  # noqa: E402
import peers  # noqa: E402
from bars import Bar, Latencies, table  # noqa: E402

PARTS = ("leaf", "root", "util", "class", "lab", "comm", "open", "idle", "load")
SIZES = {"leaf": [1, 20, 200, 1000], "root": [20, 200, 1000], "util": [200, 1000], "class": [200]}
CONTENDERS = ["vite", "vite-bundled", "bun", "limit-py", "ours"]
WITH_TAILWIND = ["vite", "limit-py", "ours"]


class Run:
    """One run: figures by part, and the bars."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._o = options
        self.rows: list[dict[str, Any]] = []
        self.figures: dict[str, Any] = {}
        self.bars: list[Bar] = []
        self.lines: list[str] = []

    def go(self) -> None:
        """Measure what was asked for."""
        wanted: list[str] = self._o.only
        peers.install()
        plan = {kind: [n for n in SIZES[kind] if n in self._o.sizes] for kind in SIZES if kind in wanted}
        plan = {kind: sizes for kind, sizes in plan.items() if sizes}
        plain = {kind: sizes for kind, sizes in plan.items() if kind != "class"}
        if plain:
            self.rows += peers.latency(CONTENDERS, plain, self._edits(plain))
        if "class" in plan:
            self.rows += peers.latency(WITH_TAILWIND, {"class": plan["class"]}, self._edits(plan), css=True)
        self._add(Latencies(self.rows).bars(plan))
        for part, measure in self._others().items():
            if part in wanted:
                measure()

    def _add(self, bars: Iterable[Bar]) -> None:
        """Print bars as they are known, and keep all figures: a run may be stopped."""
        for bar in bars:
            self.bars.append(bar)
            print(bar, flush=True)
        self._o.json.parent.mkdir(parents=True, exist_ok=True)
        known = [{"name": bar.name, "figure": bar.figure, "bar": bar.bar, "met": bar.met} for bar in self.bars]
        kept = {"bars": known, "rows": self.rows, **self.figures}
        self._o.json.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")

    def _edits(self, plan: dict[str, list[int]]) -> dict[str, int]:
        """Edits of the root and of a util take seconds in a large app; half as many say enough."""
        edits = self._o.edits
        return {kind: edits if kind in {"leaf", "class"} else max(3, edits // 2) for kind in plan}

    def _others(self) -> dict[str, Callable[[], None]]:
        through = [part for part in ("lab", "comm") if part in self._o.only]
        return {
            (through or ["lab"])[0]: lambda: self._lab("comm" in through),
            "open": self._open,
            "idle": self._idle,
            "load": self._load,
        }

    def _lab(self, with_comm: bool) -> None:
        found = self.figures["lab"] = asyncio.run(lab.measure(self._o.edits, with_comm))
        self._add(lab.bars(found))
        self.lines += lab.lines(found)
        if alone := Latencies(self.rows).row("leaf", lab.SIZE, "ours"):
            self.lines.append(f"          bare without a JupyterLab beside it: median {alone['median']:.1f} ms")

    def _open(self) -> None:
        found = self.figures["open"] = asyncio.run(opening.measure(2 if self._o.quick else 5))
        self._add(opening.bars(found))
        self.lines += opening.lines(found)

    def _idle(self) -> None:
        found = self.figures["idle"] = asyncio.run(idle.measure(10 if self._o.quick else 40))
        self._add(idle.bars(found))
        self.lines += idle.lines(found)

    def _load(self) -> None:
        script = HERE / "load.py"
        if not script.is_file():
            self.lines.append("load      skipped: benchmarks/hot/load.py is not there")
            return
        done = subprocess.run([sys.executable, script, "--json"], check=False, stdout=subprocess.PIPE)
        try:
            self.figures["load"] = json.loads(done.stdout)
            self.lines.append(f"load      {json.dumps(self.figures['load'])}")
        except json.JSONDecodeError:
            self.lines.append(f"load      printed no figures: {done.stdout.decode(errors='replace')[-300:]!r}")
        self._add([Bar("load, runs that failed", float(done.returncode != 0), 0.0, "")])


def main() -> int:
    """Measure, print, and say whether all bars are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=_words, default=list(PARTS), metavar="PARTS")
    parser.add_argument("--edits", type=int, default=30, help="samples of each contender, size and kind of edit")
    parser.add_argument("--sizes", type=lambda text: [int(word) for word in _words(text)], default=[1, 20, 200, 1000])
    parser.add_argument("--quick", action="store_true", help="few samples and no large apps: shows that it runs")
    parser.add_argument("--json", type=Path, default=ROOT / "artifacts/hot.json", help="where all figures go")
    options = parser.parse_args()
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"--only knows {', '.join(PARTS)}, not {', '.join(sorted(unknown))}")
    if options.quick:
        options.edits = min(options.edits, 6)
        options.sizes = [n for n in options.sizes if n < 1000]
    # Stopped by a program as by Ctrl-C: servers and browsers end with us.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    run = Run(options)
    run.go()
    if run.rows:
        print("\nmilliseconds; 'noisy': samples taken although the machine did not get quiet")
        print("\n".join(table(run.rows)))
    print("\n".join(["", *run.lines]))
    short = sum(not bar.met for bar in run.bars)
    print(f"\n{len(run.bars) - short} of {len(run.bars)} bars met; all figures are in {options.json}")
    return 1 if short else 0


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


if __name__ == "__main__":
    sys.exit(main())
