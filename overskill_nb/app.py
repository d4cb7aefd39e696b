"""App: what a user holds in a notebook."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from . import config, diagnostics, session, values
from .editing import Editing
from .errors import AppError, BuildError, OverskillError
from .file_text import as_bytes
from .generating import Generating
from .interactions import Interactions
from .protocol import (
    AllowOrigins,
    AppInfo,
    ComponentPlace,
    ComponentWritten,
    Diagnostic,
    Done,
    EditFile,
    FileChange,
    FileContent,
    Files,
    FindComponent,
    ListFiles,
    OpenApp,
    Origin,
    Prepare,
    Prepared,
    ReadFile,
    RenameFile,
    WriteComponent,
    WriteFiles,
    Written,
)
from .setup_progress import setup_progress
from .shipping import Shipping

if TYPE_CHECKING:
    from .widgets.preview import Device, Preview

COMPONENT_NAME = re.compile(r"[A-Z][A-Za-z0-9_$]*")


class AppFiles(Mapping[str, str]):
    """An app's files by path: ``app.files["src/App.tsx"]`` is its text, iterating gives the paths in order."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __getitem__(self, path: str) -> str:
        return self._app.read(path)

    def __iter__(self) -> Iterator[str]:
        return iter(self._app._paths())  # noqa: SLF001

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, path: object) -> bool:
        return path in list(iter(self))

    def __repr__(self) -> str:
        return "\n".join(self) or "(no files)"

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)


class App(Shipping, Generating, Editing, Interactions):
    """An app: a folder with an ordinary Vite + React + TypeScript + Tailwind project.

    ``App("tips")`` opens the folder ``tips`` beside the notebook, or makes it from the template. ``allow`` lists the
    origins, such as ``"https://api.example.com"``, that the app may reach from its preview; all others are blocked.
    """

    current: App | None = None
    """The app that ``%%component`` uses when none is named: the one opened last."""

    _opened: ClassVar[dict[str, App]] = {}
    """The apps of this process by name, for ``--app``."""
    _shown_previews: ClassVar[dict[tuple[int, str], dict[str, Preview]]] = {}
    """The previews of each app, by session and app id: opening an app again finds them."""

    def __init__(self, name: str, *, allow: Sequence[str] = ()) -> None:
        if not isinstance(name, str) or not name.strip() or "/" in name or "\\" in name:
            raise AppError(
                f"{name!r} is not an app's name; give a folder's name such as 'tips', or use App.open(path)."
            )
        self._start(name, create=True, allow=allow)

    @classmethod
    def open(cls, folder: str | Path, *, allow: Sequence[str] = ()) -> App:
        """Open an existing Vite + React project in any folder."""
        app = cls.__new__(cls)
        app._start(str(folder), create=False, allow=allow)  # noqa: SLF001
        return app

    def _start(self, folder: str, *, create: bool, allow: Sequence[str]) -> None:
        if isinstance(allow, str):
            raise AppError(f"allow= takes a list of origins: allow=[{allow!r}]")
        self._session = session.current()
        request = OpenApp(
            folder=folder,
            workspace=str(config.find_workspace(Path.cwd())),
            create=create,
            allow=list(allow),
        )
        with setup_progress() as on_progress:
            info = self._session.call(request, AppInfo, on_progress)
        self.id = info.app
        self.name = info.name
        self.folder = Path(info.folder)
        self._allow = info.allow
        self._known: list[Diagnostic] = info.diagnostics
        self._previews = App._shown_previews.setdefault((id(self._session), info.app), {})
        self._editors = App._shown_editors.setdefault((id(self._session), info.app), {})
        self._show_allowed()
        App._opened[self.name] = self
        App.current = self

    @classmethod
    def named(cls, name: str) -> App:
        """The open app of that name. Raises AppError where there is none."""
        if name not in cls._opened:
            raise AppError(f"No app '{name}' is open; open it with App or App.open first.")
        return cls._opened[name]

    def __repr__(self) -> str:
        return f"App({self.name!r})"

    # ------------------------------------------------------------------------------------------------ files

    @property
    def files(self) -> AppFiles:
        """The app's files, as a mapping of paths to texts."""
        return AppFiles(self)

    def _paths(self) -> list[str]:
        paths: list[str] = self._call(ListFiles(app=self.id), Files).paths
        return paths

    def read(self, path: str) -> str:
        """A file's text."""
        text: str = self._call(ReadFile(app=self.id, path=path), FileContent).content
        return text

    def write(self, path: str | Mapping[str, str], content: str | None = None) -> None:
        """Write a file, or several at once from a mapping; every preview follows.

        Raises BuildError where the app then does not compile. The files are written all the same, and previews keep
        the last working version.
        """
        if isinstance(path, Mapping):
            if content is not None:
                raise TypeError("write() takes either a mapping of paths to texts, or a path and a text")
            files = dict(path)
        elif content is None:
            raise TypeError("write() needs the file's text: app.write('src/lib/money.ts', text)")
        else:
            files = {path: content}
        for name, text in files.items():
            if not isinstance(text, str):
                raise TypeError(f"the content of '{name}' is a {type(text).__name__}, not a str")
        self._write([FileChange(path=name, content=text) for name, text in files.items()], "python")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the one place where ``old`` stands in a file by ``new``. Raises EditError unless there is one."""
        self._settle(self._call(EditFile(app=self.id, path=path, old=old, new=new), Written))

    def delete(self, path: str) -> None:
        """Delete a file."""
        self._write([FileChange(path=path)], "python")

    def rename(self, path: str, to: str) -> None:
        """Move a file. Imports of it are not rewritten."""
        self._settle(self._call(RenameFile(app=self.id, path=path, to=to), Written))

    def _write(self, files: list[FileChange], origin: Origin) -> None:
        for file in files:
            if file.content is not None:
                as_bytes(file.path, file.content)  # refused here rather than by the connection
        self._settle(self._call(WriteFiles(app=self.id, files=files, origin=origin), Written))

    def _settle(self, written: Written) -> None:
        """Remember the app's problems, and raise those that are new or in the files just written."""
        before, self._known = self._known, written.diagnostics
        for preview in (*self._previews.values(), *self._editors.values()):
            preview.show_problems(written.diagnostics)
        found = [
            problem
            for problem in diagnostics.errors(written.diagnostics)
            if (problem not in before or (problem.location and problem.location.file in written.changed))
            and not self._is_gone(problem)
        ]
        if found:
            raise BuildError(diagnostics.summary(found), found)

    def _is_gone(self, problem: Diagnostic) -> bool:
        """Whether it says that a previewed component was taken away: its preview shows that, and who did it knows."""
        where = problem.location
        gone = where is not None and problem.kind == "file" and problem.message == f"{where.file} does not exist"
        return gone and where is not None and where.file in self._previews

    @property
    def errors(self) -> list[Diagnostic]:
        """The problems of the sources as of the last change made here."""
        return list(self._known)

    # --------------------------------------------------------------------------------------------- previews

    def preview(
        self,
        target: str = "",
        *,
        props: Mapping[str, Any] | None = None,
        height: int | None = None,
        device: Device | None = None,
    ) -> Preview:
        """A live preview of the whole app, or of one component by name (``"TipCalculator"``) or path.

        There is one preview per target: asking again gives the same one, with the new props where they are given.
        """
        plain = values.as_props(props) if props is not None else None
        prepared: Prepared = self._call(Prepare(app=self.id, target=target), Prepared)
        if target and not prepared.module:
            known = self._shown(target)
            if known is None:
                raise BuildError(diagnostics.summary(prepared.diagnostics), prepared.diagnostics)
            # Its source is broken at the moment; the preview that shows the last working version is still the one.
            return self._preview_of(known, "", plain, height, device)
        preview = self._preview_of(prepared.module, prepared.export, plain, height, device)
        preview.take(prepared)
        return preview

    def component(
        self,
        name: str,
        source: str,
        *,
        path: str | None = None,
        props: Mapping[str, Any] | None = None,
        height: int | None = None,
        display: Callable[[Preview], object] | None = None,
    ) -> Preview:
        """Write a component's source and preview it: what ``%%component`` does.

        ``path`` is where it goes; by default where a file of that name is, else ``src/components/<name>.tsx``.
        ``display`` is called with the preview before the source is compiled, so that progress and errors have a place;
        where there is a preview already it comes second, unless compiling takes long: what shows a change is not kept
        waiting for what it looks like in the notebook.
        Raises BuildError where the source does not compile; a preview then keeps the last working version.
        """
        if not COMPONENT_NAME.fullmatch(name):
            raise AppError(
                f"'{name}' is not a component's name: it begins with a capital letter and has letters and digits."
            )
        plain = values.as_props(props) if props is not None else None
        declared = name if _declares(source, name) else ""
        known = self._previews.get(self._shown(path or name) or "")
        as_bytes(path or name, source)  # refused here rather than by the connection
        shown: list[Preview] = []

        def show(where: str = "") -> Preview:
            if not shown:
                where = where or path or self._call(FindComponent(app=self.id, name=name), ComponentPlace).path
                shown.append(self._preview_of(where, declared or "default", plain, height, None))
                if display is not None:
                    display(shown[0])
            return shown[0]

        # The source may need the new props: they go first.
        if known is None or (plain is not None and plain != known.props):
            show()
        request = WriteComponent(app=self.id, name=name, source=source, path=path or "", export=declared)
        try:
            done = self._session.call(request, ComponentWritten, on_late=show)
        except OverskillError:
            if known is not None and not shown and display is not None:
                display(known)
            raise
        preview = show(done.path)
        self._settle(done.written)
        preview.take(done.prepared)
        found = [problem for problem in diagnostics.errors(done.prepared.diagnostics) if not self._is_gone(problem)]
        if found:
            raise BuildError(diagnostics.summary(found), found)
        return preview

    def source(self, path: str, text: str) -> None:
        """Write any other file of the app: what ``%%source`` does."""
        self._write([FileChange(path=path, content=text)], "cell")

    def allow(self, *origins: str) -> None:
        """Let the app reach these origins from its preview, and no others."""
        self._call(AllowOrigins(app=self.id, allow=list(origins)), Done)
        self._allow = list(origins)
        self._show_allowed()

    def _show_allowed(self) -> None:
        for preview in (*self._previews.values(), *self._editors.values()):
            preview.set_trait("allow", list(self._allow))

    def _shown(self, target: str) -> str | None:
        """The module of an existing preview that a name or a path means."""
        named = [
            module
            for module in self._previews
            if target == module or target == module.rpartition("/")[2].partition(".")[0]
        ]
        return named[0] if len(named) == 1 else None

    def _preview_of(
        self, module: str, export: str, props: Mapping[str, Any] | None, height: int | None, device: Device | None
    ) -> Preview:
        from .widgets.preview import Preview

        preview = self._previews.get(module)
        if preview is None:
            preview = Preview(
                self._session,
                app=self.id,
                name=self.name,
                target=module,
                export=export,
                props=props or {},
                height=height or 0,
                device=device or "",
                allow=self._allow,
                folder=self.folder,
            )
            self._previews[module] = preview
            return preview
        self._previews[module] = self._previews.pop(module)  # the one shown last is the last
        if props is not None:
            preview.props = dict(props)
        if height is not None:
            preview.height = height
        if device is not None:
            preview.device = device
        return preview


def _declares(source: str, name: str) -> bool:
    """Whether a source exports this name, as far as can be told without compiling it."""
    declared = rf"^\s*export\s+(?:async\s+)?(?:const|let|var|function|class)\s+{re.escape(name)}\b"
    return re.search(declared, source, re.MULTILINE) is not None


__all__ = ["App", "AppFiles"]
