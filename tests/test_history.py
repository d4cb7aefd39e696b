"""An app's history as Python sees it, with an engine in this process."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import overskill_nb as ov
from overskill_nb import history
from overskill_nb.pipeline.history import aside
from overskill_nb.widgets import bundle

pytestmark = [
    pytest.mark.usefixtures("folder", "tools"),
    pytest.mark.skipif(not bundle.LOADER.is_file(), reason="run `node build.mjs` in js/ first"),
]


@pytest.fixture
def app() -> ov.App:
    return ov.App("tips")


def heading(text: str) -> str:
    return f"export default function App() {{\n  return <h1>{text}</h1>;\n}}\n"


def write(app: ov.App, text: str, message: str) -> ov.Checkpoint:
    app.write("src/App.tsx", heading(text))
    return app.checkpoint(message)


def test_each_change_is_a_checkpoint_newest_first(app: ov.App) -> None:
    began = datetime.now(timezone.utc) - timedelta(seconds=60)
    app.write("src/App.tsx", heading("one"))
    app.source("src/more.ts", "export const more = 1;\n")
    (app.folder / "public").mkdir(exist_ok=True)
    found = app.history
    assert found[0].origin in {"python", "cell"}
    assert {"src/App.tsx", "src/more.ts"} <= {path for one in found for path in one.files}
    assert (found[-1].message, found[-1].origin) == ("Begin", "file")
    assert all(one.compiles for one in found)
    assert found[0].at >= found[-1].at >= began
    assert found[0].author
    assert len({one.id for one in found}) == len(found)


def test_what_was_there_is_told_from_the_first_edit_where_reading_it_takes_long(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = aside.run

    async def later(work: Callable[[], Any]) -> Any:
        await asyncio.sleep(0.7)
        return await at_once(work)

    monkeypatch.setattr(aside, "run", later)
    app = ov.App("slow")
    there = app.read("src/App.tsx")
    app.write("src/App.tsx", heading("one"))
    first, begin = app.history
    assert (first.message, begin.message) == ("Change src/App.tsx", "Begin")
    app.restore(begin)
    assert app.read("src/App.tsx") == there


def test_a_checkpoint_is_made_with_words_of_ones_own(app: ov.App) -> None:
    made = write(app, "one", "Move it to Sunday\n\nBecause of the rain.")
    assert repr(made) == "Checkpoint('Move it to Sunday')"
    assert made.message == "Move it to Sunday\n\nBecause of the rain."
    assert made.files == ["src/App.tsx"]
    assert app.history[0] == made
    assert app.checkpoint("nothing new") == made  # without a change the newest one is given
    assert hash(made) == hash(app.history[0])


def test_one_is_found_by_the_beginning_of_its_id(app: ov.App) -> None:
    first, second = write(app, "one", "One"), write(app, "two", "Two")
    assert app.history[first.id[:7]] == first
    assert app.history[second.id.upper()] == second
    with pytest.raises(ov.HistoryError, match="no checkpoint 'xyz'"):
        app.history["xyz"]
    with pytest.raises(ov.HistoryError, match="no checkpoint ''"):
        app.history[""]
    with pytest.raises(IndexError):
        app.history[99]


def test_more_than_a_page_is_read_as_it_is_needed(app: ov.App, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("one", "two", "three"):
        write(app, text, text)
    monkeypatch.setattr(history, "PAGE", 2)
    found = app.history
    assert found[0].message == "three"
    assert len(found._known) == 2
    assert [one.message for one in found] == ["three", "two", "one", "Begin"]
    assert [one.message for one in app.history[1:3]] == ["two", "one"]
    assert app.history[-1].message == "Begin"
    assert len(app.history) == 4
    assert [one.message for one in reversed(app.history)] == ["Begin", "one", "two", "three"]
    assert list(found.records()[1]) == ["id", "at", "origin", "author", "message", "files", "compiles"]
    frame = pd.DataFrame(found.records())
    assert list(frame["message"]) == ["three", "two", "one", "Begin"]


def test_it_prints_as_a_table_and_its_name_is_the_same_whenever_it_runs(
    app: ov.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.preview()
    made = write(app, "one", "One\n\nmore")
    with pytest.raises(ov.BuildError):
        app.write("src/App.tsx", "export default (")
    app.checkpoint("Half of it")
    lines = str(app.history).splitlines()
    assert lines[0].split() == ["id", "when", "by", "files", "what"]
    assert lines[1].endswith("1      Half of it (does not compile)")
    assert lines[2].startswith(made.id[:8])
    assert lines[2].endswith("  One")
    assert repr(app.history) == "History(tips)"
    monkeypatch.setattr(history, "SHOWN", 1)
    assert str(app.history).splitlines()[2] == "… and older ones"


def test_what_changed_is_a_unified_diff(app: ov.App) -> None:
    first = write(app, "one", "One")
    (app.folder / "public").mkdir(exist_ok=True)
    (app.folder / "public/dot.png").write_bytes(b"\x89PNG\0\1")
    second = write(app, "two", "Two")
    third = write(app, "three", "Three")
    changed = second.diff()
    assert {file.path: file.status for file in changed} == {"public/dot.png": "added", "src/App.tsx": "changed"}
    assert "-  return <h1>one</h1>;\n+  return <h1>two</h1>;" in str(changed)
    assert "public/dot.png" in repr(changed)
    assert len(changed[:1]) == 1
    whole = third.diff(since=first)
    assert "+  return <h1>three</h1>;" in str(whole)
    assert "<h1>two" not in str(whole)
    assert str(third.diff(third.id)) == "(no difference)"
    with pytest.raises(ov.HistoryError, match="no checkpoint"):
        third.diff("0000000")


def test_going_back_is_a_new_checkpoint(app: ov.App) -> None:
    first, second = write(app, "one", "One"), write(app, "two", "Two")
    app.write("src/more.ts", "export const more = 1;\n")
    back = app.restore(first.id[:6])
    assert app.read("src/App.tsx") == heading("one")
    assert "src/more.ts" not in app.files
    assert back == app.history[0]
    assert back.origin == "history"
    assert repr(back) == "Checkpoint('Back to: One')"
    assert second in app.history
    assert second.restore().origin == "history"
    assert app.read("src/App.tsx") == heading("two")
    assert app.restore(first).files == ["src/App.tsx"]
    with pytest.raises(ov.HistoryError, match="no checkpoint"):
        app.restore("0000000")


def test_previews_follow_what_is_restored(app: ov.App) -> None:
    first = app.component("Greeting", "export default function Greeting() {\n  return <p>Hello</p>;\n}\n")
    kept = app.checkpoint("Greet")
    app.write("src/components/Greeting.tsx", "export default function Greeting() {\n  return <p>Bye</p>;\n}\n")
    kept.restore()
    assert "Hello" in app.read("src/components/Greeting.tsx")
    assert app.preview("Greeting") is first


@pytest.mark.slow
def test_the_app_is_exported_beside_the_notebook(app: ov.App, folder: Path) -> None:
    write(app, "one", "One")
    (app.folder / ".env").write_text("SECRET=hunter2\n")
    written = app.export("tips.zip")
    assert written == folder.resolve() / "tips.zip"
    with zipfile.ZipFile(written) as archive:
        names = archive.namelist()
        assert not any(name.endswith("/.env") or name == ".env" for name in names)
        top = next(name for name in names if name.endswith("src/App.tsx")).removesuffix("src/App.tsx")
        assert archive.read(f"{top}src/App.tsx").decode() == heading("one")
        assert f"{top}package-lock.json" in names
    assert app.export(folder / "again.zip").is_file()
    with pytest.raises(ov.FileError, match="in a folder that is there"):
        app.export("nowhere/tips.zip")


def test_a_notebook_shows_one_that_follows(app: ov.App, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    found = app.history
    found._ipython_display_()
    found._ipython_display_()
    assert shown[0] is shown[1]
    assert repr(shown[0]) == "History(tips)"
