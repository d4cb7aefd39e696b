"""Who is told of deployments and syncs as they go on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from ...protocol_deployments import Deployment
from ...protocol_github import Sync

T = TypeVar("T", Deployment, Sync)
Told = tuple[str, int, int, str, int]
log = logging.getLogger(__name__)


class Audience(Generic[T]):
    """Hears of each step and each line of a log once, on the event loop. True where somebody listens."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[T], None]] = []
        self._told: dict[str, Told] = {}

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def follow(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """Add a listener. Gives what takes it away."""
        self._listeners.append(listener)

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    def deliver(self, news: T) -> bool:
        """Tell of something; false where that was told already, or something later was."""
        told = _told(news)
        before = self._told.get(news.id)
        if before is not None and (before == told or told[1] < before[1]):
            return False
        if before is not None and before[3] == told[3] and told[4] < before[4]:
            return False
        self._told[news.id] = told
        for listener in list(self._listeners):
            try:
                listener(news)
            except Exception:
                log.exception("a follower failed")
        return True


def _told(news: Deployment | Sync) -> Told:
    """What tells one piece of news from another. A deployment's sync takes steps of its own."""
    sync = news.sync if isinstance(news, Deployment) else None
    steps = len(sync.transitions) if sync else 0
    return news.status, len(news.transitions), len(news.log), sync.id if sync else "", steps


Listener = Callable[[Deployment], None]
SyncListener = Callable[[Sync], None]
