"""What a notebook shows of an app's repository on GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .listening import ListeningWidget

if TYPE_CHECKING:
    from ..session import Session


class GithubView(ListeningWidget):
    """How an app stands with its repository, and what their last exchange is at. Made by ``App.github``."""

    def __init__(self, session: Session, app: str, name: str, text: str) -> None:
        super().__init__(session, text, view="github", app=app, name=name)

    def _shows(self, event: dict[str, Any]) -> bool:
        return bool(event["type"] in {"sync_changed", "checkpoint_made"} and event["app"] == self.app)
