"""Changes that another program makes to an app's files."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from .project import SKIPPED_FOLDERS

log = logging.getLogger(__name__)
_BEING_MADE = re.compile(r"/\.[^/]*\.writing/")
"""In a folder that is moved to its place once it is whole."""


async def changes(root: Path, stop: asyncio.Event, polling: bool = False) -> AsyncIterator[set[str]]:
    """Batches of paths, relative to the app's folder, whose files were written, made or removed."""
    from watchfiles import Change, DefaultFilter, awatch

    class Sources(DefaultFilter):
        ignore_dirs = (*DefaultFilter.ignore_dirs, *SKIPPED_FOLDERS)
        ignore_entity_patterns = (*DefaultFilter.ignore_entity_patterns, r"\.writing$", r"^\.#", r"^4913$")

        def __call__(self, change: Change, path: str) -> bool:
            # The folders above the app may have any name; only what is inside it is filtered.
            inside = f"/{Path(path).relative_to(root).as_posix()}"
            return super().__call__(change, inside) and not _BEING_MADE.search(inside)

    async for batch in awatch(
        root,
        force_polling=polling or None,
        watch_filter=Sources(),
        stop_event=stop,
        debounce=40,
        step=10,
        recursive=True,
        ignore_permission_denied=True,
    ):
        yield {Path(path).relative_to(root).as_posix() for _, path in batch}


async def follow(root: Path, stop: asyncio.Event, take_in: Callable[[set[str]], Awaitable[None]]) -> None:
    """Hand on what changes. Where the system cannot watch a folder (too many watches), it is looked at now and then."""
    polling = False
    while not stop.is_set():
        try:
            async for changed in changes(root, stop, polling):
                try:
                    await take_in(changed)
                except Exception:
                    log.exception("%s: a change made by another program could not be taken in", root.name)
        except Exception as error:
            log.warning("%s cannot be watched (%s); looking at it every few seconds", root.name, error)
            polling = True
            await asyncio.sleep(5)
