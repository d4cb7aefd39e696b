"""Run a notebook in JupyterLab in headless Chromium, as a person would, and print what was seen.

usage: headless.py [NOTEBOOK] [--screenshot FILE] [--keep]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.jupyter import Notebook, Server, launch  # noqa: E402


async def run(notebook: Path, screenshot: Path) -> int:
    """Run each cell and report; the number of cells that failed."""
    with tempfile.TemporaryDirectory(prefix="overskill-demo-") as folder:
        shutil.copyfile(notebook, Path(folder) / notebook.name)
        recording = Path("recordings") / f"{notebook.stem}.yaml"
        if (notebook.parent / recording).is_file():
            (Path(folder) / recording.parent).mkdir()
            shutil.copyfile(notebook.parent / recording, Path(folder) / recording)
        async with Server.start(Path(folder)) as server, launch() as browser:
            page = await browser.new_page(viewport={"width": 1100, "height": 2600})
            lab = await Notebook.open(page, server, notebook.name)
            return await report(lab, notebook, screenshot)


async def report(lab: Notebook, notebook: Path, screenshot: Path) -> int:
    """Run all cells of an open notebook, one after the other."""
    cells: list[dict[str, Any]] = json.loads(notebook.read_text("utf-8"))["cells"]
    failed = 0
    latencies: list[float] = []
    for number, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        first = "".join(cell["source"]).splitlines()[0][:70]
        started = time.perf_counter()
        outcome = await lab.run_cell(number)
        seconds = time.perf_counter() - started
        changed = await lab.update_latency()
        if changed is not None:
            latencies.append(changed)
        shown = f"preview changed after {changed:.0f} ms" if changed is not None else ""
        meant = "raises-exception" in cell.get("metadata", {}).get("tags", [])
        word = "ok" if outcome.ok != meant else "FAILED"
        print(f"{word:6} {seconds:6.2f} s  [{number:2}] {first:72} {shown}", flush=True)
        if not outcome.ok:
            failed += word != "ok"
            print(f"       {outcome.error}")
    await lab.command("application:toggle-left-area")
    await lab.show(0)
    screenshot.parent.mkdir(parents=True, exist_ok=True)
    await lab.screenshot(screenshot)
    for text in await lab.texts():
        print(f"preview  {' | '.join(text.split(chr(10)))[:110]}")
    if latencies:
        ordered = sorted(latencies)
        print(
            f"updates  {len(latencies)}, cell sent to changed DOM: median {ordered[len(ordered) // 2]:.0f} ms, ", end=""
        )
        print(f"slowest {ordered[-1]:.0f} ms (the slowest ones include the preview's first load)")
    print(f"screenshot {screenshot}")
    print("all cells ran" if not failed else f"{failed} cells failed")
    return failed


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebook", nargs="?", type=Path, default=ROOT / "notebooks/01-first-component.ipynb")
    parser.add_argument("--screenshot", type=Path, default=ROOT / "artifacts/demo.png")
    options = parser.parse_args()
    return 1 if asyncio.run(run(options.notebook, options.screenshot)) else 0


if __name__ == "__main__":
    sys.exit(main())
