"""Editing: an app's pages with the mouse. ``App`` adds files and previews."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from .diagnostics import summary
from .errors import FileError
from .protocol import ComponentPlace, Files, FindComponent, ListFiles
from .protocol_editor import MakePage, OpenPage, PageView

if TYPE_CHECKING:
    from .session import Session
    from .widgets.editor import Editor
    from .widgets.preview import Preview


class Editing:
    """What is done with an app's pages."""

    id: str
    name: str
    _session: Session
    _allow: list[str]
    _editors: dict[str, Editor]

    _shown_editors: ClassVar[dict[tuple[int, str], dict[str, Editor]]] = {}
    """The editors of each app, by session and app id: opening an app again finds them."""

    if TYPE_CHECKING:
        # App has them.
        def _call(self, request: Any, expect: type[Any]) -> Any: ...
        def preview(self, target: str = "") -> Preview: ...

    def editor(self, page: str = "", *, height: int | None = None) -> Editor:
        """The visual editor of a page, by path (``"src/pages/Home.tsx"``) or name; by default of the root page.

        Components are dragged from a palette of all that the app exports, and their props set in forms; each change is
        written into the page's file at once, and what changes there shows on the canvas. There is one editor per page:
        asking again gives the same one. ``height`` is in pixels.

        Raises FileError where there is no such page: ``app.page`` makes one.
        """
        if re.fullmatch(r"\w+", page):
            page = self._call(FindComponent(app=self.id, name=page), ComponentPlace).path
        view: PageView = self._call(OpenPage(app=self.id, path=page), PageView)
        if not view.hash:
            if view.path not in self._call(ListFiles(app=self.id), Files).paths:
                raise FileError(f"There is no page '{view.path}' in {self.name}; app.page({view.path!r}) makes it.")
            raise FileError(summary(view.problems), view.problems)
        editor = self._editors.get(view.path)
        if editor is None:
            from .widgets.editor import Editor

            editor = self._editors[view.path] = Editor(
                self._session, app=self.id, name=self.name, page=view.path, height=height or 0, allow=self._allow
            )
        elif height is not None:
            editor.height = height
        editor.show_problems(view.problems)
        return editor

    def page(self, path: str) -> Preview:
        """The live preview of a page, which is made with a heading and nothing else where there is none yet.

        ``path`` is such as ``"src/pages/About.tsx"``. ``app.editor(path)`` edits the page.
        """
        if path not in self._call(ListFiles(app=self.id), Files).paths:
            self._call(MakePage(app=self.id, path=path), PageView)
        return self.preview(path)


__all__ = ["Editing"]
