"""The contenders' packages and the programs that the harness runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from overskill_nb import browser
from overskill_nb.pipeline import node as nodes
from overskill_nb.pipeline.node import Node

HERE = Path(__file__).resolve().parent
WORK = HERE / "work"
MODULES = HERE / "node_modules"


def node() -> Node:
    """The Node that the package uses."""
    found = nodes.find()
    if found is None:
        sys.exit("No Node 20 or later is on this machine; run scripts/install.")
    return found


def environment() -> dict[str, str]:
    """Lets what is started find that Node first."""
    return {**os.environ, **node().environment}


def install() -> None:
    """Install the contenders at the lockfile's versions, unless they are."""
    stamp = MODULES / ".installed"
    wanted = (HERE / "package-lock.json").read_text("utf-8")
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    print("Installing the contenders", file=sys.stderr, flush=True)
    npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], HERE)
    # The one script that is needed: it puts the binary for this machine in place.
    subprocess.run([node().executable, MODULES / "bun/install.js"], cwd=HERE, env=environment(), check=True)
    stamp.write_text(wanted, "utf-8")


def npm(arguments: list[str], folder: Path) -> None:
    """Run npm in a folder; what it says goes to stderr."""
    subprocess.run([*node().npm, *arguments], cwd=folder, env=environment(), check=True, stdout=sys.stderr)


def write_app(folder: Path, size: int) -> None:
    """Make the app of the latency harness."""
    script = "const [module, dir, n] = process.argv.slice(1); (await import(module)).writeApp(dir, Number(n));"
    command = [node().executable, "--input-type=module", "--eval", script, "--", HERE / "harness/app.mjs", folder, size]
    subprocess.run([str(part) for part in command], check=True, env=environment())


def latency(
    contenders: list[str], plan: dict[str, list[int]], edits: dict[str, int], css: bool = False
) -> list[dict[str, Any]]:
    """Measure hot updates of all contenders, interleaved; one row a contender, size and kind of edit."""
    with tempfile.TemporaryDirectory(prefix="overskill-bench-") as own:
        out = Path(own) / "rows.json"
        options = {
            "contenders": contenders,
            "plan": plan,
            "edits": edits,
            "css": css,
            "warm": 4,
            "python": sys.executable,
            "chromium": str(browser.ensure(whole=True)),
            "arguments": browser.arguments(),
            "work": str(WORK),
            "out": str(out),
        }
        command = [str(node().executable), str(HERE / "harness/measure.mjs"), json.dumps(options)]
        process = subprocess.Popen(command, cwd=HERE, env=environment(), stdout=sys.stderr)
        try:
            process.wait()
        except KeyboardInterrupt:
            # It ends the contenders' servers, which are no children of ours.
            process.terminate()
            process.wait(20)
            raise
        rows: list[dict[str, Any]] = json.loads(out.read_text("utf-8")) if out.is_file() else []
        return rows
