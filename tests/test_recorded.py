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
    assert shelf.find("Adds a task!") == (shelf, MADE)
    assert shelf.names() == ["Adds a task!"]
    shelf.keep(shelf.find("Adds a task!")[1])
    assert file.read_text("utf-8") == TEXT


def test_one_that_no_browser_has_looked_at_has_no_trees(shelf: Shelf) -> None:
    shelf.keep(Interaction("by hand", "todo", steps=[Taken(parse("press Escape"))]))
    _, found = shelf.find("by hand")
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


def test_a_name_is_of_one_app(shelf: Shelf) -> None:
    shelf.keep(MADE)
    with pytest.raises(CheckError, match="'Adds a task!' is recorded of the app 'todo' already"):
        shelf.keep(Interaction("Adds a task!", "shop"))
    with pytest.raises(ReplayError, match="recorded of the app 'todo', and not of 'shop'"):
        shelf.find("Adds a task!", "shop")
    assert shelf.everywhere("shop") == []
    assert shelf.everywhere("todo") == [(shelf, MADE)]


def test_keys_are_not_kept(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "correct-horse-battery")
    key = "sk-" + "a1b2" * 6
    seen = Tree(f"- text: signed in with correct-horse-battery\n- text: {key}")
    step = Taken(parse(f'type "{key}" into textbox "Key"'), seen)
    text = shelf.keep(Interaction("signs in", "todo", props={"key": key}, start=seen, steps=[step])).read_text("utf-8")
    assert key not in text
    assert "correct-horse" not in text
    assert 'type "…" into textbox "Key"' in text


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
    other = Shelf(tmp_path / "recordings/another")
    other.keep(Interaction("Adds a task!", "shop"))
    where, found = Shelf.here("todo").find("Adds a task!", "todo")
    assert (where.folder, found) == (shelf.folder, MADE)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Adds a_task!", "adds-a-task"),
        ("Café", "cafe"),
        ("Größe: 3 × 4", "große-3-4"),
        ("添加任务", "添加任务"),
        ("Добавить «задачу» й", "добавить-задачу-й"),
        ("कि और की", "कि-और-की"),
        ("がんば ２", "がんば-2"),
        ("İ ™ ❤\ufe0f", "i-tm"),
        ("Con", "con-"),
        ("LPT²", "lpt2-"),
        ("console", "console"),
        ("a" * 70, "a" * 60),
    ],
)
def test_a_name_gives_a_files_name_in_every_script_and_on_every_system(name: str, file: str) -> None:
    assert slug(name) == file


def test_the_longest_name_in_any_script_is_one_that_a_file_can_have(shelf: Shelf) -> None:
    for letter in ("a", "д", "添", "𠀀", "न\u093f"):
        name = f"{letter} {letter * 300}"
        file = shelf.keep(Interaction(name, "todo"))
        assert file.is_file()
        assert len(file.name.encode()) <= 200
        assert shelf.names() == [name]
        file.unlink()


@pytest.mark.parametrize("name", ["…", "", " ", "_", "❤\ufe0f", "\u0301"])
def test_a_name_without_letters_is_refused(name: str) -> None:
    with pytest.raises(CheckError, match="give it letters or digits"):
        slug(name)
