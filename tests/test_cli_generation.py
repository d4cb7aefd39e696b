"""Generating from the command line, with an engine in this process and a server that answers as a model does."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scripted_model import Say, ScriptedModel, models

from overskill_nb import config, session
from overskill_nb.cli import main
from overskill_nb.cli.generation import _money
from overskill_nb.pipeline.project import Project

pytestmark = pytest.mark.usefixtures("tools")

CARD = "export default function Card() {\n  return <p>One card</p>;\n}\n"
BROKEN = "export default function Card() {\n  return <p>{nothing.at.all}</p>;\n}\n"
PATH = "src/components/Card.tsx"


def fenced(code: str) -> Say:
    return Say(f"```tsx\n{code}```\n")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An app's, in which the commands are given."""
    root = Project.create(tmp_path / "tips").root
    monkeypatch.chdir(root)
    monkeypatch.setenv(config.ENGINE, "kernel")
    for name in (*config.MODEL_ENVIRONMENT, config.MODE, config.NOTEBOOK, config.WORKSPACE):
        monkeypatch.delenv(name, raising=False)
    yield root
    session.close()
    monkeypatch.delenv(config.WORKSPACE, raising=False)


Scripted = Callable[..., ScriptedModel]


@pytest.fixture
def model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """Starts a server with a script; it is the model that the environment names."""
    with models(lambda name: monkeypatch.setenv(config.MODEL, name)) as start:
        yield start


Out = Callable[[], tuple[str, list[str]]]


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Out:
    """What was printed: the output, and the lines beside it."""

    def read() -> tuple[str, list[str]]:
        captured = capsys.readouterr()
        return captured.out, captured.err.splitlines()

    return read


def use_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the output of this test a terminal."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)


def test_what_is_piped_is_the_difference(model: Scripted, folder: Path, out: Out) -> None:
    model(fenced(CARD))
    assert main(["generate", "Card", "A card."]) == 0
    diff, aside = out()
    assert diff.splitlines() == [
        "--- /dev/null",
        f"+++ b/{PATH}",
        "@@ -0,0 +1,3 @@",
        *(f"+{x}" for x in CARD.splitlines()),
    ]
    assert aside[0] == f"overskill: kept {PATH}"
    assert aside[1].startswith("overskill: 1 attempt, ")
    assert " tokens, " in aside[1]
    assert (folder / PATH).read_text() == CARD


def test_a_terminal_shows_the_code_as_it_comes_and_no_more_than_text(
    model: Scripted, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_terminal(monkeypatch)
    card = CARD.replace("One", "\x1b]0;owned\x07One")
    model(fenced(BROKEN), fenced(card))
    assert main(["generate", "Card", "A card."]) == 0
    said, _ = out()
    lines = said.splitlines()
    assert lines.index("attempt 1 failed") < lines.index("attempt 2 passed") < lines.index(f"+++ b/{PATH}")
    assert "  ReferenceError: nothing is not defined" in lines
    assert lines.index("export default function Card() {") < lines.index("attempt 1 failed")
    assert "\x1b" not in said
    assert "\x07" not in said


def test_what_is_proposed_is_a_patch(model: Scripted, folder: Path, out: Out) -> None:
    model(fenced(CARD))
    assert main(["generate", "Card", "A card.", "--no-keep"]) == 0
    diff, aside = out()
    assert aside[0] == f"overskill: proposed {PATH}; nothing was written"
    assert not (folder / PATH).exists()
    subprocess.run(["git", "apply", "-"], input=diff, cwd=folder, check=True, text=True)
    assert (folder / PATH).read_text() == CARD


def test_where_nothing_passes_it_is_exit_status_1_and_files_as_before(model: Scripted, folder: Path, out: Out) -> None:
    server = model(fenced(BROKEN))
    assert main(["generate", "Card", "A card.", "--attempts", "2"]) == 1
    said, aside = out()
    assert said == ""
    assert "nothing is not defined" in aside[0]
    assert aside[1].startswith("overskill: 2 attempts, ")
    assert len(server.requests) == 2
    assert not (folder / PATH).exists()


def test_json_is_all_that_is_printed(model: Scripted, out: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    model(fenced(CARD))
    monkeypatch.setattr("sys.stdin", io.StringIO("A card.\n"))
    assert main(["generate", "Card", "-", "--json"]) == 0
    said, aside = out()
    data = json.loads(said)
    assert (data["status"], data["prompt"], data["files"][0]["after"]) == ("kept", "A card.", CARD)
    assert aside == []


def test_files_are_context_and_the_app_may_be_elsewhere(
    model: Scripted, folder: Path, out: Out, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = model(Say("It is a card."))
    (tmp_path / "NOTES").write_text("Cards are yellow.")
    monkeypatch.chdir(tmp_path)
    command = ["ask", "What is it?", "--app", "tips", "--context", "src/App.tsx", "--context", "NOTES"]
    assert main(command) == 0
    said, aside = out()
    assert said == "It is a card.\n"
    assert aside[0] == "overskill: answered"
    asked = json.dumps(server.requests)
    assert "Cards are yellow." in asked
    assert "src/App.tsx" in asked
    assert main([*command, "--context", "nowhere.md"]) == 1
    assert "There is no file 'nowhere.md'" in out()[1][0]


def test_an_answer_is_printed_once(model: Scripted, out: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    use_terminal(monkeypatch)
    model(Say("It is a card."))
    assert main(["ask", "What is it?"]) == 0
    assert out()[0] == "It is a card.\n"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("export default function App() {\n  return <p>{nothing}</p>;\n}\n", "nothing is not defined"),
        ("export default function App() {\n  return <p>;\n}\n", ""),
    ],
    ids=["it throws", "it does not compile"],
)
def test_errors_are_fixed(model: Scripted, folder: Path, out: Out, source: str, told: str) -> None:
    right = "export default function App() {\n  return <p>Fine</p>;\n}\n"
    file = folder / "src/App.tsx"
    file.write_text(source)
    server = model(Say(f"src/App.tsx\n```tsx\n{right}```\n"))
    assert main(["fix"]) == 0, out()
    assert file.read_text() == right
    assert told in json.dumps(server.requests[0])
    out()
    assert main(["fix"]) == 1
    assert "There is nothing to fix" in out()[1][0]


def test_no_model_is_one_sentence(folder: Path, out: Out) -> None:
    assert main(["generate", "Card", "A card."]) == 1
    assert "model" in out()[1][0]
    assert main(["generate", "card", "A card."]) == 1
    assert "cannot be a component's name" in out()[1][0]
    assert main(["generate", "Card", " "]) == 1
    assert "The prompt is empty" in out()[1][0]
    assert main(["ask", "What?", "--app", "nowhere"]) == 1
    assert "There is no folder" in out()[1][0]


def test_ctrl_c_stops_at_once(model: Scripted, folder: Path, out: Out) -> None:
    server = model(Say(CARD, endless=True, pause=0.01))
    pressed: list[float] = []

    def press() -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and not server.requests:
            time.sleep(0.01)
        time.sleep(0.2)
        pressed.append(time.monotonic())
        main_thread = threading.main_thread().ident
        assert main_thread is not None
        signal.pthread_kill(main_thread, signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    assert main(["generate", "Card", "A card."]) == 130
    assert time.monotonic() - pressed[0] < 3
    thread.join()
    assert out()[1][0] == "overskill: stopped; the files are as they were"
    assert not (folder / PATH).exists()


@pytest.mark.parametrize(
    ("dollars", "said"), [(0, "$0.00"), (0.000012, "$0.000012"), (0.0123, "$0.012"), (0.5, "$0.50"), (12.345, "$12.35")]
)
def test_money(dollars: float, said: str) -> None:
    assert _money(dollars) == said
