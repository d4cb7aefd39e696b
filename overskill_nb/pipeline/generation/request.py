"""What is asked of a model, whatever kind of request it came as."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...errors import GenerationError
from ...protocol import Diagnostic
from ...protocol_generation import Budget, GenerationTask, Picture
from ..project import Project

MAX_PROMPT = 100_000
_NAME = re.compile(r"[A-Z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True)
class Wanted:
    """One request to a model."""

    task: GenerationTask
    prompt: str
    name: str = ""
    path: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    """Further texts by their names."""
    pictures: tuple[Picture, ...] = ()
    errors: tuple[Diagnostic, ...] = ()
    budget: Budget = field(default_factory=Budget)
    variant: int = 0

    @property
    def target(self) -> str:
        """What is checked."""
        return self.path or "src/App.tsx"


def normalised(prompt: str) -> str:
    """A prompt without what makes no difference. Raises GenerationError for one that cannot be asked."""
    text = unicodedata.normalize("NFC", prompt.replace("\r\n", "\n").replace("\r", "\n"))
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip()
    if not text:
        raise GenerationError("The prompt is empty: say what the component shows and does.")
    if len(text) > MAX_PROMPT:
        raise GenerationError(
            f"The prompt has {len(text):,} characters; {MAX_PROMPT:,} are sent at most. Give files as context instead."
        )
    return text


def component(project: Project, name: str, path: str) -> tuple[str, str]:
    """A component's name and path. Raises GenerationError, AppError or PathError."""
    if not _NAME.fullmatch(name):
        raise GenerationError(
            f"'{name}' cannot be a component's name: it is letters and digits, and begins with a capital one."
        )
    place = path or project.place_of(name)
    project.locate(place)
    return name, place
