"""What clients ask of an app's visual editor, answered with what the worker knows of pages and components."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from ..config import MAX_PAGE_DATA_BYTES
from ..errors import EditorError, FileError
from ..file_text import megabytes
from ..protocol import Diagnostic
from ..protocol_editor import (
    EditorRequest,
    EditorResult,
    EditPage,
    GetPalette,
    MakePage,
    OpenPage,
    PageOrigin,
    PageView,
    Palette,
    PaletteComponent,
)
from .pages import new_page, root_page
from .roots import CANVAS

if TYPE_CHECKING:
    from .live_app import LiveApp
    from .worker import Ask

KINDS: tuple[type, ...] = get_args(EditorRequest)


class _View(msgspec.Struct):
    """A page as the worker gives it."""

    path: str
    hash: str
    problems: list[Diagnostic]
    data: dict[str, Any] | None = None
    root: str = ""
    places: dict[str, list[int]] = {}
    types: dict[str, dict[str, str]] = {}
    text: str | None = None
    conflict: bool = False


class _Component(msgspec.Struct):
    type: str
    name: str
    path: str
    export: str
    folder: str
    help: str
    fields: dict[str, dict[str, Any]]
    defaults: dict[str, Any] = msgspec.field(name="defaultProps")


class _Named(msgspec.Struct):
    name: str


class _Palette(_Named):
    components: list[_Component]
    hosts: dict[str, dict[str, dict[str, Any]]]


_view = msgspec.json.Decoder(_View).decode
_named = msgspec.json.Decoder(_Named).decode
_palette = msgspec.json.Decoder(_Palette).decode


class EditorRequests:
    """Answers requests about pages. What is on a canvas is compiled for previews, with all that may be put there."""

    def __init__(self, find: Callable[[str], Awaitable[LiveApp]]) -> None:
        self._find = find
        self._palettes: dict[str, Palette] = {}
        """By app: the last one."""
        self._canvases: set[str] = set()
        """Apps of which a canvas was shown."""

    async def handle(self, request: Any) -> EditorResult:
        """Answer one request. Raises OverskillError."""
        app = await self._find(request.app)
        try:
            return await self._answer(app, request)
        except RecursionError as error:  # JSON of some hundred levels
            path = getattr(request, "path", "")
            raise EditorError(f"'{path}' cannot be edited: its elements are nested too deeply.") from error

    async def _answer(self, app: LiveApp, request: Any) -> EditorResult:
        if isinstance(request, GetPalette):
            return await self._palette(app)
        if isinstance(request, OpenPage):
            return await self._open(app, request)
        if isinstance(request, EditPage):
            return await self._edit(app, request)
        assert isinstance(request, MakePage)
        return await self._make(app, request.path)

    async def _palette(self, app: LiveApp) -> Palette:
        known = self._palettes.get(app.project.id)
        raw = await app.ask("palette", have=known.name if known else "")
        name = _named(raw).name
        if known is None or known.name != name:
            found = _palette(raw)
            components = [PaletteComponent(**msgspec.structs.asdict(item)) for item in found.components]
            known = self._palettes[app.project.id] = Palette(name=name, components=components, hosts=found.hosts)
        if app.project.id in self._canvases:
            await app.offer([item.path for item in known.components])
        return known

    async def _open(self, app: LiveApp, request: OpenPage) -> PageView:
        path = request.path or root_page(app.project)
        app.project.locate(path)
        if request.canvas:
            self._canvases.add(app.project.id)
        view = await self._read(app, path)
        if request.canvas and view.hash:
            await app.offer([path + CANVAS])
        if view.data is not None and request.have == f"{view.hash}/{view.palette}":
            view = PageView(path=path, hash=view.hash, palette=view.palette)
        return view

    async def _read(self, app: LiveApp, path: str) -> PageView:
        await app.look_at(path)
        palette = await self._palette(app)
        return _shown(_view(await app.ask("page", path=path)), palette)

    async def _edit(self, app: LiveApp, request: EditPage) -> PageView:
        path = request.path
        app.project.locate(path)
        if isinstance(request.data, dict) and "content" not in request.data:
            raise EditorError(f"'{path}' was not changed: the data have no 'content', the list of what is on the page.")
        size = len(msgspec.json.encode(request.data))
        if size > MAX_PAGE_DATA_BYTES:
            most = megabytes(MAX_PAGE_DATA_BYTES)
            raise EditorError(f"'{path}' was not changed: its data have {megabytes(size)}, more than {most}.")
        given: dict[str, Any] = {"app": app.project.id, "path": path, "data": request.data, "base": request.base}
        edited: list[_View] = []

        async def text(ask: Ask) -> str | None:
            edited[:] = [_view(await ask("edit_page", given))]
            return edited[0].text

        written = await app.rewrite(path, text, "editor")
        return _shown(edited[0], await self._palette(app), written)

    async def _make(self, app: LiveApp, path: str) -> PageView:
        file = app.project.locate(path)
        made = new_page(app.project, path)

        async def text(_: Ask) -> str:
            if file.exists():
                raise FileError(f"'{path}' was not made: there is a file of that name already.")
            return made

        await app.rewrite(path, text, "editor")
        return msgspec.structs.replace(await self._read(app, path), written=True)


def _shown(found: _View, palette: Palette, written: bool = False) -> PageView:
    return PageView(
        path=found.path,
        hash=found.hash,
        palette=palette.name,
        data=found.data,
        root=found.root,
        places=found.places,
        types={name: PageOrigin(**origin) for name, origin in found.types.items()},
        problems=found.problems,
        conflict=found.conflict,
        written=written,
    )
