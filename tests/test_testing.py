"""Notebooks as tests: ``pytest --nbval`` with the network cut, on a machine that has the tools and packages already."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbval_run import nbval

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of the notebooks, so that nothing is left beside them."""
    folder = tmp_path / "course"
    shutil.copytree(ROOT / "notebooks/recordings", folder / "recordings")
    for file in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copyfile(file, folder / file.name)
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("tools")
def test_a_prompt_that_is_not_recorded_fails_with_what_to_do(course: Path) -> None:
    file = course / "02-generate.ipynb"
    notebook = nbformat.read(file, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.source.startswith("%%generate"))
    cell.source += "\nAnd something else."
    nbformat.write(notebook, file)
    done = nbval(file, options=["-x"], cut=False)
    assert done.returncode == 1
    assert "RecordingMissing" in done.stdout
    assert "OVERSKILL_MODE=record" in done.stdout


def test_a_recording_that_cannot_be_read_fails_alone(tmp_path: Path) -> None:
    folder = tmp_path / "recordings/lesson"
    folder.mkdir(parents=True)
    (folder / "adds-a-task.yaml").write_text("steps: [")
    cell = nbformat.v4.new_code_cell("print('hello')", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="hello\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "lesson.ipynb")
    done = nbval(tmp_path / "lesson.ipynb", options=["-v"], cut=False)
    assert "1 failed, 1 passed" in done.stdout
    assert "The recording 'adds-a-task.yaml' is not YAML" in done.stdout
