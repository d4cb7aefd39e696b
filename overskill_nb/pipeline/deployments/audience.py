"""Who is told of deployments as they go on."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ...protocol_deployments import Deployment

Listener = Callable[[Deployment], None]
log = logging.getLogger(__name__)


class Audience:
    """Hears of each step and each line of a log once, on the event loop. True where somebody listens."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._told: dict[str, tuple[str, int, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def follow(self, listener: Listener) -> Callable[[], None]:
        """Add a listener. Gives what takes it away."""
        self._listeners.append(listener)

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    def deliver(self, deployment: Deployment) -> bool:
        """Tell of a deployment; false where that was told already, or something later was."""
        told = (deployment.status, len(deployment.transitions), len(deployment.log))
        before = self._told.get(deployment.id)
        if before is not None and (before == told or told[1] < before[1]):
            return False
        self._told[deployment.id] = told
        for listener in list(self._listeners):
            try:
                listener(deployment)
            except Exception:
                log.exception("a follower of deployments failed")
        return True
