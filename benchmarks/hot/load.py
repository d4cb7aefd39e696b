"""Many previews at once: followers of apps on one Jupyter server, each of which must end with the last edit.

usage: load.py [--apps N] [--followers N] [--edits N] [--seconds S] [--json]

Without numbers it runs the two loads that the project promises to carry: 100 followers of one app that gets 100 edits
in 10 s, and 20 apps with 5 followers and 100 edits each.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import psutil
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from overskill_nb.protocol import (
    Ack,
    AppInfo,
    Call,
    EngineInfo,
    FileChange,
    Inspect,
    Message,
    OpenApp,
    Reply,
    Subscribe,
    WriteFiles,
    decode_to_client,
    encode,
)

PATIENCE = 60.0
SOURCE = """import {{ useState }} from "react";
export default function App() {{
  const [count, setCount] = useState(0);
  return <button onClick={{() => setCount(count + 1)}}>edit {number} {{count}}</button>;
}}
"""


@dataclass
class Figures:
    """What one load took."""

    apps: int
    followers: int
    """Of each app."""
    edits: int
    """Of each app."""
    seconds: float
    """From the first edit to the last one's arrival at the last follower."""
    wrong: int
    """Followers that do not hold the last edit, or were sent numbers with gaps."""
    snapshots: int
    """Sent in place of updates."""
    median_ms: float
    p95_ms: float
    worst_ms: float
    """From an edit's handing in to its arrival at a follower."""
    server_mb_before: float
    server_mb_after: float
    server_mb_peak: float
    worker_mb_before: float
    worker_mb_after: float
    worker_mb_peak: float
    server_cpu_percent: float
    worker_cpu_percent: float
    """Of one core, while the edits came."""


class _Event(msgspec.Struct):
    type: str
    build: str = ""
    seq: int = -1


class _Head(msgspec.Struct):
    type: str
    event: _Event | None = None


_head = msgspec.json.Decoder(_Head).decode


class Client:
    """A connection to the server, as a page has one."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._came = asyncio.Event()
        self.app = ""
        self.seq = -1
        self.arrived: dict[int, float] = {}
        self.last = ""
        self.gaps = 0
        self.snapshots = 0
        self._listening = asyncio.ensure_future(self._listen())

    @classmethod
    async def connect(cls, url: str, token: str) -> Client:
        request = HTTPRequest(url, headers={"Authorization": f"token {token}"})
        return cls(await websocket_connect(request, max_message_size=2**29))

    async def _listen(self) -> None:
        while (text := await self._connection.read_message()) is not None:
            head = _head(text)
            if head.type == "reply":
                reply = decode_to_client(text)
                assert isinstance(reply, Reply)
                self._waiting.pop(reply.id).set_result(reply)
            elif head.event and head.event.type in ("snapshot", "update"):
                self._hear(head.event, str(text))

    def _hear(self, event: _Event, text: str) -> None:
        if event.type == "snapshot":
            self.snapshots += 1
        elif event.seq != self.seq + 1:
            self.gaps += 1
        self.seq = event.seq
        self.last = text
        self.arrived[event.seq] = time.perf_counter()
        self._came.set()
        ack = Ack(client="p", app=self.app, build=event.build, seq=event.seq, outcome="applied", ms=1)
        self._connection.write_message(encode(ack).decode())

    async def ask(self, request: Any) -> Message:
        number = next(self._numbers)
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        await self._connection.write_message(encode(Call(id=number, request=request)).decode())
        reply = await asyncio.wait_for(answer, PATIENCE)
        assert reply.result is not None, reply.failure
        return reply.result

    async def follow(self, app: str) -> None:
        self.app = app
        await self._connection.write_message(encode(Subscribe(client="p", app=app)).decode())
        await self.until(0)

    async def until(self, seq: int) -> None:
        """Wait for an update of this number or a later one."""
        while self.seq < seq:
            self._came.clear()
            await asyncio.wait_for(self._came.wait(), PATIENCE)

    async def close(self) -> None:
        self._connection.close()
        await self._listening


class _Process:
    """Memory and processor time of a process, looked at now and then."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.before = self.peak = self.memory()
        self._cpu = self._seconds()
        self._began = time.perf_counter()

    def memory(self) -> float:
        return float(self._process.memory_info().rss) / 2**20

    def _seconds(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    async def watch(self) -> None:
        while True:
            self.peak = max(self.peak, self.memory())
            await asyncio.sleep(0.1)

    def cpu_percent(self) -> float:
        return 100 * (self._seconds() - self._cpu) / (time.perf_counter() - self._began)


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """A Jupyter server on a folder: its socket's URL, and its token."""
    # Below the ports that the system gives to who asks for any: nobody gets it before the server does.
    port = secrets.choice(range(10_000, 32_000))
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="overskill-load-") as own:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "jupyter_server", "--allow-root", "--ServerApp.open_browser=False",
            f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}",
            f"--IdentityProvider.token={token}", "--ServerApp.jpserver_extensions={'overskill_nb': True}",
            "--log-level=WARN",
            env={**os.environ, "JUPYTER_CONFIG_DIR": f"{own}/config", "JUPYTER_RUNTIME_DIR": f"{own}/runtime"},
        )  # fmt: skip
        try:
            await _answers(port, process)
            yield f"ws://127.0.0.1:{port}/overskill-nb/api/socket", token
        finally:
            process.terminate()
            await process.wait()


async def _answers(port: int, process: asyncio.subprocess.Process) -> None:
    for _ in range(600):
        if process.returncode is not None:
            raise RuntimeError("the server ended")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise RuntimeError("the server does not answer")


async def load(apps: int, followers: int, edits: int, seconds: float) -> Figures:
    """Start a server, have ``followers`` follow each of ``apps``, and edit each app ``edits`` times in ``seconds``."""
    with tempfile.TemporaryDirectory(prefix="overskill-apps-") as root:
        async with server(Path(root)) as (url, token):
            return await _load(url, token, apps, followers, edits, seconds)


async def _load(url: str, token: str, apps: int, followers: int, edits: int, seconds: float) -> Figures:
    editor = await Client.connect(url, token)
    following: list[list[Client]] = []
    names: list[str] = []
    for number in range(apps):
        info = await editor.ask(OpenApp(folder=f"app{number}", create=True))
        assert isinstance(info, AppInfo)
        names.append(info.app)
        clients = [await Client.connect(url, token) for _ in range(followers)]
        for client in clients:
            await client.follow(info.app)
        following.append(clients)
    everyone = [client for clients in following for client in clients]
    for client in everyone:
        client.snapshots = 0
    engine = await editor.ask(Inspect())
    assert isinstance(engine, EngineInfo)
    assert engine.worker_pid
    worker = _Process(engine.worker_pid)
    host = _Process(psutil.Process(engine.worker_pid).ppid())
    watching = [asyncio.ensure_future(process.watch()) for process in (host, worker)]
    handed_in: dict[tuple[str, int], float] = {}
    began = time.perf_counter()

    async def edit(app: str, offset: float) -> int:
        """All edits of one app at their times; the number of the last update."""
        seq = 0
        for number in range(1, edits + 1):
            due = began + offset + (number - 1) * seconds / edits
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            at = time.perf_counter()
            change = FileChange(path="src/App.tsx", content=SOURCE.format(number=number))
            written = await editor.ask(WriteFiles(app=app, files=[change]))
            seq = written.seq  # type: ignore[attr-defined]
            handed_in[app, seq] = at
        return seq

    last = await asyncio.gather(*(edit(app, seconds / edits * place / apps) for place, app in enumerate(names)))
    await asyncio.gather(
        *(client.until(seq) for seq, clients in zip(last, following, strict=True) for client in clients)
    )
    took = time.perf_counter() - began
    cpu = host.cpu_percent(), worker.cpu_percent()
    for task in watching:
        task.cancel()
    delays = sorted(_delays(everyone, handed_in))
    figures = Figures(
        apps=apps,
        followers=followers,
        edits=edits,
        seconds=round(took, 2),
        wrong=sum(1 for client in everyone if client.gaps or f"edit {edits} " not in client.last),
        snapshots=sum(client.snapshots for client in everyone),
        median_ms=round(statistics.median(delays), 1),
        p95_ms=round(delays[int(0.95 * (len(delays) - 1))], 1),
        worst_ms=round(delays[-1], 1),
        server_mb_before=round(host.before, 1),
        server_mb_after=round(host.memory(), 1),
        server_mb_peak=round(host.peak, 1),
        worker_mb_before=round(worker.before, 1),
        worker_mb_after=round(worker.memory(), 1),
        worker_mb_peak=round(worker.peak, 1),
        server_cpu_percent=round(cpu[0], 1),
        worker_cpu_percent=round(cpu[1], 1),
    )
    for client in [*everyone, editor]:
        await client.close()
    return figures


def _delays(clients: list[Client], handed_in: dict[tuple[str, int], float]) -> Iterator[float]:
    for client in clients:
        for seq, at in client.arrived.items():
            if (sent := handed_in.get((client.app, seq))) is not None:
                yield 1000 * (at - sent)


def main() -> None:
    """Run the loads and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--apps", type=int)
    parser.add_argument("--followers", type=int)
    parser.add_argument("--edits", type=int, default=100, help="of each app")
    parser.add_argument("--seconds", type=float, default=10.0, help="in which the edits are made")
    parser.add_argument("--json", action="store_true", help="print a list of objects")
    options = parser.parse_args()
    loads = [(1, 100), (20, 5)]
    if options.apps or options.followers:
        loads = [(options.apps or 1, options.followers or 1)]
    found = [asyncio.run(load(apps, followers, options.edits, options.seconds)) for apps, followers in loads]
    if options.json:
        print(json.dumps([asdict(figures) for figures in found], indent=2))
    else:
        for figures in found:
            print("\n".join(f"{name:20} {value}" for name, value in asdict(figures).items()), end="\n\n")
    sys.exit(any(figures.wrong for figures in found))


if __name__ == "__main__":
    main()
