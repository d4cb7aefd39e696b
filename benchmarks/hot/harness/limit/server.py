"""The bare prototype's server: tornado, as in Jupyter, and one persistent Node process.

usage: server.py FOLDER PORT NODE
"""

from __future__ import annotations

import asyncio
import itertools
import json
import struct
import sys
from pathlib import Path
from typing import Any

import tornado.web
import tornado.websocket

HERE = Path(__file__).resolve().parent
PAGE = """<!doctype html><html><head><meta charset="utf-8"></head><body><div id="root"></div><style id="__tw"></style>
<script src="/refresh.js"></script><script src="/client.js"></script><script src="/deps.js"></script>
<script src="/app.js"></script></body></html>"""


class Worker:
    """Node, asked over pipes with frames of a length and JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin
        assert process.stdout
        self._to, self._from = process.stdin, process.stdout
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, node: str) -> Worker:
        """Start Node."""
        pipe = asyncio.subprocess.PIPE
        script = str(HERE / "worker.mjs")
        return cls(await asyncio.create_subprocess_exec(node, script, stdin=pipe, stdout=pipe, limit=2**26))

    async def _read(self) -> None:
        while True:
            (size,) = struct.unpack("<I", await self._from.readexactly(4))
            answer = json.loads(await self._from.readexactly(size))
            self._waiting.pop(answer["id"]).set_result(answer)

    def ask(self, **message: Any) -> asyncio.Future[dict[str, Any]]:
        """Send a request; its answer comes later."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        data = json.dumps({**message, "id": number}).encode()
        self._to.write(struct.pack("<I", len(data)) + data)
        return answer


class Prototype:
    """What the handlers share."""

    def __init__(self, worker: Worker, scripts: dict[str, Any]) -> None:
        self.worker = worker
        self.scripts = scripts
        self.clients: set[Socket] = set()
        self.seq = 0


class Static(tornado.web.RequestHandler):
    """The page and its scripts."""

    def initialize(self, own: Prototype) -> None:
        self.own = own

    def get(self, name: str) -> None:
        if not name:
            self.write(PAGE)
            return
        self.set_header("content-type", "text/javascript")
        if name == "client.js":
            self.write((HERE / "client.js").read_bytes())
        elif name in {"refresh.js", "deps.js", "app.js"}:
            self.write(self.own.scripts[name.removesuffix(".js")])
        else:
            raise tornado.web.HTTPError(404)


class Hook(tornado.web.RequestHandler):
    """Takes a source in, and sends the compiled module out."""

    def initialize(self, own: Prototype) -> None:
        self.own = own

    async def post(self) -> None:
        own, source = self.own, json.loads(self.request.body)
        done = await own.worker.ask(cmd="set", path=source["path"], source=source["source"])
        if "error" in done:
            message = json.dumps({"type": "error", "message": done["error"]})
        else:
            own.seq += 1
            done.pop("id")
            message = json.dumps({"type": "update", "seq": own.seq, **done})
        for client in own.clients:
            client.write_message(message)
        self.write({"seq": own.seq})


class Socket(tornado.websocket.WebSocketHandler):
    """A page."""

    def initialize(self, own: Prototype) -> None:
        self.own = own

    def open(self, *_: str, **__: str) -> None:
        self.set_nodelay(True)
        self.own.clients.add(self)
        self.write_message(json.dumps({"type": "hello", "seq": self.own.seq}))

    def on_close(self) -> None:
        self.own.clients.discard(self)

    def on_message(self, message: str | bytes) -> None:
        """Pages say nothing."""


async def main() -> None:
    """Serve until ended."""
    folder, port, node = sys.argv[1:]
    worker = await Worker.start(node)
    own = Prototype(worker, await worker.ask(cmd="init", root=str(Path(folder).resolve())))
    routes: list[Any] = [
        (r"/ws", Socket, {"own": own}),
        (r"/hook", Hook, {"own": own}),
        (r"/(.*)", Static, {"own": own}),
    ]
    tornado.web.Application(routes).listen(int(port), "127.0.0.1")
    print(f"ready http://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
