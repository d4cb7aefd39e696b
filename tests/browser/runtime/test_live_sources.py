"""Sources that change on disk, through the engine and its worker, into the frame: styles, assets, files, mistakes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from overskill_nb.pipeline import Engine

from ..jupyter import new_context
from .live import LivePreview
from .preview import PATIENT, Compiler

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("tools")]

COUNTER = """import { useState } from "react";
export function Counter() {
  const [n, setN] = useState(0);
  return <button className="p-1" onClick={() => setN(n + 1)}>count: {n}</button>;
}
"""
APP = """import { Counter } from "./Counter";
export default function App() {
  return <main><Counter /></main>;
}
"""
FILES = {"src/App.tsx": APP, "src/Counter.tsx": COUNTER}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    made = Engine(tmp_path_factory.mktemp("live"))
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def live(browser: Browser, compiler: Compiler, engine: Engine) -> AsyncIterator[LivePreview]:
    context = await new_context(browser)
    live = LivePreview(await context.new_page(), compiler, engine)
    yield live
    await live.close()
    await context.close()


async def clicked(live: LivePreview, name: str, files: dict[str, str]) -> None:
    """An app with its counter at 3."""
    await live.open(name, {**FILES, **files})
    await live.click("button", 3)
    await live.shows("button", "count: 3")


async def kept(live: LivePreview) -> None:
    assert await live.text("button") == "count: 3"
    assert await live.all("restart") == []


async def style(live: LivePreview, selector: str, name: str) -> Any:
    script = "([s, name]) => getComputedStyle(document.querySelector(s)).getPropertyValue(name)"
    return await live.frame.evaluate(script, [selector, name])


async def test_tailwind_class_that_was_never_seen(live: LivePreview) -> None:
    await clicked(live, "tailwind", {})
    assert await style(live, "button", "padding-top") == "4px"
    ack = await live.write({"src/Counter.tsx": COUNTER.replace("p-1", "p-[37px] text-rose-700")})
    assert ack["outcome"] == "applied"
    assert await style(live, "button", "padding-top") == "37px"
    await kept(live)


async def test_plain_css_its_imports_and_their_files(live: LivePreview) -> None:
    app = 'import "./styles/app.css";' + APP
    sheets = {
        "src/styles/app.css": '@import "./base.css"; main { color: rgb(1, 1, 1) }',
        "src/styles/base.css": "main { border: 1px solid rgb(2, 2, 2); background: url(./dot.svg) }",
        "src/styles/dot.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="1"/>',
    }
    await clicked(live, "plain", {"src/App.tsx": app, **sheets})
    assert await style(live, "main", "border-top-color") == "rgb(2, 2, 2)"
    await live.write({"src/styles/app.css": sheets["src/styles/app.css"].replace("1, 1, 1", "3, 3, 3")})
    assert await style(live, "main", "color") == "rgb(3, 3, 3)"
    await live.write({"src/styles/base.css": sheets["src/styles/base.css"].replace("2, 2, 2", "4, 4, 4")})
    assert await style(live, "main", "border-top-color") == "rgb(4, 4, 4)"
    before = await style(live, "main", "background-image")
    await live.write({"src/styles/dot.svg": sheets["src/styles/dot.svg"].replace('"1"', '"2"')})
    assert await style(live, "main", "background-image") not in ("none", before)
    await live.write({"src/styles/app.css": "main { color: rgb(5, 5, 5) }"})
    assert await style(live, "main", "border-top-width") == "0px"
    await kept(live)


async def test_css_modules(live: LivePreview) -> None:
    counter = 'import styles from "./Counter.module.css";' + COUNTER.replace('"p-1"', "{styles.big}")
    sheet = ".big { font-size: 31px }"
    await clicked(live, "modules", {"src/Counter.tsx": counter, "src/Counter.module.css": sheet})
    assert await style(live, "button", "font-size") == "31px"
    await live.write({"src/Counter.module.css": sheet.replace("31", "33")})
    assert await style(live, "button", "font-size") == "33px"
    # Another name is another value for whoever imports it, in the same update as the component that uses it.
    await live.write(
        {
            "src/Counter.module.css": ".huge { font-size: 41px }",
            "src/Counter.tsx": counter.replace("styles.big", "styles.huge"),
        }
    )
    assert await style(live, "button", "font-size") == "41px"
    await kept(live)


async def test_assets_and_data(live: LivePreview) -> None:
    app = """import { Counter } from "./Counter"; import logo from "./logo.svg"; import data from "./data.json";
import note from "./note.txt?raw";
export default function App() { return <main><img src={logo} /><i>{data.word} {note}</i><Counter /></main>; }"""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="11" height="11"></svg>'
    files = {"src/App.tsx": app, "src/logo.svg": svg, "src/data.json": '{"word": "one"}', "src/note.txt": "note"}
    await clicked(live, "assets", files)
    width = "document.images[0].decode().then(() => document.images[0].naturalWidth)"
    assert await live.frame.evaluate(width) == 11
    await live.write({"src/logo.svg": svg.replace("11", "22")})
    assert await live.frame.evaluate(width) == 22
    await live.write({"src/data.json": '{"word": "two"}', "src/note.txt": "more"})
    assert await live.text("i") == "two more"
    await kept(live)


@pytest.mark.parametrize(
    ("bad", "kind", "line"),
    [
        (COUNTER.replace("return <", "return (<"), "syntax", 4),
        ('import { nope } from "./nowhere";\nvoid nope;\n' + COUNTER, "resolve", 1),
        (COUNTER.replace("</button>", "</buton>"), "syntax", 4),
    ],
    ids=["syntax", "missing file", "other tag"],
)
async def test_source_that_does_not_compile(live: LivePreview, bad: str, kind: str, line: int) -> None:
    await clicked(live, f"bad-{len(bad)}", {})
    ack = await live.write({"src/Counter.tsx": bad})
    problem = next(found for found in ack["diagnostics"] if found["severity"] == "error")
    assert (problem["kind"], problem["location"]["file"], problem["location"]["line"]) == (
        kind,
        "src/Counter.tsx",
        line,
    )
    await kept(live)
    await live.click("button")
    await live.shows("button", "count: 4")
    good = COUNTER.replace("count:", "good:")
    ack = await live.write({"src/Counter.tsx": good})
    assert (ack["outcome"], ack["diagnostics"]) == ("applied", [])
    assert await live.text("button") == "good: 4"
    assert await live.all("restart") == []


async def test_import_of_a_file_that_comes_later(live: LivePreview) -> None:
    await clicked(live, "later", {})
    counter = 'import { word } from "./word";' + COUNTER.replace("count:", "{word}:")
    assert (await live.write({"src/Counter.tsx": counter}))["diagnostics"]
    await kept(live)
    ack = await live.write({"src/word.ts": 'export const word = "there";'})
    assert (ack["outcome"], ack["diagnostics"]) == ("applied", [])
    assert await live.text("button") == "there: 3"


async def test_files_added_renamed_and_removed(live: LivePreview) -> None:
    word = 'export const word = "one";'
    counter = 'import { word } from "./word";' + COUNTER.replace("count:", "{word}:")
    await live.open("files", {**FILES, "src/Counter.tsx": counter, "src/word.ts": word})
    await live.click("button", 3)
    await live.shows("button", "one: 3")
    # Renamed: until the importer follows, the view stays with the problem told; then the state is there still.
    assert (await live.rename("src/word.ts", "src/words.ts"))["diagnostics"][0]["kind"] == "resolve"
    assert await live.text("button") == "one: 3"
    ack = await live.write({"src/Counter.tsx": counter.replace("./word", "./words")})
    assert (ack["outcome"], ack["diagnostics"]) == ("applied", [])
    assert await live.text("button") == "one: 3"
    # A folder's index takes the place of a file of the same name.
    ack = await live.write({"src/words.ts": None, "src/words/index.ts": word.replace("one", "two")})
    assert (ack["outcome"], ack["diagnostics"]) == ("applied", [])
    assert await live.text("button") == "two: 3"
    # Nobody imports it any more: gone without a trace.
    ack = await live.write({"src/Counter.tsx": COUNTER, "src/words/index.ts": None})
    assert (ack["outcome"], ack["diagnostics"]) == ("applied", [])
    await kept(live)


async def test_another_program_writes_the_file(live: LivePreview) -> None:
    await clicked(live, "watched", {})
    (live.folder / "src/Counter.tsx").write_text(COUNTER.replace("count:", "typed:"))
    await live.shows("button", "typed: 3")
    acks = await live.page.evaluate("acks.length")
    # The same content again is no change, whoever saves it.
    (live.folder / "src/Counter.tsx").write_text(COUNTER.replace("count:", "typed:"))
    await live.write({"src/App.tsx": APP.replace("<main>", "<main id='m'>")})
    assert await live.page.evaluate("acks.length") == acks + 1


@pytest.mark.parametrize(
    ("place", "line"),
    [("handler", 6), ("effect", 6), ("promise", 6), ("timer", 6), ("render", 6), ("loop", 6)],
)
async def test_errors_lead_to_the_line_of_the_source(live: LivePreview, place: str, line: int) -> None:
    fail = 'throw new Error("broken");'
    body = {
        "handler": f"const go = () => {{\n    {fail}\n  }};",
        "effect": f"useEffect(() => {{ if (n)\n    {fail}\n  }});",
        "promise": f"const go = async () => {{\n    {fail}\n  }};",
        "timer": f"const go = () => void setTimeout(() => {{\n    {fail}\n  }});",
        "render": f"if (n)\n    {fail}\n",
        "loop": "if (n)\n    for (let i = 0; ; i++) {\n    void i; }\n",
    }[place]
    go = "go" if "const go" in body else "() => setN(1)"
    source = f"""import {{ useEffect, useState }} from "react";
interface Nothing {{ at: "run time" }}
export function Counter() {{
  const [n, setN] = useState<number>(0);
  {body}
  void useEffect;
  return <button onClick={{{go}}}>{{n}}</button>;
}}
"""
    await live.open(f"line-{place}", {**FILES, "src/Counter.tsx": source})
    await live.click("button")
    found = await live.page.wait_for_function(
        "heard.find(m => m.type === 'error' || m.type === 'failed')", timeout=PATIENT
    )
    diagnostic = await live.traced((await found.json_value())["error"])
    location = diagnostic["location"]
    assert (location["file"], location["line"]) == ("src/Counter.tsx", line), diagnostic
    assert f"> {line} | " in diagnostic["frame"]


async def test_an_edit_takes_effect_at_once(live: LivePreview) -> None:
    """No timer stands between an edit and the view: many in a row, each on screen before the next."""
    await clicked(live, "quick", {})
    took = []
    for turn in range(20):
        started = time.monotonic()
        await live.write({"src/Counter.tsx": COUNTER.replace("count:", f"turn {turn}:")})
        took.append(time.monotonic() - started)
        assert await live.text("button") == f"turn {turn}: 3"
    # A timer would be in each of them; a busy machine is not.
    assert min(took) < 0.3, took
    assert Path(live.folder, "src/Counter.tsx").read_text() == COUNTER.replace("count:", "turn 19:")
