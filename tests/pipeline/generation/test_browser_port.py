"""What a generation sees of previews, as a scripted page tells it over a connection of the engine."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from client import Client
from scripted_model import Say, ScriptedModel

from overskill_nb.errors import GenerationError
from overskill_nb.pipeline import Engine
from overskill_nb.protocol import Ack, Diagnostic, FileChange, Location, Prepare, Update, WriteFiles
from overskill_nb.protocol_generation import AskModel, CancelGeneration, GenerateComponent, GenerationInfo
from overskill_nb.protocol_looking import Look, Seen

PATH = "src/components/Counter.tsx"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GOOD = "export default function Counter() {\n  return <b>good</b>;\n}\n"
BAD = "export default function Counter() {\n  return <b>bad</b>;\n}\n"
BROKEN = "only in a browser"


def error(message: str = BROKEN, path: str = PATH) -> Diagnostic:
    return Diagnostic(severity="error", kind="runtime", message=message, location=Location(file=path, line=2, column=3))


class Page:
    """A page with one preview. It takes in each update, and says of the last one what ``judge`` does."""

    def __init__(self, engine: Engine, app: str) -> None:
        self.client = Client.of(engine)
        self.app = app
        self.judge: Callable[[Update], list[Diagnostic]] = lambda update: []
        self.errors: list[Diagnostic] = []
        self.answers = True
        self.acknowledges = True
        self.views: list[str] = []
        self.seen: dict[str, Any] = {}
        self._task: asyncio.Task[None] | None = None

    async def open(self, module: str = "") -> None:
        snapshot = await self.client.follow(self.app, module=module)
        self._acknowledge(snapshot.build, snapshot.seq)
        self._task = asyncio.create_task(self._live())

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
        self.client.close()

    async def _live(self) -> None:
        for number in itertools.count():
            await self.client.until(lambda number=number: len(self.client.events()) > number)
            event = self.client.events()[number]
            if isinstance(event, Update):
                # What changes no module leaves everything as it is.
                self.errors = self.judge(event) if event.modules else self.errors
                self._acknowledge(event.build, event.seq)
            elif isinstance(event, Look) and self.answers:
                self.views.append(event.view)
                self._answer(event)

    def _acknowledge(self, build: str, seq: int) -> None:
        if self.acknowledges:
            ack = Ack(client="p", app=self.app, build=build, seq=seq, outcome="applied")
            self.client.say(ack)

    def _answer(self, look: Look) -> None:
        views: dict[str, dict[str, Any]] = {
            "text": {"text": '- button "Save"'},
            "console": {"console": ["[log] hello"]},
            "errors": {"errors": self.errors},
            "screenshot": {"screenshot": base64.b64encode(PNG).decode()},
        }
        self.client.start(Seen(app=look.app, look=look.look, **(views[look.view] | self.seen)))


@pytest_asyncio.fixture(loop_scope="module")
async def page(engine: Engine, app: str) -> AsyncIterator[Page]:
    made = Page(engine, app)
    yield made
    await made.close()


def write(code: str) -> Say:
    return Say(calls=[("write_file", {"path": PATH, "content": code})])


def file(path: str, code: str | None) -> FileChange:
    return FileChange(path=path, content=code)


async def test_there_is_a_browser_where_a_preview_is_open(engine: Engine, app: str, page: Page) -> None:
    assert engine.generations.browser(app) is None
    assert engine.generations.browser("nothing-0") is None
    await page.open()
    assert engine.generations.browser(app) is not None
    await page.close()
    assert engine.generations.browser(app) is None


async def test_each_look_is_answered_by_the_page(engine: Engine, app: str, page: Page) -> None:
    await page.open()
    browser = engine.generations.browser(app)
    assert browser is not None
    page.errors = [error()]
    assert await browser.accessible_text() == '- button "Save"'
    assert await browser.console() == ["[log] hello"]
    assert [one.message for one in await browser.errors()] == [BROKEN]
    assert await browser.screenshot() == PNG
    assert page.views == ["text", "console", "errors", "screenshot"]


async def test_the_preview_that_shows_the_component_is_asked(engine: Engine, app: str, page: Page) -> None:
    other = Page(engine, app)
    await page.open("src/components/Counter.tsx")
    await other.open()
    for path, asked in ((PATH, page), ("src/Elsewhere.tsx", other)):
        browser = engine.generations.browser(app, path)
        assert browser is not None
        await browser.accessible_text()
        assert len(asked.views) == 1
        asked.views.clear()
    assert not page.views
    assert not other.views
    await other.close()


async def test_who_does_not_answer_is_not_waited_for(engine: Engine, app: str, page: Page) -> None:
    await page.open()
    page.answers = False
    browser = engine.generations.browser(app)
    assert browser is not None
    began = time.monotonic()
    with pytest.raises(GenerationError, match="did not answer"):
        await browser.screenshot()
    assert 1.5 < time.monotonic() - began < 4
    await page.close()
    with pytest.raises(GenerationError, match="No preview of this app is open"):
        await browser.screenshot()


@pytest.mark.parametrize(
    "picture",
    ["", "not base64", base64.b64encode(b"<svg>").decode(), base64.b64encode(PNG + bytes(1_100_000)).decode()],
    ids=["none", "text", "svg", "large"],
)
async def test_a_picture_is_a_picture(engine: Engine, app: str, page: Page, picture: str) -> None:
    await page.open()
    page.seen = {"screenshot": picture}
    browser = engine.generations.browser(app)
    assert browser is not None
    with pytest.raises(GenerationError, match="no picture"):
        await browser.screenshot()


async def test_what_a_page_says_is_cut(engine: Engine, app: str, page: Page) -> None:
    await page.open()
    page.seen = {
        "text": "x" * 100_000,
        "console": ["y" * 10_000] * 500,
        "errors": [error(f"z\n{n}" + "z" * 5000) for n in range(90)],
    }
    browser = engine.generations.browser(app)
    assert browser is not None
    assert len(await browser.accessible_text()) == 20_000
    lines = await browser.console()
    assert (len(lines), len(lines[0])) == (100, 2000)
    errors = await browser.errors()
    assert (len(errors), len(errors[0].message)) == (20, 1000)
    assert "\n" not in errors[0].message


async def test_an_answer_to_nothing_and_one_of_another_app_are_dropped(engine: Engine, app: str, page: Page) -> None:
    await page.open()
    page.answers = False
    browser = engine.generations.browser(app)
    assert browser is not None
    page.client.start(Seen(app=app, look="guessed", text="forged"))
    asking = asyncio.ensure_future(browser.accessible_text())
    await page.client.until(lambda: any(isinstance(event, Look) for event in page.client.events()))
    look = next(event for event in page.client.events() if isinstance(event, Look))
    page.client.start(Seen(app="other-0", look=look.look, text="forged"))
    page.client.start(Seen(app=app, look=look.look, text="true"))
    page.client.start(Seen(app=app, look=look.look, text="late"))
    assert await asking == "true"


async def test_why_there_is_nothing_to_see_is_told(engine: Engine, app: str, page: Page) -> None:
    await page.open()
    page.seen = {"failure": "it is not there yet"}
    browser = engine.generations.browser(app)
    assert browser is not None
    with pytest.raises(GenerationError, match="it is not there yet"):
        await browser.accessible_text()


async def test_a_model_reads_what_the_sources_say_where_the_page_is_silent(
    engine: Engine, app: str, page: Page, finish: Any, wire: Any
) -> None:
    await page.open()
    page.answers = False
    async with ScriptedModel(Say(calls=[("read_errors", {})]), Say("Nothing.")).running() as server:
        done = await finish(AskModel(app=app, question="Errors?", model=wire(server)))
    assert done.answer == "Nothing.", done.error
    assert "There are no errors.\\nThe preview did not answer" in json.dumps(server.requests[-1])


# ------------------------------------------------------------------------------------------------ before it is kept


def judge(update: Update) -> list[Diagnostic]:
    code = "".join(module.code for module in update.modules)
    return [error()] if "bad" in code else []


async def preview(engine: Engine, app: str, page: Page) -> None:
    """A preview of a component that is there already."""
    await engine.handle(WriteFiles(app=app, files=[file(PATH, "export default () => <b>first</b>;\n")]))
    await page.open(PATH)
    page.judge = judge


async def test_what_breaks_an_open_preview_is_mended(
    engine: Engine, app: str, page: Page, finish: Any, wire: Any, root: Path
) -> None:
    await preview(engine, app, page)
    async with ScriptedModel(write(BAD), Say("Done."), write(GOOD), Say("Done.")).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="Better", model=wire(server)))
    assert done.status == "kept", done.error
    assert [attempt.passed for attempt in done.attempts] == [False, True]
    assert [one.message for one in done.attempts[0].diagnostics] == [BROKEN]
    assert BROKEN in json.dumps(server.requests[2])
    assert (root / PATH).read_text() == GOOD
    assert done.files[0].before == "export default () => <b>first</b>;\n"
    assert "-export default () => <b>first</b>;" in done.diff


async def test_the_last_good_version_stays_where_all_break_the_preview(
    engine: Engine, app: str, page: Page, finish: Any, wire: Any, root: Path
) -> None:
    await preview(engine, app, page)
    async with ScriptedModel(write(BAD), Say("Done.")).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="Better", model=wire(server)))
    assert done.status == "failed"
    assert BROKEN in done.error
    assert "first" in (root / PATH).read_text()
    assert page.errors == []


async def test_what_was_broken_before_and_elsewhere_is_not_the_change_s(
    engine: Engine, app: str, page: Page, finish: Any, wire: Any, root: Path
) -> None:
    await preview(engine, app, page)
    page.errors = [error("old", "src/Other.tsx")]
    page.judge = lambda update: [error("old", "src/Other.tsx")]
    async with ScriptedModel(write(GOOD), Say("Done.")).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="Better", model=wire(server)))
    assert (done.status, len(done.attempts)) == ("kept", 1), done.error
    page.judge = lambda update: [error("old")]
    async with ScriptedModel(write(BAD), Say("Done.")).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="Worse", model=wire(server)))
    assert done.status == "failed"
    assert (root / PATH).read_text() == GOOD


@pytest.mark.parametrize("answers", [True, False], ids=["asked", "silent"])
async def test_a_preview_that_does_not_follow_holds_nothing_up(
    engine: Engine, app: str, page: Page, finish: Any, wire: Any, root: Path, answers: bool
) -> None:
    await preview(engine, app, page)
    page.answers, page.acknowledges = answers, False
    async with ScriptedModel(write(BAD), Say("Done.")).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="Better", model=wire(server)))
    assert done.status == "kept", done.error
    assert (root / PATH).read_text() == BAD


async def test_a_generation_that_is_stopped_while_it_is_tried_leaves_what_was_there(
    engine: Engine, app: str, page: Page, wire: Any, root: Path
) -> None:
    await preview(engine, app, page)
    page.acknowledges = False
    async with ScriptedModel(write(BAD), Say("Done.")).running() as server:
        info = await engine.handle(GenerateComponent(app=app, name="Counter", prompt="Better", model=wire(server)))
        assert isinstance(info, GenerationInfo)
        while (root / PATH).read_text() != BAD:
            await asyncio.sleep(0.005)
        stopped = await engine.handle(CancelGeneration(app=app, generation=info.generation.id))
    assert isinstance(stopped, GenerationInfo)
    assert stopped.generation.status == "cancelled"
    assert "first" in (root / PATH).read_text()


async def test_a_proposal_is_not_tried(engine: Engine, app: str, page: Page, finish: Any, wire: Any) -> None:
    await preview(engine, app, page)
    page.views.clear()
    async with ScriptedModel(write(BAD), Say("Done.")).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="Better", model=wire(server), keep=False))
    assert done.status == "proposed"
    assert page.views == []


async def test_a_new_file_that_breaks_the_preview_goes_again(
    engine: Engine, app: str, page: Page, finish: Any, wire: Any, root: Path
) -> None:
    await page.open()
    await engine.handle(Prepare(app=app))
    use = "import Counter from './components/Counter';\nexport default function App() { return <Counter />; }\n"
    await engine.handle(
        WriteFiles(app=app, files=[file(PATH, "export default () => null;\n"), file("src/App.tsx", use)])
    )
    await engine.handle(WriteFiles(app=app, files=[file(PATH, None)]))
    page.judge = judge
    async with ScriptedModel(write(BAD), Say("Done.")).running() as server:
        done = await finish(GenerateComponent(app=app, name="Counter", prompt="Better", model=wire(server)))
    assert done.status == "failed", done.error
    assert not (root / PATH).exists()
