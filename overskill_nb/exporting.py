"""Notebooks as HTML: previews stay live, wherever the page is opened.

``jupyter nbconvert --to html`` finds this by ``jupyter-config/jupyter_nbconvert_config.py``, which is installed with
the package, and Jupyter Server's "Save and Export Notebook As" by the server extension.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from nbconvert.preprocessors import Preprocessor

from . import config, session
from .errors import AppError, OverskillError
from .handover import Handover
from .protocol import AppInfo, OpenApp
from .shown import MOST_BYTES, Shown, kept
from .widgets import bundle

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from .session import Session

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
MODEL = "IPY_MODEL_"
PREVIEWS = ("preview", "editor")


class _State(msgspec.Struct):
    """What a notebook may be saved with of one of our widgets."""

    view: str
    name: str
    title: str = ""
    target: dict[str, str] = {}
    props: dict[str, Any] = {}
    functions: list[str] = []
    allow: list[str] = []
    height: int = 0
    device: str = ""


class _Place:
    """A cell's output that shows previews."""

    def __init__(self, output: NotebookNode, previews: list[Shown]) -> None:
        self.output = output
        self.previews = previews
        self.taken: list[Shown | str] = []

    @property
    def is_live(self) -> bool:
        """Whether one of them can be shown."""
        return any(isinstance(one, Shown) for one in self.taken)


class LivePreviews(Preprocessor):
    """Puts each preview of a notebook, as its app's folder has it now, in place of the widget that shows nothing."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Called by nbconvert."""
        places = list(_places(nb))
        if places:
            page = Handover(bundle.handover())
            _take(page, Path(resources.get("metadata", {}).get("path") or ".").resolve(), places)
            for place in places:
                text = place.output.data.get("text/plain", "")
                place.output.data = {"text/plain": text, "text/html": _html(page, place)}
                for taken in place.taken:
                    if isinstance(taken, str):
                        self.log.warning("overskill_nb: %s", taken)
            if live := [place for place in places if place.is_live]:
                live[-1].output.data["text/html"] += f"\n{page.shared}"
        _forget_widgets(nb)
        return nb, resources


def _html(page: Handover, place: _Place) -> str:
    data = place.output.data
    parts = []
    for shown, taken in zip(place.previews, place.taken, strict=True):
        alone = len(place.previews) == 1
        picture = data.get("image/png", "") if alone else ""
        instead = (
            f'<img alt="{escape(shown.title)}" src="data:image/png;base64,{"".join(picture.split())}">'
            if picture
            else f"<p>{escape(shown.title)}</p>"
        )
        if isinstance(taken, Shown):
            parts.append(page.place(taken, instead))
        else:
            parts.append(f"<figure>{instead}<figcaption>Not live here: {escape(taken)}</figcaption></figure>")
    return "\n".join(parts)


def _take(page: Handover, base: Path, places: list[_Place]) -> None:
    """What each preview needs, by app; a sentence where it cannot be had."""
    wanted: dict[str, list[Shown]] = {}
    for place in places:
        for shown in place.previews:
            wanted.setdefault(shown.folder, []).append(shown)
    taken: dict[str, list[Shown | str]] = {}
    chosen: Session | None = None
    try:
        for folder, previews in wanted.items():
            try:
                root = _root(base, folder)
                if chosen is None:
                    chosen = session.choose()
                taken[folder] = _of_app(page, chosen, root, previews)
            except OverskillError as error:
                taken[folder] = [str(error)] * len(previews)
    finally:
        if chosen is not None:
            chosen.close()
    for place in places:
        place.taken = [taken[shown.folder].pop(0) for shown in place.previews]


def _of_app(page: Handover, chosen: Session, root: Path, previews: list[Shown]) -> list[Shown | str]:
    app = chosen.call(OpenApp(folder=str(root)), AppInfo).app
    whole = [shown for shown in previews if not shown.props_bytes]
    taken = iter(page.take(chosen, app, whole) if whole else [])
    return [_too_much(shown) if shown.props_bytes else next(taken) for shown in previews]


def _too_much(shown: Shown) -> str:
    size, most = (f"{bytes_ / 1000:,.0f} kB" for bytes_ in (shown.props_bytes, MOST_BYTES))
    return f"its props have {size}, and a notebook keeps {most}; preview.to_html(path) writes a page with all of them."


def _root(base: Path, folder: str) -> Path:
    """The app's folder. Raises AppError."""
    for start in (config.find_workspace(base), base):
        if (start / folder / "package.json").is_file():
            return start / folder
    raise AppError(
        f"the app's folder '{folder}' is not beside the notebook; "
        "`jupyter nbconvert --to html --execute` runs the notebook, which makes it."
    )


# ------------------------------------------------------------------------------------------------ the notebook


def _places(nb: NotebookNode) -> Iterator[_Place]:
    states = _states(nb)
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if VIEW not in data:
                continue
            known = kept(output.get("metadata", {}))
            saved = list(_saved(states, str(data[VIEW].get("model_id", ""))))
            if saved and known:
                # The widget was there until the end: its props are those that were shown last.
                saved = [msgspec.structs.replace(one, folder=known[0].folder) for one in saved]
            if previews := saved or known:
                yield _Place(output, previews)


def _states(nb: NotebookNode) -> dict[str, dict[str, Any]]:
    widgets = nb.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    return {model: one.get("state", {}) for model, one in widgets.items()}


def _saved(states: dict[str, dict[str, Any]], model: str) -> Iterator[Shown]:
    """The previews that a widget is or holds, where the notebook was saved with its widgets."""
    state = states.get(model, {})
    if state.get("view") in PREVIEWS:
        try:
            read = msgspec.convert(state, _State)
        except msgspec.ValidationError:
            return
        yield Shown(
            folder=read.name,
            title=read.title,
            module=read.target.get("module", "").partition("?")[0],
            export=read.target.get("export", ""),
            props=read.props,
            functions=read.functions,
            allow=read.allow,
            height=read.height,
            device=read.device,
        )
    children = state.get("children", [])
    for child in children if isinstance(children, list) else []:
        if isinstance(child, str) and child.startswith(MODEL):
            yield from _saved(states, child.removeprefix(MODEL))


def _forget_widgets(nb: NotebookNode) -> None:
    """Without a kernel our widgets are nothing: the text beside them is."""
    states = nb.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    for model in [model for model, one in states.items() if _is_ours(one.get("state", {}))]:
        del states[model]
    shown = [output.get("data", {}).get(VIEW) for cell in nb.cells for output in cell.get("outputs", [])]
    if not any(view and view.get("model_id") in states for view in shown):
        nb.metadata.pop("widgets", None)


def _is_ours(state: dict[str, Any]) -> bool:
    return str(state.get("_anywidget_id", "")).startswith("overskill_nb.")


__all__ = ["LivePreviews"]
