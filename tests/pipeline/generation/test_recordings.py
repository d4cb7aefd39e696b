from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from scripted_model import Say, ScriptedModel

from overskill_nb.errors import GenerationError
from overskill_nb.pipeline import Engine
from overskill_nb.pipeline.generation import recordings
from overskill_nb.protocol_generation import AskModel, GenerateComponent, UndoGeneration

CARD = "src/components/Card.tsx"
ROOT = Path(__file__).resolve().parents[3]


def code(name: str, text: str) -> str:
    return f'export default function {name}() {{\n  return <p className="p-2">{text}</p>;\n}}\n'


def fenced(name: str, text: str) -> str:
    return f"```tsx\n{code(name, text)}```"


@pytest.fixture
def recording(tmp_path: Path) -> str:
    return str(tmp_path / "recordings" / "shop.yaml")


async def test_what_was_recorded_answers_in_place_of_the_model(
    engine: Engine, app: str, root: Path, finish: Any, wire: Any, recording: str
) -> None:
    async with ScriptedModel(Say("```tsx\nhalf"), Say(fenced("Card", "One"))).running() as server:
        request = GenerateComponent(
            app=app, name="Card", prompt="A card", model=wire(server, "openai", "qwen-1.5b"), recording=recording
        )
        first = await finish(request)
        assert (first.status, first.replayed) == ("kept", False), first.error
        await engine.handle(UndoGeneration(app=app, generation=first.id))
        asked = len(server.requests)
        again = await finish(request)
        assert len(server.requests) == asked
    assert (again.status, again.replayed) == ("kept", True), again.error
    for name in ("files", "diff", "attempts", "cost", "answer", "model"):
        assert getattr(again, name) == getattr(first, name)
    assert (root / "src/components/Card.tsx").read_text() == code("Card", "One")


async def test_blanks_make_no_difference_and_words_do(
    engine: Engine, app: str, finish: Any, wire: Any, recording: str
) -> None:
    async with ScriptedModel(Say(fenced("Card", "One"))).running() as server:
        model = wire(server, "small")
        ask = lambda prompt, **more: GenerateComponent(  # noqa: E731
            app=app, name="Card", prompt=prompt, model=model, recording=recording, keep=False, **more
        )
        await finish(ask("A card\nwith a title"))
        assert (await finish(ask("  A card  \r\nwith a title\n", mode="replay"))).replayed
        missed = await finish(ask("A card\nwith two titles", mode="replay"))
        assert len(server.requests) == 1
    assert missed.error_kind == "RecordingMissing"
    assert "the prompt differs (recorded 'A card\\nwith a title', now 'A card\\nwith two titles')" in missed.error
    assert "OVERSKILL_MODE=record jupyter execute --inplace shop.ipynb" in missed.error


async def test_a_changed_file_and_another_model_are_named(
    engine: Engine, app: str, root: Path, finish: Any, wire: Any, recording: str
) -> None:
    (root / "src/note.ts").write_text("export const a = 1;\n")
    async with ScriptedModel(Say(fenced("Card", "One"))).running() as server:
        request = GenerateComponent(
            app=app,
            name="Card",
            prompt="A card",
            model=wire(server, "small"),
            recording=recording,
            context=["src/note.ts"],
            keep=False,
        )
        await finish(request)
        (root / "src/note.ts").write_text("export const a = 2;\n")
        import msgspec

        missed = await finish(msgspec.structs.replace(request, mode="replay", model="ollama:other"))
    assert "not ollama:other" in missed.error
    assert "src/note.ts changed" in missed.error


async def test_record_asks_again_and_live_leaves_no_trace(
    engine: Engine, app: str, finish: Any, wire: Any, recording: str
) -> None:
    async with ScriptedModel(Say(fenced("Card", "One")), Say(fenced("Card", "Two"))).running() as server:
        model = wire(server, "small")
        ask = lambda mode: GenerateComponent(  # noqa: E731
            app=app, name="Card", prompt="A card", model=model, recording=recording, keep=False, mode=mode
        )
        await finish(ask("live"))
        assert not Path(recording).exists()
        await finish(ask("record"))
        text = Path(recording).read_text()
        await finish(ask("record"))
        assert len(server.requests) == 3
    assert Path(recording).read_text().replace("seconds", "")[:200] == text.replace("seconds", "")[:200]


async def test_a_recording_is_readable_and_holds_no_secret(
    engine: Engine, app: str, root: Path, finish: Any, wire: Any, recording: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_API_KEY", "very-secret-value-1234")
    said = f"See {root}/src and very-secret-value-1234 and sk-abcdefghijklmnopqrstuvwx.\n{fenced('Card', 'One')}"
    async with ScriptedModel(Say(said)).running() as server:
        done = await finish(
            GenerateComponent(app=app, name="Card", prompt="A card", model=wire(server, "small"), recording=recording)
        )
    assert done.status == "kept", done.error
    text = Path(recording).read_text("utf-8")
    assert "very-secret" not in text
    assert "sk-abc" not in text
    assert str(root) not in text
    assert str(Path.home()) not in text.replace(server.url, "")
    assert "      src/components/Card.tsx: |\n        export default function Card() {\n" in text
    entry = next(iter(yaml.safe_load(text)["recordings"].values()))
    assert list(entry) == [
        *["task", "name", "model", "named", "prompt", "answer", "attempts", "files", "cost"],
    ]


async def test_two_branches_merge(engine: Engine, app: str, finish: Any, wire: Any, tmp_path: Path) -> None:
    async with ScriptedModel(Say(fenced("A", "1")), Say(fenced("B", "2")), Say(fenced("C", "3"))).running() as server:
        model = wire(server, "small")

        async def record(name: str, file: Path) -> None:
            request = GenerateComponent(app=app, name=name, prompt=f"A {name}", model=model, recording=str(file))
            assert (await finish(request)).status == "kept"

        base, ours, theirs = (tmp_path / f"{name}.yaml" for name in ("base", "ours", "theirs"))
        await record("A", base)
        ours.write_text(base.read_text())
        theirs.write_text(base.read_text())
        await record("B", ours)
        await record("C", theirs)
    from merge3 import Merge3

    texts = [file.read_text().splitlines(keepends=True)[1:] for file in (base, ours, theirs)]
    merged = "".join(Merge3(*texts).merge_lines())
    keys = [key for file in (ours, theirs) for key in yaml.safe_load(file.read_text())["recordings"]]
    if "<<<<" not in merged:
        assert set(yaml.safe_load(merged)["recordings"]) == set(keys)
    assert keys == sorted(keys[:2]) + sorted(keys[2:])


async def test_questions_are_recorded_too(app: str, finish: Any, wire: Any, recording: str) -> None:
    async with ScriptedModel(Say("Because of line 3.")).running() as server:
        request = AskModel(app=app, question="Why?", model=wire(server, "small"), recording=recording)
        first, again = await finish(request), await finish(request)
    assert (first.answer, first.status) == ("Because of line 3.", "answered")
    assert (again.answer, again.replayed) == (first.answer, True)


@pytest.mark.parametrize("text", ["a: [", "version: 99\nrecordings: {}\n", "- 1\n", "<<<<<<< ours\n"])
async def test_a_damaged_recording_is_named(app: str, finish: Any, recording: str, text: str) -> None:
    Path(recording).parent.mkdir()
    Path(recording).write_text(text)
    done = await finish(
        GenerateComponent(app=app, name="Card", prompt="A card", model="ollama:x", recording=recording, mode="replay")
    )
    assert done.error_kind == "GenerationError"
    assert "'shop.yaml'" in done.error


def test_modes() -> None:
    assert recordings.mode(None, {}) == "auto"
    assert recordings.mode(None, {"OVERSKILL_MODE": " Replay "}) == "replay"
    assert recordings.mode("live", {"OVERSKILL_MODE": "replay"}) == "live"
    with pytest.raises(GenerationError, match="'twice' is no mode"):
        recordings.mode(None, {"OVERSKILL_MODE": "twice"})


REPLAY = """
import asyncio, socket, sys, time
from pathlib import Path

class Cut(socket.socket):
    def connect(self, *_): raise AssertionError("a replay opened a socket")
    connect_ex = sendto = connect
async def main(work, recording):
    from overskill_nb.pipeline import Engine
    from overskill_nb.protocol import OpenApp
    from overskill_nb.protocol_generation import GenerateComponent, GetGeneration
    engine = Engine(Path(work))
    app = (await engine.handle(OpenApp(folder="shop", create=True))).app
    began = time.perf_counter()
    for n in range(10):
        request = GenerateComponent(app=app, name=f"Card{n}", prompt=f"Card {n}", recording=recording, mode="replay")
        info = await engine.handle(request)
        while info.generation.status == "running":
            wait = GetGeneration(app=app, generation=info.generation.id, seen=info.seen, seconds=5)
            info = await engine.handle(wait)
        assert info.generation.status == "kept", info.generation.error
        assert info.generation.replayed
    took = time.perf_counter() - began
    await engine.close()
    loaded = [name for name in ("pydantic", "pydantic_ai", "openai", "anthropic") if name in sys.modules]
    print(loaded, took)
socket.socket = Cut
socket.create_connection = socket.getaddrinfo = Cut.connect
asyncio.run(main(*sys.argv[1:]))
"""


async def test_ten_generations_replay_in_two_seconds_without_a_network(
    app: str, root: Path, finish: Any, wire: Any, recording: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ScriptedModel(*[Say(fenced(f"Card{n}", str(n))) for n in range(10)]).running() as server:
        monkeypatch.setenv("OVERSKILL_MODEL", wire(server, "small"))
        for n in range(10):
            request = GenerateComponent(app=app, name=f"Card{n}", prompt=f"Card {n}", recording=recording)
            assert (await finish(request)).status == "kept"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OVERSKILL_MODEL", "OPENAI", "ANTHROPIC"))}
    times: list[float] = []
    # The machine may be busy: what it takes at best is what it takes.
    for attempt in range(8):
        work = tmp_path / f"elsewhere{attempt}"
        work.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(REPLAY), str(work), recording],
            env={**environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=40,
        )
        assert done.returncode == 0, done.stderr
        loaded, took = done.stdout.strip().rsplit(" ", 1)
        assert loaded == "[]"
        for n in range(10):
            path = f"src/components/Card{n}.tsx"
            assert (work / "shop" / path).read_bytes() == (root / path).read_bytes()
        times.append(float(took))
        if times[-1] <= 2:
            break
    assert min(times) <= 2, times


# ------------------------------------------------------------------------------------------------ running it again


async def test_a_notebook_that_runs_again_finds_what_its_last_run_left(
    app: str, root: Path, tmp_path: Path, finish: Any, wire: Any
) -> None:
    file = str(tmp_path / "recordings/again.yaml")
    first, second = code("Card", "One"), code("Card", "Two")
    async with ScriptedModel(Say(f"```tsx\n{first}```"), Say(f"```tsx\n{second}```")).running() as server:
        model = wire(server, "small")

        async def both(mode: Any) -> list[Any]:
            return [
                await finish(
                    GenerateComponent(app=app, name="Card", prompt=prompt, model=model, mode=mode, recording=file)
                )
                for prompt in ("A card", "Say Two")
            ]

        recorded = await both("auto")
        assert [one.replayed for one in recorded] == [False, False]
        for mode in ("auto", "replay"):
            again = await both(mode)
            assert [one.replayed for one in again] == [True, True]
            assert (root / CARD).read_text() == second
        assert len(server.requests) == 2


async def test_a_file_that_a_person_changed_is_another_request(
    app: str, root: Path, tmp_path: Path, finish: Any, wire: Any
) -> None:
    file = str(tmp_path / "recordings/again.yaml")
    async with ScriptedModel(Say(fenced("Card", "One"))).running() as server:
        request = GenerateComponent(app=app, name="Card", prompt="A card", model=wire(server, "small"))
        request = msgspec.structs.replace(request, recording=file)
        await finish(request)
        (root / CARD).write_text(code("Card", "Mine"))
        done = await finish(msgspec.structs.replace(request, mode="replay"))
        assert done.error_kind == "RecordingMissing"
        assert "Card.tsx" in done.error


async def test_a_file_that_was_not_there_changes_no_answer_in_a_replay(
    app: str, root: Path, tmp_path: Path, finish: Any, wire: Any
) -> None:
    file = str(tmp_path / "recordings/again.yaml")
    async with ScriptedModel(Say("In App.tsx.")).running() as server:
        request = AskModel(app=app, question="Where is it?", model=wire(server, "small"), recording=file)
        await finish(request)
        (root / "src/other.ts").write_text("export const other = 1;\n")
        assert (await finish(msgspec.structs.replace(request, mode="replay"))).answer == "In App.tsx."
        assert not (await finish(request)).replayed
        assert len(server.requests) == 2
