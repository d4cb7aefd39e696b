"""Generating from Python and from cells, with an engine in this process and a server that answers as a model does."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from scripted_model import Say, ScriptedModel, models

import overskill_nb as ov
from overskill_nb import config, generating, notebook, session
from overskill_nb.widgets import bundle

pytestmark = [
    pytest.mark.usefixtures("tools"),
    pytest.mark.skipif(not bundle.LOADER.is_file(), reason="run `node build.mjs` in js/ first"),
]

CARD = "export default function Card() {\n  return <p>One card</p>;\n}\n"
OTHER = "export default function Card() {\n  return <p>Other card</p>;\n}\n"
BROKEN = "export default function Card() {\n  return <p>{nothing.at.all}</p>;\n}\n"


def fenced(code: str) -> Say:
    return Say(f"```tsx\n{code}```\n")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The notebook's folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(config.ENGINE, "kernel")
    for name in (*config.MODEL_ENVIRONMENT, config.MODE, config.NOTEBOOK):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ov.App, "current", None)
    yield tmp_path
    session.close()


@pytest.fixture
def app() -> ov.App:
    return ov.App("shop")


Scripted = Callable[..., ScriptedModel]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """Starts a server with a script; it is the model that the environment names."""
    with models(lambda name: monkeypatch.setenv(config.MODEL, name)) as start:
        yield start


def test_a_component_is_written_and_can_be_taken_back(app: ov.App, model: Scripted) -> None:
    model(fenced(CARD))
    made = app.generate("A card.", "Card")
    assert made.status == "kept"
    assert app.read("src/components/Card.tsx") == CARD
    assert "+  return <p>One card</p>;" in repr(made.diff)
    assert made.diff[0].status == "added"
    assert made.files == {"src/components/Card.tsx": CARD}
    assert made.attempts[0].passed
    assert made.cost.output_tokens > 0
    assert repr(made) == "Generation(Card: kept)"
    made.undo()
    assert made.status == "undone"
    assert "src/components/Card.tsx" not in app.files


def test_the_transcript_reads_as_what_happened(app: ov.App, model: Scripted) -> None:
    model(fenced(BROKEN), fenced(CARD))
    text = repr(app.generate("A card.", "Card").transcript)
    steps = ["> A card.", "Attempt 1", "nothing.at.all", "Failed.", "Attempt 2", "One card", "Passed.", "kept"]
    places = [text.find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)


def test_what_fails_leaves_the_files_and_says_why(app: ov.App, model: Scripted) -> None:
    model(fenced(BROKEN))
    before = dict(app.files)
    with pytest.raises(ov.GenerationError, match="nothing is not defined") as caught:
        app.generate("A card.", "Card", attempts=2)
    assert dict(app.files) == before
    assert any("nothing is not defined" in found.message for found in caught.value.diagnostics)


def test_a_proposal_is_written_when_it_is_kept(app: ov.App, model: Scripted) -> None:
    model(fenced(CARD))
    made = app.generate("A card.", "Card", keep=False)
    assert made.status == "proposed"
    assert "src/components/Card.tsx" not in app.files
    assert made.keep().status == "kept"
    assert app.read("src/components/Card.tsx") == CARD


def test_trying_again_takes_the_first_answer_back(app: ov.App, model: Scripted) -> None:
    model(fenced(CARD), fenced(OTHER))
    first = app.generate("A card.", "Card")
    second = first.retry()
    assert first.status == "undone"
    assert second.diff[0].status == "added"
    assert app.read("src/components/Card.tsx") == OTHER


def test_an_interrupted_cell_stops_the_model_and_keeps_the_files(app: ov.App, model: Scripted) -> None:
    server = model(Say("```tsx\n" + "// on and on\n" * 400, pause=0.05))
    import _thread

    threading.Timer(1.0, _thread.interrupt_main).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        app.generate("A card.", "Card")
    assert time.monotonic() - began < 2.5
    assert "src/components/Card.tsx" not in app.files
    deadline = time.monotonic() + 5
    while server.connections and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.connections == 0


def test_a_question_is_answered_and_changes_nothing(app: ov.App, model: Scripted) -> None:
    server = model(Say("The toggle's state is never read."))
    before = dict(app.files)
    assert app.ask("Why does the toggle not work?").answer == "The toggle's state is never read."
    assert dict(app.files) == before
    assert "src/App.tsx" in str(server.requests[0])


def test_errors_of_the_sources_are_fixed(app: ov.App, model: Scripted) -> None:
    with pytest.raises(ov.BuildError):
        app.component("Card", "export default function Card() {\n  return <p>One card</p>\n", display=None)
    model(fenced(CARD))
    made = app.fix()
    assert made.status == "kept"
    assert app.read("src/components/Card.tsx") == CARD


def test_what_is_only_thrown_is_fixed_too(app: ov.App, model: Scripted) -> None:
    app.component("Card", BROKEN)
    model(fenced(CARD))
    assert app.fix().status == "kept"
    assert app.read("src/components/Card.tsx") == CARD


def test_nothing_to_fix_is_said(app: ov.App) -> None:
    with pytest.raises(ov.GenerationError, match="nothing to fix"):
        app.fix()


def test_variants_stand_beside_the_component_until_one_is_chosen(app: ov.App, model: Scripted) -> None:
    app.write("src/components/Card.tsx", CARD.replace("One", "First"))
    server = model(fenced(CARD), fenced(OTHER), fenced(BROKEN))
    made = app.variants("Say something else.", "Card", n=2)
    assert made.paths == ["src/components/CardVariant1.tsx", "src/components/CardVariant2.tsx"]
    assert [list(one.files.values()) for one in made] == [[CARD], [OTHER]]
    assert "First card" in str(server.requests[0])
    assert server.requests[0]["temperature"] < server.requests[1]["temperature"]
    assert "First card" in app.read("src/components/Card.tsx")
    made.choose(1)
    assert app.read("src/components/Card.tsx") == OTHER
    assert not [path for path in app.files if "Variant" in path]
    with pytest.raises(ov.GenerationError):
        made.choose(0)


def test_previews_of_variants_that_are_gone_are_no_errors(app: ov.App, model: Scripted) -> None:
    model(fenced(CARD), fenced(OTHER))
    made = app.variants("A card.", "Card", n=2)
    for path in made.paths:
        app.preview(path)
    made.choose(0)
    assert app.preview("Card").errors == []
    app.write("src/components/Card.tsx", OTHER)
    assert app.errors == []


def test_a_variant_that_fails_leaves_no_file(app: ov.App, model: Scripted) -> None:
    model(fenced(BROKEN))
    with pytest.raises(ov.GenerationError):
        app.variants("A card with a border.", n=2)
    assert not [path for path in app.files if "Variant" in path]


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A pricing card with three tiers", "PricingCard"),
        ("please make me a to-do list, that remembers", "ToDoList"),
        ("Stopwatch", "Stopwatch"),
    ],
)
def test_a_name_comes_from_the_first_words(prompt: str, name: str) -> None:
    assert generating.component_name(prompt) == name


def test_a_prompt_without_words_gives_no_name() -> None:
    with pytest.raises(ov.GenerationError):
        generating.component_name("… ?")


@pytest.mark.parametrize("prompt", ["", "   \n ", "x" * 1_000_001, None, 5])
def test_what_cannot_be_asked_is_refused(prompt: Any, app: ov.App, model: Scripted) -> None:
    server = model(fenced(CARD))
    with pytest.raises(ov.GenerationError):
        app.generate(prompt, "Card")
    assert server.requests == []


def test_without_a_model_it_says_how_to_name_one(app: ov.App) -> None:
    with pytest.raises(ov.ModelError, match="OVERSKILL_MODEL"):
        app.generate("A card.", "Card")


# ----------------------------------------------------------------------------------------------------------- context


def test_tables_files_and_values_go_along(app: ov.App, model: Scripted, folder: Path) -> None:
    pandas = pytest.importorskip("pandas")
    (folder / "notes.md").write_text("Prices are in euros.")
    app.write("src/lib/money.ts", "export const EURO = '€';\n")
    server = model(fenced(CARD))
    sales = pandas.DataFrame({"region": ["north", "south"] * 40, "sold": range(80)})
    context = {"sales": sales, "notes": "notes.md", "money": "src/lib/money.ts", "limits": {"most": 5}}
    app.generate("A card.", "Card", context=context)
    sent = str(server.requests[0])
    for text in ("80 rows", "region (", "sold (int64)", "south", "Prices are in euros.", "EURO", "most"):
        assert text in sent
    assert sent.count("north") < 10


def test_a_file_that_is_not_there_is_named(app: ov.App, model: Scripted) -> None:
    model(fenced(CARD))
    with pytest.raises(ov.GenerationError, match=r"no file 'gone\.csv'"):
        app.generate("A card.", "Card", context="gone.csv")


def test_an_image_needs_a_model_that_sees(app: ov.App, model: Scripted, folder: Path) -> None:
    (folder / "sketch.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    model(fenced(CARD))
    with pytest.raises(ov.GenerationError, match="does not see images"):
        app.generate("A card.", "Card", context=folder / "sketch.png")


# ------------------------------------------------------------------------------------------------------------- cells


@pytest.fixture
def shell() -> InteractiveShell:
    made = InteractiveShell()
    ov.load_ipython_extension(made)
    return made


def test_a_cell_is_a_prompt(app: ov.App, model: Scripted, shell: InteractiveShell) -> None:
    server = model(fenced(CARD))
    shell.user_ns["limits"] = {"most": 77}
    name = os.environ.pop(config.MODEL)
    shell.run_cell_magic("generate", f"Card --model {name} --context limits,src/App.tsx --attempts 1", "A card.\n")
    assert app.read("src/components/Card.tsx") == CARD
    sent = str(server.requests[0])
    assert "A card." in sent
    assert "77" in sent
    assert "src/App.tsx" in sent


def test_a_cell_may_propose_only(app: ov.App, model: Scripted, shell: InteractiveShell) -> None:
    model(fenced(CARD))
    shell.run_cell_magic("generate", "Card --propose", "A card.\n")
    assert "src/components/Card.tsx" not in app.files


def test_the_mode_is_said_and_set(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(config.MODE, "")
    assert shell.run_line_magic("overskill", "mode") == "auto"
    shell.run_line_magic("overskill", "mode replay")
    assert shell.run_line_magic("overskill", "mode") == "replay"
    with pytest.raises(ov.GenerationError):
        shell.run_line_magic("overskill", "mode sometimes")
    with pytest.raises(UsageError):
        shell.run_line_magic("overskill", "moods")


# -------------------------------------------------------------------------------------------------------- recordings


def test_a_notebook_replays_what_it_recorded(
    app: ov.App, model: Scripted, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(config.NOTEBOOK, str(folder / "cards.ipynb"))
    server = model(fenced(CARD))
    app.generate("A card.", "Card").undo()
    assert "One card" in (folder / "recordings/cards.yaml").read_text()
    monkeypatch.setenv(config.MODE, "replay")
    monkeypatch.delenv(config.MODEL)
    again = app.generate("A card.", "Card")
    assert again.replayed
    assert len(server.requests) == 1
    assert app.read("src/components/Card.tsx") == CARD
    with pytest.raises(ov.RecordingMissing, match="the prompt differs"):
        app.generate("A cart.", "Card")
    with pytest.raises(ov.GenerationError, match="In replay"):
        again.retry()


def test_a_notebook_without_a_name_finds_its_recording_beside_it(
    app: ov.App, model: Scripted, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(config.NOTEBOOK, str(folder / "cards.ipynb"))
    server = model(fenced(CARD))
    app.generate("A card.", "Card").undo()
    monkeypatch.delenv(config.NOTEBOOK)
    monkeypatch.setattr(notebook, "recording", lambda: str(folder / "recordings"))
    assert app.generate("A card.", "Card").replayed
    assert len(server.requests) == 1


def test_a_key_of_the_notebook_goes_along_and_is_not_recorded(
    app: ov.App, model: Scripted, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "abcdef0123456789-mine"
    monkeypatch.setenv(config.NOTEBOOK, str(folder / "cards.ipynb"))
    server = model(fenced(CARD.replace("One card", f"One card {secret}")))
    monkeypatch.setenv(config.MODEL_KEY, secret)
    app.generate("A card.", "Card")
    assert server.headers[0]["authorization"] == f"Bearer {secret}"
    assert secret not in (folder / "recordings/cards.yaml").read_text()
