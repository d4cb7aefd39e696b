"""A job's processes: none outlives it, and none is told more than it needs."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ... import process

TRACKING = "RUNNER_TRACKING_ID"
_LONGEST_LINE = 256 * 1024
_TO_END = 3.0
_LEFTOVER_OUTPUT = 1.0


async def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], on_line: Callable[[str], None]) -> int:
    """Run a command to its end; its exit code. Cancelling ends it and what it started."""
    # A pipe of our own: asyncio's waits for whatever the process left running, which may hold it open.
    ours, theirs = os.pipe()
    stream = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(ours, "rb", 0))
    try:
        started = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=dict(env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
    except BaseException:
        transport.close()
        raise
    finally:
        os.close(theirs)
    reading = asyncio.ensure_future(_lines(stream, on_line))
    try:
        code = await started.wait()
        await asyncio.wait({reading}, timeout=_LEFTOVER_OUTPUT)
    except asyncio.CancelledError:
        _signal(started.pid, signal.SIGTERM)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(started.wait(), _TO_END)
        process.kill_group(started.pid)
        raise
    finally:
        if started.returncode is None:
            process.kill_group(started.pid)
            await started.wait()
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
        transport.close()
    return code


async def _lines(stream: asyncio.StreamReader, on_line: Callable[[str], None]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    try:
        while data := await stream.read(65536):
            *whole, rest = (rest + decoder.decode(data)).split("\n")
            for line in whole:
                on_line(line.removesuffix("\r"))
            if len(rest) > _LONGEST_LINE:
                on_line(rest)
                rest = ""
    finally:
        if rest:
            on_line(rest.removesuffix("\r"))


def _signal(pid: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, which)


def end_all(tracking: str) -> list[int]:
    """End what carries this mark in its environment; the ids of what was still there."""
    mark = f"{TRACKING}={tracking}".encode()
    ended = []
    for entry in Path("/proc").iterdir() if Path("/proc").is_dir() else ():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)
                ended.append(int(entry.name))
    return ended
