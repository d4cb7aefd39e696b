"""What all widgets share: a loader, a bundle that a page may ask for, and a way to the engine for pages without one."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from . import bundle

if TYPE_CHECKING:
    from ..session import Link, Session

log = logging.getLogger(__name__)


class LinkedWidget(anywidget.AnyWidget):
    """A widget whose page talks to the engine: through the server's socket, or through this kernel."""

    _esm = traitlets.Unicode("").tag(sync=True)

    view = traitlets.Unicode("", read_only=True).tag(sync=True)
    """What the bundle renders."""
    app = traitlets.Unicode("", read_only=True).tag(sync=True)
    name = traitlets.Unicode("", read_only=True).tag(sync=True)
    transport = traitlets.Unicode("comm", read_only=True).tag(sync=True)
    bundle = traitlets.Unicode("", read_only=True).tag(sync=True)

    _link: Link | None = None

    def __init__(self, session: Session, *, view: str, app: str, name: str, **traits: Any) -> None:
        self._session = session
        super().__init__(_esm=bundle.loader(), **traits)
        self.set_trait("view", view)
        self.set_trait("app", app)
        self.set_trait("name", name)
        self.set_trait("transport", "server" if session.host == "server" else "comm")
        self.set_trait("bundle", bundle.preview_hash())
        self.on_msg(self._received)

    def _received(self, _widget: object, content: Any, _buffers: object) -> None:
        """A message from the page. Faults are logged: they must not end up in whatever cell runs at the moment."""
        try:
            kind = content.get("type") if isinstance(content, dict) else None
            if kind == "overskill":
                self.link().receive(json.dumps(self._passed_on(content["message"])))
            elif kind == "bundle":
                self._send_bundle(str(content.get("hash", "")))
            elif kind:
                self._said(kind, content)
        except Exception:
            log.exception("a message from the widget %r could not be handled", self)

    def _passed_on(self, message: dict[str, Any]) -> dict[str, Any]:
        """A page's message as the engine gets it: with what only this kernel knows."""
        return message

    def _said(self, kind: str, content: dict[str, Any]) -> None:
        """Take in what only this kind of widget says."""

    def link(self) -> Link:
        """This widget's own connection to the engine; what the engine sends goes on to the page."""
        if self._link is None:
            self._link = self._session.link(self._send_raw)
        return self._link

    def _send_raw(self, data: bytes) -> None:
        self.send({"type": "overskill", "message": json.loads(data)})

    def _send_bundle(self, wanted: str = "") -> None:
        """Send the bundle of that name; the preview's to a page of another version, which says so."""
        name, data = wanted, bundle.by_hash(wanted)
        if data is None:
            name, data = bundle.preview_hash(), bundle.preview()
        parts = -(-len(data) // bundle.PART_BYTES)
        for part in range(parts):
            piece = data[part * bundle.PART_BYTES : (part + 1) * bundle.PART_BYTES]
            self.send({"type": "bundle", "hash": name, "part": part, "parts": parts}, [piece])

    def close(self) -> None:
        """Take the widget off every page."""
        if self._link is not None:
            self._link.close()
            self._link = None
        super().close()
