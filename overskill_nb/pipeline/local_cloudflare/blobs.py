"""Contents by their SHA-256, one file each: workerd reads them from the disk itself."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from pathlib import Path


class Blobs:
    """``folder/ab/ab12…``. A file is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, content: bytes) -> str:
        """Keep a content; the same content is kept once."""
        name = hashlib.sha256(content).hexdigest()
        target = self.folder / name[:2] / name
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as file:
                file.write(content)
            os.replace(file.name, target)
        return name

    def get(self, name: str) -> bytes:
        return (self.folder / name[:2] / name).read_bytes()

    def has(self, name: str) -> bool:
        return (self.folder / name[:2] / name).exists()

    def collect(self, keep: set[str], older_than: float) -> None:
        """Remove what nothing names and nobody has just uploaded."""
        before = time.time() - older_than
        for file in self.folder.glob("*/*"):
            with contextlib.suppress(OSError):
                if file.name not in keep and file.stat().st_mtime < before:
                    file.unlink()
