from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from client import Client
from tornado.websocket import WebSocketClientConnection

from overskill_nb.errors import AppError
from overskill_nb.pipeline import follower
from overskill_nb.pipeline.connection import CONGESTED_BYTES
from overskill_nb.protocol import (
    Ack,
    AppInfo,
    Done,
    EngineInfo,
    FileChange,
    Files,
    Gone,
    Inspect,
    ListFiles,
    OpenApp,
    Ping,
    Snapshot,
    Subscribe,
    Update,
    WriteFiles,
    Written,
    encode,
)
from overskill_nb.server_ext.app import OverskillExtension
from overskill_nb.server_ext.socket import BAD_MESSAGE


class Page(Client):
    """A client at the other end of a WebSocket."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        super().__init__(lambda data: connection.write_message(data.decode()))
        self.connection = connection
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        while (message := await self.connection.read_message()) is not None:
            assert isinstance(message, str)
            self.hear(message)


@pytest_asyncio.fixture
async def page(socket: Any) -> Page:
    return Page(await socket())


async def closed(connection: WebSocketClientConnection) -> int | None:
    """Waits until the server closed the connection; the code it gave."""
    while await asyncio.wait_for(connection.read_message(), 60) is not None:
        pass
    return connection.close_code


async def test_a_call_is_answered(page: Page, workspace: Path) -> None:
    info = await page.ask(Inspect(), EngineInfo)
    assert info.host == "server"
    assert info.workspace == str(workspace.resolve())


async def test_a_call_that_fails_is_answered_with_the_error(page: Page) -> None:
    with pytest.raises(AppError):
        await page.ask(ListFiles(app="nope"), Files)


@pytest.mark.usefixtures("tools")
async def test_two_pages_follow_and_one_comes_back_after_a_cut(socket: Any, page: Page) -> None:
    app = (await page.ask(OpenApp(folder="tips", create=True), AppInfo)).app
    other = Page(await socket())
    first = await page.follow(app)
    await other.follow(app)
    other.connection.close()
    last = first.seq
    for number in range(3):
        content = f"export default () => <p>version {number}</p>;"
        last = (
            await page.ask(WriteFiles(app=app, files=[FileChange(path="src/App.tsx", content=content)]), Written)
        ).seq
    await page.update(last)
    again = Page(await socket())
    again.say(Subscribe(client="p", app=app, build=first.build, seq=first.seq))
    await again.update(last)
    assert [update.seq for update in again.updates()] == [first.seq + 1, first.seq + 2, first.seq + 3]
    assert again.events() == page.updates()


@pytest.mark.usefixtures("tools")
async def test_a_page_that_goes_is_no_follower_any_more(socket: Any, page: Page, extension: OverskillExtension) -> None:
    app = (await page.ask(OpenApp(folder="tips", create=True), AppInfo)).app
    other = Page(await socket())
    await other.follow(app)
    followers = extension.engine.apps[app].feed.followers
    assert len(followers) == 1
    other.connection.close()
    while followers:
        await asyncio.sleep(0.02)


@pytest.mark.usefixtures("tools")
async def test_the_engine_knows_what_each_preview_shows_and_since_when(page: Page) -> None:
    app = (await page.ask(OpenApp(folder="tips", create=True), AppInfo)).app
    first = await page.follow(app)
    (info,) = (await page.ask(Inspect(), EngineInfo)).previews
    assert (info.app, info.client, info.sent, info.seq, info.outcome, info.at) == (app, "p", first.seq, -1, "", 0)
    before = time.time() * 1000
    page.say(Ack(client="p", app=app, build=first.build, seq=first.seq, outcome="reloaded", ms=3))
    (info,) = (await page.ask(Inspect(), EngineInfo)).previews
    assert (info.seq, info.outcome, info.ms) == (first.seq, "reloaded", 3)
    assert before - 1 <= info.at <= time.time() * 1000


@pytest.mark.usefixtures("tools")
async def test_a_client_that_stops_reading_costs_little_memory_and_gets_the_last_state_when_it_reads_again(
    socket: Any, page: Page, extension: OverskillExtension
) -> None:
    app = (await page.ask(OpenApp(folder="tips", create=True), AppInfo)).app
    first = await page.follow(app)
    stalled = await socket()
    await stalled.write_message(encode(Subscribe(client="s", app=app)).decode())
    followers = extension.engine.apps[app].feed.followers
    while len(followers) < 2:
        await asyncio.sleep(0.01)
    follower = next(follower for follower in followers.values() if follower.client == "s")
    handler = follower.subscriber._send.__self__  # type: ignore[attr-defined]
    for number in range(60):
        # 500 kB each: 30 MB in all, of which the system's buffers hold a few.
        content = f"const big = '{'x' * 500_000}';\nexport default () => <p>{{'{number}'}}</p>;"
        last = await page.ask(WriteFiles(app=app, files=[FileChange(path="src/App.tsx", content=content)]), Written)
    await page.update(last.seq)
    assert [update.seq for update in page.updates()] == list(range(first.seq + 1, last.seq + 1))
    assert follower.behind
    assert follower.sent < last.seq
    assert len(handler.ws_connection.stream._write_buffer) < 2 * CONGESTED_BYTES
    heard = Page(stalled)
    await heard.until(lambda: any(getattr(event, "seq", 0) == last.seq for event in heard.events("s")))
    assert not follower.behind
    newest = heard.events("s")[-1]
    assert isinstance(newest, (Snapshot, Update))
    assert '"59"' in next(module.code for module in newest.modules if module.id == "src/App.tsx")
    again = await page.ask(
        WriteFiles(app=app, files=[FileChange(path="src/App.tsx", content="export default () => <p/>;")]), Written
    )
    await heard.update(again.seq, "s")


@pytest.mark.usefixtures("tools")
async def test_a_preview_that_never_answers_is_dropped_and_told_so(
    page: Page, extension: OverskillExtension, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "SILENT_SECONDS", 0.0)
    monkeypatch.setattr(follower, "SILENT_UPDATES", 3)
    app = (await page.ask(OpenApp(folder="tips", create=True), AppInfo)).app
    first = await page.follow(app, "dumb")
    await page.follow(app, "answers")
    for number in range(6):
        change = FileChange(path="src/App.tsx", content=f"export default () => <p>{number}</p>;")
        seq = (await page.ask(WriteFiles(app=app, files=[change]), Written)).seq
        page.say(Ack(client="answers", app=app, build=first.build, seq=seq, outcome="applied"))
    assert [key[1] for key in extension.engine.apps[app].feed.followers] == ["answers"]
    assert isinstance(page.events("dumb")[-1], Gone)
    page.say(Subscribe(client="dumb", app=app, build=first.build, seq=page.updates("dumb")[-1].seq))
    await page.update(seq, "dumb")


async def test_what_is_no_message_closes_the_connection_with_the_reason(socket: Any) -> None:
    for message in ("", "hello", "{}", '{"type":"call"}', '{"type":"reply","id":1}', b"\xff\xfe", str([1] * 1000)):
        connection = await socket()
        await connection.write_message(message, binary=isinstance(message, bytes))
        assert await closed(connection) == BAD_MESSAGE, message
        assert "reload" in connection.close_reason


async def test_one_page_that_errs_does_not_disturb_the_others(socket: Any, page: Page) -> None:
    connection = await socket()
    await connection.write_message("nonsense")
    await closed(connection)
    assert (await page.ask(Inspect(), EngineInfo)).host == "server"


async def test_many_calls_at_once_are_each_answered(page: Page) -> None:
    numbers = [page.start(Inspect()) for _ in range(200)]
    answers = [await page.answer(number) for number in numbers]
    assert len(answers) == 200


async def test_a_kernel_opens_it_with_its_capability(socket: Any, kernel: dict[str, str]) -> None:
    page = Page(await socket(headers=kernel))
    assert (await page.ask(Inspect(), EngineInfo)).host == "server"


async def test_work_counts_as_activity_and_asking_whether_the_server_is_there_does_not(
    page: Page, jp_serverapp: Any
) -> None:
    times = jp_serverapp.web_app.settings["last_activity_times"]
    await page.ask(Inspect(), EngineInfo)
    await page.ask(Ping(), Done)
    assert "overskill_nb" not in times
    with pytest.raises(AppError):
        await page.ask(ListFiles(app="none"), Files)
    assert "overskill_nb" in times
