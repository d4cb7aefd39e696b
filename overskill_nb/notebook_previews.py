"""The previews that a saved notebook shows, and what it takes to show them without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from . import config, session
from .errors import AppError, OverskillError
from .handover import Handover
from .pipeline.known_apps import remembered
from .protocol import AppInfo, OpenApp
from .shown import MOST_BYTES, NAME, VIEW, Shown, keep, kept

if TYPE_CHECKING:
    from .session import Session

Notebook = Mapping[str, Any]
"""As ``nbformat`` or ``json`` read it."""
STATE = "application/vnd.jupyter.widget-state+json"
MODEL = "IPY_MODEL_"
KINDS = ("preview", "editor")


class Place:
    """A cell's output that shows previews."""

    def __init__(self, output: MutableMapping[str, Any], previews: list[Shown]) -> None:
        self.output = output
        self.previews = previews
        self.taken: list[Shown | str] = []
        """Each as it can be placed on a page, or why it cannot."""

    @property
    def data(self) -> MutableMapping[str, Any]:
        """The output's, by their types."""
        data: MutableMapping[str, Any] = self.output["data"]
        return data

    @property
    def is_live(self) -> bool:
        """Whether one of them can be shown."""
        return any(isinstance(one, Shown) for one in self.taken)


def places(notebook: Notebook) -> list[Place]:
    """Where previews are shown. As in a notebook that runs, all that show the same show the props given last."""
    found = list(_places(notebook))
    last = {_key(shown): shown for place in found for shown in place.previews}
    for place in found:
        place.previews = [last[_key(shown)] for shown in place.previews]
    return found


def take(page: Handover, folder: Path, found: list[Place]) -> None:
    """Have ``page`` hold what the previews need; ``folder`` is the notebook's."""
    wanted: dict[tuple[str, str], list[Shown]] = {}
    for place in found:
        for shown in place.previews:
            wanted.setdefault(_app(shown), []).append(shown)
    taken: dict[tuple[str, str], list[Shown | str]] = {}
    chosen: Session | None = None
    try:
        for app, previews in wanted.items():
            try:
                root = _root(folder, *app)
                chosen = chosen or session.choose()
                taken[app] = _of_app(page, chosen, root, previews)
            except OverskillError as error:
                taken[app] = [str(error)] * len(previews)
    finally:
        if chosen is not None:
            chosen.close()
    for place in found:
        place.taken = [taken[_app(shown)].pop(0) for shown in place.previews]


def without_widgets(notebook: MutableMapping[str, Any], found: list[Place]) -> None:
    """Leave out the widgets, their state and ids, which are others at each run; what was shown stays known."""
    for place in found:
        previews = [msgspec.structs.replace(shown, id="") for shown in place.previews]
        place.output["metadata"] = {**place.output.get("metadata", {}), NAME: keep(*previews)}
    for cell in notebook["cells"]:
        outputs = cell.get("outputs", [])
        for output in outputs:
            output.get("data", {}).pop(VIEW, None)
        outputs[:] = [output for output in outputs if output.get("data") != {}]
    widgets = notebook.get("metadata", {}).get("widgets", {})
    widgets.pop(STATE, None)
    if not widgets:
        notebook.get("metadata", {}).pop("widgets", None)


def states(notebook: Notebook) -> dict[str, Any]:
    """The widgets that the notebook was saved with, by their models' ids."""
    saved: dict[str, Any] = notebook.get("metadata", {}).get("widgets", {}).get(STATE, {}).get("state", {})
    return saved


def _app(shown: Shown) -> tuple[str, str]:
    return shown.folder, shown.id


def _key(shown: Shown) -> tuple[str, str, str, str]:
    return (*_app(shown), shown.module, shown.export)


def _of_app(page: Handover, chosen: Session, root: Path, previews: list[Shown]) -> list[Shown | str]:
    app = chosen.call(OpenApp(folder=str(root)), AppInfo).app
    whole = [shown for shown in previews if not shown.props_bytes]
    taken = iter(page.take(chosen, app, whole) if whole else [])
    return [_too_much(shown) if shown.props_bytes else next(taken) for shown in previews]


def _too_much(shown: Shown) -> str:
    size, most = (f"{bytes_ / 1000:,.0f} kB" for bytes_ in (shown.props_bytes, MOST_BYTES))
    return f"Its props have {size}, and a notebook keeps {most}; preview.to_html(path) writes a page with all of them."


def _root(folder: Path, app: str, id_: str) -> Path:
    """The app's folder. Raises AppError."""
    if id_ and (known := remembered(id_)):
        return known.folder
    for start in (config.find_workspace(folder), folder):
        if (start / app / "package.json").is_file():
            return start / app
    raise AppError(
        f"The app's folder '{app}' is not beside the notebook: "
        "`jupyter nbconvert --to html --execute` runs the notebook, which makes it."
    )


# ------------------------------------------------------------------------------------------------------- reading


def _places(notebook: Notebook) -> Iterator[Place]:
    saved = {model: one.get("state", {}) for model, one in states(notebook).items()}
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if "data" not in output:
                continue
            known = kept(output.get("metadata", {}))
            previews = list(_held(saved, str(output["data"].get(VIEW, {}).get("model_id", ""))))
            if previews and known:
                # The widget was there until the end: its props are those that were shown last.
                previews = [msgspec.structs.replace(one, folder=known[0].folder) for one in previews]
            if previews or known:
                yield Place(output, previews or known)


class _State(msgspec.Struct):
    """What a notebook may be saved with of a preview."""

    view: str
    app: str
    name: str
    title: str = ""
    target: dict[str, str] = {}
    props: dict[str, Any] = {}
    functions: list[str] = []
    allow: list[str] = []
    height: int = 0
    device: str = ""


def _held(saved: dict[str, dict[str, Any]], model: str) -> Iterator[Shown]:
    """The previews that a widget is, or holds."""
    state = saved.get(model, {})
    if state.get("view") in KINDS:
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
            id=read.app,
        )
    children = state.get("children", [])
    for child in children if isinstance(children, list) else []:
        if isinstance(child, str) and child.startswith(MODEL):
            yield from _held(saved, child.removeprefix(MODEL))
