"""What a notebook shows of deployments: the timeline of one, and the table of all of an app's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import traitlets

from .linked import LinkedWidget

if TYPE_CHECKING:
    from ..protocol_deployments import Deployment
    from ..session import Session


class _DeploymentWidget(LinkedWidget):
    def __init__(self, session: Session, text: str, *, view: str, app: str, name: str) -> None:
        super().__init__(session, view=view, app=app, name=name)
        self._text = text
        if session.host == "kernel":
            # The page's messages wait while a cell runs; what the engine has to say does not wait for them.
            self.link()

    def _send_raw(self, data: bytes) -> None:
        message = json.loads(data)
        event = message.get("event") if message["type"] == "event" else None
        if event is None or (event["type"] == "deployment_changed" and self._shows(event["deployment"])):
            self.send({"type": "overskill", "message": message})

    def _shows(self, deployment: dict[str, Any]) -> bool:
        """Whether this widget shows a deployment; of all others the page need not hear."""
        return bool(deployment["app"] == self.app)

    def __repr__(self) -> str:
        return str(self._text)


class DeploymentView(_DeploymentWidget):
    """The timeline of one deployment. Made by ``App.deploy``, ``promote`` and ``rollback``."""

    deployment = traitlets.Unicode("", read_only=True).tag(sync=True)
    """Its id. The page takes it out of the state that a notebook may be saved with."""

    def __init__(self, session: Session, known: Deployment, text: str) -> None:
        super().__init__(session, text, view="deployment", app=known.app, name=known.name)
        self.set_trait("deployment", known.id)

    def _shows(self, deployment: dict[str, Any]) -> bool:
        return bool(deployment["id"] == self.deployment)


class DeploymentsView(_DeploymentWidget):
    """The table of an app's deployments. Made by ``App.deployments``."""

    def __init__(self, session: Session, app: str, name: str, text: str) -> None:
        super().__init__(session, text, view="deployments", app=app, name=name)
