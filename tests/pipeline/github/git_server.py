"""git's own server over real bare repositories, behind whatever spoils its answers."""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from faulty_http import Request, Response

TOKEN = "ghp_" + "canary" * 6


class GitServer:
    """A handler for ``FaultyHttp``: ``git http-backend`` with a token."""

    def __init__(self, folder: Path, token: str) -> None:
        self.folder = folder
        self.authorization = "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()

    def create(self, name: str) -> Path:
        path = self.folder / f"{name}.git"
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", path], check=True)
        git(path, "config", "http.receivepack", "true")
        return path

    async def __call__(self, request: Request) -> Response:
        if request.headers.get("authorization") != self.authorization:
            return Response(401, b"Invalid username or token.", {"WWW-Authenticate": "Basic"})
        parts = urlsplit(request.target)
        process = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(self.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REMOTE_USER": "me",
                "REQUEST_METHOD": request.method,
                "PATH_INFO": parts.path,
                "QUERY_STRING": parts.query,
                "CONTENT_TYPE": request.headers.get("content-type", ""),
                "CONTENT_LENGTH": str(len(request.body)),
                "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
                "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            },
        )
        out, _ = await process.communicate(request.body)
        head, _, body = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        status = int(headers.pop("Status", "200").split()[0])
        return Response(status, body, headers)


def git(folder: Path, *arguments: str) -> str:
    """What git says."""
    done = subprocess.run(
        ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def commit(folder: Path, files: dict[str, str | None], message: str = "change") -> str:
    """Write the files of a work tree and commit them."""
    for name, text in files.items():
        file = folder / name
        if text is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")
