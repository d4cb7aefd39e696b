"""What previews are asked to look for, until they answer."""

from __future__ import annotations

import asyncio
import secrets

import msgspec

from ..errors import GenerationError
from ..protocol_looking import Look, Seen, View
from .follower import Follower


class Looks:
    """The questions to previews that wait for an answer."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, asyncio.Future[Seen]]] = {}

    async def ask(self, app: str, follower: Follower, view: View, seconds: float) -> Seen:
        """What a preview shows. Raises GenerationError where it does not say so in time."""
        number = secrets.token_hex(8)
        answer: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
        self._waiting[number] = app, answer
        try:
            follower.send(msgspec.Raw(msgspec.json.encode(Look(app=app, look=number, view=view))))
            seen = await asyncio.wait_for(answer, seconds)
        except asyncio.TimeoutError:
            raise GenerationError(
                "The preview did not answer: its page is busy or hidden, or it is reached through a kernel that runs "
                "a cell. Go on without it."
            ) from None
        finally:
            del self._waiting[number]
        if seen.failure:
            raise GenerationError(f"The preview shows nothing to look at: {seen.failure[:300]}")
        return seen

    def answer(self, seen: Seen) -> None:
        """Take in an answer. One that comes too late, or that nobody waits for, is dropped."""
        app, answer = self._waiting.get(seen.look, ("", None))
        if answer is not None and app == seen.app and not answer.done():
            answer.set_result(seen)
