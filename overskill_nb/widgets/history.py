"""What a notebook shows of an app's history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .listening import ListeningWidget

if TYPE_CHECKING:
    from ..session import Session


class HistoryView(ListeningWidget):
    """The list of an app's checkpoints, which follows. Made by ``App.history``."""

    def __init__(self, session: Session, app: str, name: str, text: str) -> None:
        super().__init__(session, text, view="history", app=app, name=name)

    def _shows(self, event: dict[str, Any]) -> bool:
        return bool(event["type"] == "checkpoint_made" and event["app"] == self.app)
