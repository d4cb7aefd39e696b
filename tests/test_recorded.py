"""Recorded interactions as files beside the notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from overskill_nb import CheckError, ReplayError, config
from overskill_nb.recorded import Interaction, Shelf, Taken, slug
from overskill_nb.steps import parse
from overskill_nb.trees import Tree

EMPTY = Tree('- textbox "New task"\n- list')
TYPED = Tree('- textbox "New task": Milk\n- list')
ADDED = Tree('- textbox "New task"\n- list:\n  - listitem: Milk')
MADE = Interaction(
    "Adds a task!",
    "todo",
    "Todo",
    {"title": "Tasks: 1"},
    ["onAdd"],
    EMPTY,
    [
        Taken(parse('type "Milk" into textbox "New task"'), TYPED),
        Taken(parse('click button "Add"'), ADDED),
        Taken(parse('see "Milk"'), ADDED),
    ],
)
TEXT = """\
# What a person does in lesson, and what is there then. To take it anew: overskill refresh
version: 1
name: Adds a task!
app: todo
shows: Todo
props:
  title: 'Tasks: 1'
functions:
  - onAdd
start: |
  - textbox "New task"
  - list
steps:
  - step: type "Milk" into textbox "New task"
    tree: |
      - textbox "New task": Milk
      - list
  - step: click button "Add"
    tree: |
      - textbox "New task"
      - list:
        - listitem: Milk
  - step: see "Milk"
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setenv(config.NOTEBOOK, str(tmp_path / "lesson.ipynb"))
    return Shelf.here("todo")


def test_a_recording_is_a_file_that_can_be_read(shelf: Shelf, tmp_path: Path) -> None:
    file = shelf.keep(MADE)
    assert file == tmp_path / "recordings/lesson/adds-a-task.yaml"
    assert file.read_text("utf-8") == TEXT
    assert shelf.find("Adds a task!") == MADE
    assert shelf.names() == ["Adds a task!"]
    shelf.keep(shelf.find("Adds a task!"))
    assert file.read_text("utf-8") == TEXT


def test_one_that_no_browser_has_looked_at_has_no_trees(shelf: Shelf) -> None:
    shelf.keep(Interaction("by hand", "todo", steps=[Taken(parse("press Escape"))]))
    found = shelf.find("by hand")
    assert not found.looked_at
    assert found.steps[0].tree is None


def test_a_name_that_is_not_recorded_is_said_with_those_that_are(shelf: Shelf) -> None:
    shelf.keep(MADE)
    with pytest.raises(ReplayError, match=r"No interaction 'removes' .* 'lesson'; there is 'Adds a task!'"):
        shelf.find("removes")


def test_two_names_never_share_a_file(shelf: Shelf) -> None:
    shelf.keep(MADE)
    with pytest.raises(CheckError, match="same file"):
        shelf.keep(Interaction("adds a task", "todo"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("steps: [", "is not YAML"),
        ("version: 2", "version"),
        ("[]", "version"),
        ("version: 1", "cannot be read"),
        ("version: 1\nname: a\napp: b\nsteps:\n  - step: jump", "is no step"),
        ("version: 1\nname: a\napp: b\nstart: '- [unclosed'", "cannot be read"),
        ("version: 1\nname: a\napp: b\nsteps: 3", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(shelf: Shelf, text: str, says: str) -> None:
    file = shelf.file("a")
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(ReplayError, match=says):
        shelf.find("a")


def test_a_notebook_without_a_name_finds_the_recordings_of_those_beside_it(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.keep(MADE)
    monkeypatch.delenv(config.NOTEBOOK)
    monkeypatch.chdir(tmp_path)
    assert Shelf.here("todo").find("Adds a task!") == MADE


def test_a_name_without_letters_is_refused() -> None:
    assert slug("Größe: 3 × 4") == "groe-3-4"
    with pytest.raises(CheckError):
        slug("…")
