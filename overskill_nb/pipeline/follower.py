"""A preview that follows an app."""

from __future__ import annotations

from typing import Protocol

import msgspec

from ..protocol import Ack, RawEvent


class Subscriber(Protocol):
    """Where a preview's events go."""

    def send(self, message: msgspec.Struct) -> None: ...


class Follower:
    """A preview that follows the app, and what it shows."""

    def __init__(self, subscriber: Subscriber, client: str) -> None:
        self.subscriber = subscriber
        self.client = client
        self.acknowledged: Ack | None = None

    def send(self, event: msgspec.Raw) -> None:
        self.subscriber.send(RawEvent(client=self.client, event=event))
