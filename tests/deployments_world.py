"""A world to deploy to that outlives whoever deploys: a Cloudflare in another process, a store of builds on disk.

``deployments_github.py`` has the GitHub that is in that process too.

Run as a program it is that Cloudflare; imported it starts one, and asks it what it serves and what was done to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from faulty_http import FaultyHttp, Request, Response
from small_build import Build, File
from small_cloudflare import ACCOUNT, TOKEN, SmallCloudflare, Worker

from overskill_nb.errors import ArtefactError, BuildError
from overskill_nb.pipeline.cloudflare import Cloudflare, Target
from overskill_nb.protocol import Diagnostic, Location

HERE = Path(__file__)


# ------------------------------------------------------------------------------------------------- something to build


class FileStore:
    """Builds by id, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, build: Build) -> Build:
        text = json.dumps(
            {
                "id": build.id,
                "files": [asdict(file) for file in build.files],
                "contents": {name: body.decode() for name, body in build.contents.items()},
            }
        )
        scratch = self._folder / f".{build.id}.{id(build)}"
        scratch.write_text(text)
        scratch.replace(self._folder / f"{build.id}.json")
        return build

    def get(self, id: str) -> Build:  # noqa: A002
        try:
            read = json.loads((self._folder / f"{id}.json").read_text())
        except OSError:
            raise ArtefactError(f"There is no artefact {id[:16]} any more; deploy again.") from None
        return Build(
            files=[File(**file) for file in read["files"]],
            contents={name: body.encode() for name, body in read["contents"].items()},
            id=read["id"],
        )

    def read(self, sha256: str) -> bytes:
        for file in self._folder.glob("*.json"):
            if body := json.loads(file.read_text())["contents"].get(sha256):
                return str(body).encode()
        raise ArtefactError(sha256)

    def age(self, id: str) -> None:  # noqa: A002
        """Let it be as old as what may be collected."""
        os.utime(self._folder / f"{id}.json", (0, 0))

    def has(self, id: str) -> bool:  # noqa: A002
        return (self._folder / f"{id}.json").exists()

    def collect(self, keep: set[str]) -> int:
        # What was just built is about to be named.
        old = time.time() - 3600
        gone = [file for file in self._folder.glob("*.json") if file.stem not in keep and file.stat().st_mtime < old]
        for file in gone:
            file.unlink()
        return len(gone)


async def build_files(store: FileStore, root: Path) -> Build:
    """The app's page and one script that says it again. A page that is empty does not compile."""
    try:
        text = (root / "index.html").read_text()
    except OSError:
        raise BuildError(f"The app's folder {root} has no index.html.") from None
    if not text:
        problem = Diagnostic(
            severity="error",
            kind="syntax",
            message="Nothing is here.",
            location=Location(file="index.html", line=1, column=1),
            frame="1 | ",
            hint="Write something.",
        )
        raise BuildError("index.html:1:1 Nothing is here.", [problem])
    build = Build()
    build.add("/index.html", text, "text/html")
    build.add("/assets/main.js", f"console.log({text!r})", "text/javascript")
    return store.put(build)


# ------------------------------------------------------------------------------------------------- somewhere to deploy


class RecordingCloudflare(SmallCloudflare):
    """Also tells a test what was done, and may be slow."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[dict[str, str]] = []
        self.slow = 0.0
        self.busy: dict[str, int] = {}
        self.most: dict[str, int] = {}
        from deployments_github import WorldGithub

        self.github = WorldGithub(self._put_by_wrangler)

    def _put_by_wrangler(self, space: str, name: str, text: str) -> None:
        """What wrangler deploys has its own tags, which are none."""
        before = self.namespaces[space].get(name)
        files = {"/index.html": (text.encode(), "text/html")}
        made = Worker({"tags": [], "assets": {"config": {"_headers": ""}}}, {}, files)
        if before is not None:
            made.secrets, made.puts = before.secrets, before.puts + 1
        self.namespaces[space][name] = made

    async def __call__(self, request: Request) -> Response:
        if request.path.startswith("/__github/"):
            given = json.loads(request.body or b"{}")
            return _json(await self.github.answer(request.path.removeprefix("/__github/"), given))
        if request.path == "/__world":
            return _json(
                {
                    "done": self.done,
                    "most": self.most,
                    "live": {
                        space: {name: worker.metadata.get("tags", []) for name, worker in scripts.items()}
                        for space, scripts in self.namespaces.items()
                    },
                }
            )
        if request.path == "/__slow":
            self.slow = float(request.query["seconds"])
            return _json({})
        if request.method not in {"PUT", "DELETE", "POST"} or "/scripts/" not in request.path:
            return await super().__call__(request)
        slot = request.path.split("/namespaces/")[-1].split("/assets")[0].split("/tags")[0]
        self.busy[slot] = self.busy.get(slot, 0) + 1
        self.most[slot] = max(self.most.get(slot, 0), self.busy[slot])
        try:
            await asyncio.sleep(self.slow)
            response = await super().__call__(request)
        finally:
            self.busy[slot] -= 1
        space, _, name = slot.partition("/scripts/")
        if request.method == "DELETE" or (request.method == "PUT" and request.path.endswith(slot)):
            tags = self.namespaces[space][name].metadata.get("tags", []) if request.method == "PUT" else []
            deployment = next((tag[11:] for tag in tags if tag.startswith("deployment-")), "")
            self.done.append({"method": request.method, "space": space, "name": name, "deployment": deployment})
        return response


def _json(body: Any) -> Response:
    return Response(200, json.dumps(body).encode(), {"Content-Type": "application/json"})


async def _serve() -> None:
    async with FaultyHttp.over(RecordingCloudflare()) as server:
        print(server.port, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@dataclass
class World:
    """A Cloudflare in another process."""

    port: int

    @classmethod
    @contextlib.contextmanager
    def running(cls) -> Iterator[World]:
        with subprocess.Popen(
            [sys.executable, str(HERE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout is not None
            try:
                yield cls(int(running.stdout.readline()))
            finally:
                assert running.stdin is not None
                running.stdin.close()
                running.wait(timeout=10)

    def target(self) -> Target:
        client = Cloudflare(ACCOUNT, TOKEN, f"http://127.0.0.1:{self.port}/client/v4")
        return Target.local(client, self.port)

    def _get(self, path: str, host: str = "") -> httpx.Response:
        url, headers = f"http://127.0.0.1:{self.port}{path}", {"Host": host} if host else None
        return httpx.get(url, headers=headers, timeout=30, trust_env=False, verify=False)

    def be_slow(self, seconds: float) -> None:
        """Take so long for each change."""
        self._get(f"/__slow?seconds={seconds}")

    def github(self, path: str = "state", **given: Any) -> dict[str, Any]:
        """What GitHub has and was asked for; with a path, how it is to be."""
        url = f"http://127.0.0.1:{self.port}/__github/{path}"
        found: dict[str, Any] = httpx.post(url, json=given, trust_env=False, timeout=30, verify=False).json()
        return found

    def read(self) -> dict[str, Any]:
        """What was done, how much of it at once, and what is live."""
        read: dict[str, Any] = self._get("/__world").json()
        return read

    def served(self, name: str, environment: str) -> str:
        """The page at an app's address; empty where there is none."""
        host = name if environment == "production" else f"{name}--{environment}"
        answer = self._get("/", f"{host}.localhost:{self.port}")
        return answer.text if answer.status_code == 200 else ""

    def live(self, name: str, environment: str) -> str:
        """The deployment whose script has the name; empty where there is none."""
        tags = self.read()["live"].get(f"overskill-{environment}", {}).get(name, [])
        return next((tag[11:] for tag in tags if tag.startswith("deployment-")), "")


def artefact_of(text: str) -> str:
    """The id of the artefact that is built from a page."""
    build = Build()
    build.add("/index.html", text, "text/html")
    build.add("/assets/main.js", f"console.log({text!r})", "text/javascript")
    return build.id


if __name__ == "__main__":
    asyncio.run(_serve())
