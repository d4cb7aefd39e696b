"""What a notebook shows of a generation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import traitlets

from .listening import ListeningWidget

if TYPE_CHECKING:
    from ..protocol_generation import Generation
    from ..session import Session


class GenerationView(ListeningWidget):
    """The code as it is written, then what came of it. Made by ``App.generate``, ``ask``, ``fix`` and ``variants``."""

    generation = traitlets.Unicode("").tag(sync=True)
    """Its id; the page names another one where it was asked to try again."""
    snapshot: traitlets.Dict[str, Any] = traitlets.Dict(read_only=True).tag(sync=True)
    """How it ended, for a page whose engine does not know it any more."""

    def __init__(self, session: Session, known: Generation) -> None:
        text = f"Generation({known.name or known.task})"
        super().__init__(session, text, view="generation", app=known.app, name=known.name)
        self.generation = known.id
        self.take(known)

    def take(self, known: Generation) -> None:
        """What Python knows of it."""
        if known.status != "running":
            self.set_trait("snapshot", msgspec.to_builtins(known))

    def _shows(self, event: dict[str, Any]) -> bool:
        return bool(event["type"] == "generation_stepped" and event["generation"] == self.generation)
