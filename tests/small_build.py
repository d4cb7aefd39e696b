"""Something to deploy: an artefact and its store in one, made by hand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass
class File:
    path: str
    sha256: str
    size: int
    content_type: str


@dataclass
class Build:
    """An artefact and the store that holds it."""

    files: list[File] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    worker: str = ""
    uses_env: bool = False
    headers: str = ""
    redirects: str = ""
    compatibility_date: str = "2026-01-01"
    id: str = ""
    first_load_gzip: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def first_load(self) -> list[str]:
        return ["/index.html", *(file.path for file in self.files if file.path.startswith("/assets/"))]

    def add(self, path: str, text: str, content_type: str) -> None:
        body = text.encode()
        self.files.append(File(path, self.keep(body), len(body), content_type))
        self.id = hashlib.sha256(repr([(file.path, file.sha256) for file in self.files]).encode()).hexdigest()

    def keep(self, body: bytes) -> str:
        name = hashlib.sha256(body).hexdigest()
        self.contents[name] = body
        return name

    def read(self, sha256: str) -> bytes:
        return self.contents[sha256]


def built(text: str = "one") -> Build:
    build = Build()
    build.add("/index.html", f'<script type="module" src="/assets/main.js"></script><p>{text}', "text/html")
    build.add("/assets/main.js", f"console.log({text!r})", "text/javascript")
    build.add("/assets/main.css", f".a{{content:{text!r}}}", "text/css")
    build.add("/logo.svg", f"<svg><text>{text}</text></svg>", "image/svg+xml")
    build.add("/data", text, "")
    return build
