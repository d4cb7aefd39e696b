"""What a job's processes are told of this machine: where programs are and how npm is set, and no more."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ... import process
from ...node import Node

_PASSED = ("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_HERE = ("127.0.0.1", "localhost", "::1")
_NPM = re.compile(
    r"registry|@[^:]+:registry|(https-)?proxy|cafile|ca|strict-ssl|replace-registry-host"
    r"|omit-lockfile-registry-resolved"
)


def of_machine() -> dict[str, str]:
    """From the engine's environment, by a list of what is harmless."""
    found = process.environment_for_apps()
    for name in ("TMPDIR", "TMP", "TEMP"):
        found.pop(name, None)
    found |= {name: os.environ[name] for name in _PASSED if name in os.environ}
    for proxy in _PROXIES:
        for name in (proxy, proxy.lower()):
            if value := os.environ.get(name):
                found[name] = without_login(value)
    known = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    found["NO_PROXY"] = found["no_proxy"] = ",".join(dict.fromkeys([*filter(None, known.split(",")), *_HERE]))
    return found


async def npmrc(node: Node, folder: Path) -> str:
    """How npm is set to get packages, as the text of an ``.npmrc``. No login is in it."""
    printed = await asyncio.to_thread(_printed, node, folder)
    lines = []
    for name, value in sorted(printed.items()):
        if not _NPM.fullmatch(name) or value in (None, "", []):
            continue
        for each in value if isinstance(value, list) else [value]:
            text = without_login(each) if isinstance(each, str) else json.dumps(each)
            if "\n" in text:
                text = json.dumps(text)
            lines.append(f"{name}{'[]' if isinstance(value, list) else ''}={text}")
    return "".join(f"{line}\n" for line in lines)


def _printed(node: Node, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [*node.npm, "config", "list", "--json"],
        cwd=folder,
        env={**os.environ, **node.environment},
        capture_output=True,
        check=False,
        timeout=60,
    )
    try:
        read = json.loads(done.stdout)
    except json.JSONDecodeError:
        return {}
    if not isinstance(read, dict):
        return {}
    return {**{name: _protected(name) for name in ("registry", "proxy", "https-proxy") if name not in read}, **read}


def _protected(name: str) -> str:
    """An address that npm does not tell, since a login is in it."""
    lines = [f"{name}={os.environ.get('npm_config_' + name.replace('-', '_'), '')}"]
    with contextlib.suppress(OSError, UnicodeDecodeError, RuntimeError):
        lines += (Path.home() / ".npmrc").read_text("utf-8").splitlines()
    found = (line.partition("=")[2].strip() for line in lines if line.partition("=")[0].strip() == name)
    return next(filter(None, found), "")


def without_login(url: str) -> str:
    """An address without the name and password in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else url
