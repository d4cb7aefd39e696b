from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
import pytest_asyncio

from overskill_nb.errors import Cancelled, EngineError
from overskill_nb.pipeline import worker as workers
from overskill_nb.pipeline.node import Node
from overskill_nb.pipeline.project import Project
from overskill_nb.pipeline.worker import MAX_RESTARTS, Ask, Worker, WorkerFault


async def nothing(_: Ask) -> None:
    pass


def gone(pid: int, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


@pytest_asyncio.fixture
async def worker(node: Node, tools: Path, tmp_path: Path) -> AsyncIterator[Worker]:
    made = Worker(node, tools, tmp_path / "bundles", nothing)
    yield made
    await made.close()


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts another program in the worker's place, to see what is made of its answers."""

    def use(source: str) -> None:
        (tmp_path / "worker.mjs").write_text(textwrap.dedent(source))
        monkeypatch.setattr(workers, "SCRIPT", tmp_path / "worker.mjs")

    return use


def bare_app(folder: Path, modules: int = 1) -> Path:
    """An app without packages, so that nothing needs installing."""
    (folder / "src").mkdir(parents=True)
    (folder / "index.html").write_text('<div id="root"></div><script type="module" src="/src/main.ts"></script>')
    names = [f"m{number}" for number in range(modules)]
    (folder / "src/main.ts").write_text("".join(f'import "./{name}";\n' for name in names))
    for name in names:
        (folder / f"src/{name}.ts").write_text(f"export const {name}: number = 1;\n" * 1 + "// filler\n" * 200)
    return folder


async def opened(worker: Worker, folder: Path) -> dict[str, Any]:
    raw = await worker.call("open", app="a", root=str(folder), modules=str(folder))
    return msgspec.json.decode(raw)


async def built(worker: Worker, **params: Any) -> dict[str, Any]:
    return msgspec.json.decode(await worker.call("build", **{"app": "a", "roots": [""], "files": [], **params}))


# ----------------------------------------------------------------------------------------------------------- calling


async def test_the_worker_starts_with_the_first_call_and_says_who_it_is(worker: Worker, node: Node) -> None:
    assert worker.pid is None
    hello = msgspec.json.decode(await worker.call("hello"))
    assert hello["pid"] == worker.pid
    assert hello["node"] == f"v{node.version}"
    assert worker.starts == 1


async def test_a_method_that_is_not_there_is_a_fault_and_the_worker_lives(worker: Worker) -> None:
    with pytest.raises(WorkerFault, match="nonsense"):
        await worker.call("nonsense")
    with pytest.raises(WorkerFault, match="is not open"):
        await built(worker)
    await worker.call("hello")
    assert worker.starts == 1


async def test_many_calls_at_once_get_each_its_own_answer(worker: Worker, tmp_path: Path) -> None:
    for number in range(6):
        folder = bare_app(tmp_path / f"app{number}", number + 1)
        await worker.call("open", app=f"app{number}", root=str(folder), modules=str(folder))
    calls = [worker.call("build", app=f"app{number}", roots=[""], files=[]) for number in range(6)]
    answers = [msgspec.json.decode(raw) for raw in await asyncio.gather(*calls)]
    assert [len(answer["modules"]) for answer in answers] == [number + 2 for number in range(6)]


async def test_large_messages_pass_whole_in_both_directions(worker: Worker, tmp_path: Path) -> None:
    await opened(worker, bare_app(tmp_path / "app"))
    text = 'ü🎉\\"\n' * 150_000
    files = [{"path": "src/m0.ts", "content": f"export const m0 = {json.dumps(text)};\n"}]
    answer = await built(worker, files=files)
    assert answer["diagnostics"] == []
    module = next(module for module in answer["modules"] if module["id"] == "src/m0.ts")
    assert len(module["code"]) > len(text)


async def test_options_of_the_users_node_do_not_reach_the_worker(
    node: Node, tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODE_OPTIONS", "--require /no/such/file.js")
    worker = Worker(node, tools, tmp_path / "bundles", nothing)
    try:
        await worker.call("hello")
    finally:
        await worker.close()


async def test_a_worker_that_was_not_built_into_the_package_is_said_to_be_missing(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workers, "SCRIPT", tmp_path / "none.mjs")
    with pytest.raises(EngineError, match="without its JavaScript"):
        await worker.call("hello")


# -------------------------------------------------------------------------------------------------------- cancelling


async def test_a_call_that_is_cancelled_ends_at_once_and_the_worker_lives(worker: Worker, tmp_path: Path) -> None:
    for number in range(20):
        await opened(worker, bare_app(tmp_path / f"app{number}", 400))
        call = asyncio.create_task(built(worker))
        await asyncio.sleep(0.01)
        # False where it has ended, as this process had no turn for long enough.
        if call.cancel():
            break
    with pytest.raises(asyncio.CancelledError):
        await call
    # What the cancelled call was to compile is compiled by the next.
    await built(worker)
    snapshot = msgspec.json.decode(await worker.call("snapshot", app="a"))
    assert len(snapshot["modules"]) == 402  # with main.ts and the environment
    assert worker.starts == 1


async def test_an_answer_that_says_cancelled_is_raised_as_that(worker: Worker, script: Any) -> None:
    script(ANSWER.replace("RESULT", '{ id: request.id, error: { message: "cancelled" } }'))
    with pytest.raises(Cancelled):
        await worker.call("hello")


# Reads frames as the worker does and answers each with RESULT.
ANSWER = """
let data = Buffer.alloc(0);
process.stdin.on("data", (more) => {
  data = Buffer.concat([data, more]);
  while (data.length >= 4 && data.length >= 4 + data.readUInt32LE(0)) {
    const request = JSON.parse(data.toString("utf8", 4, 4 + data.readUInt32LE(0)));
    data = data.subarray(4 + data.readUInt32LE(0));
    const json = Buffer.from(JSON.stringify(RESULT));
    const size = Buffer.alloc(4);
    size.writeUInt32LE(json.length);
    process.stdout.write(Buffer.concat([size, json]));
  }
});
process.stdin.on("end", () => process.exit(0));
"""


# ------------------------------------------------------------------------------------------------------------- dying


async def test_a_worker_killed_in_the_middle_of_a_call_is_started_again_and_answers(
    node: Node, tools: Path, tmp_path: Path
) -> None:
    folder = bare_app(tmp_path / "app")
    told: list[int] = []

    async def tell(ask: Ask) -> None:
        told.append(1)
        await ask("open", {"app": "a", "root": str(folder), "modules": str(folder)})

    worker = Worker(node, tools, tmp_path / "bundles", tell)
    try:
        await worker.call("hello")
        first = worker.pid
        assert first
        for number in range(20):
            folder = bare_app(tmp_path / f"app{number}", 400)
            await opened(worker, folder)
            call = asyncio.create_task(built(worker))
            await asyncio.sleep(0.01)
            os.kill(first, signal.SIGSTOP)
            await asyncio.sleep(0.1)
            if not call.done():
                break
            os.kill(first, signal.SIGCONT)
        os.kill(first, signal.SIGKILL)
        assert len((await call)["modules"]) == 401
        assert worker.pid != first
        assert worker.starts == 2
        assert len(told) == 2
    finally:
        await worker.close()


async def test_calls_that_were_waiting_are_all_asked_again_and_one_worker_is_started(worker: Worker) -> None:
    await worker.call("hello")
    assert worker.pid
    os.kill(worker.pid, signal.SIGSTOP)
    calls = [asyncio.create_task(worker.call("hello")) for _ in range(20)]
    await asyncio.sleep(0)
    os.kill(worker.pid, signal.SIGKILL)
    answers = {msgspec.json.decode(raw)["pid"] for raw in await asyncio.gather(*calls)}
    assert worker.pid in answers
    assert worker.starts == 2


async def test_a_call_that_kills_every_worker_is_given_up_with_its_last_words(worker: Worker, script: Any) -> None:
    script('process.stdin.once("data", () => { console.error("out of luck"); process.exitCode = 9; process.exit(); });')
    with pytest.raises(EngineError, match=rf"died {MAX_RESTARTS} times on 'hello' and was given up: out of luck"):
        await worker.call("hello")
    assert worker.starts == MAX_RESTARTS


@pytest.mark.parametrize(
    "bytes_", ["[255, 255, 255, 255, 1, 2]", "[2, 0, 0, 0, 123, 33]", "[5, 0, 0, 0, 91, 93]", "[1]"]
)
async def test_a_worker_that_speaks_nonsense_is_ended_not_waited_for(worker: Worker, script: Any, bytes_: str) -> None:
    script(f"""
        import {{ writeSync }} from "node:fs";
        process.stdin.once("data", () => {{
          writeSync(1, Buffer.from({bytes_}));
          setTimeout(() => process.exit(), 300);
        }});
    """)
    with pytest.raises(EngineError, match="was given up"):
        await asyncio.wait_for(worker.call("hello"), 90)
    assert worker.pid is None


async def test_a_worker_that_cannot_even_start_is_given_up(worker: Worker, script: Any) -> None:
    script("throw new Error('no way')")
    with pytest.raises(EngineError, match="was given up"):
        await asyncio.wait_for(worker.call("hello"), 90)


# ----------------------------------------------------------------------------------------------------------- closing


async def test_closing_ends_the_process_and_later_calls_say_so(worker: Worker) -> None:
    await worker.call("hello")
    pid = worker.pid
    assert pid
    await worker.close()
    assert gone(pid, 0.1)
    with pytest.raises(EngineError, match="closed"):
        await worker.call("hello")


async def test_closing_does_not_wait_for_a_worker_that_hangs(worker: Worker, script: Any) -> None:
    script('process.stdin.on("data", () => { for (;;); });')
    call = asyncio.create_task(worker.call("hello"))
    while worker.pid is None:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    pid = worker.pid
    await asyncio.wait_for(worker.close(), 60)
    assert gone(pid, 0.1)
    with pytest.raises(EngineError):
        await call


async def test_closing_twice_or_before_the_start_is_fine(worker: Worker) -> None:
    await worker.close()
    await worker.close()


def test_a_worker_does_not_outlive_a_python_process_that_is_killed(cache: Path, tools: Path, tmp_path: Path) -> None:
    Project.create(tmp_path / "tips")
    program = """
import asyncio, sys, time
from pathlib import Path
from overskill_nb.pipeline import Engine
from overskill_nb.protocol import Inspect, OpenApp, Prepare

async def main():
    engine = Engine(Path(sys.argv[1]))
    app = await engine.handle(OpenApp(folder="tips"))
    await engine.handle(Prepare(app=app.app))
    print((await engine.handle(Inspect())).worker_pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout
        pid = int(process.stdout.readline())
        children = psutil.Process(pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert gone(pid)
    assert all(gone(child.pid) for child in children)


async def test_no_token_is_in_its_environment(
    node: Node, tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CLOUDFLARE_API_TOKEN", "OVERSKILL_NB_TOKEN", "NODE_OPTIONS", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "--title=canary")
    made = Worker(node, tools, tmp_path / "bundles", nothing)
    try:
        await made.call("hello")
        assert "canary" not in "".join(psutil.Process(made.pid).environ().values())
        assert "PATH" in psutil.Process(made.pid).environ()
    finally:
        await made.close()
