"""How a kernel talks to the engine in its server. The session waits, so it does that on a thread of its own here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from overskill_nb.errors import AppError, Unreachable
from overskill_nb.protocol import (
    Ack,
    AppInfo,
    EngineInfo,
    FileChange,
    Files,
    Inspect,
    ListFiles,
    OpenApp,
    Progress,
    Subscribe,
    Unsubscribe,
    WriteFiles,
    Written,
    encode,
)
from overskill_nb.server_ext.app import OverskillExtension
from overskill_nb.session import Server, ServerSession


@pytest.fixture
def server(extension: OverskillExtension, jp_http_port: int, http_server: Any) -> Server:
    return Server(f"http://127.0.0.1:{jp_http_port}/a%40b/", extension.capability, "the test says so")


@pytest_asyncio.fixture
async def sessions(server: Server) -> AsyncIterator[list[ServerSession]]:
    opened: list[ServerSession] = []
    yield opened
    for session in opened:
        await asyncio.to_thread(session.close)


async def connect(server: Server, sessions: list[ServerSession]) -> ServerSession:
    session = await asyncio.to_thread(ServerSession, server)
    sessions.append(session)
    return session


async def test_a_call_is_answered_by_the_server(server: Server, sessions: list[ServerSession]) -> None:
    session = await connect(server, sessions)
    assert (session.host, session.reason) == ("server", "the test says so")
    assert (await asyncio.to_thread(session.call, Inspect(), EngineInfo)).host == "server"


async def test_an_error_comes_out_as_what_it_is(server: Server, sessions: list[ServerSession]) -> None:
    session = await connect(server, sessions)
    with pytest.raises(AppError):
        await asyncio.to_thread(session.call, ListFiles(app="nope"), Files)


async def test_a_wrong_token_is_said_to_be_refused(server: Server) -> None:
    wrong = Server(server.url, "wrong-token", "why")
    with pytest.raises(Unreachable, match="refuses this kernel's token") as refused:
        await asyncio.to_thread(ServerSession, wrong)
    assert "wrong-token" not in str(refused.value)


async def test_a_server_without_the_extension_is_said_to_be_so(server: Server, jp_http_port: int) -> None:
    other = Server(f"http://127.0.0.1:{jp_http_port}/elsewhere/", server.token, "why")
    with pytest.raises(Unreachable, match="not enabled"):
        await asyncio.to_thread(ServerSession, other)


async def cut(extension: OverskillExtension, *sessions: ServerSession) -> None:
    """The network goes away under every connection; these sessions have noticed."""
    for connection in list(extension.engine._connections):
        connection._send.__self__.ws_connection.stream.close()  # type: ignore[attr-defined]
    while extension.engine._connections or any(session._socket._connection for session in sessions):
        await asyncio.sleep(0.02)


async def test_a_call_after_the_connection_was_cut_connects_again(
    server: Server, sessions: list[ServerSession], extension: OverskillExtension
) -> None:
    session = await connect(server, sessions)
    await asyncio.to_thread(session.call, Inspect(), EngineInfo)
    await cut(extension, session)
    assert (await asyncio.to_thread(session.call, Inspect(), EngineInfo)).host == "server"


async def test_a_call_under_way_when_the_connection_is_cut_ends(
    server: Server, sessions: list[ServerSession], extension: OverskillExtension, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await connect(server, sessions)
    asked = asyncio.Event()

    async def never(_: object) -> None:
        asked.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(extension.engine, "handle", never)
    call = asyncio.ensure_future(asyncio.to_thread(session.call, Inspect(), EngineInfo))
    await asyncio.wait_for(asked.wait(), 60)
    await cut(extension)
    with pytest.raises(Unreachable, match="went away"):
        await asyncio.wait_for(call, 60)


@pytest.mark.usefixtures("tools")
async def test_progress_is_heard_while_a_call_waits(server: Server, sessions: list[ServerSession]) -> None:
    session = await connect(server, sessions)
    heard: list[Progress] = []
    request = OpenApp(folder="tips", create=True)
    assert (await asyncio.to_thread(session.call, request, AppInfo, heard.append)).created
    assert heard
    assert heard[-1].done


class Relayed:
    """A page without a socket of its own: what it hears over its link, as ``client:type:seq``."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.seq = -1

    def hear(self, data: bytes) -> None:
        message = json.loads(data)
        if message["type"] == "event" and message["event"]["type"] in ("snapshot", "update"):
            self.seq = message["event"]["seq"]
            self.heard.append(f"{message['client']}:{message['event']['type']}:{self.seq}")

    async def until(self, count: int) -> list[str]:
        for _ in range(3000):
            if len(self.heard) >= count:
                break
            await asyncio.sleep(0.02)
        return self.heard


def edit(app: str, text: str) -> WriteFiles:
    return WriteFiles(app=app, files=[FileChange(path="src/App.tsx", content=f"export default () => <p>{text}</p>;")])


@pytest.mark.usefixtures("tools")
async def test_a_preview_without_a_socket_of_its_own_is_relayed_and_gets_what_it_missed_in_a_cut(
    server: Server, sessions: list[ServerSession], extension: OverskillExtension, caplog: pytest.LogCaptureFixture
) -> None:
    session = await connect(server, sessions)
    app = (await asyncio.to_thread(session.call, OpenApp(folder="tips", create=True), AppInfo)).app
    page = Relayed()
    link = await asyncio.to_thread(session.link, page.hear)
    link.receive(encode(Subscribe(client="p", app=app)).decode())
    first = f"p:snapshot:{(await page.until(1) and page.seq)}"
    link.receive(
        encode(
            Ack(client="p", app=app, build=extension.engine.apps[app].feed.build, seq=page.seq, outcome="applied")
        ).decode()
    )
    seq = (await asyncio.to_thread(session.call, edit(app, "before"), Written)).seq
    await page.until(2)
    await cut(extension, session)
    await asyncio.to_thread(session.call, edit(app, "during"), Written)
    await asyncio.to_thread(session.call, edit(app, "still"), Written)
    assert await page.until(4) == [first, f"p:update:{seq}", f"p:update:{seq + 1}", f"p:update:{seq + 2}"]
    (follower,) = extension.engine.apps[app].feed.followers.values()
    # Told again over the new connection, after the subscription that the updates answer.
    while not follower.acknowledged:
        await asyncio.sleep(0.05)
    link.receive(encode(Unsubscribe(client="p")).decode())
    while extension.engine.apps[app].feed.followers:
        await asyncio.sleep(0.02)
    await cut(extension)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    link.close()
