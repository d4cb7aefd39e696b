"""Checks and snapshots, which need no browser; and what is said where something would need one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import overskill_nb as ov
from overskill_nb import config, headless, session

pytestmark = pytest.mark.usefixtures("tools")

TODO = """
import { useState } from "react";
export default function Todo({ items = [], onAdd }: { items?: string[]; onAdd?: () => void }) {
  const [text, setText] = useState("");
  return (
    <main>
      <label>New task <input value={text} onChange={(e) => setText(e.target.value)} /></label>
      <button onClick={onAdd}>Add</button>
      <ul>{items.map((item) => <li key={item}>{item}</li>)}</ul>
      <p><b>{items.length}</b> items left</p>
    </main>
  );
}
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("checking")
    session.close()


@pytest.fixture
def app(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ov.App]:
    monkeypatch.chdir(workspace)
    monkeypatch.setenv(config.ENGINE, "kernel")
    monkeypatch.setenv(config.CHROMIUM, "none")
    for name in (config.MODE, config.NOTEBOOK, config.REFRESH, config.OUTCOMES):
        monkeypatch.delenv(name, raising=False)
    app = ov.App("todo")
    app.component("Todo", TODO, props={"items": ["Milk"]})
    yield app
    headless.close()


def test_what_is_there_is_seen_and_what_is_not_is_said_in_one_sentence(app: ov.App) -> None:
    assert repr(app.check.see("1 items left")) == '"1 items left" is there.'
    app.check.see("Milk")
    app.check.see("2 items left", props={"items": ["Milk", "Tea"]})
    with pytest.raises(ov.CheckError) as raised:
        app.check.see("3 items left")
    assert str(raised.value) == '"3 items left" is not there; there is "1 items left", "New task", "Add", "Milk".'
    assert isinstance(raised.value, AssertionError)


def test_the_component_that_was_previewed_last_is_meant_unless_one_is_named(app: ov.App) -> None:
    app.component("Hello", "export default function Hello() { return <p>Hello</p>; }")
    app.check.see("Hello")
    app.check.see("1 items left", of="Todo")
    app.preview("Todo")
    app.check.see("1 items left")
    app.check.see("New app", of="")


def test_a_snapshot_prints_what_a_screen_reader_finds(app: ov.App) -> None:
    assert str(app.snapshot()).splitlines() == [
        "- main:",
        '  - textbox "New task"',
        '  - button "Add"',
        "  - list:",
        "    - listitem: Milk",
        "  - text: 1 items left",
    ]


def test_errors_are_found_with_their_place(app: ov.App) -> None:
    assert app.check.no_errors()
    app.component("Broken", "export default function Broken() { return <p>{nothing.at.all}</p>; }")
    with pytest.raises(ov.CheckError, match=r"^It cannot be shown: src/components/Broken.tsx:1:\d+: .*nothing"):
        app.check.no_errors()
    with pytest.raises(ov.CheckError, match="It cannot be shown"):
        app.check.see("anything")
    app.component("Loud", 'export default function Loud() { console.error("It went wrong"); return <p>Loud</p>; }')
    with pytest.raises(ov.CheckError, match="writes an error to its console: It went wrong"):
        app.check.no_errors()


def test_without_a_browser_pytest_is_told_to_skip(app: ov.App) -> None:
    with pytest.raises(pytest.skip.Exception, match="says that there is no browser"):
        app.check.accessible()
    with pytest.raises(pytest.skip.Exception, match="was not taken"):
        app.screenshot("start")


def test_without_a_browser_a_notebook_is_told_in_a_sentence(app: ov.App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    done = app.check.accessible()
    assert not done
    assert done.skipped == "OVERSKILL_NB_CHROMIUM says that there is no browser"
    assert repr(done) == f"Skipped: accessible() did not look, since {done.skipped}."
    with app.record("adds a task") as r:
        r.type("Milk", into="New task")
        r.click("no such thing")
    assert app.interactions == {}


def test_steps_belong_into_a_with_block(app: ov.App) -> None:
    with pytest.raises(ov.CheckError, match="Steps are recorded within"):
        app.record("adds a task").click("Add")
    with pytest.raises(ov.CheckError, match="is not being recorded"):
        app.record("adds a task").stop()


def test_nothing_recorded_is_an_error_and_no_success(app: ov.App) -> None:
    with pytest.raises(ov.ReplayError, match="No interaction 'adds a task' is recorded"):
        app.replay("adds a task")
    with pytest.raises(ov.ReplayError, match="Nothing is recorded of todo"):
        app.replay()


def test_a_long_text_is_seen_to_its_end(app: ov.App) -> None:
    long = "word " * 100
    items = "{Array.from({ length: 900 }, (_, n) => <li key={n}>Item {n}</li>)}"
    source = f"export default function Long() {{ return <><p>{long}end</p><ul>{items}</ul></>; }}"
    app.component("Long", source)
    app.check.see(f"{long}end", of="Long")
    app.check.see("Item 899", of="Long")
    assert f"{long}end" in str(app.snapshot(of="Long"))
