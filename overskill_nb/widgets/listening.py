"""What widgets share that show what happens to an app: its deployments, its history, its GitHub."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from .linked import LinkedWidget

if TYPE_CHECKING:
    from ..session import Session

UNASKED = (1.0, 4.0)
"""Seconds after which a page that said nothing is sent the bundle: its question may wait behind the cell that runs."""


class ListeningWidget(LinkedWidget):
    """A widget whose page hears what the engine tells everybody, as far as this widget shows it."""

    def __init__(self, session: Session, text: str, *, view: str, app: str, name: str) -> None:
        self._heard = False
        super().__init__(session, view=view, app=app, name=name)
        self._text = text
        if session.host == "kernel":
            # The page's messages wait while a cell runs; what the engine has to say does not wait for them.
            self.link()
            for seconds in UNASKED:
                timer = threading.Timer(seconds, self._offer_bundle)
                timer.daemon = True
                timer.start()

    def _offer_bundle(self) -> None:
        if not self._heard and self.comm is not None:
            self._send_bundle()

    def open(self) -> None:
        super().open()
        self._hear_at_once()

    def _send(self, msg: Any, buffers: Any = None) -> None:
        super()._send(msg, buffers)
        self._hear_at_once()

    def _hear_at_once(self) -> None:
        """ipykernel has what a page says wait for the loop that spoke to it last, which a cell may keep busy; a page
        that has a subshell says so itself."""
        getattr(self.comm, "__dict__", {}).pop("_reply_subshell_id", None)

    def _received(self, widget: object, content: Any, buffers: object) -> None:
        self._heard = True
        super()._received(widget, content, buffers)

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
