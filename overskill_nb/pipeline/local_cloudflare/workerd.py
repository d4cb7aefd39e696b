"""One workerd process: its configuration, its start, its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import sys
import tempfile
from collections import deque
from pathlib import Path

import msgspec

from ...errors import EngineError
from .. import process

SCRIPT = Path(__file__).parent.parent / "static" / "local_cloudflare.mjs"
START_SECONDS = 20.0


class _Event(msgspec.Struct):
    event: str
    socket: str = ""
    port: int = 0


def executable(tools: Path) -> Path:
    """workerd itself: the binary of this platform's package, which needs no Node."""
    suffix = ".exe" if sys.platform == "win32" else ""
    for package in sorted((tools / "node_modules/@cloudflare").glob("workerd-*")):
        if (found := package / "bin" / f"workerd{suffix}").exists():
            return found
    raise EngineError(
        "Cloudflare's runtime workerd has no program for this machine's system and processor; deploy to a "
        "Cloudflare account instead."
    )


def _text(value: str) -> str:
    """A text in Cap'n Proto's notation."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", escaped) + '"'


def configuration(tools: Path, blobs: Path, host: str, host_key: str, key: str) -> str:
    """The configuration of a workerd that serves every script."""
    asset_worker = tools / "node_modules/@cloudflare/workers-shared/dist/asset-worker.mjs"
    return f"""using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "dispatcher", worker = (
      modules = [
        (name = "main.mjs", esModule = {_text(SCRIPT.read_text(encoding="utf-8"))}),
        (name = "asset-worker", esModule = {_text(asset_worker.read_text(encoding="utf-8"))}),
      ],
      compatibilityDate = "2026-01-01",
      compatibilityFlags = ["experimental", "nodejs_compat"],
      globalOutbound = "nowhere",
      bindings = [
        (name = "LOADER", workerLoader = (id = "scripts")),
        (name = "BLOBS", service = "blobs"),
        (name = "HOST", service = "host"),
        (name = "INTERNET", service = "internet"),
        (name = "KEY", text = {_text(key)}),
      ],
    )),
    (name = "blobs", disk = (path = {_text(str(blobs))})),
    (name = "host", external = (address = {_text(host)}, http = (
      injectRequestHeaders = [(name = "Authorization", value = {_text(f"Bearer {host_key}")})]))),
    (name = "internet", network = (allow = ["public"], tlsOptions = (trustBrowserCas = true))),
    (name = "nowhere", network = (allow = [])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "dispatcher")],
);
"""


class Workerd:
    """A running workerd. It ends with this process."""

    def __init__(self, running: asyncio.subprocess.Process, port: int, key: str) -> None:
        self._process = running
        self.port = port
        self.key = key
        self.last_words: deque[str] = deque(maxlen=50)
        self._reader = asyncio.ensure_future(self._read())
        self.ended = asyncio.ensure_future(self._end())

    @classmethod
    async def start(cls, tools: Path, blobs: Path, host: str, host_key: str) -> Workerd:
        """Start one and wait until it listens."""
        key = secrets.token_hex(16)
        read, write = os.pipe()
        program = executable(tools)
        config = _write(configuration(tools, blobs, host, host_key, key), blobs.parent)
        started = await asyncio.create_subprocess_exec(
            *_guard(),
            str(program),
            "serve",
            "--experimental",
            f"--control-fd={write}",
            str(config),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=(write,),
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", "")},
        )
        os.close(write)
        try:
            port = await asyncio.wait_for(_port(read), START_SECONDS)
        except (asyncio.TimeoutError, EOFError) as error:
            process.kill_group(started.pid)
            assert started.stderr is not None
            words = (await started.stderr.read()).decode("utf-8", "replace").strip()
            raise EngineError(f"Cloudflare's runtime workerd did not start: {words or 'it left no message'}") from error
        finally:
            config.unlink()
        return cls(started, port, key)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    async def _end(self) -> None:
        await self._process.wait()
        process.kill_group(self.pid)  # the watcher beside it

    async def _read(self) -> None:
        assert self._process.stderr is not None
        with contextlib.suppress(ValueError):
            async for line in self._process.stderr:
                self.last_words.append(line.decode("utf-8", "replace").rstrip()[:2000])

    def memory(self) -> int:
        """Resident bytes; 0 where the system does not say."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, IndexError, ValueError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    def cpu(self) -> float:
        """Processor seconds that it has used; negative where the system does not say."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return -1.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def kill(self) -> None:
        process.kill_group(self.pid)
        await self.ended
        await asyncio.wait([self._reader], timeout=1)


def _guard() -> list[str]:
    """Ends workerd when its standard input ends, which it does when this process is gone, however it went."""
    if sys.platform == "win32":
        return []
    # The watcher is of workerd's process group, so that the group's number is not given away while it waits.
    watch = "{ cat <&3 >/dev/null 2>&1; kill -9 0; } 3<&3 &"
    return ["/bin/sh", "-c", f'exec 3<&0 </dev/null; {watch} exec "$0" "$@" 3<&-']


def _write(text: str, folder: Path) -> Path:
    """A file for this user only: the configuration has keys in it."""
    descriptor, name = tempfile.mkstemp(prefix=".workerd-", suffix=".capnp", dir=folder)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name)


async def _port(read: int) -> int:
    """The port that workerd says it listens on, over its control pipe."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read, "rb"))
    try:
        async for line in reader:
            event = msgspec.json.decode(line, type=_Event)
            if event.event == "listen" and event.socket == "http":
                return event.port
    finally:
        transport.close()
    raise EOFError
