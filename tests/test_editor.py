"""The visual editor from Python, with an engine in this process, as in a notebook without a server."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import overskill_nb as ov
from overskill_nb import config, session
from overskill_nb.widgets import bundle

pytestmark = [
    pytest.mark.usefixtures("tools"),
    pytest.mark.skipif(not bundle.LOADER.is_file(), reason="run `node build.mjs` in js/ first"),
]

CARD = """\
/** A card. */
export function Card({ title, rows = [], children }: { title: string; rows?: object[]; children?: React.ReactNode }) {
  return <section title={title} data-rows={rows.length}>{children}</section>;
}
"""
HOME = """\
import { Card } from "../components/Card";

export default function Home() {
  return (
    <main>
      <Card   title="Hello"><b>in it</b></Card>
    </main>
  );
}
"""
PAGE = "src/pages/Home.tsx"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The notebook's folder."""
    script = tmp_path / "editor.js"
    script.write_text("canvas();")
    monkeypatch.setattr(bundle, "EDITOR", script)
    _forget_bundles()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(config.ENGINE, "kernel")
    monkeypatch.setattr(ov.App, "current", None)
    yield tmp_path
    session.close()
    _forget_bundles()


def _forget_bundles() -> None:
    bundle.editor.cache_clear()
    bundle.editor_hash.cache_clear()


@pytest.fixture
def app() -> ov.App:
    made = ov.App("tips")
    made.write({"src/components/Card.tsx": CARD, PAGE: HOME})
    return made


@pytest.fixture
def editor(app: ov.App) -> ov.Editor:
    return app.editor(PAGE)


def titled(data: dict[str, Any], title: Any) -> dict[str, Any]:
    made = copy.deepcopy(data)
    made["content"][0]["props"]["title"] = title
    return made


def say(editor: ov.Editor, **content: Any) -> None:
    """As ipywidgets hands in a custom message of the page."""
    editor._handle_custom_msg(content, [])


# ----------------------------------------------------------------------------------------------------------- opening


def test_a_page_has_one_editor(app: ov.App, editor: ov.Editor) -> None:
    assert repr(editor) == "Editor(tips · Home)"
    assert (editor.view, editor.page, editor.name) == ("editor", PAGE, "tips")
    assert editor.target == {"module": f"{PAGE}?canvas", "export": "default"}
    assert editor.code == bundle.editor_hash()
    assert editor.height == 0
    assert app.editor(PAGE, height=500) is editor
    assert editor.height == 500
    assert app.editor("Home") is editor
    assert ov.App("tips").editor(PAGE) is editor
    assert app.editor() is not editor
    assert app.editor().page == "src/App.tsx"
    # A preview of the same page is something else.
    preview = app.preview("Home")
    assert not isinstance(preview, ov.Editor)
    assert preview.target["module"] == PAGE


def test_a_notebook_keeps_nothing_of_an_editor_but_its_name(editor: ov.Editor) -> None:
    shown = editor._repr_mimebundle_()
    data = shown[0] if isinstance(shown, tuple) else shown
    assert data["text/plain"] == "Editor(tips · Home)"


def test_what_an_app_may_reach_holds_for_its_editors(app: ov.App, editor: ov.Editor) -> None:
    app.allow("https://api.example.com")
    assert editor.allow == ["https://api.example.com"]


def test_a_page_that_is_not_there_is_refused_and_can_be_made(app: ov.App) -> None:
    with pytest.raises(ov.FileError, match=r"app\.page\('src/pages/About\.tsx'\) makes it"):
        app.editor("src/pages/About.tsx")
    preview = app.page("src/pages/About.tsx")
    assert repr(preview) == "Preview(tips · About)"
    assert "<h1" in app.read("src/pages/About.tsx")
    assert app.page("src/pages/About.tsx") is preview
    assert [item["type"] for item in app.editor("About").data["content"]] == ["h1"]
    with pytest.raises(ov.PathError):
        app.page("../About.tsx")
    with pytest.raises(ov.FileError):
        app.page("About")


def test_a_page_that_is_broken_is_shown_with_what_is_wrong(app: ov.App) -> None:
    app.write(PAGE, HOME.replace("<main", "<main <"))  # nothing shows it yet
    editor = app.editor(PAGE)
    assert editor.errors
    with pytest.raises(ov.EditorError, match=PAGE) as raised:
        _ = editor.data
    assert raised.value.diagnostics
    before = app.read(PAGE)
    with pytest.raises(ov.EditorError, match="not changed"):
        editor.data = {"root": {"props": {}}, "content": []}
    assert app.read(PAGE) == before
    app.write(PAGE, HOME)
    assert editor.data["content"]
    assert editor.errors == []


def test_without_its_code_there_is_no_editor_and_the_reason_is_said(app: ov.App, folder: Path) -> None:
    (folder / "editor.js").unlink()
    _forget_bundles()
    with pytest.raises(ov.EngineError, match="reinstall"):
        app.editor()
    assert app.preview().status == "waiting"


# ------------------------------------------------------------------------------------------------------------- data


def test_data_are_what_the_file_says(app: ov.App, editor: ov.Editor) -> None:
    (card,) = editor.data["content"]
    assert (card["type"], card["props"]["title"]) == ("Card", "Hello")
    (bold,) = card["props"]["children"]
    assert bold["type"] == "b"
    app.edit(PAGE, "Hello", "Bye")
    assert editor.data["content"][0]["props"]["title"] == "Bye"


def test_assigning_data_changes_the_file_where_it_differs(app: ov.App, editor: ov.Editor) -> None:
    data = editor.data
    editor.data = titled(data, "Bye")
    assert app.read(PAGE) == HOME.replace("Hello", "Bye")
    assert editor.data == titled(data, "Bye")
    editor.data = data
    assert app.read(PAGE) == HOME


def test_data_may_hold_what_props_may(app: ov.App, editor: ov.Editor) -> None:
    data = copy.deepcopy(editor.data)
    data["content"][0]["props"]["rows"] = pd.DataFrame({"a": [1, 2]})
    editor.data = data
    assert editor.data["content"][0]["props"]["rows"] == [{"a": 1}, {"a": 2}]
    assert app.errors == []


def test_data_that_were_read_before_another_change_are_what_the_page_becomes(app: ov.App, editor: ov.Editor) -> None:
    data = editor.data
    app.edit(PAGE, "Hello", "Theirs")
    editor.data = titled(data, "Mine")
    assert app.read(PAGE) == HOME.replace("Hello", "Mine")


def test_an_unknown_component_is_named_with_the_one_that_was_meant(app: ov.App, editor: ov.Editor) -> None:
    data = editor.data
    data["content"][0]["props"]["children"].append({"type": "Crad", "props": {"id": "x"}})
    with pytest.raises(ov.EditorError, match=r"'src/pages/Home\.tsx' was not changed: .*Crad.* Did you mean 'Card'\?"):
        editor.data = data
    assert app.read(PAGE) == HOME


def _circle() -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["content"] = [made]
    return made


@pytest.mark.parametrize("data", [None, 5, "x", [], {"content": "x"}, {"content": [object()]}, {}, {1: 2}, _circle()])
def test_what_is_no_data_is_refused(app: ov.App, editor: ov.Editor, data: Any) -> None:
    with pytest.raises(ov.EditorError, match=r"'src/pages/Home\.tsx' was not changed: "):
        editor.data = data
    assert app.read(PAGE) == HOME


def test_ten_megabytes_of_data_are_refused(app: ov.App, editor: ov.Editor) -> None:
    with pytest.raises(ov.EditorError, match=r"10\.\d MB, more than 8\.0 MB"):
        editor.data = titled(editor.data, "x" * 10 * 1024 * 1024)
    assert app.read(PAGE) == HOME


def test_a_page_that_was_deleted_has_no_data(app: ov.App, editor: ov.Editor) -> None:
    data = editor.data
    app.delete(PAGE)
    with pytest.raises(ov.EditorError, match="does not exist"):
        _ = editor.data
    with pytest.raises(ov.EditorError, match="does not exist"):
        editor.data = data
    assert PAGE not in app.files
    with pytest.raises(ov.FileError):
        app.editor(PAGE)
    app.write(PAGE, HOME)
    assert app.editor(PAGE) is editor
    assert editor.data == data


def test_the_configuration_says_what_can_be_put_into_the_page(app: ov.App, editor: ov.Editor) -> None:
    card = editor.config["components"]["Card"]
    assert {*card} == {"fields", "defaults", "path", "help"}
    assert (card["path"], card["help"]) == ("src/components/Card.tsx", "A card.")
    assert card["fields"]["title"]["type"] == "text"
    assert card["fields"]["children"]["type"] == "slot"
    assert "className" in editor.config["hosts"]["div"]
    app.write("src/components/New.tsx", "export default function New() {\n  return <i />;\n}\n")
    assert "New" in editor.config["components"]
    json.dumps(editor.config)


# -------------------------------------------------------------------------------------------------------------- page


def test_what_is_selected_comes_from_the_page_and_its_props_from_the_file(app: ov.App, editor: ov.Editor) -> None:
    assert editor.selected is None
    inner = editor.data["content"][0]["props"]["children"][0]
    say(editor, type="selected", item={"id": inner["props"]["id"], "type": "anything"})
    assert editor.selected == {"id": inner["props"]["id"], "type": "b", "props": inner["props"]}
    say(editor, type="selected", item={"id": "gone", "type": "b"})
    assert editor.selected is None
    say(editor, type="selected", item=None)
    assert editor.selected is None


def test_a_handler_hears_what_is_selected_and_what_changed(app: ov.App, editor: ov.Editor) -> None:
    selected: list[Any] = []
    changed: list[Any] = []
    removers = [editor.on("select", selected.append), editor.on("change", changed.append)]
    card = editor.data["content"][0]
    say(editor, type="selected", item={"id": card["props"]["id"], "type": "Card"})
    say(editor, type="selected", item={"id": card["props"]["id"], "type": "Card"})
    assert selected == [{"id": card["props"]["id"], "type": "Card", "props": card["props"]}]
    app.edit(PAGE, "Hello", "Bye")
    say(editor, type="changed", hash="1")
    say(editor, type="changed", hash="1")
    assert changed == [editor.data]
    for remove in removers:
        remove()
        remove()
    say(editor, type="selected", item=None)
    say(editor, type="changed", hash="2")
    assert (len(selected), len(changed)) == (1, 1)


def test_a_handler_that_fails_takes_nothing_else_along(editor: ov.Editor, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Any] = []
    editor.on("select", lambda _: 1 / 0)
    editor.on("select", heard.append)
    say(editor, type="selected", item={"id": "x", "type": "Card"})
    assert heard == [None]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("content", [{"item": 5}, {"item": {}}, {"item": {"id": 1}}, {}, {"item": []}])
def test_a_page_that_says_nonsense_changes_nothing(
    editor: ov.Editor, content: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    say(editor, type="selected", **content)
    assert editor.selected is None


def test_what_a_page_has_generated_is_asked_for_with_the_notebooks_models(
    editor: ov.Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERSKILL_MODEL", "openai:small")
    monkeypatch.setenv("OPENAI_API_KEY", "not a real one")
    asked = {"type": "generate_component", "app": editor.app, "name": "Banner", "prompt": "a banner"}
    passed = editor._passed_on({"type": "call", "id": 1, "request": asked})["request"]
    assert passed["environment"] == {"OVERSKILL_MODEL": "openai:small", "OPENAI_API_KEY": "not a real one"}
    assert {**passed, **asked} == passed
    other = {"type": "call", "id": 2, "request": {"type": "ping"}}
    assert editor._passed_on(other) == other


def test_only_what_an_editor_tells_can_be_listened_to(editor: ov.Editor) -> None:
    with pytest.raises(ValueError, match="'change' and 'select', not of 'submit'"):
        editor.on("submit", print)
    with pytest.raises(TypeError):
        editor.on("change", None)  # type: ignore[arg-type]


def test_a_page_gets_the_canvas_in_parts_by_its_hash(editor: ov.Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[dict[str, Any], bytes]] = []
    monkeypatch.setattr(editor, "send", lambda content, buffers: heard.append((content, buffers[0])))
    monkeypatch.setattr(bundle, "PART_BYTES", 4)
    say(editor, type="bundle", hash=editor.code)
    assert b"".join(piece for _, piece in heard) == b"canvas();"
    assert [content for content, _ in heard] == [
        {"type": "bundle", "hash": editor.code, "part": part, "parts": 3} for part in range(3)
    ]
    monkeypatch.undo()
    monkeypatch.setattr(editor, "send", lambda content, buffers: heard.append((content, buffers[0])))
    for wanted in ({"hash": editor.bundle}, {}, {"hash": "0"}):
        heard.clear()
        say(editor, type="bundle", **wanted)
        assert heard[0][0]["hash"] == editor.bundle
        assert b"".join(piece for _, piece in heard) == bundle.preview()
