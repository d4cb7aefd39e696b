"""An app that is open in the engine, as a generation sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from ...protocol import Diagnostic, FileChange, Origin, Written
from ..project import Project
from .check import Act, Checked
from .surroundings import Surroundings

if TYPE_CHECKING:
    from ..live_app import LiveApp

_checked = msgspec.json.Decoder(Checked).decode
_surroundings = msgspec.json.Decoder(Surroundings).decode


class OpenApp:
    """Asks the worker for checks, and the app for changes."""

    def __init__(self, app: LiveApp) -> None:
        self._app = app

    @property
    def project(self) -> Project:
        return self._app.project

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What is wrong with the sources that previews show."""
        return self._app.feed.diagnostics

    async def check(
        self,
        files: Mapping[str, str | None],
        target: str,
        *,
        bare: bool = True,
        mend: bool = True,
        steps: Sequence[Act] = (),
    ) -> Checked:
        """Compile and render a component as it would be with other files. Neither the disk nor a preview sees them.

        With ``steps`` they are done to it, and ``after`` says what is there then; else its controls are tried once.
        """
        changes = [{"path": path, "content": content} for path, content in files.items()]
        return _checked(
            await self._app.ask(
                "check", files=changes, target=target, bare=bare, mend=mend, render=True, poke=True, steps=list(steps)
            )
        )

    async def surroundings(self) -> Surroundings:
        """What a model is told of the app. What checks its answer gets ready meanwhile."""
        self._app.expect_types()
        return _surroundings(await self._app.ask("surroundings"))

    async def change(self, files: Sequence[FileChange], origin: Origin) -> Written:
        """Write files, and send them to previews."""
        return await self._app.change(files, origin)

    async def add_package(self, name: str) -> None:
        """Install a package. Raises PackageError."""
        await self._app.add_package(name)
