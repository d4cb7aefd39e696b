"""Variants: several answers to one prompt, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from . import protocol_generation as wire
from .errors import GenerationError, OverskillError
from .generation import Generation
from .notebook import in_notebook
from .protocol import ComponentPlace, FileChange, FindComponent, WriteFiles, Written

if TYPE_CHECKING:
    from .generating import Generating


class Variants(Sequence[Generation]):
    """Several answers to one prompt. Each is a component of its own until one is chosen."""

    def __init__(self, app: Generating, name: str) -> None:
        self._app = app
        self.name = name
        self._path: str = app._call(FindComponent(app=app.id, name=name), ComponentPlace).path  # noqa: SLF001
        self._made: dict[str, Generation] = {}
        self._ended = False
        self._grid: _Grid | None = None

    def make(self, n: int, given: Mapping[str, Any]) -> None:
        """Ask for them, one after another: models on one machine answer no faster at once.

        Those that fail are left out. Raises what the last one failed with where all do.
        """
        app, there = self._app, self._app._exists(self.name, self._path)  # noqa: SLF001
        grid = self._grid = _Grid() if in_notebook() else None
        error: OverskillError | None = None
        place = ""
        try:
            for number in range(1, n + 1):
                place = _place(self._path, number)
                if there:
                    self._write({place: app.read(self._path)})  # what is there is changed in a copy
                request = wire.GenerateComponent(app=app.id, name=self.name, path=place, variant=number - 1, **given)
                one = Generation(app._session, app._call(request, wire.GenerationInfo).generation)  # noqa: SLF001
                if grid is not None:
                    grid.add(one.view)
                try:
                    self._made[place] = one.wait()
                except OverskillError as failure:
                    error = failure
                    if there:
                        self._write({place: None})
                    continue
                if grid is not None:
                    grid.add(app.preview(place), below=True)
        except BaseException:
            self._write(dict.fromkeys([*self._made, *([place] if there else [])]))
            raise
        if error is not None and not self._made:
            raise error

    @overload
    def __getitem__(self, index: int) -> Generation: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Generation]: ...
    def __getitem__(self, index: int | slice) -> Generation | Sequence[Generation]:
        return list(self._made.values())[index]

    def __len__(self) -> int:
        return len(self._made)

    @property
    def paths(self) -> list[str]:
        """The file of each."""
        return list(self._made)

    def choose(self, index: int) -> None:
        """Make one of them the component, and take the others away."""
        self._end(self.paths[index])

    def discard(self) -> None:
        """Take all of them away."""
        self._end("")

    def _end(self, chosen: str) -> None:
        if self._ended:
            raise GenerationError("One of these variants was chosen, or all were discarded, before.")
        files: dict[str, str | None] = dict.fromkeys(self.paths)
        if chosen:
            files[self._path] = self._app.read(chosen)
        # A preview of what is not there any more would be an error in all of them.
        for path in self.paths:
            if preview := self._app._previews.pop(path, None):  # noqa: SLF001
                preview.close()
        self._write(files)
        self._ended = True
        if self._grid is not None:
            at = self.paths.index(chosen) if chosen else -1
            self._grid.end(at, self._app.preview(self._path) if chosen else None)

    def _write(self, files: Mapping[str, str | None]) -> None:
        changes = [FileChange(path=path, content=content) for path, content in files.items()]
        if changes:
            request = WriteFiles(app=self._app.id, files=changes, origin="prompt")
            self._app._call(request, Written)  # noqa: SLF001

    def __repr__(self) -> str:
        return f"Variants({self.name}: {len(self)})"


def _place(path: str, number: int) -> str:
    """Beside the component, so that its imports hold."""
    stem, dot, extension = path.rpartition(".")
    return f"{stem}Variant{number}{dot}{extension}"


class _Grid:
    """Columns of a generation and its preview, shown as they come."""

    def __init__(self) -> None:
        import ipywidgets
        from IPython.display import display

        self._column: Any = ipywidgets.VBox
        self._box = ipywidgets.GridBox(
            layout=ipywidgets.Layout(grid_template_columns="repeat(auto-fit, minmax(300px, 1fr))", grid_gap="12px")
        )
        display(self._box)  # type: ignore[no-untyped-call]

    def end(self, at: int, preview: object) -> None:
        """Leave the one that was chosen, with its preview."""
        kept = [column for column in self._box.children if len(column.children) > 1][at : at + 1] if preview else []
        for column in kept:
            column.children = (column.children[0], preview)
        self._box.children = tuple(kept)

    def add(self, widget: object, *, below: bool = False) -> None:
        if below:
            column = self._box.children[-1]
            column.children = (*column.children, widget)
        else:
            self._box.children = (*self._box.children, self._column([widget]))


__all__ = ["Variants"]
