"""Whether candidate files are good enough to keep: mended, compiled and rendered beside what previews show."""

from __future__ import annotations

from typing import Literal

import msgspec

from ...protocol import Diagnostic, Location


class Mended(msgspec.Struct):
    """A file in which the obvious was put right."""

    path: str
    content: str
    notes: list[str]


class Missing(msgspec.Struct):
    """A package that the candidate imports and that is not installed."""

    package: str
    specifier: str
    location: Location | None = None


class Act(msgspec.Struct, omit_defaults=True):
    """One thing that a person does to a component, to see what becomes of it."""

    do: Literal["click", "fill", "choose", "press", "wait"]
    name: str = ""
    """Of the control, as a screen reader says it; a part of it will do."""
    value: str = ""
    role: str = ""
    nth: int = 0
    ms: int = 0


class Checked(msgspec.Struct):
    """What a check found. ``passed`` says whether the candidate compiles, renders, and is a component."""

    module: str = ""
    export: str = ""
    diagnostics: list[Diagnostic] = []
    missing: list[Missing] = []
    mended: list[Mended] = []
    console: list[str] = []
    text: str = ""
    """What a screen reader finds in it."""
    after: list[str] = []
    """The same after each step."""
    rendered: int = 0
    untyped: str = ""
    """Why types were not checked; empty where they were."""
    timings: dict[str, float] = {}

    @property
    def errors(self) -> list[Diagnostic]:
        """What has to be mended."""
        return [d for d in self.diagnostics if d.severity == "error"]

    @property
    def warnings(self) -> list[Diagnostic]:
        return [d for d in self.diagnostics if d.severity == "warning"]

    @property
    def idle(self) -> list[Diagnostic]:
        """What runs, and does not do what it seems to."""
        return [d for d in self.warnings if d.kind == "behaviour"]

    @property
    def passed(self) -> bool:
        return bool(self.module) and self.rendered > 0 and not self.errors

    @property
    def notes(self) -> list[str]:
        """What was put right, in words."""
        return [note for file in self.mended for note in file.notes]
