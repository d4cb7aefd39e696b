"""A JupyterHub on this machine, whose users have a server and a home each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from .jupyter import PATIENT, free_port

ROOT = Path(__file__).parent.parent.parent
USERS = ("ada", "bob")


def proxy() -> str | None:
    """JupyterHub's proxy, a program of npm's."""
    name = "configurable-http-proxy"
    places = (ROOT / ".venv/hub/node_modules/.bin", *os.environ["PATH"].split(os.pathsep))
    return shutil.which(name, path=os.pathsep.join(map(str, places)))


class Hub:
    """A running hub. Everybody's password is ``password``."""

    password = secrets.token_hex(8)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        self.token = secrets.token_hex(16)
        """A service's, which may ask for users' servers and tokens."""

    @classmethod
    @asynccontextmanager
    async def start(cls, folder: Path) -> AsyncIterator[Hub]:
        """Start a hub in a folder, and stop it with its users' servers at the end."""
        hub = cls(folder)
        (folder / "jupyterhub_config.py").write_text(hub._configuration())
        for user in USERS:
            hub.home(user).mkdir(parents=True)
        command = [sys.executable, "-m", "jupyterhub", "-f", str(folder / "jupyterhub_config.py")]
        environment = {**os.environ, "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(16)}
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            await hub._ready(process)
            yield hub
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, 30)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def home(self, user: str) -> Path:
        """A user's own folder."""
        return self.folder / "home" / user

    def _configuration(self) -> str:
        environment = {name: value for name, value in os.environ.items() if name.startswith(("OVERSKILL_", "PYTHON"))}
        scopes = ["admin:users", "admin:servers", "tokens", "access:servers"]
        return f"""c = get_config()
c.JupyterHub.bind_url = {self.url!r}
c.JupyterHub.hub_port = {free_port()}
c.JupyterHub.cookie_secret_file = {str(self.folder / "cookie_secret")!r}
c.JupyterHub.db_url = "sqlite://"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{free_port()}"
c.ConfigurableHTTPProxy.command = [{proxy()!r}]
c.ConfigurableHTTPProxy.pid_file = {str(self.folder / "proxy.pid")!r}
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {self.password!r}
c.Authenticator.allowed_users = {set(USERS)!r}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {str(self.folder / "home/{username}")!r}
c.Spawner.cmd = [{sys.executable!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True"]
c.Spawner.environment = {environment!r}
c.LocalProcessSpawner.interrupt_timeout = 1
c.LocalProcessSpawner.term_timeout = 5
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 180
c.JupyterHub.services = [{{"name": "test", "api_token": {self.token!r}}}]
c.JupyterHub.load_roles = [{{"name": "test", "services": ["test"], "scopes": {scopes!r}}}]
"""

    async def _ready(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + 2 * PATIENT
        while process.poll() is None and time.monotonic() < end:
            try:
                await asyncio.to_thread(urllib.request.urlopen, f"{self.url}/hub/health", timeout=PATIENT)
            except (urllib.error.URLError, OSError):
                await asyncio.sleep(0.2)
            else:
                return
        raise RuntimeError(f"the hub did not start:\n{(self.folder / 'log.txt').read_text()[-3000:]}")

    def ask(self, method: str, path: str, token: str = "", **options: object) -> httpx.Response:
        """What the hub, or a user's server, answers; with the service's token where none is given."""
        headers = {"Authorization": f"token {token or self.token}"}
        with httpx.Client(timeout=2 * PATIENT) as client:
            return client.request(method, self.url + path, headers=headers, **options)  # type: ignore[arg-type]
