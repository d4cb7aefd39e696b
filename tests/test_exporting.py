"""Notebooks as HTML: by nbconvert, with the configuration that the package installs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from saved_notebook import STATE, counter, saved

import overskill_nb as ov
from overskill_nb import config, session
from overskill_nb.notebook_previews import places, without_widgets
from overskill_nb.shown import VIEW
from overskill_nb.widgets import bundle

pytestmark = [
    pytest.mark.usefixtures("folder", "tools"),
    pytest.mark.skipif(not bundle.HANDOVER.is_file(), reason="run `node build.mjs` in js/ first"),
]
CONFIG = Path(__file__).resolve().parent.parent / "jupyter-config"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def convert(notebook: nbformat.NotebookNode, folder: Path) -> str:
    """The page that nbconvert makes of it."""
    from nbconvert import HTMLExporter

    session.close()
    exporter = HTMLExporter(preprocessors=["overskill_nb.exporting.LivePreviews"])
    page: str = exporter.from_notebook_node(notebook, resources={"metadata": {"path": str(folder), "name": "nb"}})[0]
    return page


def placed(page: str) -> list[dict[str, Any]]:
    """What stands in place of previews."""
    found: list[dict[str, Any]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if (what := dict(attrs).get("data-overskill-preview")) is not None:
                found.append(json.loads(what))

    Reader().feed(page)
    return found


def test_nbconvert_finds_it_by_the_configuration_that_is_installed(folder: Path) -> None:
    notebook = saved(counter(ov.App("tips"), label="Ada"))
    session.close()
    nbformat.write(notebook, folder / "nb.ipynb")
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": str(CONFIG)}
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", "nb.ipynb"]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=200)
    (what,) = placed((folder / "nb.html").read_text("utf-8"))
    assert what["props"] == {"label": "Ada"}
    assert what["functions"] == ["save"]


def test_three_previews_are_live_and_small(folder: Path) -> None:
    apps = [ov.App(name) for name in ("one", "two", "three")]
    page = convert(saved(*(counter(app) for app in apps)), folder)
    assert [what["held"] for what in placed(page)] == ["one", "two", "three"]
    assert page.count("data-overskill-packages=") == 1
    assert len(page.encode()) < 1_000_000


def test_all_that_show_the_same_show_the_last_props(folder: Path) -> None:
    app = ov.App("tips")
    notebook = saved(counter(app, label="first"))
    notebook.cells += saved(app.preview("Counter", props={"label": "last"})).cells
    assert [what["props"]["label"] for what in placed(convert(notebook, folder))] == ["last", "last"]


def test_without_the_apps_folder_there_is_the_picture_and_a_sentence(folder: Path) -> None:
    notebook = saved(counter(ov.App("tips")))
    notebook.cells[0].outputs[0].data["image/png"] = PIXEL
    away = folder / "away"
    away.mkdir()
    page = convert(notebook, away)
    assert placed(page) == []
    assert f'src="data:image/png;base64,{PIXEL}"' in page
    assert "The app's folder 'tips' is not beside the notebook" in page


def test_several_in_one_output_have_one_picture_where_they_cannot_be_live(folder: Path) -> None:
    cells = saved(counter(ov.App("tips")), counter(ov.App("rates"))).cells
    (both,) = cells[0].outputs
    both.metadata.overskill.previews += cells[1].outputs[0].metadata.overskill.previews
    both.data["image/png"] = PIXEL
    notebook = nbformat.v4.new_notebook(cells=cells[:1])
    away = folder / "away"
    away.mkdir()
    page = convert(notebook, away)
    assert page.count(PIXEL) == 1
    assert "The app's folder 'tips' is not beside the notebook" in page
    assert "The app's folder 'rates' is not beside the notebook" in page


def test_a_notebook_whose_widgets_were_left_out_is_live_as_well(folder: Path) -> None:
    preview = counter(ov.App("tips"), label="Ada")
    notebook = saved(preview, states={preview.model_id: dict(preview.get_state(), view="preview")})
    notebook.cells[0].outputs.append(nbformat.v4.new_output("display_data", data={VIEW: {"model_id": "of another"}}))
    without_widgets(notebook, places(notebook))
    assert "widgets" not in notebook.metadata
    (output,) = notebook.cells[0].outputs
    assert list(output.data) == ["text/plain"]
    assert output.metadata.overskill.previews[0].get("id") is None
    (shown,) = placed(convert(notebook, folder))
    assert shown["props"] == {"label": "Ada"}


def test_what_does_not_compile_is_said_and_the_others_are_live(folder: Path) -> None:
    app = ov.App("tips")
    notebook = saved(counter(app), counter(app, "Bad"))
    with pytest.raises(ov.BuildError):
        app.write("src/components/Bad.tsx", "export default function Bad( {")
    page = convert(notebook, folder)
    assert [what["title"] for what in placed(page)] == ["tips · Counter"]
    assert re.search(r"Not live here\. .*Bad\.tsx", page)


def test_without_node_there_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = saved(counter(ov.App("tips")))
    monkeypatch.setenv(config.NODE, str(folder / "nothing"))
    page = convert(notebook, folder)
    assert placed(page) == []
    assert "Not live here." in page


def test_props_that_the_notebook_does_not_keep_are_not_made_up(folder: Path) -> None:
    page = convert(saved(counter(ov.App("tips"), label="x" * 200_000)), folder)
    assert placed(page) == []
    assert "preview.to_html(path)" in page


def test_a_notebook_that_was_saved_with_its_widgets_shows_what_they_hold(folder: Path) -> None:
    preview = counter(ov.App("tips"), label="displayed")
    notebook = saved(preview)
    preview.props = {"label": "changed later"}
    preview_id, box = preview.model_id, "b0b"
    states = {
        preview_id: {"state": {**preview.get_state(), "_anywidget_id": "overskill_nb.widgets.preview.Preview"}},
        box: {"state": {"children": [f"IPY_MODEL_{preview_id}"]}},
    }
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": box}, "text/plain": "VBox()"}
    notebook.cells.append(nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", data=view)]))
    notebook.metadata["widgets"] = {STATE: {"version_major": 2, "version_minor": 0, "state": states}}
    page = convert(notebook, folder)
    assert [what["props"]["label"] for what in placed(page)] == ["changed later", "changed later"]
    assert "IPY_MODEL_" not in page


def test_apps_elsewhere_with_folders_of_one_name_are_told_apart(folder: Path) -> None:
    states = {}
    for place in ("here", "there"):
        (folder / place).mkdir()
        app = ov.App.open(ov.App(f"of-{place}").folder.rename(folder / place / "ada"))
        preview = counter(app, label=place)
        states[place] = {"state": {**preview.get_state(), "_anywidget_id": "overskill_nb.widgets.preview.Preview"}}
    states["box"] = {"state": {"children": ["IPY_MODEL_here", "IPY_MODEL_there"]}}
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "box"}, "text/plain": "HBox()"}
    output = nbformat.v4.new_output("display_data", data=view)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])])
    notebook.metadata["widgets"] = {STATE: {"version_major": 2, "version_minor": 0, "state": states}}
    page = convert(notebook, folder)
    assert [(what["held"], what["props"]["label"]) for what in placed(page)] == [("ada", "here"), ("ada 2", "there")]
    assert str(folder) not in page


def test_widgets_of_others_stay(folder: Path) -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "51d3"}, "text/plain": "IntSlider()"}
    notebook = saved(counter(ov.App("tips")), states={"51d3": {"model_name": "IntSliderModel", "state": {}}})
    notebook.cells.append(nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", data=view)]))
    page = convert(notebook, folder)
    assert len(placed(page)) == 1
    assert "IntSliderModel" in page


def test_a_notebook_without_previews_starts_no_engine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(config.ENGINE, "server")
    assert "hello" in convert(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("hello")]), folder)
