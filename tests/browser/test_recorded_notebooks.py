"""Recorded interactions of notebooks: tests of their own under nbval, skipped without a browser, taken anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from cache_folder import locked

from .refactored import TODO

pytestmark = [pytest.mark.usefixtures("tools"), pytest.mark.slow]

START = "import overskill_nb as ov\napp = ov.App('todo')"
COMPONENT = f"%%component Todo\n{TODO.strip()}"
RECORD = """with app.record("adds a task") as r:
    r.type("Milk", into="New task")
    r.click("Add")
    r.see("1 item left")"""
CHECKS = 'app.check.see("0 items left")\napp.check.no_errors()'
REPLAY = 'app.replay("adds a task")'

Run = Callable[..., subprocess.CompletedProcess[str]]


def write(folder: Path, *sources: str) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    file = folder / "lesson.ipynb"
    nbformat.write(notebook, file)
    return file


def run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OVERSKILL_", "JPY_", "PYTEST_"))}
    kept["OVERSKILL_NB_CACHE"] = os.environ["OVERSKILL_NB_CACHE"]
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def refresh(folder: Path, **environment: str) -> str:
    done = run("overskill_nb.cli", "refresh", "lesson.ipynb", folder=folder, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def nbval(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(
        *("pytest", "--nbval", "-v", "-rs", "-p", "no:cacheprovider", "-p", "no:xdist", *options, "lesson.ipynb"),
        folder=folder,
        **environment,
    )


@pytest.fixture(scope="module")
def recorded(shared_folder: Path, tools: Path) -> Path:
    """The folder of a notebook that was recorded, once for all tests."""
    folder = shared_folder / "recorded-lesson"
    with locked(shared_folder / "recorded-lesson.lock"):
        if not (folder / "recordings").exists():
            folder.mkdir(exist_ok=True)
            refresh(write(folder, START, COMPONENT, CHECKS, RECORD, REPLAY).parent)
    return folder


@pytest.fixture
def lesson(recorded: Path, tmp_path: Path) -> Path:
    """A test's own copy of it."""
    return Path(shutil.copytree(recorded, tmp_path, dirs_exist_ok=True))


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "lesson.ipynb"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_what_was_recorded_is_a_test_of_its_own_and_nothing_is_written(lesson: Path) -> None:
    recording = lesson / "recordings/lesson/adds-a-task.yaml"
    before = recording.read_bytes()
    assert b"listitem" in before
    assert str(lesson).encode() not in before
    done = nbval(lesson)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "lesson.ipynb::adds a task PASSED" in done.stdout
    assert "6 passed" in done.stdout
    assert recording.read_bytes() == before
    assert not (lesson / "todo").exists()


def test_a_regression_fails_with_the_difference(lesson: Path) -> None:
    change(lesson, "[...items, text]", "[text, text]")
    done = nbval(lesson)
    assert done.returncode == 1
    assert "lesson.ipynb::adds a task FAILED" in done.stdout
    assert "+     - listitem:" in done.stdout


def test_without_a_browser_all_that_needs_one_is_skipped_with_the_reason(lesson: Path) -> None:
    done = nbval(lesson, OVERSKILL_NB_CHROMIUM="none")
    assert done.returncode == 0, done.stdout[-4000:]
    assert "lesson.ipynb::adds a task SKIPPED" in done.stdout
    assert "3 passed, 3 skipped" in done.stdout
    assert "OVERSKILL_NB_CHROMIUM says that there is no browser" in done.stdout


def test_one_interaction_alone_runs_the_cells_that_it_needs(lesson: Path) -> None:
    done = nbval(lesson, "-k", "adds and task")
    assert done.returncode == 0, done.stdout[-4000:]
    assert "1 passed" in done.stdout


def test_one_that_the_notebook_does_not_replay_runs_on_what_it_leaves(lesson: Path) -> None:
    write(lesson, START, COMPONENT)
    refresh(lesson)
    assert "adds a task PASSED" in nbval(lesson).stdout
    change(lesson, "[...items, text]", "[text, text]")
    done = nbval(lesson)
    assert "adds a task FAILED" in done.stdout
    assert "+     - listitem:" in done.stdout


def test_a_refresh_says_what_changed_and_a_second_one_nothing(lesson: Path) -> None:
    assert refresh(lesson) == "lesson.ipynb: nothing changed\n"
    change(lesson, " left</p>", " to do</p>")
    change(lesson, "item left", "item to do")
    change(lesson, "items left", "items to do")
    said = refresh(lesson)
    assert "recordings/lesson/adds-a-task.yaml:" in said
    assert "+        - text: 1 item to do" in said
    assert refresh(lesson) == "lesson.ipynb: nothing changed\n"
    assert nbval(lesson).returncode == 0


def test_a_refresh_that_fails_leaves_all_as_it_was(lesson: Path) -> None:
    change(lesson, 'r.click(\\"Add\\")', 'r.click(\\"Plus\\")')
    before = {file: file.read_bytes() for file in lesson.rglob("*") if file.is_file()}
    done = run("overskill_nb.cli", "refresh", folder=lesson)
    assert done.returncode == 1
    assert 'There is no control "Plus"; there is heading "Tasks", textbox "New task", button "Add"' in done.stderr
    assert {file: file.read_bytes() for file in lesson.rglob("*") if file.is_file()} == before
