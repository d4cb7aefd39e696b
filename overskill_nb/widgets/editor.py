"""The visual editor of one page of an app."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import traitlets

from .. import config, values
from ..diagnostics import summary
from ..errors import EditorError, PropError
from ..file_text import megabytes
from ..generation import asking
from ..message import Message
from ..protocol_editor import EditPage, GetPalette, OpenPage, PageView, Palette
from . import bundle
from .preview import Handler, Preview, show_exception

if TYPE_CHECKING:
    from ..session import Session

log = logging.getLogger(__name__)

R = TypeVar("R", bound=Message)

CANVAS = "?canvas"
EVENTS = ("change", "select")


class Editor(Preview):
    """The visual editor of one page. What is changed on its canvas is written into the page's file at once.

    ``data`` is what the canvas holds, ``config`` what can be put there, ``selected`` what is selected.
    Made by ``App.editor``.
    """

    page = traitlets.Unicode("", read_only=True).tag(sync=True)
    """The page's path in the app."""
    code = traitlets.Unicode("", read_only=True).tag(sync=True)
    """Names the code of the canvas, which a page loads once."""

    def __init__(self, session: Session, *, app: str, name: str, page: str, height: int, allow: Sequence[str]) -> None:
        self._listeners: dict[str, list[Handler]] = {}
        self._item: dict[str, str] | None = None
        self._told = ""
        code = bundle.editor_hash()
        target = page + CANVAS
        super().__init__(
            session,
            app=app,
            name=name,
            target=target,
            export="default",
            props={},
            height=height,
            device="",
            allow=allow,
        )
        self.set_trait("page", page)
        self.set_trait("code", code)
        self.set_trait("view", "editor")

    # ------------------------------------------------------------------------------------------------- Python

    @property
    def data(self) -> dict[str, Any]:
        """The page as data, as its file is now: ``{"root": {"props": …}, "content": [{"type", "props"}, …]}``.

        Assigning other data changes the file where it differs, and only there. Raises EditorError where the file cannot
        be read as a page, or the data cannot be written into it; the file is as it was then.
        """
        view = self._view()
        if view.data is None:
            raise EditorError(f"'{self.page}' cannot be shown: {summary(view.problems)}", view.problems)
        return view.data

    @data.setter
    def data(self, data: object) -> None:
        request = EditPage(app=self.app, path=self.page, data=_plain(self.page, data), base=self._view().hash)
        edited = self._ask(request, PageView)
        if edited.conflict:  # somebody else changed it in between
            edited = self._ask(msgspec.structs.replace(request, base=edited.hash), PageView)
        if edited.conflict:
            raise EditorError(f"'{self.page}' was not changed: something else changes it all the time.")
        if edited.problems:
            near = self._meant(request.data, edited)
            raise EditorError(f"'{self.page}' was not changed: {summary(edited.problems)}{near}", edited.problems)

    @property
    def config(self) -> dict[str, Any]:
        """What can be put into the page: ``components`` by type, each with its ``fields``, ``defaults``, ``path`` and
        ``help``, and ``hosts``, the fields of HTML elements by tag."""
        palette = self._palette()
        components = {
            item.type: {"fields": item.fields, "defaults": item.defaults, "path": item.path, "help": item.help}
            for item in palette.components
        }
        return {"components": components, "hosts": palette.hosts}

    @property
    def selected(self) -> dict[str, Any] | None:
        """What is selected on the canvas, as ``{"id", "type", "props"}``; None for nothing."""
        with self._lock:
            wanted = self._item
        data = self._view().data if wanted else None
        if wanted is None or data is None:
            return None
        for item in _items(data.get("content")):
            if item["props"].get("id") == wanted["id"]:
                return {"id": wanted["id"], "type": item["type"], "props": item["props"]}
        return None

    def on(self, name: str, handler: Handler) -> Callable[[], None]:
        """Call ``handler`` with ``data`` when the page was changed on the canvas (``"change"``), or with ``selected``
        when something else was selected (``"select"``); returns what takes that back."""
        if name not in EVENTS:
            raise ValueError(f"an editor tells of {' and '.join(map(repr, EVENTS))}, not of {name!r}")
        if not callable(handler):
            raise TypeError(f"the handler of '{name}' is a {type(handler).__name__}, not a function")
        with self._lock:
            self._listeners.setdefault(name, []).append(handler)

        def remove() -> None:
            with self._lock:
                if handler in self._listeners[name]:
                    self._listeners[name].remove(handler)

        return remove

    def __repr__(self) -> str:
        return f"Editor({self.title})"

    # ------------------------------------------------------------------------------------------------- engine

    def _ask(self, request: Any, expect: type[R]) -> R:
        return self._session.call(request, expect)

    def _view(self) -> PageView:
        return self._ask(OpenPage(app=self.app, path=self.page, canvas=False), PageView)

    def _palette(self) -> Palette:
        return self._ask(GetPalette(app=self.app), Palette)

    def _meant(self, data: object, view: PageView) -> str:
        """A question for data that name a component which is not there, but nearly."""
        known = {item.type for item in self._palette().components} | {*view.types}
        content = data.get("content") if isinstance(data, dict) else None
        for kind in dict.fromkeys(item["type"] for item in _items(content)):
            if kind[:1].isupper() and kind not in known and any(kind in one.message for one in view.problems):
                near = difflib.get_close_matches(kind, known, n=1)
                return f" Did you mean '{near[0]}'?" if near else ""
        return ""

    # ------------------------------------------------------------------------------------------------ browser

    def _passed_on(self, message: dict[str, Any]) -> dict[str, Any]:
        request = message.get("request")
        if not isinstance(request, dict) or request.get("type") != "generate_component":
            return message
        return {**message, "request": {**request, **asking("")}}

    def _said(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "selected":
            item = content.get("item")
            found = None if item is None else {"id": str(item["id"]), "type": str(item["type"])}
            with self._lock:
                before, self._item = self._item, found
            if found != before:
                self._tell("select", lambda: self.selected)
        elif kind == "changed":
            with self._lock:
                known, self._told = self._told, str(content.get("hash", ""))
                is_new = self._told != known
            if is_new:
                self._tell("change", lambda: self.data)
        else:
            super()._said(kind, content)

    def _tell(self, name: str, what: Callable[[], object]) -> None:
        with self._lock:
            handlers = list(self._listeners.get(name, []))
        for handler in handlers:
            try:
                handler(what())
            except Exception:
                log.exception("the handler of '%s' failed", name)
                show_exception()


def _plain(path: str, data: object) -> Any:
    """Data as they go to the engine. Raises EditorError where they have no such form, or are too many."""
    try:
        text = msgspec.json.encode(data, enc_hook=lambda value: values.as_props({"data": value})["data"])
    except (TypeError, ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, PropError) else "they are no JSON, or contain themselves"
        raise EditorError(f"'{path}' was not changed: the data cannot be written down: {why}.") from error
    if len(text) > config.MAX_PAGE_DATA_BYTES:
        size, most = megabytes(len(text)), megabytes(config.MAX_PAGE_DATA_BYTES)
        raise EditorError(f"'{path}' was not changed: its data have {size}, more than {most}.")
    return msgspec.json.decode(text)


def _items(content: object) -> Iterator[dict[str, Any]]:
    """The items in a list of them, and in their slots."""
    for item in content if isinstance(content, list) else []:
        if not (isinstance(item, dict) and isinstance(item.get("type"), str) and isinstance(item.get("props"), dict)):
            continue
        yield item
        for value in item["props"].values():
            yield from _items(value)
