"""Measure the visual editor against its bars, in JupyterLab and Chromium, beside bare hot updates in the same run.

usage: run.py [--only form,file,ready,frames,pages,fields] [--edits 48] [--openings 7] [--quick] [--json FILE]

Prints a line a bar, then all figures. Exits 1 where a bar is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE), str(HERE.parent / "hot")]

import following  # noqa: E402
import form  # noqa: E402
import frames  # noqa: E402
import ready  # noqa: E402
import tables  # noqa: E402
from bars import Bar  # noqa: E402

Part = tuple[Callable[[], Any], Callable[[Any], Iterable[Bar]], Callable[[Any], Iterable[str]]]


def parts(edits: int, openings: int) -> dict[str, Part]:
    """How each is measured, held to its bars, and told of."""
    return {
        "form": (lambda: asyncio.run(form.measure(edits)), form.bars, form.lines),
        "file": (lambda: asyncio.run(following.measure(edits // 2)), following.bars, following.lines),
        "ready": (lambda: asyncio.run(ready.measure(openings)), ready.bars, ready.lines),
        "frames": (lambda: asyncio.run(frames.measure()), frames.bars, frames.lines),
        "pages": (lambda: tables.measure("round_trip"), tables.page_bars, lambda _: ()),
        "fields": (lambda: tables.measure("field_table"), tables.field_bars, tables.field_lines),
    }


def main() -> int:
    """Measure, print, and say whether all bars are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(parts(0, 0)), metavar="PARTS")
    parser.add_argument("--edits", type=int, default=48, help="changes in the form; half as many of the file, each way")
    parser.add_argument("--openings", type=int, default=7, help="how often an editor is opened")
    parser.add_argument("--quick", action="store_true", help="few samples: shows that it runs")
    parser.add_argument("--json", type=Path, default=ROOT / "artifacts/bench-editor.json", help="where all figures go")
    options = parser.parse_args()
    if options.quick:
        options.edits, options.openings = 8, 2
    known = parts(options.edits, options.openings)
    if unknown := set(options.only) - set(known):
        parser.error(f"--only knows {', '.join(known)}, not {', '.join(sorted(unknown))}")
    # Stopped by a program as by Ctrl-C: servers and browsers end with us.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    figures: dict[str, Any] = {"load": os.getloadavg()}
    bars: list[Bar] = []
    lines: list[str] = []
    options.json.parent.mkdir(parents=True, exist_ok=True)
    for part, (measure, held, told) in known.items():
        if part not in options.only:
            continue
        found = figures[part] = measure()
        for bar in held(found):
            bars.append(bar)
            print(bar, flush=True)
        lines += told(found)
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print("\n".join(["", *lines]))
    short = sum(not bar.met for bar in bars)
    load = ", ".join(f"{value:.1f}" for value in figures["load"])
    print(f"\n{len(bars) - short} of {len(bars)} bars met; load before {load}; all figures are in {options.json}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
