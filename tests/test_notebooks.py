"""The notebooks run where there is no browser and no server: the engine then lives in the kernel."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
RECORDINGS = NOTEBOOKS[0].parent / "recordings"


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_twice_with_the_same_text(notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OVERSKILL_NB_URL", raising=False)
    monkeypatch.setenv("OVERSKILL_MODE", "replay")
    texts = []
    for turn in ("first", "second"):
        folder = tmp_path / turn
        folder.mkdir()
        shutil.copyfile(notebook, folder / notebook.name)
        if RECORDINGS.is_dir():
            shutil.copytree(RECORDINGS, folder / RECORDINGS.name)
        document = nbformat.read(folder / notebook.name, as_version=4)
        NotebookClient(document, timeout=200, resources={"metadata": {"path": str(folder)}}).execute()
        texts.append([_text(cell) for cell in document.cells if cell.cell_type == "code"])
    assert texts[0] == texts[1]
    assert notebook.stem.startswith("00") or any("Preview(" in text for text in texts[0])


def test_the_index_leads_to_every_lesson_and_each_says_what_it_teaches() -> None:
    index, *lessons = NOTEBOOKS
    listed = re.findall(r"\]\(([\w-]+\.ipynb)\)", index.read_text("utf-8"))
    assert listed == [lesson.name for lesson in lessons]
    assert [name[:2] for name in listed] == [f"{number:02}" for number in range(1, len(listed) + 1)]
    for lesson in lessons:
        first = nbformat.read(lesson, as_version=4).cells[0]
        assert first.cell_type == "markdown"
        assert "You learn to " in first.source or lesson.stem == "04-visual-editor"


def _text(cell: nbformat.NotebookNode) -> str:
    """What a cell prints; when it does so divides it into outputs by chance."""
    return "".join(str(output.get("text") or output.get("data", {}).get("text/plain", "")) for output in cell.outputs)
