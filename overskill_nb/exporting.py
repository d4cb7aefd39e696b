"""Notebooks as HTML: previews stay live, wherever the page is opened.

``jupyter nbconvert --to html`` finds this by ``jupyter-config/jupyter_nbconvert_config.py``, which is installed with
the package, and Jupyter Server's "Save and Export Notebook As" by the server extension.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbconvert.preprocessors import Preprocessor

from .handover import Handover
from .notebook_previews import Place, places, states, take
from .shown import VIEW, Shown
from .widgets import bundle

if TYPE_CHECKING:
    from nbformat import NotebookNode

PICTURE = "image/png"


class LivePreviews(Preprocessor):
    """Puts each preview of a notebook, as its app's folder has it now, in place of the widget that shows nothing.

    Of those that cannot be shown it puts the picture that the notebook has, or the title, and says why.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Called by nbconvert."""
        if found := places(nb):
            page = Handover(bundle.handover())
            take(page, Path(resources.get("metadata", {}).get("path") or ".").resolve(), found)
            for place in found:
                place.output["data"] = {"text/plain": place.data.get("text/plain", ""), "text/html": _html(page, place)}
                for reason in {taken for taken in place.taken if isinstance(taken, str)}:
                    self.log.warning("overskill_nb: %s", reason)
            if live := [place for place in found if place.is_live]:
                live[-1].data["text/html"] += f"\n{page.shared}"
        _forget_widgets(nb)
        return nb, resources


def _html(page: Handover, place: Place) -> str:
    parts = []
    picture = "".join(place.data.get(PICTURE, "").split())
    if picture and not place.is_live and len(place.previews) > 1:
        title = ", ".join(shown.title for shown in place.previews)
        reasons = " ".join(dict.fromkeys(map(str, place.taken)))
        return _still(_image(title, picture), reasons)
    for shown, taken in zip(place.previews, place.taken, strict=True):
        instead = f"<p>{escape(shown.title)}</p>"
        if picture and len(place.previews) == 1:
            instead = _image(shown.title, picture)
        if isinstance(taken, Shown):
            parts.append(page.place(taken, instead))
        else:
            parts.append(_still(instead, taken))
    return "\n".join(parts)


def _image(title: str, picture: str) -> str:
    return f'<img alt="{escape(title)}" src="data:{PICTURE};base64,{picture}">'


def _still(instead: str, reason: str) -> str:
    return f"<figure>{instead}<figcaption>Not live here. {escape(reason)}</figcaption></figure>"


def _forget_widgets(nb: NotebookNode) -> None:
    """Without a kernel our widgets are nothing: the text beside them is."""
    saved = states(nb)
    for model in [model for model, one in saved.items() if _is_ours(one.get("state", {}))]:
        del saved[model]
    views = [output.get("data", {}).get(VIEW) for cell in nb.cells for output in cell.get("outputs", [])]
    if not any(view and view.get("model_id") in saved for view in views):
        nb.metadata.pop("widgets", None)


def _is_ours(state: dict[str, Any]) -> bool:
    return str(state.get("_anywidget_id", "")).startswith("overskill_nb.")


__all__ = ["LivePreviews"]
