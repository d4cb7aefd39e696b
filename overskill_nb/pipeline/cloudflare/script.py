"""What a script is, what it carries, and how it is put together for an upload."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class Script(msgspec.Struct, frozen=True):
    """Where a Worker is: its name within a dispatch namespace."""

    namespace: str
    name: str

    @property
    def path(self) -> str:
        """Its address below the account."""
        return f"/workers/dispatch/namespaces/{self.namespace}/scripts/{self.name}"


class ScriptState(msgspec.Struct):
    """What Cloudflare says of a script."""

    tags: list[str]
    etag: str = ""
    modified_on: str = ""

    def tag(self, kind: str) -> str:
        """The value of the tag ``<kind>-<value>``; empty where there is none."""
        return next((tag.removeprefix(f"{kind}-") for tag in self.tags if tag.startswith(f"{kind}-")), "")


class Part(msgspec.Struct):
    """One part of a multipart body. Without ``filename`` it is a plain field."""

    name: str
    content: bytes
    filename: str = ""
    content_type: str = ""


def multipart(parts: Sequence[Part]) -> tuple[bytes, str]:
    """The body, as browsers' FormData and so wrangler write it, and its content type."""
    boundary = f"----overskill{secrets.token_hex(16)}"
    body = bytearray()
    for part in parts:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{part.name}"'.encode()
        if part.filename:
            body += f'; filename="{part.filename}"'.encode()
        if part.content_type:
            body += f"\r\nContent-Type: {part.content_type}".encode()
        body += b"\r\n\r\n" + part.content + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return bytes(body), f"multipart/form-data; boundary={boundary}"


def modules(content_type: str, entry: str, body: bytes) -> dict[str, bytes]:
    """The modules in an answer with a script's content, main one first."""
    if not content_type.lower().startswith("multipart/form-data"):
        return {entry or "index.js": body} if body.strip() else {}
    from tornado.httputil import HTTPFile, parse_multipart_form_data

    boundary = re.search(r'boundary="?([^";]+)', content_type)
    files: dict[str, list[HTTPFile]] = {}
    parse_multipart_form_data(boundary[1].encode() if boundary else b"", body, {}, files)
    found = {
        name: part["body"]
        for name, parts in files.items()
        for part in parts
        if part["content_type"] != "application/source-map"
    }
    main = entry if entry in found else next(iter(found), "")
    return {name: found[name] for name in sorted(found, key=lambda name: name != main)}


class Upload(msgspec.Struct):
    """A script to be put: its modules, main one first (none = assets only), and what goes with them."""

    compatibility_date: str
    modules: dict[str, bytes] = {}
    bindings: list[dict[str, Any]] = []
    tags: list[str] = []
    assets: dict[str, Any] = {}
    limits: dict[str, int] = {}
    keep_bindings: list[str] = []
    message: str = ""
    compatibility_flags: list[str] = []

    def __repr__(self) -> str:
        return f"Upload(modules={list(self.modules)!r}, tags={self.tags!r})"

    def metadata(self) -> dict[str, Any]:
        """The ``metadata`` part; what is empty is left out, as wrangler does."""
        told: dict[str, Any] = {}
        if self.modules:
            told["main_module"] = next(iter(self.modules))
            told["bindings"] = self.bindings
        optional: Mapping[str, Any] = {
            "compatibility_date": self.compatibility_date,
            "compatibility_flags": self.compatibility_flags,
            "keep_bindings": self.keep_bindings,
            "limits": self.limits if self.modules else {},
            "annotations": {"workers/message": self.message} if self.message else {},
            "tags": self.tags,
            "assets": self.assets,
            "observability": {"enabled": True} if self.modules else {},
        }
        told.update((name, value) for name, value in optional.items() if value)
        return told

    def parts(self) -> list[Part]:
        """The multipart body's parts."""
        modules = [
            Part(name, content, filename=name, content_type="application/javascript+module")
            for name, content in self.modules.items()
        ]
        return [Part("metadata", msgspec.json.encode(self.metadata())), *modules]
