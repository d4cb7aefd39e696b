"""A model from a file: served on this machine by llama.cpp, where its Python package is installed."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import httpx

from ...errors import ModelError
from ..process import kill_group

START_SECONDS = 120.0
PROGRAM = """
import signal, sys, threading
import xllamacpp
path, port, window, parallel = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
params = xllamacpp.CommonParams()
params.model.path = path
if hasattr(params, "hostnames"):
    params.hostnames = ["127.0.0.1"]
else:
    params.hostname = "127.0.0.1"
params.port = port
params.n_ctx = window
params.n_parallel = parallel
server = xllamacpp.Server(params)
print("ready", flush=True)
# It ends with the process that started it.
sys.stdin.read()
"""


@dataclass
class _Served:
    process: asyncio.subprocess.Process
    port: int


_served: dict[str, _Served] = {}
_starting: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}


async def serve(path: str, window: int) -> str:
    """The address of a server that answers for a model's file; started when it is first asked. Raises ModelError."""
    loop = asyncio.get_running_loop()
    async with _starting.setdefault(loop, asyncio.Lock()):
        known = _served.get(path)
        if known is None or known.process.returncode is not None:
            known = _served[path] = await _start(path, window)
    return f"http://127.0.0.1:{known.port}/v1"


async def _start(path: str, window: int) -> _Served:
    if importlib.util.find_spec("xllamacpp") is None:
        raise ModelError(
            "A model's file is served by llama.cpp, which is not installed: run `pip install xllamacpp`, or name the "
            "address of a server that has the model."
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryFile() as said:
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-c", PROGRAM, path, str(port), str(window), "1"],
            stdin=asyncio.subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        if await _answers(process, port):
            return _Served(process, port)
        said.seek(0)
        reason = _last_line(said.read().decode(errors="replace"))
    raise ModelError(f"The model file '{Path(path).name}' cannot be served by llama.cpp: {reason}")


async def _answers(process: asyncio.subprocess.Process, port: int) -> bool:
    """Wait until a server has read its model. One that takes too long is ended."""
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        while process.returncode is None and asyncio.get_running_loop().time() < deadline:
            try:
                if (await client.get("/health", timeout=2)).status_code == 200:
                    return True
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    if process.returncode is None:
        kill_group(process.pid)
        await process.wait()
    return False


def _last_line(said: str) -> str:
    """What a process that ended said of why."""
    lines = [line.strip() for line in said.splitlines() if re.search(r"error|failed|invalid", line, re.IGNORECASE)]
    return lines[-1][-300:] if lines else "it is damaged, or memory is too small for it."


async def close() -> None:
    """End all servers."""
    for known in list(_served.values()):
        if known.process.returncode is None:
            kill_group(known.process.pid)
            await known.process.wait()
    _served.clear()
