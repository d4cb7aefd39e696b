from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import traitlets

import overskill_nb as ov
from overskill_nb import config, session
from overskill_nb.outcome import Outcome
from overskill_nb.protocol import Diagnostic, Subscribe, encode
from overskill_nb.recorder import Recorder
from overskill_nb.widgets import bundle

pytestmark = pytest.mark.skipif(not bundle.LOADER.is_file(), reason="run `node build.mjs` in js/ first")


class Browser:
    """What a page would send and hear."""

    def __init__(self, preview: ov.Preview, monkeypatch: pytest.MonkeyPatch) -> None:
        self.preview = preview
        self.heard: list[tuple[dict[str, Any], list[bytes]]] = []
        self.came = threading.Event()
        monkeypatch.setattr(preview, "send", self._hear)

    def _hear(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        json.dumps(content, allow_nan=False)
        self.heard.append((content, buffers or []))
        self.came.set()

    def say(self, content: Any) -> None:
        """As ipywidgets hands in a custom message."""
        self.preview._handle_custom_msg(content, [])

    def call(self, name: str, *arguments: Any) -> dict[str, Any]:
        self.say({"type": "invoke", "id": 7, "name": name, "args": list(arguments)})
        return self.heard[-1][0]


@pytest.fixture
def preview(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ov.Preview]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(config.ENGINE, "kernel")
    made = ov.Preview(
        session.current(),
        app="tips-0123456789ab",
        name="tips",
        target="src/App.tsx",
        export="default",
        props={"a": 1},
        height=0,
        device="",
        allow=[],
    )
    yield made
    made.close()
    session.close()


@pytest.fixture
def browser(preview: ov.Preview, monkeypatch: pytest.MonkeyPatch) -> Browser:
    return Browser(preview, monkeypatch)


def test_what_is_saved_with_a_notebook_is_small_and_the_same_each_time(preview: ov.Preview) -> None:
    state = preview.get_state()
    assert len(json.dumps(state, default=str)) < 40_000
    assert state["target"] == {"module": "src/App.tsx", "export": "default"}
    assert state["bundle"] == bundle.preview_hash()
    assert repr(preview) == "Preview(tips · App)"
    assert len(bundle.loader()) < 20_000


def test_what_is_not_to_be_set_cannot_be_set(preview: ov.Preview) -> None:
    for name in ("app", "title", "target", "functions", "allow", "transport"):
        with pytest.raises(traitlets.TraitError):
            setattr(preview, name, getattr(preview, name))
    for name, value in (("height", -1), ("height", "tall"), ("device", "watch")):
        with pytest.raises(traitlets.TraitError):
            setattr(preview, name, value)


def test_props_become_plain_data(preview: ov.Preview) -> None:
    preview.props = {"sizes": {2, 1}, "x": float("nan")}
    assert preview.props == {"sizes": [1, 2], "x": None}


def test_a_handler_is_called_and_its_answer_goes_back(preview: ov.Preview, browser: Browser) -> None:
    seen: list[Any] = []
    remove = preview.on("save", lambda *arguments: seen.append(arguments) or {"ok": {2, 1}})
    assert preview.functions == ["save"]
    assert browser.call("save", 1, {"b": 2}) == {"type": "returned", "id": 7, "value": {"ok": [1, 2]}}
    assert seen == [(1, {"b": 2})]
    remove()
    remove()
    assert preview.functions == []
    assert browser.call("save") == {"type": "returned", "id": 7, "value": None}
    assert len(seen) == 1


def test_the_last_of_several_handlers_answers(preview: ov.Preview, browser: Browser) -> None:
    preview.on("save", lambda: 1)
    remove = preview.on("save", lambda: 2)
    assert browser.call("save")["value"] == 2
    remove()
    assert browser.call("save")["value"] == 1


def test_a_handler_that_fails_answers_with_the_error(
    preview: ov.Preview, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    preview.on("save", lambda: 1 / 0)
    assert browser.call("save") == {"type": "returned", "id": 7, "error": "ZeroDivisionError: division by zero"}
    assert "the handler of 'save' failed" in caplog.text
    preview.on("load", lambda: b"raw")
    assert "has no JSON form" in browser.call("load")["error"]


def test_what_is_no_function_is_refused(preview: ov.Preview) -> None:
    with pytest.raises(TypeError, match="is a int, not a function"):
        preview.on("save", 5)  # type: ignore[arg-type]


def test_reports_are_what_python_sees(preview: ov.Preview, browser: Browser) -> None:
    problem = {"severity": "error", "kind": "render", "message": "boom", "location": None}
    line = {"level": "log", "text": "hello", "count": 1, "time": 0}
    browser.say({"type": "report", "status": "error", "errors": [problem], "console": [line]})
    assert preview.status == "error"
    assert preview.errors == [Diagnostic(severity="error", kind="render", message="boom")]
    assert preview.console == [line]
    browser.say({"type": "report", "status": "live", "errors": [], "console": [line] * 2000})
    assert (preview.status, preview.errors, len(preview.console)) == ("live", [], 1000)


NONSENSE: list[Any] = [None, "text", {}, {"type": "unknown"}, {"type": "invoke"}, {"type": "overskill"}]


@pytest.mark.parametrize(
    "content",
    [*NONSENSE, {"type": "report", "errors": [5]}, {"type": "overskill", "message": {"type": "nonsense"}}],
    ids=str,
)
def test_nothing_that_a_page_sends_fails_in_a_cell(browser: Browser, content: Any) -> None:
    browser.say(content)
    preview = browser.preview
    assert preview.status == "waiting"
    assert browser.call("nothing")["value"] is None


def test_what_cannot_be_kept_is_said_and_not_lost(
    preview: ov.Preview, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [{"do": "click", "role": "button", "name": "Add"}, {"do": "press", "value": "ä"}]
    preview.record("adds a task")
    for name, said, reason in (
        ("adds a task", steps, "Step 2, press ä, cannot be kept: 'ä' is no key: give one such as Enter, "),
        ("adds a task", [{"do": "jump"}], "Step 1, jump, cannot be kept: This is no step: "),
        ("…", steps[:1], "'…' cannot be a name here: give it letters or digits."),
    ):
        browser.say({"type": "steps", "name": name, "steps": said, "keep": True})
        answer = browser.heard[-1][0]
        assert (answer["type"], answer["failed"]) == ("recorded", True)
        assert answer["text"].startswith(reason)
        assert preview.recording == "adds a task"
        assert preview.recorded_steps == said
    monkeypatch.setattr(Recorder, "take", lambda _, said: Outcome(f"{len(said)} kept"))
    browser.say({"type": "steps", "name": "adds a task", "steps": steps, "keep": True})
    assert browser.heard[-1][0] == {"type": "recorded", "failed": False, "text": "2 kept"}
    assert preview.recording == ""


def test_the_bundle_goes_over_in_parts(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "PART_BYTES", 10_000)
    browser.say({"type": "bundle"})
    heads = [content for content, _ in browser.heard]
    assert [head["part"] for head in heads] == list(range(heads[0]["parts"]))
    assert {head["hash"] for head in heads} == {bundle.preview_hash()}
    assert b"".join(part for _, (part,) in browser.heard) == bundle.PREVIEW.read_bytes()


def test_messages_of_the_protocol_are_relayed(preview: ov.Preview, browser: Browser) -> None:
    message = json.loads(encode(Subscribe(client="p", app=preview.app)))
    browser.say({"type": "overskill", "message": message})
    for _ in range(300):
        browser.came.wait(0.4)
        browser.came.clear()
        if any(content["message"]["client"] == "p" for content, _ in browser.heard):
            break
    (answer,) = [content["message"] for content, _ in browser.heard if content["message"]["client"] == "p"]
    assert (answer["event"]["type"], answer["event"]["app"]) == ("gone", preview.app)


def test_reloading_asks_the_page(preview: ov.Preview, browser: Browser) -> None:
    preview.reload()
    assert browser.heard[-1][0] == {"type": "command", "command": "reload"}
