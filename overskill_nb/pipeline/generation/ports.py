"""What a generation needs of the app that it is for, and of a browser that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ...protocol import Diagnostic, FileChange, Origin, Written
from ..project import Project
from .check import Act, Checked
from .surroundings import Surroundings


class AppPort(Protocol):
    """An open app."""

    @property
    def project(self) -> Project: ...
    @property
    def diagnostics(self) -> list[Diagnostic]: ...
    async def check(
        self,
        files: Mapping[str, str | None],
        target: str,
        *,
        bare: bool = True,
        mend: bool = True,
        steps: Sequence[Act] = (),
    ) -> Checked: ...
    async def surroundings(self) -> Surroundings: ...
    async def change(self, files: Sequence[FileChange], origin: Origin) -> Written: ...
    async def add_package(self, name: str) -> None: ...


class BrowserPort(Protocol):
    """A preview that is open in a browser."""

    async def errors(self) -> list[Diagnostic]: ...
    async def console(self) -> list[str]: ...
    async def accessible_text(self) -> str: ...
    async def screenshot(self) -> bytes: ...
