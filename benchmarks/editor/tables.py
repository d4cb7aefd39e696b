"""Pages that nobody here wrote, opened and closed; and the fields of props that published libraries declare.

The pages, the props and what a person would choose are with the worker's tests, which are run here.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peers
from bars import Bar

JS = Path(__file__).resolve().parents[2] / "js"
TESTS = "test/worker/editor"
WRONG = 0.05
LEAST = 40


def measure(part: str) -> dict[str, Any]:
    """Run the test of a part, ``round_trip`` or ``field_table``; what it found, and which of its tests failed."""
    with tempfile.TemporaryDirectory(prefix="overskill-tables-") as folder:
        table, report = Path(folder) / "table.json", Path(folder) / "report.json"
        command = [
            str(peers.node().executable), "node_modules/vitest/vitest.mjs", "run", f"{TESTS}/{part}.test.ts",
            "--testTimeout=60000", "--hookTimeout=120000", "--reporter=json", f"--outputFile={report}",
        ]  # fmt: skip
        environment = {**peers.environment(), f"OVERSKILL_{part.upper()}": str(table)}
        done = subprocess.run(command, cwd=JS, env=environment, check=False, capture_output=True, text=True)
        if not report.is_file() or not table.is_file():
            raise RuntimeError(f"the test of {part} did not run:{os.linesep}{(done.stdout + done.stderr)[-1500:]}")
        files = json.loads(report.read_text("utf-8"))["testResults"]
        tests = [(test["fullName"], test["status"]) for file in files for test in file["assertionResults"]]
        return {"found": json.loads(table.read_text("utf-8")), "tests": tests}


def page_bars(found: dict[str, Any]) -> Iterator[Bar]:
    """No byte, no element."""
    pages = found["found"]
    elements, shown, kept = (sum(page[key] for page in pages) for key in ("elements", "shown", "kept"))
    yield Bar("pages of which opening changes bytes", _failed(found, "the same bytes"), 0.0, "", f"{len(pages)} pages")
    note = f"{elements} elements: {shown} shown, {kept} kept as code, {elements - shown - kept} fragments around them"
    yield Bar("pages that lose elements", _failed(found, "every element"), 0.0, "", note)


def _failed(found: dict[str, Any], name: str) -> float | None:
    """How many tests of that name did not pass; None where there are none."""
    own = [status for test, status in found["tests"] if name in test]
    return float(sum(status != "passed" for status in own)) if own else None


def field_bars(found: dict[str, Any]) -> Iterator[Bar]:
    """As a person would choose."""
    right, total = found["found"]["right"], found["found"]["total"]
    figure = 1 - right / total if total >= LEAST else None
    yield Bar("props with another field than a person's", figure, WRONG, "", f"{right} of {total} are right")


def field_lines(found: dict[str, Any]) -> Iterator[str]:
    """Those that are not right."""
    for row in found["found"]["rows"]:
        if not row["right"]:
            yield f"fields    {row['library']} {row['component']}.{row['prop']}: {row['got']}, not {row['wanted']}"
