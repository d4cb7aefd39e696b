"""Notebooks that are run again, and what is written of it."""

from __future__ import annotations

from pathlib import Path

import nbclient
import nbformat
import pytest

from overskill_nb import CheckError
from overskill_nb.refreshing import notebooks_in, refresh

SKIPS = "from overskill_nb.outcome import skipped\nskipped('it was not replayed', 'there is no browser')"


def write(file: Path, source: str, printed: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    cell = nbformat.v4.new_code_cell(source, id="cell")
    if printed:
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=printed)]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), file)
    return file


def test_what_tools_put_into_a_folder_is_none_of_it(tmp_path: Path) -> None:
    own = write(tmp_path / "lessons/first.ipynb", "1")
    for folder in (".venv/lib", "lessons/.ipynb_checkpoints", "app/node_modules/x", "lib/site-packages/y"):
        write(tmp_path / folder / "other.ipynb", "1")
    assert notebooks_in([tmp_path]) == [own]


def test_what_is_no_notebook_is_said(tmp_path: Path) -> None:
    file = tmp_path / "broken.ipynb"
    file.write_text("{")
    with pytest.raises(CheckError, match=r"broken\.ipynb cannot be read as a notebook"):
        refresh(file)
    with pytest.raises(CheckError, match="There is no notebook"):
        notebooks_in([tmp_path / "missing.ipynb"])


@pytest.mark.slow
def test_what_was_not_tried_takes_no_outputs_place(tmp_path: Path) -> None:
    file = write(tmp_path / "lesson.ipynb", SKIPS, "'adds a task' went as recorded: 3 steps.\n")
    before = file.read_bytes()
    assert refresh(file) == ""
    assert file.read_bytes() == before


def test_what_breaks_it_off_leaves_the_recordings_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "lesson.ipynb", "1")
    kept = tmp_path / "recordings/lesson/adds.yaml"
    kept.parent.mkdir(parents=True)
    kept.write_text("as it was")

    def execute(_: nbclient.NotebookClient) -> None:
        kept.write_text("half of it")
        (kept.parent / "new.yaml").write_text("new")
        raise KeyboardInterrupt

    monkeypatch.setattr(nbclient.NotebookClient, "execute", execute)
    with pytest.raises(KeyboardInterrupt):
        refresh(file)
    assert kept.read_text() == "as it was"
    assert [one.name for one in kept.parent.iterdir()] == ["adds.yaml"]
