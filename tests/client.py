"""A client of an engine, as a page or a kernel is one: everything goes through encoded messages."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any, TypeVar

from overskill_nb.errors import from_failure
from overskill_nb.pipeline import Engine
from overskill_nb.protocol import (
    Call,
    Cancel,
    EngineEvent,
    Event,
    Message,
    Reply,
    Request,
    Snapshot,
    Subscribe,
    ToClient,
    Update,
    decode_to_client,
    encode,
)

M = TypeVar("M", bound=Message)
SECONDS = 150.0
"""An app's packages may have to be installed first, on a machine that is busy."""


class Client:
    """Keeps what it hears, in order. ``send`` is how its messages get to the engine."""

    def __init__(self, send: Callable[[bytes], Any]) -> None:
        self._send = send
        self.close: Callable[[], None] = lambda: None
        self.heard: list[ToClient] = []
        self._came = asyncio.Event()
        self._numbers = itertools.count(1)

    @classmethod
    def of(cls, engine: Engine) -> Client:
        """A client in the engine's own process."""
        client = cls(lambda _: None)
        connection = engine.connect(client.hear)
        client._send, client.close = connection.receive, connection.close
        return client

    def hear(self, data: bytes | str) -> None:
        self.heard.append(decode_to_client(data))
        self._came.set()

    def say(self, message: Message) -> None:
        self._send(encode(message))

    # ------------------------------------------------------------------------------------------------------ asking

    def start(self, request: Request) -> int:
        """Ask, without waiting."""
        number = next(self._numbers)
        self.say(Call(id=number, request=request))
        return number

    def cancel(self, number: int) -> None:
        self.say(Cancel(id=number))

    async def answer(self, number: int) -> Message:
        """The result of what was asked. Raises what the engine answered as a failure."""
        reply = await self.wait_for(Reply, lambda reply: reply.id == number)
        if reply.failure is not None:
            raise from_failure(reply.failure)
        assert reply.result is not None
        return reply.result

    async def ask(self, request: Request, expect: type[M]) -> M:
        result = await self.answer(self.start(request))
        assert isinstance(result, expect)
        return result

    # --------------------------------------------------------------------------------------------------- listening

    async def follow(self, app: str, name: str = "p", **more: Any) -> Snapshot:
        """Subscribe, and wait for the snapshot."""
        before = len(self.heard)
        self.say(Subscribe(client=name, app=app, **more))
        await self.until(lambda: any(isinstance(event, Snapshot) for event in self.events(name, before)))
        return next(event for event in self.events(name, before) if isinstance(event, Snapshot))

    def events(self, name: str = "p", start: int = 0) -> list[EngineEvent]:
        heard = [message for message in self.heard[start:] if isinstance(message, Event)]
        return [message.event for message in heard if message.client == name]

    def updates(self, name: str = "p") -> list[Update]:
        return [event for event in self.events(name) if isinstance(event, Update)]

    async def update(self, seq: int, name: str = "p") -> Update:
        """The update of a number, waiting for it."""
        await self.until(lambda: any(update.seq == seq for update in self.updates(name)))
        return next(update for update in self.updates(name) if update.seq == seq)

    async def wait_for(self, kind: type[M], test: Callable[[M], bool] = lambda _: True) -> M:
        """The first message of a kind that passes a test, waiting for it."""

        def found() -> list[M]:
            return [message for message in self.heard if isinstance(message, kind) and test(message)]

        await self.until(lambda: bool(found()))
        return found()[0]

    async def until(self, true: Callable[[], bool], seconds: float = SECONDS) -> None:
        end = time.monotonic() + seconds
        while not true():
            self._came.clear()
            left = end - time.monotonic()
            assert left > 0, f"did not come within {seconds} s; heard {[_short(message) for message in self.heard]}"
            try:
                await asyncio.wait_for(self._came.wait(), min(left, 0.5))
            except asyncio.TimeoutError:
                continue


def _short(message: ToClient) -> str:
    if isinstance(message, Event):
        return f"{message.client}:{type(message.event).__name__}:{getattr(message.event, 'seq', '')}"
    return repr(message)[:300]
