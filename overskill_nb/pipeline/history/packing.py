"""Puts what many checkpoints left, a file for each object, into one pack: in a process of its own, which slows nothing
down. ``python -m overskill_nb.pipeline.history.packing GITDIR`` is that process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

CROWDED = 16
"""Objects in one of 256 folders beyond which they are packed: some 4,000 in all."""
_SAMPLE = "17"
"""The folder that is looked into, as with ``git gc --auto``: hashes fall into all of them alike."""


def crowded(folder: Path) -> bool:
    """Whether a git directory holds so many loose objects that they are to be packed."""
    try:
        return len(os.listdir(folder / "objects" / _SAMPLE)) > CROWDED
    except OSError:
        return False


async def pack(folder: Path) -> None:
    """Pack the loose objects of a git directory. Where it fails they stay loose."""
    with contextlib.suppress(OSError):
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", __spec__.name, str(folder)],
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def main(folder: Path) -> None:
    from dulwich.repo import Repo

    from .lock import Lock

    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    # Locked: what is written meanwhile may count on an object that is about to move.
    with Lock(folder / "overskill" / "lock"), Repo(str(folder)) as repo:
        repo.object_store.pack_loose_objects()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
