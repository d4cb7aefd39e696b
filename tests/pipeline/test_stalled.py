"""A worker that stands still: what an app runs while it is built loops, and all apps share the process."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from client import Client

from overskill_nb.errors import EngineError
from overskill_nb.pipeline import Engine, watchdog
from overskill_nb.protocol import AppInfo, EngineInfo, FileChange, Inspect, OpenApp, WriteFiles, Written

pytestmark = pytest.mark.usefixtures("tools")

GOOD = '@import "tailwindcss";\n'
LOOPS = GOOD + '@plugin "./loop.js";\n'


@pytest_asyncio.fixture
async def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engine]:
    monkeypatch.setattr(watchdog, "LOOK_SECONDS", 0.3)
    monkeypatch.setattr(watchdog, "STILL_SECONDS", 3.0)
    (tmp_path / "work").mkdir()
    made = Engine(tmp_path / "work")
    yield made
    await made.close()


@pytest_asyncio.fixture
async def client(engine: Engine) -> Client:
    return Client.of(engine)


async def opened(client: Client, name: str) -> AppInfo:
    info = await client.ask(OpenApp(folder=name, create=True), AppInfo)
    await client.follow(info.app, name)
    return info


def source(text: str) -> FileChange:
    return FileChange(path="src/App.tsx", content=f"export default () => <p>{text}</p>;")


async def write(client: Client, app: AppInfo, *files: FileChange) -> Written:
    return await client.ask(WriteFiles(app=app.app, files=list(files)), Written)


def loop(app: AppInfo) -> list[FileChange]:
    css = next(path for path in ("src/index.css", "src/styles.css") if (Path(app.folder) / path).is_file())
    folder = css.rpartition("/")[0]
    return [FileChange(path=f"{folder}/loop.js", content="while (true) {}"), FileChange(path=css, content=LOOPS)]


async def test_a_plugin_that_loops_ends_the_build_with_an_error_and_the_app_comes_back_when_it_is_mended(
    client: Client,
) -> None:
    app = await opened(client, "one")
    files = loop(app)
    with pytest.raises(EngineError, match=r"did not end .* such as tailwind\.config or a plugin"):
        await write(client, app, *files)
    shown = client.updates("one")[-1]
    assert [(problem.kind, problem.severity) for problem in shown.diagnostics] == [("config", "error")]
    mended = await write(client, app, FileChange(path=files[1].path, content=GOOD), source("mended"))
    assert mended.diagnostics == []
    update = await client.update(mended.seq, "one")
    assert "mended" in next(module.code for module in update.modules if module.id == "src/App.tsx")
    await write(client, app, source("and on"))


async def test_other_apps_go_on_while_one_makes_the_worker_stand_still_again_and_again(client: Client) -> None:
    bad, good = await opened(client, "bad"), await opened(client, "good")
    looping = asyncio.ensure_future(write(client, bad, *loop(bad)))
    await asyncio.sleep(0.3)
    # Asked while the worker stands still already.
    written = await write(client, good, source("during"))
    await client.update(written.seq, "good")
    with pytest.raises(EngineError):
        await looping
    for number in range(3):
        written = await write(client, good, source(f"after {number}"))
        assert (await client.update(written.seq, "good")).diagnostics == []
    with pytest.raises(EngineError):
        await write(client, bad, source("still looping"))
    assert (await write(client, good, source("last"))).diagnostics == []


async def test_a_worker_that_the_machine_stopped_is_replaced_and_the_edit_is_not_lost(client: Client) -> None:
    app = await opened(client, "stopped")
    pid = (await client.ask(Inspect(), EngineInfo)).worker_pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    written = await write(client, app, source("not lost"))
    assert (await client.update(written.seq, "stopped")).diagnostics == []
    assert (await client.ask(Inspect(), EngineInfo)).worker_pid != pid


async def test_a_build_that_waits_for_ever_ends_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    app = await opened(client, "waiting")
    monkeypatch.setattr(watchdog, "CALL_SECONDS", 1.0)
    files = [FileChange(path=loop(app)[0].path, content="export default await new Promise(() => {});"), loop(app)[1]]
    with pytest.raises(EngineError, match="waits for ever"):
        await write(client, app, *files)
    # A new worker that builds all anew on a busy machine takes longer than that.
    monkeypatch.setattr(watchdog, "CALL_SECONDS", 180.0)
    mended = await write(client, app, FileChange(path=files[1].path, content=GOOD))
    assert mended.diagnostics == []
