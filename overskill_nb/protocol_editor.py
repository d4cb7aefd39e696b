"""The part of the protocol that is about the visual editor; ``protocol.py`` puts it into the conversation.

A page is a module whose default export is a component that returns JSX. Its data are what the canvas holds of it; the
head of ``js/src/worker/editor/data.ts`` says what they look like.
"""

from __future__ import annotations

from typing import Any, Union

from .message import Message
from .protocol_diagnostics import Diagnostic

# -------------------------------------------------------------------------------------------------------- requests


class OpenPage(Message, tag="open_page"):
    """A page as its file has it. Its canvas, and the app's components, are compiled for previews from then on."""

    app: str
    path: str = ""
    """Empty for the app's root page."""
    have: str = ""
    """The hash and the palette of a view that is known: where they are the same still, the view comes without data."""
    canvas: bool = True
    """Whether a canvas is to be shown; without, nothing is compiled."""


class EditPage(Message, tag="edit_page"):
    """Write what a page's data are now into its file. Nothing is written where the file is not ``base`` any more."""

    app: str
    path: str
    data: Any
    base: str
    """Hash of the text that the data were made from."""


class MakePage(Message, tag="make_page"):
    """Write a new page, with a heading and nothing else. Raises FileError where the file is there."""

    app: str
    path: str


class GetPalette(Message, tag="get_palette"):
    """The components that can be put into a page."""

    app: str


EditorRequest = Union[OpenPage, EditPage, MakePage, GetPalette]


# --------------------------------------------------------------------------------------------------------- results


class PageOrigin(Message):
    """Where a page has a component from that is none of the app's own."""

    kind: str
    """``package``, ``page`` (declared in the page itself), ``host``, or ``app``."""
    tag: str
    """As the page writes it."""
    specifier: str = ""
    imported: str = ""


class PageView(Message, tag="page_view"):
    """A page, as data."""

    path: str
    hash: str
    """Of the file's text; empty where it cannot be read."""
    palette: str = ""
    """Names the palette's content: another name, another palette."""
    data: Union[dict[str, Any], None] = None
    """None where there are none, ``problems`` saying why, or where the client has them."""
    root: str = ""
    """The tag of the page's own element, whose attributes are the properties of the root; empty for none."""
    places: dict[str, list[int]] = {}
    """Item's id to where it is written: start and end, in UTF-16 units."""
    types: dict[str, PageOrigin] = {}
    """What the page uses beside the app's components."""
    problems: list[Diagnostic] = []
    """Why there is no view of the file as it is now, or why data were not taken."""
    conflict: bool = False
    """The file is not the one that the data were made from: nothing was written, the view is that of the file."""
    written: bool = False
    """Whether the file was changed."""


class PaletteComponent(Message):
    """A component that the app exports."""

    type: str
    """What an item of it has as its type."""
    name: str
    path: str
    export: str
    folder: str
    help: str = ""
    fields: dict[str, dict[str, Any]] = {}
    """Property to its field; ``js/src/worker/editor/fields.ts`` says what a field holds."""
    defaults: dict[str, Any] = {}
    """What a new item begins with."""


class Palette(Message, tag="palette"):
    name: str
    """Of its content."""
    components: list[PaletteComponent]
    hosts: dict[str, dict[str, dict[str, Any]]]
    """Fields of the page's own elements by tag; others have those of a ``div``."""


EditorResult = Union[PageView, Palette]
