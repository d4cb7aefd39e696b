"""The course: each notebook gives again what it was saved with, where there is no browser, no key and no server."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbval_run import cut_off, nbval

from overskill_nb import config
from overskill_nb.shown import VIEW

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
RECORDINGS = NOTEBOOKS[0].parent / "recordings"
INSTALLS = ("03-ship-it",)
"""Production is built as on GitHub, by `npm ci`: on a new machine its packages come over the network."""


@pytest.mark.slow
@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("network", [False, True], ids=["without a network", "with one"])
def test_they_give_again_what_they_were_saved_with(
    network: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(config.CHROMIUM, "none")
    shutil.copytree(RECORDINGS, tmp_path / RECORDINGS.name)
    copies = [Path(shutil.copy(path, tmp_path)) for path in NOTEBOOKS if (path.stem in INSTALLS) == network]
    done = nbval(*copies, options=["-v", "-rfEs"], cut=cut_off() and not network)
    assert done.returncode == 0, done.stdout[-6000:]
    assert [copy.name for copy in copies if f"{copy.name} ." not in done.stdout] == []
    reasons = re.findall(r"^SKIPPED .*", done.stdout, re.MULTILINE)
    assert all("CHROMIUM" in reason for reason in reasons), reasons
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / RECORDINGS.name, *copies])
    for file in RECORDINGS.rglob("*.yaml"):
        assert (tmp_path / RECORDINGS.name / file.relative_to(RECORDINGS)).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_saved_with_pictures_and_with_nothing_that_another_run_changes(notebook: Path) -> None:
    text = notebook.read_text("utf-8")
    read = json.loads(text)
    nbformat.validate(nbformat.from_dict(read))
    assert set(read["metadata"]) == {"kernelspec", "language_info"}
    assert read["metadata"]["language_info"] == {"name": "python"}
    cells = [cell for cell in read["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for output in (output for cell in cells for output in cell["outputs"]):
        data: dict[str, Any] = output.get("data", {})
        assert VIEW not in data
        assert ("image/png" in data) or not str(data.get("text/plain", "")).startswith("['Preview(")
    assert len(text) < 100_000
    assert str(Path.home()) not in text
    assert "/tmp/" not in text


def test_the_index_leads_to_every_lesson_and_each_says_what_it_teaches() -> None:
    index, *lessons = NOTEBOOKS
    listed = re.findall(r"\]\(([\w-]+\.ipynb)\)", index.read_text("utf-8"))
    assert listed == [lesson.name for lesson in lessons]
    assert [name[:2] for name in listed] == [f"{number:02}" for number in range(1, len(listed) + 1)]
    for lesson in lessons:
        first = nbformat.read(lesson, as_version=4).cells[0]
        assert first.cell_type == "markdown"
        assert "You learn to " in first.source
