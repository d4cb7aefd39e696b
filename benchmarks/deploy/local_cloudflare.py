"""Load on the local Cloudflare: many apps deployed by a few clients at once, then many requests to many apps.

``python benchmarks/deploy/local_cloudflare.py [--apps 200 --clients 8 --visited 50 --requests 1000]`` prints what it
took and exits 1 where an answer was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from overskill_nb.pipeline import local_cloudflare, node
from overskill_nb.pipeline.local_cloudflare import LocalCloudflare
from overskill_nb.pipeline.local_cloudflare.address import Address

SPACE = "overskill-preview"
CODE = """const padding = %s;
export default { async fetch(request, env) { return new Response(`${env.NAME} ${padding.length}`) } };"""
PADDING = json.dumps("x" * 50_000)


class Client:
    """One of those who deploy."""

    def __init__(self, running: LocalCloudflare) -> None:
        self._running = running
        self._api = httpx.AsyncClient(
            base_url=f"{running.api_url}/accounts/{running.account}/workers",
            headers={"Authorization": f"Bearer {running.token}"},
            timeout=120,
        )

    async def call(self, method: str, path: str, **rest: Any) -> Any:
        answer = await self._api.request(method, path, **rest)
        answer.raise_for_status()
        return answer.json()["result"]

    async def deploy(self, name: str) -> None:
        files = {
            "/index.html": f"<h1>{name}</h1>".encode(),
            "/assets/app.js": f"document.title = {name!r};".encode() + b" " * 200_000,
            "/assets/app.css": f"/* {name} */".encode() + b" " * 20_000,
        }
        hashes = {path: hashlib.sha256(name.encode() + path.encode()).hexdigest()[:32] for path in files}
        script = f"/dispatch/namespaces/{SPACE}/scripts/{name}"
        manifest = {path: {"hash": hashes[path], "size": len(data)} for path, data in files.items()}
        session = await self.call("POST", f"{script}/assets-upload-session", json={"manifest": manifest})
        parts = {hashes[path]: (hashes[path], base64.b64encode(data), "text/html") for path, data in files.items()}
        done = await self.call(
            "POST",
            "/assets/upload?base64=true",
            files=parts,
            headers={"Authorization": f"Bearer {session['jwt']}"},
        )
        metadata = {
            "main_module": "index.js",
            "compatibility_date": "2026-01-01",
            "bindings": [{"type": "plain_text", "name": "NAME", "text": name}],
            "assets": {"jwt": done["jwt"], "config": {"run_worker_first": ["/api/*"]}},
        }
        await self.call(
            "PUT",
            script,
            files=[
                ("metadata", (None, json.dumps(metadata))),
                ("index.js", ("index.js", CODE % PADDING, "application/javascript+module")),
            ],
        )

    async def close(self) -> None:
        await self._api.aclose()


class Visitor:
    """A connection that is kept: what a browser does, at the price of a few lines in this process."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, name: str, path: str) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {name}--preview.localhost:{self._port}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin1")
        status = int(head.split(" ", 2)[1])
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        if "content-length" in headers:
            return status, await reader.readexactly(int(headers["content-length"]))
        body = b""
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
        return status, body

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


async def shared(workers: int, jobs: list[Callable[[int], Awaitable[None]]]) -> tuple[list[float], float]:
    """Have workers share jobs: each job's seconds, and those of all."""
    left = iter(jobs)
    took: list[float] = []

    async def work(number: int) -> None:
        for job in left:
            began = time.perf_counter()
            await job(number)
            took.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*[work(number) for number in range(workers)])
    return took, time.perf_counter() - began


def told(what: str, took: list[float], total: float) -> None:
    ordered = sorted(took)
    p95, median = ordered[int(len(ordered) * 0.95)], statistics.median(ordered)
    print(
        f"{what:<28} {len(took):>7,}  {len(took) / total:>8,.0f}/s  median {median * 1000:>7.1f} ms  "
        f"p95 {p95 * 1000:>7.1f} ms  longest {ordered[-1] * 1000:>7.1f} ms"
    )


def memory(folder: Path) -> str:
    """Of the local Cloudflare's processes."""
    import psutil

    head = psutil.Process(Address.load(folder).pid)
    sizes = [(process.name(), process.memory_info().rss) for process in (head, *head.children(recursive=True))]
    return ", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in sizes if size > 10e6)


async def measure(options: argparse.Namespace) -> int:
    wrong = 0
    found = node.find()
    assert found is not None, "no Node: run `overskill setup`"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "cloudflare"
        began = time.perf_counter()
        running = await local_cloudflare.ensure(folder, found, print)
        print(f"started in {time.perf_counter() - began:.2f} s; {memory(folder)}")
        clients = [Client(running) for _ in range(options.clients)]
        await clients[0].call("POST", "/dispatch/namespaces", json={"name": SPACE})

        names = [f"app{number}" for number in range(options.apps)]
        jobs = [lambda worker, name=name: clients[worker].deploy(name) for name in names]
        told("deployed", *await shared(options.clients, jobs))
        print(f"  {memory(folder)}")

        visitors = [Visitor(running.port) for _ in range(options.connections)]

        async def visit(worker: int, name: str, path: str, expected: bytes) -> None:
            nonlocal wrong
            status, body = await visitors[worker].get(name, path)
            if (status, body) != (200, expected):
                wrong += 1

        for what, path, text in (("pages", "/", "<h1>{}</h1>"), ("answers of code", "/api/x", "{} 50000")):
            visits = [
                lambda worker, name=name, path=path, text=text: visit(worker, name, path, text.format(name).encode())
                for _ in range(options.requests // 2)
                for name in names[: options.visited]
            ]
            told(f"{what} of {options.visited} apps", *await shared(options.connections, visits))
            print(f"  {memory(folder)}")
        for visitor in visitors:
            visitor.close()
        for client in clients:
            await client.close()
        await running.close()
    print(f"wrong answers: {wrong}")
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apps", type=int, default=200)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--visited", type=int, default=50)
    parser.add_argument("--requests", type=int, default=1000, help="to each visited app, half of them to its code")
    parser.add_argument("--connections", type=int, default=8)
    return asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
