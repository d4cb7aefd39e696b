"""One model, asked during one generation: text comes as it is written, tools are called, costs are counted."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import time
import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ...protocol_generation import Picture
from .answer import Endless
from .budget import Spending
from .failures import meaning
from .grammar import understood
from .local_model import serve
from .model_spec import ModelSpec
from .partial_json import CodeInArguments

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import Model
    from pydantic_ai.tools import Tool

CHARACTERS = 4
"""Of one token, at most, in an answer that is code."""
RETRIES = 2
"""How often a request is made again that failed on its way; the provider's client waits as it is told to."""


class Text(NamedTuple):
    """More of the answer."""

    text: str
    path: str = ""


class Called(NamedTuple):
    """The model used a tool."""

    tool: str
    subject: str
    outcome: str


class Answered(NamedTuple):
    """The end of an answer."""

    text: str
    cut_off: bool
    history: list[ModelMessage]
    stopped: str = ""
    """Why it was not let to its end."""


Piece: TypeAlias = Text | Called | Answered


class Asking:
    """A model that is open for a while."""

    def __init__(self, spec: ModelSpec, spending: Spending, environment: Mapping[str, str] = os.environ) -> None:
        self.spec = spec
        self._environment = environment
        self._spending = spending
        self._stack: AsyncExitStack
        self._model: Model[Any]
        self.takes_grammars = False
        """Whether its server keeps an answer to a grammar."""

    async def __aenter__(self) -> Asking:  # noqa: PYI034 - Self is Python 3.11's
        from contextlib import AsyncExitStack

        from .providers import model

        self._stack = AsyncExitStack()
        address = await serve(self.spec.address, self.spec.family.window) if self.spec.kind == "file" else ""
        self._model = model(self.spec, address, self._environment)
        await self._stack.enter_async_context(self._model)
        if not self.spec.family.tools:
            self.takes_grammars = await understood(self.spec, address)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def ask(
        self,
        prompt: str,
        system: str,
        *,
        history: Sequence[ModelMessage] = (),
        tools: Sequence[Tool[None]] = (),
        pictures: Sequence[Picture] = (),
        temperature: float | None = None,
        grammar: str = "",
    ) -> AsyncIterator[Piece]:
        """Ask once; with tools, until the model has no more to do. Raises ModelError or GenerationError."""
        from pydantic_ai import Agent, AgentRunResultEvent, BinaryContent, ModelSettings, UsageLimits, messages

        family = self.spec.family
        settings = ModelSettings(
            max_tokens=min(family.answer, max(1, self._spending.tokens_left)),
            request_timeout=max(1.0, self._spending.seconds_left),
            max_retries=RETRIES,
        )
        temperature = family.temperature if temperature is None else temperature
        if temperature is not None:
            settings["temperature"] = temperature
        if tools and self.spec.kind == "anthropic":
            # Each step of a conversation repeats what was said before it.
            settings["cache"] = True
        if grammar and self.takes_grammars:
            settings["extra_body"] = {"grammar": grammar}
        agent = Agent(self._model, instructions=system, tools=list(tools), retries=3)
        seen = [BinaryContent(base64.b64decode(picture.data), media_type=picture.media_type) for picture in pictures]
        content: list[Any] = [prompt, *seen]
        limits = UsageLimits(total_tokens_limit=self._spending.tokens_left, request_limit=40 if tools else 2)
        endless = Endless(family.answer * CHARACTERS)
        reading = _Reading()
        stopped = ""
        began = time.monotonic()
        try:
            with warnings.catch_warnings():
                # Costs of models that are not priced, settings that a model does not take: nothing for a user to do.
                warnings.simplefilter("ignore")
                async with agent.run_stream_events(
                    content if pictures else prompt,
                    message_history=list(history),
                    model_settings=settings,
                    usage_limits=limits,
                ) as events:
                    async for event in events:
                        if isinstance(event, AgentRunResultEvent):
                            reading.over = True
                            self._count(event.result.usage, began)
                            cut_off = event.result.response.finish_reason == "length"
                            yield Answered(str(event.result.output), cut_off, event.result.all_messages())
                            return
                        if isinstance(event, messages.FunctionToolResultEvent):
                            yield _called(event, events.all_messages())
                            continue
                        delta = reading.take(event)
                        if delta is None:
                            continue
                        yield delta
                        if not tools and (stopped := endless.sees(delta.text)):
                            break
                    # Left in the middle: what came until now is paid for.
                    self._count(events.usage, began, reading.text)
        except Exception as error:
            self._spending.add(0, 0, 0, None, time.monotonic() - began)
            raise meaning(error, self.spec) from error
        except (asyncio.CancelledError, GeneratorExit):
            if not reading.over:
                self._spending.add(1, 0, len(reading.text) // CHARACTERS, None, time.monotonic() - began)
            raise
        yield Answered(reading.text, True, [], stopped)

    def _count(self, usage: Any, began: float, text: str = "") -> None:
        money = float(usage.cost) if usage.cost is not None else None
        output = usage.output_tokens or len(text) // CHARACTERS
        requests = usage.requests or 1
        self._spending.add(requests, usage.input_tokens, output, money, time.monotonic() - began)


class _Reading:
    """Takes what is new of the answer from the library's events: text, and code in the arguments of tools."""

    def __init__(self) -> None:
        self.text = ""
        self.over = False
        """Whether the answer came to its end, and was counted."""
        self._arguments: dict[int, CodeInArguments] = {}

    def take(self, event: Any) -> Text | None:
        """The text that came with an event, if any did."""
        from pydantic_ai import messages

        if isinstance(event, messages.PartStartEvent):
            if isinstance(event.part, messages.TextPart):
                return self._more(event.part.content)
            if isinstance(event.part, messages.ToolCallPart):
                self._arguments[event.index] = CodeInArguments()
                return self._argument(event.index, event.part.args)
        elif isinstance(event, messages.PartDeltaEvent):
            if isinstance(event.delta, messages.TextPartDelta):
                return self._more(event.delta.content_delta)
            if isinstance(event.delta, messages.ToolCallPartDelta):
                return self._argument(event.index, event.delta.args_delta)
        return None

    def _more(self, text: str) -> Text | None:
        self.text += text
        return Text(text) if text else None

    def _argument(self, index: int, arguments: Any) -> Text | None:
        if index not in self._arguments or not isinstance(arguments, str):
            return None
        code, path = self._arguments[index].feed(arguments)
        return Text(code, path) if code else None


def _called(event: Any, history: list[Any]) -> Called:
    """A tool's call with its outcome, short enough for a line."""
    part = event.part
    name = str(getattr(part, "tool_name", ""))
    outcome = str(getattr(part, "content", ""))
    arguments: dict[str, Any] = {}
    for message in reversed(history):
        for other in getattr(message, "parts", ()):
            if getattr(other, "tool_call_id", None) == part.tool_call_id and hasattr(other, "args_as_dict"):
                arguments = other.args_as_dict()
                break
        if arguments:
            break
    subject = str(arguments.get("path") or arguments.get("text") or arguments.get("package") or "")
    return Called(name, subject[:200], re.sub(r"\s+", " ", outcome)[:200])
