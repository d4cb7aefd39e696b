"""A Postgres of a test's own: Debian's package, in a temporary folder, as a user who is not root."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


class NoPostgres(Exception):
    """Why there is none."""


def programs() -> Path:
    """Where Postgres's programs are; installed where they are not and this user may."""
    if found := _found():
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NoPostgres("no Postgres is on this machine: apt-get install postgresql")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False, stdout=subprocess.DEVNULL)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"],
        env=quiet,
        check=False,
        stdout=subprocess.DEVNULL,
    )
    if found := _found():
        return found
    raise NoPostgres("apt-get could not install postgresql")


def _found() -> Path | None:
    at_hand = shutil.which("initdb")
    folders = (
        [Path(at_hand).resolve().parent] if at_hand else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    )
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """A running server; its address, with a database that is empty."""
    bin_ = programs()
    root = os.geteuid() == 0
    user = "postgres" if root else pwd.getpwuid(os.geteuid()).pw_name
    with tempfile.TemporaryDirectory(prefix="overskill-pg-") as made, socket.create_server(("127.0.0.1", 0)) as free:
        folder, port = Path(made), free.getsockname()[1]
        free.close()
        identity = {}
        if root:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
            identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        data = folder / "data"

        def run(*command: object) -> None:
            subprocess.run(
                list(map(str, command)),
                check=True,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                **identity,  # type: ignore[call-overload]
            )

        run(bin_ / "initdb", "-D", data, "-A", "trust", "-U", "tester", "-N", "-E", "UTF8", "--locale=C")
        options = f"-p {port} -k {folder} -h 127.0.0.1 -c max_connections=200"
        run(bin_ / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            run(bin_ / "createdb", "-h", "127.0.0.1", "-p", port, "-U", "tester", "deployments")
            yield f"postgresql://tester@127.0.0.1:{port}/deployments"
        finally:
            run(bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop")
