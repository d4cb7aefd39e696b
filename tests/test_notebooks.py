"""The notebooks run where there is no browser and no server: the engine then lives in the kernel."""

from __future__ import annotations

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
        texts.append([_text(output) for cell in document.cells for output in cell.get("outputs", [])])
    assert texts[0] == texts[1]
    assert any("Preview(" in text for text in texts[0])


def _text(output: nbformat.NotebookNode) -> str:
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))
