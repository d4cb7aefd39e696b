"""Previews on a page of their own: no kernel, no server, no network.

The page holds what a preview's frame is sent, once an app, and the script that runs it in the same two sandboxed frames
as in a notebook. Whatever else the previews of an app have in common, React above all, is there once too.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import threading
from collections.abc import Iterator
from html import escape
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from . import diagnostics
from .errors import EngineError
from .protocol import (
    Diagnostic,
    Event,
    Gone,
    Prepare,
    Prepared,
    Snapshot,
    Subscribe,
    Vendor,
    decode_to_client,
    encode,
)
from .shown import Shown

if TYPE_CHECKING:
    from .session import Session

CLIENT = "handover"
SECONDS = 120.0
"""How long the engine may take to compile an app."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="overskill_nb">
<title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{margin:0}}</style>
</head>
<body>
{place}
{shared}
</body>
</html>
"""
_CLOSING = re.compile(r"</(?=script)|<!--", re.IGNORECASE)


class Handover:
    """Collects the previews of one page."""

    def __init__(self, script: str) -> None:
        """``script`` is that of the page, ``bundle.handover()``."""
        self._script = script
        self._apps: dict[str, str] = {}
        self._packages: dict[str, str] = {}
        """Chunks by their name: apps that have the same packages have the same chunks."""

    def take(self, session: Session, app: str, previews: list[Shown]) -> list[Shown | str]:
        """Take in what previews of one app need; ``app`` is its id.

        Gives each as it can be placed, or a sentence on why it cannot be shown. Raises OverskillError.
        """
        taken: list[Shown | str] = []
        for shown in previews:
            prepared = session.call(Prepare(app=app, target=_target(shown)), Prepared)
            if shown.module and not prepared.module:
                taken.append(diagnostics.summary(prepared.diagnostics))
            else:
                taken.append(msgspec.structs.replace(shown, module=prepared.module, export=prepared.export))
        first = next((one for one in taken if isinstance(one, Shown)), None)
        if first is None:
            return taken
        snapshot = _snapshot(session, app, first.module)
        wanted: set[str] = set()
        for number, shown_or_not in enumerate(taken):
            if isinstance(shown_or_not, str):
                continue
            module = shown_or_not.module
            reached = _reached(snapshot, [module, *snapshot.globals] if module else snapshot.entries)
            found = [one for one in diagnostics.errors(snapshot.diagnostics) if _concerns(one, reached)]
            if found:
                taken[number] = diagnostics.summary(found)
            else:
                wanted |= reached
        name = next(name for name in _names(first.folder) if name not in self._apps)
        self._apps[name] = _packed(_alone(snapshot, wanted))
        taken = [one if isinstance(one, str) else msgspec.structs.replace(one, folder=name) for one in taken]
        for chunk in snapshot.vendor:
            if chunk.code is not None and chunk.id not in self._packages:
                self._packages[chunk.id] = _packed(chunk)
        return taken

    def place(self, shown: Shown, instead: str = "") -> str:
        """Where a preview is on the page. ``instead`` is HTML for those who see it without its script."""
        what = {
            "held": shown.folder,
            "title": shown.title,
            "target": {"module": shown.module, "export": shown.export},
            "props": shown.props,
            "functions": shown.functions,
            "allow": shown.allow,
            "height": shown.height,
            "device": shown.device,
        }
        text = json.dumps(what, ensure_ascii=False, separators=(",", ":"))
        return f'<div data-overskill-preview="{escape(text)}">{instead or escape(shown.title)}</div>'

    @property
    def shared(self) -> str:
        """What the page needs once, wherever it stands."""
        parts = [("app", self._apps), ("packages", self._packages)]
        held = [
            f'<script type="application/octet-stream" data-overskill-{kind}="{escape(name)}">{data}</script>'
            for kind, all_ in parts
            for name, data in all_.items()
        ]
        script = _CLOSING.sub(lambda found: f"\\x3C{found[0][1:]}", self._script)
        return "\n".join([*held, f"<script>{script}</script>"])

    def page(self, shown: Shown) -> str:
        """A page with one preview."""
        return PAGE.format(title=escape(shown.title), place=self.place(shown), shared=self.shared)


def _names(folder: str) -> Iterator[str]:
    """What an app may be called on a page: two may have folders of the same name."""
    yield folder
    for number in count(2):
        yield f"{folder} {number}"


def _target(shown: Shown) -> str:
    return f"{shown.module}#{shown.export}" if shown.export not in ("", "default") else shown.module


def _snapshot(session: Session, app: str, module: str) -> Snapshot:
    """What a frame is sent first."""
    came = threading.Event()
    got: list[Snapshot | Gone] = []

    def heard(data: bytes) -> None:
        message = decode_to_client(data)
        if isinstance(message, Event) and isinstance(message.event, (Snapshot, Gone)):
            got.append(message.event)
            came.set()

    link = session.link(heard)
    try:
        link.receive(encode(Subscribe(client=CLIENT, app=app, module=module)).decode())
        came.wait(SECONDS)
    finally:
        link.close()
    if not got:
        raise EngineError(f"The engine did not compile the app within {SECONDS:.0f} seconds; try again.")
    if isinstance(got[0], Gone):
        raise EngineError(got[0].reason)
    return got[0]


def _reached(snapshot: Snapshot, begin: list[str]) -> set[str]:
    """These modules and all that they import, whether it is there or not."""
    modules = {module.id: module for module in snapshot.modules}
    reached, waiting = set(begin), list(begin)
    for name in waiting:
        for other in modules[name].deps.values() if name in modules else ():
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return reached


def _concerns(problem: Diagnostic, reached: set[str]) -> bool:
    return problem.location is None or problem.location.file in {name.partition("?")[0] for name in reached}


def _alone(snapshot: Snapshot, wanted: set[str]) -> Snapshot:
    """Of a snapshot what a page needs. The same app gives the same, on every machine."""
    modules = sorted((module for module in snapshot.modules if module.id in wanted), key=lambda module: module.id)
    return msgspec.structs.replace(
        snapshot,
        app="app",
        build="page",
        seq=0,
        vendor=[Vendor(id=chunk.id) for chunk in snapshot.vendor],
        modules=[msgspec.structs.replace(module, map="") for module in modules],  # maps are for who has the sources
        diagnostics=[],
    )


def _packed(data: msgspec.Struct) -> str:
    return base64.b64encode(gzip.compress(msgspec.json.encode(data), 9, mtime=0)).decode()


__all__ = ["Handover"]
