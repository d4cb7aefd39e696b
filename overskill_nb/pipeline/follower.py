"""The previews that follow an app."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Protocol

import msgspec

from ..protocol import Ack, Gone, PreviewInfo, Progress, RawEvent, Vendor
from .chunk import Chunk

SILENT_UPDATES = 100
SILENT_SECONDS = 60.0
"""A preview that answered for none of so many updates in so long is not there any more: its page went without a word,
as those that are reached through a kernel do."""


class Subscriber(Protocol):
    """Where a preview's events go."""

    @property
    def congested(self) -> bool: ...

    def send(self, message: msgspec.Struct) -> None: ...


class Follower:
    """A preview that follows the app: what it was sent, and what it says that it shows."""

    def __init__(
        self,
        subscriber: Subscriber,
        client: str,
        have: Iterable[str] = (),
        fetches: bool = False,
        module: str = "",
        again: bool = False,
    ) -> None:
        self.subscriber = subscriber
        self.client = client
        self.module = module
        """Module id of its target; empty for the whole app."""
        self.again = again
        """Whether it followed before, on a connection that was lost."""
        self.have = set(have)
        """Vendor chunks that need not be sent."""
        self.fetches = fetches
        """Whether it fetches chunks that messages only name."""
        self.sent = -1
        """Number of the last update that was sent."""
        self.behind = False
        """Whether updates were kept from it because its connection is congested."""
        self.acknowledged: Ack | None = None
        self._acknowledged_at = 0.0
        self._unanswered = 0
        self._begun: dict[int, float] = {}
        """When the changes of updates that it was sent were taken in, by the updates' numbers: Unix time in ms."""
        self.heard = time.monotonic()
        """When it last said what it shows."""

    def send(self, event: msgspec.Raw) -> None:
        """Send an event that nothing can replace."""
        self.subscriber.send(RawEvent(client=self.client, event=event))

    def give(self, chunks: Iterable[Chunk]) -> list[Vendor]:
        """Chunks as they are written into a message: with their code, unless the preview has it or fetches it."""
        given = []
        for chunk in chunks:
            alone = chunk.id in self.have or (self.fetches and chunk.file)
            given.append(Vendor(id=chunk.id) if alone else chunk.vendor())
            self.have.add(chunk.id)
        return given

    def tell(self, event: msgspec.Raw) -> None:
        """Send an event that may be left out."""
        if not self.subscriber.congested:
            self.send(event)

    def snapshot(self, seq: int, event: msgspec.Raw) -> None:
        """Send all that there is, as of ``seq``."""
        self.behind = False
        self.sent = seq
        self.send(event)

    def update(self, seq: int, event: msgspec.Raw, begun: float = 0.0) -> None:
        """Send an update, unless the connection is congested: then this one and the next wait until it is not.

        ``begun`` is when its change was taken in; 0 for one that the preview missed at its time.
        """
        if self.behind or self.subscriber.congested:
            self.behind = True
            return
        self.sent = seq
        self._unanswered += 1
        if begun:
            self._begun[seq] = begun
        self.send(event)

    @property
    def silent(self) -> bool:
        """Whether the preview must be taken for gone."""
        return self._unanswered > SILENT_UPDATES and time.monotonic() - self.heard > SILENT_SECONDS

    def acknowledge(self, ack: Ack) -> float | None:
        """Keep what the preview says that it shows. Gives how long that took, where it is an update's first answer."""
        self.acknowledged = ack
        self._acknowledged_at = time.time() * 1000
        begun = self._begun.pop(ack.seq, None)
        self._begun = {seq: at for seq, at in self._begun.items() if seq > ack.seq}
        self._unanswered = 0
        self.heard = time.monotonic()
        return None if begun is None else self._acknowledged_at - begun

    def info(self, app: str) -> PreviewInfo:
        """What the preview shows."""
        ack = self.acknowledged
        return PreviewInfo(
            app=app,
            client=self.client,
            sent=self.sent,
            seq=ack.seq if ack else -1,
            outcome=ack.outcome if ack else "",
            ms=ack.ms if ack else 0.0,
            at=self._acknowledged_at,
        )


class Followers(dict[tuple[int, str], Follower]):
    """The previews of one app, by their connection's number and their own name."""

    def publish(self, app: str, seq: int, update: msgspec.Raw, begun: float) -> None:
        """Send an update to all, and let go of those that are not there any more."""
        for key, follower in list(self.items()):
            follower.update(seq, update, begun)
            if follower.silent:
                # In case it is there after all: it may subscribe again.
                follower.send(_raw(Gone(app=app, reason="The preview did not answer.")))
                del self[key]

    def tell(self, event: Gone | Progress) -> None:
        """Send an event to all."""
        raw = _raw(event)
        for follower in list(self.values()):
            if isinstance(event, Gone):
                follower.send(raw)
            else:
                follower.tell(raw)


def _raw(event: msgspec.Struct) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(event))
