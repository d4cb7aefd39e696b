from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from client import Client

from overskill_nb import config
from overskill_nb.pipeline import Engine
from overskill_nb.pipeline.metrics import MOST, Measures, Record
from overskill_nb.protocol import Ack, AppInfo, EngineInfo, FileChange, Inspect, OpenApp, Subscribe, WriteFiles, Written
from overskill_nb.protocol_metrics import GetMetrics, Metrics


class Preview:
    """A preview that answers when it is told to."""

    def __init__(self, client: Client, app: str, build: str, name: str = "p") -> None:
        self.client, self.app, self.build, self.name = client, app, build, name

    @classmethod
    async def open(cls, client: Client, app: str, **more: Any) -> Preview:
        snapshot = await client.follow(app, **more)
        return cls(client, app, snapshot.build)

    def answer(self, seq: int, outcome: Any = "applied") -> None:
        self.client.say(Ack(client=self.name, app=self.app, build=self.build, seq=seq, outcome=outcome, ms=1.0))


async def opened(client: Client) -> str:
    return (await client.ask(OpenApp(folder="tips", create=True), AppInfo)).app


async def write(client: Client, app: str, content: str) -> int:
    change = FileChange(path="src/App.tsx", content=content)
    return (await client.ask(WriteFiles(app=app, files=[change]), Written)).seq


async def measured(client: Client) -> Metrics:
    await client.ask(Inspect(), EngineInfo)  # what was said before is taken in
    return await client.ask(GetMetrics(), Metrics)


async def test_nothing_was_measured_at_first(client: Client, engine: Engine) -> None:
    found = await measured(client)
    assert (found.updates, found.connections, found.dropped) == (0, 0, 0)
    assert (found.update_ms, found.deployment_ms, found.bundle_bytes) == ([], [], [])
    assert not (engine.workspace / config.STATE_FOLDER / "overskill.db").exists()


@pytest.mark.usefixtures("tools")
async def test_an_update_takes_until_a_preview_says_that_it_shows_it(client: Client) -> None:
    app = await opened(client)
    preview = await Preview.open(client, app)
    preview.answer(0, "reloaded")
    assert (await measured(client)).update_ms == []  # the first view is no update
    seq = await write(client, app, "export default () => <p>one</p>;")
    await client.update(seq)
    assert (await measured(client)).updates == 0  # not before the answer
    preview.answer(seq)
    found = await measured(client)
    assert found.updates == 1
    assert 0 < found.update_ms[0] < 60_000
    preview.answer(seq)
    assert (await measured(client)).updates == 1  # the same answer, said again
    seq = await write(client, app, "export default () => <p>{nothing.there}</p>;")
    preview.answer(seq, "failed")
    found = await measured(client)
    assert (found.updates, found.failed_updates) == (1, 1)
    seq = await write(client, app, "export default () => <p>")
    preview.answer(seq)
    assert (await measured(client)).updates == 1  # what does not compile is on no screen


@pytest.mark.usefixtures("tools")
async def test_a_preview_that_comes_back_had_lost_its_connection(client: Client, engine: Engine) -> None:
    app = await opened(client)
    preview = await Preview.open(client, app)
    preview.answer(0, "reloaded")
    found = await measured(client)
    assert (found.connections, found.dropped) == (1, 0)
    client.close()
    again = Client.of(engine)
    seq = await write(again, app, "export default () => <p>missed</p>;")
    before = len(again.heard)
    again.say(Subscribe(client="p", app=app, build=preview.build, seq=0))
    await again.until(lambda: len(again.heard) > before)
    Preview(again, app, preview.build).answer(seq)
    found = await measured(again)
    assert (found.connections, found.dropped) == (2, 1)
    assert found.updates == 0  # what it missed came late for no fault of the update's


@pytest.mark.usefixtures("tools")
async def test_asking_for_what_is_missing_on_the_same_connection_is_no_drop(client: Client) -> None:
    app = await opened(client)
    preview = await Preview.open(client, app)
    preview.answer(0, "reloaded")
    seq = await write(client, app, "export default () => <p>one</p>;")
    client.say(Subscribe(client="p", app=app, build=preview.build, seq=0))
    await client.update(seq)
    preview.answer(seq)
    found = await measured(client)
    assert (found.connections, found.dropped) == (1, 0)


def test_a_long_life_keeps_the_newest_and_counts_all() -> None:
    measures = Measures()
    for ms in range(MOST + 10):
        measures.shown(float(ms))
    assert measures.updates == MOST + 10
    assert len(measures.update_ms) == MOST
    assert measures.update_ms[-1] == MOST + 9
    assert measures.updates_below[50.0] == 51
    assert measures.updates_ms == sum(range(MOST + 10))


def record(folder: Path, *rows: tuple[str, str, str, str, str, int]) -> None:
    """A record of deployments that somebody else wrote."""
    (folder / config.STATE_FOLDER).mkdir()
    with sqlite3.connect(folder / config.STATE_FOLDER / "overskill.db") as database:
        database.execute(
            "CREATE TABLE deployments (number INTEGER PRIMARY KEY, environment, kind, status, timings, artefact, "
            "first_load_gzip)"
        )
        database.executemany(
            "INSERT INTO deployments (environment, kind, status, timings, artefact, first_load_gzip) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
    database.close()


def test_deployments_count_that_were_seen_at_their_address(tmp_path: Path) -> None:
    record(
        tmp_path,
        ("preview", "deploy", "superseded", '{"total": 900.5}', "a", 70_000),
        ("preview", "deploy", "deployed", '{"total": 300}', "b", 2_000_000),
        ("preview", "deploy", "failed", '{"total": 50}', "", 0),
        ("preview", "deploy", "building", "{}", "", 0),
        ("preview", "rollback", "deployed", '{"total": 20}', "a", 70_000),
        ("staging", "promote", "deployed", '{"total": 20}', "b", 2_000_000),
    )
    found = Record(tmp_path, "")
    assert found.deployment_ms == [900.5, 300.0]
    assert found.bundle_bytes == [70_000, 2_000_000]


def test_a_record_that_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / config.STATE_FOLDER).mkdir()
    (tmp_path / config.STATE_FOLDER / "overskill.db").write_bytes(b"no database at all, and long enough to be one")
    assert Record(tmp_path, "").deployment_ms == []
    assert Record(tmp_path, "postgresql://nobody@127.0.0.1:9/none").deployment_ms == []
    assert Record(tmp_path, "mysql://x/y").bundle_bytes == []
