"""Changes that another program makes to an app's files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from .project import SKIPPED_FOLDERS


async def changes(root: Path, stop: asyncio.Event, polling: bool = False) -> AsyncIterator[set[str]]:
    """Batches of paths, relative to the app's folder, whose files were written, made or removed."""
    from watchfiles import Change, DefaultFilter, awatch

    class Sources(DefaultFilter):
        ignore_dirs = (*DefaultFilter.ignore_dirs, *SKIPPED_FOLDERS)
        ignore_entity_patterns = (*DefaultFilter.ignore_entity_patterns, r"\.writing$", r"^\.#", r"^4913$")

        def __call__(self, change: Change, path: str) -> bool:
            # The folders above the app may have any name; only what is inside it is filtered.
            return super().__call__(change, f"/{Path(path).relative_to(root).as_posix()}")

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
