"""Kills what a preview depends on, at random moments, one thing after the other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import psutil
from jupyter_api import status
from soak_notebook import NotebookKernel

from tests.browser.jupyter import Server

KINDS = ("worker", "server", "kernel", "kernel-restart")
"""SIGKILL of Node, of Jupyter and of the kernel, and a restart of the kernel as a person does it."""
DOWN = (0.0, 5.0)
"""Seconds that the server stays away: with the shortest, a page may not even notice."""
TRIES = 3


class Killer:
    """Kills, and starts again what does not come back by itself: the server."""

    def __init__(self, server: Server, kernel: NotebookKernel, note: Callable[..., None], dice: random.Random) -> None:
        self._server = server
        self._kernel = kernel
        self._note = note
        self._dice = dice
        self._bag: list[str] = []
        self.last = "nothing"

    async def kill(self, edit: int) -> str:
        """Kill something; ``edit`` is the last change that was handed in."""
        # A bag rather than dice for each: an hour sees every kind equally often.
        if not self._bag:
            self._bag = self._dice.sample(KINDS, len(KINDS))
        kind = self._bag.pop()
        self.last = kind
        await {
            "worker": self._worker,
            "server": self._restart_server,
            "kernel": self._kill_kernel,
            "kernel-restart": self._restart_kernel,
        }[kind](edit)
        return kind

    async def _worker(self, edit: int) -> None:
        pid = (await asyncio.to_thread(status, self._server))["worker_pid"]
        if pid is None:
            self._note("problem", text="the engine had no worker to kill")
            return
        self._note("kill", kind="worker", pid=pid, edit=edit)
        os.kill(pid, signal.SIGKILL)

    async def _kill_kernel(self, edit: int) -> None:
        pid = kernel_pid(self._server)
        if pid is None:
            self._note("problem", text="the server had no kernel to kill")
            return
        self._note("kill", kind="kernel", pid=pid, edit=edit)
        os.kill(pid, signal.SIGKILL)
        self._kernel.lost("kernel")

    async def _restart_kernel(self, edit: int) -> None:
        self._note("kill", kind="kernel-restart", edit=edit)
        self._kernel.lost("kernel-restart")
        await self._kernel.restart()

    async def _restart_server(self, edit: int) -> None:
        process = self._server.process
        environment = psutil.Process(process.pid).environ()
        self._note("kill", kind="server", pid=process.pid, edit=edit)
        process.kill()
        process.wait()
        self._kernel.lost("server")
        await asyncio.sleep(self._dice.uniform(*DOWN))
        for attempt in range(1, TRIES + 1):
            with self._server.log.open("ab") as output:
                self._server.process = subprocess.Popen(
                    process.args, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
                )
            try:
                await self._server.ready()
                break
            except RuntimeError as error:
                self._note("problem", text=f"the server did not start again, try {attempt}: {str(error)[-300:]}")
                self._server.process.kill()
        self._note("server", pid=self._server.process.pid)


def kernel_pid(server: Server) -> int | None:
    """The process of the server's kernel."""
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(server.process.pid).children(recursive=True):
            if any("ipykernel_launcher" in word for word in child.cmdline()):
                return int(child.pid)
    return None


async def worker_pid(server: Server) -> int | None:
    """The engine's Node process."""
    try:
        answer: dict[str, Any] = await asyncio.to_thread(status, server)
    except OSError:
        return None
    pid: int | None = answer["worker_pid"]
    return pid
