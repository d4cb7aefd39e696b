"""What a model works on: the app's files with its own changes over them. Nothing is written until it is kept."""

from __future__ import annotations

import re

from ...errors import FileError, PathError
from ..paths import check
from ..project import Project
from .edits import edited

MAX_FILES = 40
MAX_BYTES = 200_000
_SECRET = re.compile(r"(?:^|/)(?:\.env[^/]*|\.npmrc|[^/]*\.(?:pem|key|p12)|id_[a-z0-9]+)$", re.IGNORECASE)
_NEVER = re.compile(
    r"(?:^|/)(?:\.[^/]+|node_modules|package(?:-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|wrangler\.[a-z]+"
    # These run on this machine when the app is built.
    r"|(?:vite|postcss|tailwind|vitest|eslint|svelte)\.config\.[a-z]+)(?:/|$)",
    re.IGNORECASE,
)


class Draft:
    """Files as a model sees and changes them. Its paths are checked as a person's are, and more strictly."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.changes: dict[str, str | None] = {}

    def paths(self) -> list[str]:
        """All files, without secrets."""
        there = {path for path in self.project.files() if not _SECRET.search(path)}
        there |= {path for path, content in self.changes.items() if content is not None}
        return sorted(there - {path for path, content in self.changes.items() if content is None})

    def read(self, path: str) -> str:
        """A file's text. Raises PathError or FileError."""
        check(path)
        if _SECRET.search(path):
            raise PathError(f"'{path}' may hold secrets and is not shown to a model.")
        if path in self.changes:
            content = self.changes[path]
            if content is None:
                raise FileError(f"There is no file '{path}' in {self.project.name}.")
            return content
        return self.project.read(path)

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        try:
            self.read(path)
        except (FileError, PathError):
            return False
        return True

    def write(self, path: str, content: str) -> None:
        """Replace a whole file. Raises PathError or FileError."""
        writable(path)
        self.project.locate(path)
        if len(content.encode()) > MAX_BYTES:
            raise FileError(f"'{path}' would have more than {MAX_BYTES // 1000} KB; split it into several files.")
        if path not in self.changes and len(self.changes) >= MAX_FILES:
            raise FileError(f"One generation changes at most {MAX_FILES} files.")
        if not content.endswith("\n"):
            content += "\n"
        self.changes[path] = content
        if self._original(path) == content:
            del self.changes[path]

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the one place where ``old`` stands. Raises EditError that helps the next try."""
        self.write(path, edited(self.read(path), old, new, path))

    def delete(self, path: str) -> None:
        """Take a file away. Raises PathError or FileError."""
        writable(path)
        self.read(path)
        self.changes[path] = None

    def search(self, text: str, most: int = 40) -> list[str]:
        """Lines that hold a text, as ``path:line: …``."""
        out: list[str] = []
        for path in self.paths():
            if not re.search(r"\.(?:[tj]sx?|css|html|json|md)$", path):
                continue
            try:
                lines = self.read(path).splitlines()
            except (FileError, PathError):
                continue
            for number, line in enumerate(lines, 1):
                if text.lower() in line.lower():
                    out.append(f"{path}:{number}: {line.strip()[:200]}")
                    if len(out) >= most:
                        return out
        return out

    def before(self) -> dict[str, str | None]:
        """What the changed files hold on disk."""
        return {path: self._original(path) for path in self.changes}

    def _original(self, path: str) -> str | None:
        try:
            return self.project.read(path)
        except FileError:
            return None


def writable(path: str) -> None:
    """Raises PathError where a model may not write."""
    check(path)
    if _NEVER.search(path):
        raise PathError(
            f"'{path}' is not a model's to write: it is configuration, or holds what the app does not show."
        )
