"""Measure notebooks as tests against their bars: time, flakes, what replays report, and CI in all.

usage: run.py [--only once,orders,replays,ci] [--times 10] [--seed 1] [--quick]

once     all notebooks under nbval, with the network cut, no browser and no key (Linux)
orders   the same, in random order, two runs at once, ten times
replays  ten recorded interactions, replayed after a harmless refactor and after a regression
ci       .ci/run on a clone of the last commit, in an empty home

Prints a line a bar. Exits 1 where a bar is not met.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE.parent / "hot")]

from bars import Bar  # noqa: E402

NOTEBOOKS = sorted(path.relative_to(ROOT) for path in (ROOT / "notebooks").glob("*.ipynb"))


def once(_: argparse.Namespace) -> Iterator[Bar]:
    """The first bar: nothing but the package, within 90 seconds."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        _nbval(NOTEBOOKS, report).wait()
        seconds = time.monotonic() - begun
        passed, skipped, failed = _counts(report)
    yield Bar("all notebooks under nbval, offline", seconds, 90.0, "s", f"{passed} passed, {len(skipped)} skipped")
    other = [reason for reason in skipped if "CHROMIUM" not in reason]
    yield Bar("what did not pass, or was not run", float(len(failed) + len(other)), 0.0, "", "; ".join(failed + other))


def orders(options: argparse.Namespace) -> Iterator[Bar]:
    """The second: the order, and a run beside it, change nothing."""
    chance = random.Random(options.seed)
    flakes: list[str] = []
    ran = 0
    for turn in range(options.times):
        with tempfile.TemporaryDirectory() as folder:
            reports = [Path(folder) / f"{name}.xml" for name in "ab"]
            runs = [_nbval(chance.sample(NOTEBOOKS, len(NOTEBOOKS)), report) for report in reports]
            for run, report in zip(runs, reports, strict=True):
                run.wait()
                passed, _, failed = _counts(report)
                ran += passed
                flakes += [f"turn {turn + 1}: {name}" for name in failed]
    yield Bar(f"{options.times} x 2 in random order, flakes", float(len(flakes)), 0.0, "", "; ".join(flakes))


def replays(options: argparse.Namespace) -> Iterator[Bar]:
    """The third: no false alarm, and no regression missed."""
    import overskill_nb as ov
    from overskill_nb import headless, session
    from tests.browser.refactored import CASES

    cases = CASES[:2] if options.quick else CASES
    false, missed = [], []
    os.environ["OVERSKILL_NB_ENGINE"] = "kernel"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        app = ov.App("shop")
        for case in cases:
            name = f"uses {case.name}"
            app.component(case.name, case.before, props=case.props)
            with app.record(name) as recorder:
                case.steps(recorder)
            app.component(case.name, case.harmless)
            if not _same(lambda name=name: app.replay(name)):
                false.append(case.name)
            app.component(case.name, case.broken)
            if _same(lambda name=name: app.replay(name)):
                missed.append(case.name)
        session.close()
        headless.close()
        os.chdir(ROOT)
    yield Bar(f"false alarms of {len(cases)} refactors", float(len(false)), 0.0, "", ", ".join(false))
    yield Bar(f"regressions missed of {len(cases)}", float(len(missed)), 0.0, "", ", ".join(missed))


def ci(_: argparse.Namespace) -> Iterator[Bar]:
    """The last: everything, from a clone and an empty home."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        clone, home = Path(folder) / "clone", Path(folder) / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        kept = {name: os.environ[name] for name in os.environ if not name.startswith(("OVERSKILL", "XDG", "VIRTUAL"))}
        begun = time.monotonic()
        with (ROOT / "artifacts/bench-notebooks-ci.log").open("w") as log:
            done = subprocess.run(
                [".ci/run"],
                cwd=clone,
                env={**kept, "HOME": str(home), "CI": "true"},
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        minutes = (time.monotonic() - begun) / 60
    yield Bar(".ci/run in all", minutes, 20.0, "min", "" if done.returncode == 0 else f"ended with {done.returncode}")
    yield Bar(".ci/run fails", float(done.returncode != 0), 0.0, "", f"its output is in {log.name}")


PARTS: dict[str, Callable[[argparse.Namespace], Iterator[Bar]]] = {
    "once": once,
    "orders": orders,
    "replays": replays,
    "ci": ci,
}


def _nbval(notebooks: list[Path], report: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
    command = [sys.executable, str(HERE / "offline.py"), *words, *map(str, notebooks)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)


def _counts(report: Path) -> tuple[int, list[str], list[str]]:
    """How many passed, why some were skipped, and which failed."""
    if not report.is_file():
        return 0, [], ["pytest wrote no report"]
    passed, skipped, failed = 0, [], []
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(f"{case.get('classname')}::{case.get('name')}")
        elif (skip := case.find("skipped")) is not None:
            skipped.append(str(skip.get("message")))
        else:
            passed += 1
    return passed, skipped, failed


def _same(replay: Callable[[], object]) -> bool:
    import overskill_nb as ov

    try:
        replay()
    except ov.ReplayError:
        return False
    return True


def main() -> int:
    """Measure, print, and say whether all bars are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS), metavar="PARTS")
    parser.add_argument("--times", type=int, default=10, help="how often all run in random order, two at once")
    parser.add_argument("--seed", type=int, default=1, help="of the random orders")
    parser.add_argument("--quick", action="store_true", help="show that it runs, without CI; the figures say little")
    options = parser.parse_args()
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"--only knows {', '.join(PARTS)}, not {', '.join(sorted(unknown))}")
    if options.quick:
        options.times, options.only = 1, [part for part in options.only if part != "ci"]
    (ROOT / "artifacts").mkdir(exist_ok=True)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    bars: list[Bar] = []
    for part, measure in PARTS.items():
        if part in options.only:
            for bar in measure(options):
                bars.append(bar)
                print(bar, flush=True)
    short = sum(not bar.met for bar in bars)
    print(f"{len(bars) - short} of {len(bars)} bars met; load before {load}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
