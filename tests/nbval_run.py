"""A run of notebooks as tests: `pytest --nbval` in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CUT = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
"""Runs a program in a network of its own, with nothing but itself in it."""


def cut_off() -> bool:
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    return subprocess.run([*CUT, "true"], capture_output=True, check=False).returncode == 0


def nbval(*notebooks: Path, options: Sequence[str] = (), cut: bool = True) -> subprocess.CompletedProcess[str]:
    ours = ("OVERSKILL_", "JPY_", "PYTEST_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    for name in ("OVERSKILL_NB_CACHE", "OVERSKILL_NB_CHROMIUM"):
        environment[name] = os.environ.get(name, "")
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *options]
    return subprocess.run(
        [*(CUT if cut else []), *command, *map(str, notebooks)],
        cwd=notebooks[0].parent,
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
