"""A build that takes too much is ended, with all that it started, and the next one works."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import psutil
import pytest

from overskill_nb.errors import BuildError
from overskill_nb.pipeline.production.builder import Limits

from .conftest import Bench, Make

MIB = 2**20


def family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def alive(processes: list[psutil.Process]) -> list[int]:
    psutil.wait_procs(processes, timeout=5)
    return [p.pid for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def looping(bench: Bench) -> dict[str, str | bytes]:
    """Sources whose build does not end, and says when it is there."""
    return {
        "src/main.tsx": 'import "./a.css";',
        "src/a.css": '@import "tailwindcss"; @plugin "./loop.js";',
        "src/loop.js": f'require("node:fs").writeFileSync({str(bench.root / "here")!r}, ""); for (;;);',
    }


async def started(bench: Bench) -> None:
    while not (bench.root / "here").exists():
        await asyncio.sleep(0.02)


async def test_a_build_without_end_is_stopped_in_a_sentence(make: Make) -> None:
    bench = make(limits=Limits(seconds=3))
    await bench.build()
    processes = family(bench.production.pids[0])
    assert len(processes) > 1
    with pytest.raises(BuildError, match="took longer than 3 seconds and was stopped"):
        await bench.build(looping(bench))
    assert not alive(processes)
    assert (await bench.build({"src/loop.js": "module.exports = () => {};"})).id


async def test_a_source_nested_too_deeply_ends_in_a_sentence(make: Make) -> None:
    bench = make(limits=Limits(bytes=400 * MIB))
    deep = "export default " + "[" * 1_000_000 + "]" * 1_000_000
    told = await bench.refused({"src/App.tsx": 'import x from "./deep"; export default x;', "src/deep.ts": deep})
    assert "of memory and was stopped" in told or "src/deep.ts" in told
    assert (await bench.build({"src/deep.ts": "export default 1;"})).id


async def test_memory_that_grows_is_noticed_wherever_it_is(make: Make) -> None:
    bench = make(limits=Limits(bytes=300 * MIB))
    grow = "const kept = []; for (;;) kept.push(Buffer.alloc(1 << 20, 1));"
    with pytest.raises(BuildError, match="MiB of memory and was stopped"):
        await bench.build({**looping(bench), "src/loop.js": grow})
    assert not bench.production.pids


async def test_a_build_that_hangs_keeps_no_other_app_from_being_built(make: Make) -> None:
    bench = make(limits=Limits(seconds=20))
    hanging = asyncio.create_task(bench.build(looping(bench)))
    await asyncio.wait_for(started(bench), 30)
    other = await asyncio.wait_for(bench.build(root=bench.root.parent / "other"), 15)
    assert other.id
    assert not hanging.done()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging


async def test_a_build_that_is_nearly_over_when_it_is_cancelled_leaves_the_builder_as_it_is(bench: Bench) -> None:
    await bench.build()
    (pid,) = bench.production.pids
    build = asyncio.create_task(bench.build({"src/App.tsx": "export default () => <p>other</p>;"}))
    await asyncio.sleep(0)
    build.cancel()
    with pytest.raises(asyncio.CancelledError):
        await build
    assert (await bench.build()).id
    assert bench.production.pids == [pid]


async def test_cancelling_ends_the_whole_group(bench: Bench) -> None:
    build = asyncio.create_task(bench.build(looping(bench)))
    await asyncio.wait_for(started(bench), 30)
    processes = family(bench.production.pids[0])
    build.cancel()
    with pytest.raises(asyncio.CancelledError):
        await build
    assert not alive(processes)
    assert (await bench.build({"src/loop.js": "module.exports = () => {};"})).id


async def test_builds_wait_for_each_other_and_all_are_made(make: Make) -> None:
    bench = make()
    roots = [bench.root.parent / f"app{i}" for i in range(5)]
    made = await asyncio.gather(
        *(bench.build({"src/App.tsx": f"export default () => <p>{i}</p>;"}, root=root) for i, root in enumerate(roots))
    )
    assert len({artefact.id for artefact in made}) == 5


async def test_a_builder_that_is_killed_is_started_again(bench: Bench) -> None:
    first = await bench.build()
    os.kill(bench.production.pids[0], 9)
    assert (await bench.build()).id == first.id


async def test_ten_thousand_files_are_built(bench: Bench) -> None:
    files: dict[str, str | bytes] = {f"src/m/{i}.ts": f"export const v{i} = {i};" for i in range(10_000)}
    files["src/App.tsx"] = "\n".join(f'import {{ v{i} }} from "./m/{i}";' for i in range(10_000)) + (
        f"\nexport default () => <p>{{{' + '.join(f'v{i}' for i in range(10_000))}}}</p>;"
    )
    artefact = await bench.build(files)
    assert len(artefact.files) < 10


async def test_closing_leaves_no_process(make: Make, tmp_path: Path) -> None:
    bench = make()
    await bench.build()
    processes = family(bench.production.pids[0])
    await bench.production.close()
    assert not alive(processes)
