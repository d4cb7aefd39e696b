"""Run a command whose whole process group ends when the work is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

KEPT_LINES = 200
_HARMLESS = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TMP", "TEMP", "SYSTEMROOT")


class Outcome(NamedTuple):
    code: int
    tail: str
    """The last lines of what it printed."""


def environment_for_apps(**own: str) -> dict[str, str]:
    """What a process is told in which an app's configuration runs, Tailwind's and its plugins: no token is there."""
    return {name: os.environ[name] for name in _HARMLESS if name in os.environ} | own


async def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run a command to its end. Cancelling kills it with its children."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=cwd,
        env=dict(os.environ) | dict(env or {}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=2**20,
    )
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    try:
        assert process.stdout is not None
        async for raw in process.stdout:
            tail.append(raw.decode("utf-8", "replace").rstrip())
        return Outcome(await process.wait(), "\n".join(tail))
    finally:
        if process.returncode is None:
            kill_group(process.pid)
            await process.wait()


def publish(made: Path, target: Path) -> None:
    """Put a finished folder in its place. Where another process was faster, its folder is the same and stays."""
    try:
        os.rename(made, target)
    except OSError:
        if not target.is_dir():
            raise


def kill_group(pid: int) -> None:
    """Kill a process and all that it started, where it leads a group of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGKILL)
