"""A client of the engine, at the engine's end: what it asks for, what it follows, how fast it takes what it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from itertools import count
from typing import TYPE_CHECKING, Any, Optional

import msgspec

from .. import errors
from ..errors import Cancelled, OverskillError
from ..protocol import (
    Ack,
    Call,
    Cancel,
    Event,
    Failure,
    Gone,
    Inspect,
    Ping,
    Reply,
    Subscribe,
    Unsubscribe,
    decode_to_engine,
)
from .follower import Follower

if TYPE_CHECKING:
    from .engine import Engine
    from .live_app import LiveApp

Send = Callable[[bytes], Optional["asyncio.Future[Any]"]]
"""Takes an encoded message for a client; gives what ends when the message has left, where that can be known."""

CONGESTED_BYTES = 2 * 1024 * 1024
"""Waiting for a client beyond this, it is sent nothing that it can be given later."""

log = logging.getLogger(__name__)


class Connection:
    """One client of the engine. Messages of the protocol come in through ``receive`` and go out through ``send``."""

    _numbers = count(1)

    def __init__(self, engine: Engine, send: Send) -> None:
        self.number = next(self._numbers)
        self._engine = engine
        self._send = send
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._subscribing: dict[str, asyncio.Task[None]] = {}
        self._early: dict[str, Ack] = {}
        """What clients said that they show before they were followers (again)."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._leaving = 0
        """Bytes that were handed over and have not left yet."""
        self._congested = False

    def send(self, message: msgspec.Struct) -> None:
        """Send one message, unless the client is gone."""
        if self._closed:
            return
        data = msgspec.json.encode(message)
        left = self._send(data)
        if left is None or left.done():
            return
        size = len(data)
        self._leaving += size
        if self._leaving > CONGESTED_BYTES:
            self._congested = True
        left.add_done_callback(lambda _: self._left(size))

    @property
    def congested(self) -> bool:
        """Whether the client takes less than it is sent: what is numbered waits then."""
        return self._congested

    def _left(self, size: int) -> None:
        self._leaving -= size
        if not self._congested or self._leaving > CONGESTED_BYTES // 4 or self._closed:
            return
        self._congested = False
        for app in self._engine.apps.values():
            for key, follower in app.feed.followers.items():
                if key[0] == self.number and follower.behind:
                    self._run(self._catch_up(app, key))

    @staticmethod
    async def _catch_up(app: LiveApp, key: tuple[int, str]) -> None:
        # Where this fails the preview sees a gap at the next update, and asks.
        with contextlib.suppress(OverskillError):
            await app.catch_up(key)

    def receive(self, data: bytes | str) -> bool:
        """Take in one message; whether it asks for work. Raises ``msgspec.MsgspecError`` where it is none of ours."""
        message = decode_to_engine(data)
        if isinstance(message, Call):
            self._call(message)
            return not isinstance(message.request, (Inspect, Ping))
        if isinstance(message, Subscribe):
            known = self._unsubscribe(message.client)
            self._subscribing[message.client] = self._run(self._subscribe(message, known))
            return True
        if isinstance(message, Unsubscribe):
            self._unsubscribe(message.client)
        elif isinstance(message, Ack):
            self._acknowledge(message)
        elif isinstance(message, Cancel) and (task := self._calls.get(message.id)):
            task.cancel()
        return False

    def _unsubscribe(self, client: str) -> Follower | None:
        """Let go of a preview; gives what it was."""
        # One that still waits for its turn would follow after all.
        if task := self._subscribing.pop(client, None):
            task.cancel()
        self._early.pop(client, None)
        followers = [app.feed.followers.pop((self.number, client), None) for app in self._engine.apps.values()]
        return next(filter(None, followers), None)

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _call(self, call: Call) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            self._calls.pop(call.id, None)
            # Here and not in the task: one that is cancelled before its first step never runs.
            if task.cancelled():
                self.send(Reply(id=call.id, failure=failure(Cancelled("The work was stopped before its end."))))

        self._calls[call.id] = self._run(self._answer(call))
        self._calls[call.id].add_done_callback(ended)

    async def _answer(self, call: Call) -> None:
        try:
            self.send(Reply(id=call.id, result=await self._engine.handle(call.request)))
        except Exception as error:
            self.send(Reply(id=call.id, failure=failure(error)))

    async def _subscribe(self, message: Subscribe, known: Follower | None) -> None:
        try:
            app = await self._engine.app(message.app)
            key = (self.number, message.client)
            app.feed.followers.pop(key, None)
            # On the same connection it only asks for what it lacks.
            again = bool(message.build) and message.seq >= 0 and known is None
            follower = Follower(self, message.client, message.have, message.fetches, message.module, again)
            if known is not None:
                follower.acknowledged = known.acknowledged
            await app.follow(key, follower, message.build, message.seq, message.module)
            if self._closed:
                app.feed.followers.pop(key, None)
            elif early := self._early.pop(message.client, None):
                self._shown(follower, early)
        except Exception as error:
            self.send(Event(client=message.client, event=Gone(app=message.app, reason=failure(error).message)))

    def _acknowledge(self, message: Ack) -> None:
        app = self._engine.apps.get(message.app)
        follower = app.feed.followers.get((self.number, message.client)) if app else None
        if follower is not None:
            self._shown(follower, message)
        elif (subscribing := self._subscribing.get(message.client)) and not subscribing.done():
            self._early[message.client] = message

    def _shown(self, follower: Follower, ack: Ack) -> None:
        measures = self._engine.measures
        if follower.acknowledged is None:
            measures.connected(follower.again)
        ms = follower.acknowledge(ack)
        if ms is None:
            return
        if ack.outcome == "failed":
            measures.failed()
        else:
            measures.shown(ms)

    def close(self) -> None:
        """The client is gone: stop what it asked for."""
        if self._closed:
            return
        self._closed = True
        self._engine.forget(self)
        for task in list(self._tasks):
            task.cancel()


def failure(error: BaseException) -> Failure:
    """An exception as data. What is not ours keeps its text to itself: it may hold paths or secrets."""
    if isinstance(error, OverskillError):
        # Errors of the pipeline's own go out under the name of the public error that they are.
        name = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in errors.__all__)
        return Failure(error=name, message=str(error), diagnostics=error.diagnostics)
    log.error("a request failed inside", exc_info=error)
    return Failure(
        error="EngineError", message=f"The engine failed inside ({type(error).__name__}); its log says more."
    )
