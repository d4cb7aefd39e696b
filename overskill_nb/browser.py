"""A Chromium for headless runs: one on the machine, else Debian's package when root, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import config
from .errors import ToolsError

SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
"""Chromium without the half that draws windows: the same pages for little more than half the processor's time."""
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = (
    # Without these Chromium asks hosts of its own at every start.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # As a browser with windows does by itself: an app that loops must not hold up the page around it.
    "--site-per-process",
)


def arguments() -> list[str]:
    """Arguments for a headless run. Root has no sandbox of Chromium's own."""
    return [*ARGUMENTS, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]


def find(whole: bool = False) -> Path | None:
    """A Chromium that is on this machine, or one that people browse with where it must be ``whole``."""
    if named := os.environ.get(config.CHROMIUM):
        if named.lower() == "none":
            return None
        if not Path(named).is_file():
            raise ToolsError(f"{config.CHROMIUM} names '{named}', which is not there; correct or unset it.")
        return Path(named)
    for name in WHOLE if whole else (*SHELLS, *WHOLE):
        if found := shutil.which(name):
            return Path(found)
    return _of_playwright()


def ensure(whole: bool = False) -> Path:
    """A Chromium, installed where the machine has none. Raises ToolsError."""
    if found := find(whole):
        return found
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False, stdout=subprocess.DEVNULL)
        for package in ("chromium",) if whole else ("chromium-headless-shell", "chromium"):
            subprocess.run(
                ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package, "fonts-dejavu-core"],
                env=quiet,
                check=False,
                stdout=subprocess.DEVNULL,
            )
            if found := find(whole):
                return found
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if found := find(whole):
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
