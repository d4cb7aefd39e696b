"""A Chromium for headless runs: one on the machine, else Debian's package when root, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import config
from .errors import ToolsError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = (
    # Without these Chromium asks hosts of its own at every start.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


def arguments() -> list[str]:
    """Arguments for a headless run. Root has no sandbox of Chromium's own."""
    return [*ARGUMENTS, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]


def find() -> Path | None:
    """A Chromium that is on this machine."""
    if named := os.environ.get(config.CHROMIUM):
        if named.lower() == "none":
            return None
        if not Path(named).is_file():
            raise ToolsError(f"{config.CHROMIUM} names '{named}', which is not there; correct or unset it.")
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return _of_playwright()


def ensure() -> Path:
    """A Chromium, installed where the machine has none. Raises ToolsError."""
    if found := find():
        return found
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False, stdout=subprocess.DEVNULL)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
            env=quiet,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        if found := find():
            return found
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if found := find():
        return found
    raise ToolsError(
        "No Chromium could be had: neither Debian's package nor `playwright install chromium` worked. "
        f"Install one, or name it in {config.CHROMIUM}."
    )


def _of_playwright() -> Path | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None
