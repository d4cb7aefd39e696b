"""Checkpoints that are made by themselves."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from history_files import Git, fine, write

from overskill_nb.errors import HistoryError
from overskill_nb.pipeline.history import History, Recorder, packing, recorder
from overskill_nb.protocol_history import Checkpoint


class App:
    """A recorder of an app, and what it made."""

    def __init__(self, root: Path, history: History) -> None:
        self.root = root
        self.history = history
        self.compiles = self.settled = True
        self.made: list[Checkpoint] = []
        self.recorder = Recorder("tips", lambda: history, lambda: self.compiles, lambda: self.settled, self.made.append)

    def change(self, origin: str, path: str, content: str) -> None:
        write(self.root, path, content)
        self.recorder.note(origin, [path])

    async def settle(self, count: int) -> None:
        async def reached() -> None:
            while len(self.made) < count:
                await asyncio.sleep(0.005)

        await asyncio.wait_for(reached(), 10)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "QUIET_SECONDS", 0.1)
    monkeypatch.setattr(recorder, "LONGEST_SECONDS", 0.6)
    monkeypatch.setattr(recorder, "BROKEN_SECONDS", 0.8)


@pytest_asyncio.fixture
async def app(root: Path, history: History) -> AsyncIterator[App]:
    made = App(root, history)
    made.recorder.begin()
    await made.settle(1)
    assert [checkpoint.message for checkpoint in made.made] == ["Begin"]
    made.made.clear()
    yield made
    await made.recorder.close()


async def test_an_app_that_is_ready_again_is_noticed(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "BROKEN_SECONDS", 20.0)
    app.settled = False
    app.change("cell", "src/App.tsx", "one")
    await asyncio.sleep(0.05)
    app.settled = True  # nobody tells the recorder
    await app.settle(1)
    assert [checkpoint.origin for checkpoint in app.made] == ["cell"]


async def test_changes_that_come_close_together_are_one_checkpoint(app: App) -> None:
    for number in range(5):
        app.change("cell", "src/App.tsx", str(number))
        await asyncio.sleep(0.02)
    await app.settle(1)
    await asyncio.sleep(0.2)
    assert [(made.origin, made.files) for made in app.made] == [("cell", ["src/App.tsx"])]


async def test_changes_without_an_end_are_recorded_now_and_then(app: App) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + 1.6
    while loop.time() < end:
        app.change("editor", "src/App.tsx", str(loop.time()))
        await asyncio.sleep(0.03)
    assert 2 <= len(app.made) <= 4


async def test_each_origin_has_its_checkpoint_and_a_file_goes_to_the_last_who_changed_it(app: App) -> None:
    app.change("prompt", "src/App.tsx", "1")
    app.change("prompt", "src/New.tsx", "1")
    app.change("cell", "src/App.tsx", "2")
    write(app.root, "src/silent.txt", "nobody told of this")
    await app.settle(3)
    assert [(made.origin, made.files) for made in app.made] == [
        ("prompt", ["src/New.tsx"]),
        ("cell", ["src/App.tsx"]),
        ("file", ["src/silent.txt"]),
    ]


async def test_an_app_that_does_not_compile_is_given_time_to_be_mended(app: App) -> None:
    app.compiles = False
    app.change("cell", "src/App.tsx", "broken(")
    await asyncio.sleep(0.3)
    assert app.made == []
    app.compiles = True
    app.change("cell", "src/App.tsx", "mended")
    await app.settle(1)
    assert app.made[0].compiles


async def test_a_change_that_waits_for_packages_is_recorded_with_them(app: App) -> None:
    app.settled = False
    app.change("cell", "src/App.tsx", "import of what is not there yet")
    await asyncio.sleep(0.3)
    app.settled = True
    app.change("cell", "package.json", "with the package")
    await app.settle(1)
    assert [(made.files, made.compiles) for made in app.made] == [(["package.json", "src/App.tsx"], True)]


async def test_an_app_that_stays_broken_is_recorded_as_that(app: App) -> None:
    app.compiles = False
    app.change("cell", "src/App.tsx", "broken(")
    await app.settle(1)
    assert not app.made[0].compiles


async def test_flushing_records_at_once_and_a_message_makes_it_one(app: App) -> None:
    app.change("prompt", "src/New.tsx", "1")
    app.change("cell", "src/App.tsx", "2")
    (made,) = await app.recorder.flush("Both")
    assert (made.message, made.origin, made.files) == ("Both", "cell", ["src/App.tsx", "src/New.tsx"])
    assert await app.recorder.flush() == []
    await asyncio.sleep(0.2)
    assert app.made == [made]


async def test_closing_records_what_is_left(app: App) -> None:
    app.change("cell", "src/App.tsx", "last")
    await app.recorder.close()
    assert [made.files for made in app.made] == [["src/App.tsx"]]


async def test_many_checkpoints_are_packed(app: App, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "CROWDED", 0)
    for number in range(500):
        write(app.root, "src/App.tsx", str(number))
        if app.history.checkpoint("cell") and packing.crowded(app.root / ".git"):
            break
    app.change("cell", "src/App.tsx", "last")
    await app.recorder.flush()
    for _ in range(500):
        if not packing.crowded(app.root / ".git"):
            break
        await asyncio.sleep(0.02)
    assert list(app.root.glob(".git/objects/pack/*.pack"))
    app.change("cell", "src/App.tsx", "and on")
    await app.recorder.flush()
    assert len(app.history.log(1000)) == number + 4
    fine(git, app.root)


async def test_a_failure_is_logged_once_and_told_to_who_asks(app: App, caplog: pytest.LogCaptureFixture) -> None:
    shutil.move(app.root / ".git", app.root.parent / "away")
    (app.root / ".git").write_text("garbage")
    with caplog.at_level(logging.WARNING, recorder.__name__):
        for number in range(3):
            app.change("cell", "src/App.tsx", str(number))
            await asyncio.sleep(0.25)
        assert len(caplog.records) == 1
        with pytest.raises(HistoryError, match="damaged"):
            await app.recorder.flush()
    (app.root / ".git").unlink()
    shutil.move(app.root.parent / "away", app.root / ".git")
    (made,) = await app.recorder.flush()
    assert (made.origin, made.files) == ("cell", ["src/App.tsx"])
