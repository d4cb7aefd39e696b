"""What a notebook shows of deployments: the timeline of one, and the table of all of an app's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from .listening import ListeningWidget

if TYPE_CHECKING:
    from ..protocol_deployments import Deployment
    from ..session import Session


class DeploymentView(ListeningWidget):
    """The timeline of one deployment. Made by ``App.deploy``, ``promote`` and ``rollback``."""

    deployment = traitlets.Unicode("", read_only=True).tag(sync=True)
    """Its id. The page takes it out of the state that a notebook may be saved with."""

    def __init__(self, session: Session, known: Deployment, text: str) -> None:
        super().__init__(session, text, view="deployment", app=known.app, name=known.name)
        self.set_trait("deployment", known.id)

    def _shows(self, event: dict[str, Any]) -> bool:
        if event["type"] == "deployment_changed":
            return bool(event["deployment"]["id"] == self.deployment)
        return bool(event["type"] == "sync_changed" and event["sync"]["deployment"] == self.deployment)


class DeploymentsView(ListeningWidget):
    """The table of an app's deployments. Made by ``App.deployments``."""

    def __init__(self, session: Session, app: str, name: str, text: str) -> None:
        super().__init__(session, text, view="deployments", app=app, name=name)

    def _shows(self, event: dict[str, Any]) -> bool:
        return bool(event["type"] == "deployment_changed" and event["app"] == self.app)
