"""How much memory a process and all that it started take."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PAGE = 4096


def of_group(leader: int) -> int:
    """Resident bytes of a process group; 0 where that cannot be known."""
    if sys.platform == "linux":
        return sum(_resident(pid) for pid in _family(leader))
    if sys.platform == "win32":
        return 0
    done = subprocess.run(["ps", "-axo", "pgid=,rss="], capture_output=True, text=True, check=False)
    rows = (line.split() for line in done.stdout.splitlines())
    return sum(int(rss) * 1024 for group, rss in rows if int(group) == leader)


def _family(pid: int) -> list[int]:
    """A process and its descendants."""
    out = [pid]
    for found in out:
        try:
            for task in Path(f"/proc/{found}/task").iterdir():
                out += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue  # it ended meanwhile
    return out


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0
