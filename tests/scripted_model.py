"""A server that answers as Anthropic's and OpenAI's do, with what a test wrote down. Real sockets, streaming."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from overskill_nb.background import Background


@dataclass
class Say:
    """One answer, of text or of calls of tools."""

    text: str = ""
    calls: Sequence[tuple[str, dict[str, Any]]] = ()
    stop: str = "stop"
    """``length`` and ``refusal`` are the others, whatever the format calls them."""
    cut: bool = False
    """Whether the connection ends in the middle."""
    pause: float = 0.0
    """Seconds between pieces."""
    piece: int = 40
    endless: bool = False


@dataclass
class Refuse:
    """An error of the service."""

    status: int
    message: str = "no"
    kind: str = "invalid_request_error"
    code: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


class ScriptedModel:
    """Answers one request after another from the script; the last answer is repeated."""

    def __init__(self, *script: Say | Refuse) -> None:
        self.script = list(script)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.gone = 0
        """Requests whose client went away before the end."""
        self.port = 0
        self.llama = False
        """Whether it says that it is llama.cpp's server."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[ScriptedModel]:
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**24)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def connections(self) -> int:
        """That are open."""
        return len(self._tasks)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            self.gone += 1
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
        if not head:
            return False
        lines = head.decode().split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:] if line)}
        if "/props" in lines[0]:
            text = b'{"default_generation_settings": {}}' if self.llama else b"{}"
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
            return True
        body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))) or b"{}")
        self.requests.append(body)
        self.headers.append(headers)
        step = self.script[min(len(self.requests), len(self.script)) - 1]
        anthropic = "/messages" in lines[0]
        if isinstance(step, Refuse):
            error: dict[str, Any] = {"type": step.kind, "message": step.message}
            if not anthropic:
                error["code"] = step.code
            text = json.dumps({"type": "error", "error": error} if anthropic else {"error": error}).encode()
            more = "".join(f"{k}: {v}\r\n" for k, v in step.headers.items())
            start = f"HTTP/1.1 {step.status} X\r\nContent-Type: application/json\r\n{more}"
            writer.write(f"{start}Content-Length: {len(text)}\r\n\r\n".encode() + text)
            await writer.drain()
            return True
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        events = list(_anthropic(step, len(self.requests)) if anthropic else _openai(step, len(self.requests)))
        count = len(events) // 2 if step.cut else len(events)
        for event in _for_ever(events) if step.endless else events[:count]:
            data = event.encode()
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await writer.drain()
            await asyncio.sleep(step.pause)
        if step.cut:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


def _for_ever(events: list[str]) -> Any:
    yield from events[:3]
    while True:
        yield events[3]


def _pieces(text: str, size: int) -> list[str]:
    return [text[n : n + size] for n in range(0, len(text), size)]


def _openai(step: Say, number: int) -> Any:
    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        whole = {"id": f"c{number}", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
        return f"data: {json.dumps({**whole, 'choices': [choice], **more})}\n\n"

    yield chunk({"role": "assistant", "content": ""})
    if step.stop == "refusal":
        yield chunk({"refusal": "I cannot help with that."})
    for piece in _pieces(step.text, step.piece):
        yield chunk({"content": piece})
    for index, (name, arguments) in enumerate(step.calls):
        call = {"index": index, "id": f"t{number}-{index}", "type": "function"}
        yield chunk({"tool_calls": [{**call, "function": {"name": name, "arguments": ""}}]})
        for piece in _pieces(json.dumps(arguments), step.piece):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    finish = "tool_calls" if step.calls else {"refusal": "content_filter"}.get(step.stop, step.stop)
    yield chunk({}, finish)
    usage = {"prompt_tokens": 100, "completion_tokens": len(step.text) // 4 + 10}
    usage["total_tokens"] = sum(usage.values())
    whole = {"id": f"c{number}", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": []}
    yield f"data: {json.dumps({**whole, 'usage': usage})}\n\n"
    yield "data: [DONE]\n\n"


def _anthropic(step: Say, number: int) -> Any:
    def event(kind: str, **data: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n"

    usage = {"input_tokens": 100, "output_tokens": 1}
    message = {"id": f"m{number}", "type": "message", "role": "assistant", "model": "scripted", "content": []}
    yield event("message_start", message={**message, "stop_reason": None, "stop_sequence": None, "usage": usage})
    index = 0
    if step.text:
        yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for piece in _pieces(step.text, step.piece):
            yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
        yield event("content_block_stop", index=0)
        index = 1
    for place, (name, arguments) in enumerate(step.calls, index):
        block = {"type": "tool_use", "id": f"t{number}-{place}", "name": name, "input": {}}
        yield event("content_block_start", index=place, content_block=block)
        for piece in _pieces(json.dumps(arguments), step.piece):
            yield event("content_block_delta", index=place, delta={"type": "input_json_delta", "partial_json": piece})
        yield event("content_block_stop", index=place)
    stop = "tool_use" if step.calls else {"stop": "end_turn", "length": "max_tokens"}.get(step.stop, step.stop)
    usage = {"output_tokens": len(step.text) // 4 + 10}
    yield event("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage=usage)
    yield event("message_stop")


@contextlib.contextmanager
def models(named: Callable[[str], None]) -> Iterator[Callable[..., ScriptedModel]]:
    """Starts servers with scripts for tests that are not async; ``named`` is told what each model is called."""
    background = Background("scripted model")
    started: list[Any] = []

    def start(*script: Say | Refuse) -> ScriptedModel:
        server = ScriptedModel(*script)
        running = server.running()
        background.run(running.__aenter__())
        started.append(running)
        named(f"{server.url}/v1#coder-1.5b")
        return server

    yield start
    for running in started:
        background.run(running.__aexit__(None, None, None))
    background.stop()
