"""What widgets share that show what happens to an app: its deployments, its history, its GitHub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .linked import LinkedWidget

if TYPE_CHECKING:
    from ..session import Session


class ListeningWidget(LinkedWidget):
    """A widget whose page hears what the engine tells everybody, as far as this widget shows it."""

    def __init__(self, session: Session, text: str, *, view: str, app: str, name: str) -> None:
        super().__init__(session, view=view, app=app, name=name)
        self._text = text
        if session.host == "kernel":
            # The page's messages wait while a cell runs; what the engine has to say does not wait for them.
            self.link()

    def _send_raw(self, data: bytes) -> None:
        message = json.loads(data)
        event = message.get("event") if message["type"] == "event" else None
        if event is None or self._shows(event):
            self.send({"type": "overskill", "message": message})

    def _shows(self, event: dict[str, Any]) -> bool:
        """Whether the page needs to hear of an event."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return str(self._text)
