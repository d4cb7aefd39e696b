#!/usr/bin/env python3
"""Whether exported apps build where overskill_nb is not, and look the same there as their previews.

Each app is exported, unpacked in an empty folder, and built with `npm ci && npm run build` in an environment with an
empty home. What comes out is served as files and photographed, and so is the app's preview deployment.

usage: exported.py [--shots FOLDER]
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import functools
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE.parent / "hot")]

import nbformat  # noqa: E402
import peers  # noqa: E402
from bars import Bar  # noqa: E402

from overskill_nb import browser, config  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    import overskill_nb as ov

SIZE = {"width": 1000, "height": 700}
COMPARE = """async ([one, other]) => {
  const read = async (png) => {
    const image = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return { size: `${image.width}x${image.height}`, pixels: data };
  };
  const [a, b] = [await read(one), await read(other)];
  if (a.size !== b.size) return 1;
  let differing = 0;
  for (let at = 0; at < a.pixels.length; at += 4)
    if ([0, 1, 2].some((k) => Math.abs(a.pixels[at + k] - b.pixels[at + k]) > 2)) differing++;
  return differing / (a.pixels.length / 4);
}"""


def examples(work: Path) -> dict[str, Path]:
    """The template, the apps that the notebooks make, and the dashboard of the benchmarks; by name."""
    import overskill_nb as ov

    found = {"template": ov.App("template").folder}
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        folder = work / notebook.stem
        folder.mkdir()
        run(notebook, folder)
        found |= {
            f"{notebook.stem} {app.name}": app
            for app in folder.iterdir()
            if app.is_dir() and not app.name.startswith(".") and (app / "package.json").is_file()
        }
    dashboard = work / "dashboard"
    shutil.copytree(peers.HERE / "apps/dashboard", dashboard, ignore=shutil.ignore_patterns("node_modules", "dist"))
    return found | {"dashboard": dashboard}


def run(notebook: Path, folder: Path) -> None:
    """Run a notebook in a folder, in a kernel of its own."""
    from nbclient import NotebookClient

    document = nbformat.read(notebook, as_version=4)
    os.environ.pop(config.WORKSPACE, None)
    NotebookClient(document, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()


def build(app: ov.App, folder: Path) -> tuple[Path, float]:
    """Export the app and build it elsewhere. Gives what was built, and seconds."""
    archive = app.export(folder / "app.zip")
    unpacked = folder / "app"
    with zipfile.ZipFile(archive) as file:
        file.extractall(unpacked)
    (folder / "home").mkdir()
    began = time.perf_counter()
    for command in (["ci"], ["run", "build"]):
        done = subprocess.run(
            [*peers.node().npm, *command, "--no-audit", "--no-fund"],
            cwd=unpacked,
            env=machine(folder / "home"),
            check=False,
            text=True,
            capture_output=True,
        )
        if done.returncode:
            raise SystemExit(f"npm {' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return unpacked / "dist", time.perf_counter() - began


def machine(home: Path) -> dict[str, str]:
    """The environment of a machine that has Node and npm, and knows nothing of this one but npm's registry."""
    kept = {name: value for name, value in os.environ.items() if name.lower().startswith("npm_config_")}
    if not any(name.lower() == "npm_config_userconfig" for name in kept):
        kept["npm_config_userconfig"] = str(Path.home() / ".npmrc")
    return {**kept, **peers.node().environment, "HOME": str(home), "npm_config_cache": str(home / "npm"), "CI": "true"}


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A plain server of the folder's files."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def photograph(chromium: Browser, url: str) -> bytes:
    """The page once it is quiet."""
    page = chromium.new_page(viewport=SIZE, reduced_motion="reduce")  # type: ignore[arg-type]
    try:
        page.goto(url, wait_until="networkidle")
        page.wait_for_timeout(300)
        return page.screenshot(animations="disabled")
    finally:
        page.close()


def difference(chromium: Browser, one: bytes, other: bytes) -> float:
    """The share of pixels that differ."""
    page = chromium.new_page()
    try:
        pictures = [base64.b64encode(picture).decode() for picture in (one, other)]
        return float(page.evaluate(COMPARE, pictures))
    finally:
        page.close()


def measure(shots: Path | None) -> Iterator[tuple[str, float, float]]:
    """Of each app: its name, seconds of its build elsewhere, and the share of pixels that differ."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="overskill-exported-", ignore_cleanup_errors=True) as name:
        work = Path(name).resolve()
        os.environ |= {config.ENGINE: "kernel", config.WORKSPACE: str(work)}
        import overskill_nb as ov
        from overskill_nb import session

        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=str(browser.ensure(whole=True)), args=browser.arguments()
            )
            try:
                for number, (title, folder) in enumerate(examples(work).items()):
                    os.environ[config.WORKSPACE] = str(work)
                    app = ov.App.open(folder)
                    scratch = work / f"scratch-{number}"
                    scratch.mkdir()
                    built, seconds = build(app, scratch)
                    preview = photograph(chromium, app.deploy().wait(300).url)
                    with serving(built) as url:
                        elsewhere = photograph(chromium, url)
                    if shots:
                        shots.mkdir(parents=True, exist_ok=True)
                        (shots / f"{title} preview.png").write_bytes(preview)
                        (shots / f"{title} exported.png").write_bytes(elsewhere)
                    yield title, seconds, difference(chromium, preview, elsewhere)
            finally:
                chromium.close()
                session.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shots", type=Path, default=ROOT / "artifacts/exported")
    options = parser.parse_args()
    bars: list[Any] = []
    for title, seconds, differing in measure(options.shots):
        note = f"npm ci && npm run build in {seconds:.0f} s"
        bars.append(Bar(f"exported {title}, pixels that differ", differing * 100, 0.1, "%", note))
        print(bars[-1], flush=True)
    return 0 if bars and all(bar.met for bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
