"""How far an edit goes: which modules run again, which components render anew, and what keeps its state."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import both
from .preview import Preview
from .samples import APP, COUNTER, FILES, LABEL, MAIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

RAN = 'console.log("ran " + import.meta.url.slice(13));\n'


def counter(name: str, label: str, imports: str = "") -> str:
    return f"""import {{ useState }} from "react"; {imports}
{RAN}export function {name}() {{
  const [n, setN] = useState(0);
  console.log("render {name}");
  return <button id="{name}" onClick={{() => setN(n + 1)}}>{{{label}}}: {{n}}</button>;
}}"""


async def applied(preview: Preview, files: dict[str, str], *, removed: tuple[str, ...] = ()) -> Any:
    ack = await preview.edit(files, removed=removed)
    assert ack.get("outcome") == "applied", ack
    assert await preview.all("restart") == []
    return ack


async def since(preview: Preview, before: list[str]) -> list[str]:
    """The lines of the console that are new, each once."""
    return list(dict.fromkeys((await preview.lines())[len(before) :]))


async def test_an_edit_runs_and_renders_no_more_than_it_must(preview: Preview) -> None:
    files = {
        "src/main.tsx": MAIN.replace("<StrictMode><App /></StrictMode>", "<App />"),
        "src/App.tsx": f"""import {{ A }} from "./A"; import {{ B }} from "./B"; import "./side";
{RAN}export default function App() {{ console.log("render App"); return <><A /><B /></>; }}""",
        "src/A.tsx": counter("A", "word", 'import { word } from "./word";'),
        "src/B.tsx": counter("B", '"b"', 'import { number } from "./number"; void number;'),
        "src/word.ts": f'{RAN}import {{ letter }} from "./letter"; export const word = letter + "!";',
        "src/letter.ts": f'{RAN}export const letter = "a";',
        "src/number.ts": f"{RAN}export const number = 1;",
        "src/side.ts": RAN,
    }
    await preview.show(files)
    await preview.click("#A", 2)
    await preview.click("#B", 3)
    await preview.shows("#A", "a!: 2")
    await preview.shows("#B", "b: 3")
    before = await preview.lines()
    await applied(preview, {"src/A.tsx": files["src/A.tsx"].replace("{word}:", "{word} is")})
    assert await since(preview, before) == ["ran src/A.tsx", "render A"]
    assert [await preview.text("#A"), await preview.text("#B")] == ["a! is 2", "b: 3"]
    before = await preview.lines()
    await applied(preview, {"src/letter.ts": files["src/letter.ts"].replace('"a"', '"z"')})
    assert await since(preview, before) == ["ran src/letter.ts", "ran src/word.ts", "ran src/A.tsx", "render A"]
    assert [await preview.text("#A"), await preview.text("#B")] == ["z! is 2", "b: 3"]


async def test_an_edit_that_no_module_takes_asks_for_a_restart_and_says_why(preview: Preview) -> None:
    files = {**FILES, "src/main.tsx": 'import "./setup";' + MAIN, "src/setup.ts": "export const a = 1;"}
    await preview.show(files)
    restart = await preview.edit({"src/setup.ts": "export const a = 2;"})
    assert restart == {"type": "restart", "reason": "src/main.tsx was changed, which starts the app"}


async def test_re_exports_and_barrels(preview: Preview) -> None:
    files = {
        **FILES,
        "src/App.tsx": """import { Counter, word } from "./ui";
export default function App() { return <p>{word}<Counter /></p>; }""",
        "src/ui/index.tsx": 'export * from "./all"; export { default as word } from "../word";',
        "src/ui/all.ts": 'export * from "../Counter"; export { Counter as Again } from "../Counter";',
        "src/word.ts": 'export default "one";',
    }
    await preview.show(files)
    await preview.click("button", 2)
    await preview.shows("button", "count: 2")
    await applied(preview, {"src/Counter.tsx": COUNTER.replace("{label}:", "{label} is")})
    assert await preview.text("p") == "onecount is 2"
    await applied(preview, {"src/word.ts": 'export default "two";'})
    assert await preview.text("p") == "twocount is 2"
    barrel = 'export * from "./all"; export const word = "three";'
    await applied(preview, {"src/ui/index.tsx": barrel}, removed=("src/word.ts",))
    assert await preview.text("p") == "threecount is 2"


async def test_circles_of_components_and_of_values(preview: Preview) -> None:
    files = {
        "src/main.tsx": MAIN,
        "src/App.tsx": 'import { Tree } from "./Tree"; export default () => <Tree depth={2} />;',
        "src/Tree.tsx": """import { Leaf } from "./Leaf"; import { sign } from "./a";
export function Tree({ depth }) { return <i>{sign()}{depth}<Leaf depth={depth - 1} /></i>; }""",
        "src/Leaf.tsx": """import { useState } from "react"; import { Tree } from "./Tree";
export function Leaf({ depth }) { const [n, set] = useState(0);
  return <><button onClick={() => set(n + 1)}>{n}</button>{depth > 0 && <Tree depth={depth} />}</>; }""",
        "src/a.ts": 'import { mark } from "./b"; export const sign = () => mark() + "a"; export const one = 1;',
        "src/b.ts": 'import { one } from "./a"; export const mark = () => "b" + one;',
    }
    await preview.show(files)
    await preview.click("button:first-of-type >> nth=0", 2)
    await preview.shows("#root", "b1a22b1a10")
    await applied(preview, {"src/Tree.tsx": files["src/Tree.tsx"].replace("{depth}<", "{-depth}<")})
    assert await preview.text() == "b1a-22b1a-10"
    await applied(preview, {"src/Leaf.tsx": files["src/Leaf.tsx"].replace("{n}<", "[{n}]<")})
    assert await preview.text() == "b1a-2[2]b1a-1[0]"
    await applied(preview, {"src/b.ts": files["src/b.ts"].replace('"b"', '"c"')})
    assert await preview.text() == "c1a-2[2]c1a-1[0]"
    await applied(preview, {"src/a.ts": files["src/a.ts"].replace("one = 1", "one = 5")})
    assert await preview.text() == "c5a-2[2]c5a-1[0]"


async def test_a_module_that_is_imported_later(preview: Preview) -> None:
    files = {
        **FILES,
        "src/Counter.tsx": """import { useState } from "react";
export function Counter() {
  const [text, setText] = useState("none");
  return <button onClick={async () => setText((await import("./later")).text)}>{text}</button>;
}""",
        "src/later.ts": 'import { word } from "./word"; export const text = "later " + word;',
        "src/word.ts": 'export const word = "one";',
    }
    await preview.show(files)
    # Edited before it has ever run: nothing to do but to run the new version when it is asked for.
    await applied(preview, {"src/later.ts": files["src/later.ts"].replace("later ", "much later ")})
    await preview.click("button")
    await preview.shows("button", "much later one")
    await applied(preview, {"src/word.ts": 'export const word = "two";'})
    await preview.click("button")
    await preview.shows("button", "much later two")


@both
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("export const Counter = memo(function Counter() {", "});"),
        ("export const Counter = forwardRef(function Counter(_, ref) {", "});"),
        ("export const Counter = memo(forwardRef((_, ref) => {", "}));"),
        ("const Inner = () => {", "}; export const Counter = memo(Inner, () => true);"),
        (
            "const withFrame = (C) => function Frame(p) { return <b><C {...p} /></b>; };\nfunction Inner() {",
            "} export const Counter = withFrame(Inner);",
        ),
        (
            "const useClicks = () => useState(0);\nexport default function () {",
            "} import Self from './Counter'; export const Counter = () => <Self />;",
        ),
    ],
    ids=["memo", "forwardRef", "memo of forwardRef", "memo that never renders", "HOC", "anonymous default"],
)
async def test_wrapped_components_keep_their_state(preview: Preview, opening: str, closing: str) -> None:
    source = f"""
import {{ forwardRef, memo, useState }} from "react";
{opening}
  const [n, setN] = useState(0);
  return <button onClick={{() => setN(n + 1)}}>one {{n}}</button>;
{closing}
"""
    await preview.show({**FILES, "src/Counter.tsx": source})
    await preview.click("button", 3)
    await preview.shows("button", "one 3")
    await applied(preview, {"src/Counter.tsx": source.replace("one {n}", "two {n}")})
    assert await preview.text("button") == "two 3"


CONTEXT = """import { createContext, useContext, useState } from "react";
const Value = createContext("default");
export function Provider({ children }) {
  const [n, set] = useState(0);
  const more = <button id="more" onClick={() => set(n + 1)}>+</button>;
  return <Value.Provider value={"value " + n}>{more}{children}</Value.Provider>;
}
export const useValue = () => useContext(Value);"""


async def test_contexts(preview: Preview) -> None:
    """With a hook among its exports the module is no boundary: its importers have the new context as well."""
    files = {
        "src/main.tsx": MAIN,
        "src/App.tsx": """import { Provider } from "./context"; import { Shown } from "./Shown";
export default function App() { return <Provider><Shown /></Provider>; }""",
        "src/Shown.tsx": 'import { useValue } from "./context"; export const Shown = () => <p>{useValue()}</p>;',
        "src/context.tsx": CONTEXT,
    }
    await preview.show(files)
    await preview.click("#more", 2)
    await preview.shows("p", "value 2")
    await applied(preview, {"src/Shown.tsx": files["src/Shown.tsx"].replace("{useValue()}", "it is {useValue()}")})
    assert await preview.text("p") == "it is value 2"
    await applied(preview, {"src/context.tsx": CONTEXT.replace('"value "', '"other "')})
    await preview.click("#more")
    await preview.shows("p", re.compile("^it is other "))


async def test_class_components_mount_anew_and_their_neighbours_stay(preview: Preview) -> None:
    clock = """import { Component } from "react";
export class Clock extends Component { state = { n: 0 };
  componentWillUnmount() { console.log("unmounted"); }
  render() { return <i onClick={() => this.setState({ n: this.state.n + 1 })}>one {this.state.n}</i>; } }"""
    app = APP.replace("<Counter />", "<Counter /><Clock />") + 'import { Clock } from "./Clock";'
    await preview.show({**FILES, "src/App.tsx": app, "src/Clock.tsx": clock})
    await preview.click("button", 2)
    await preview.click("i", 2)
    await preview.shows("button", "count: 2")
    await preview.shows("i", "one 2")
    before = await preview.lines()
    await applied(preview, {"src/Clock.tsx": clock.replace("one ", "two ")})
    assert await since(preview, before) == ["unmounted"]
    assert [await preview.text("i"), await preview.text("button")] == ["two 0", "count: 2"]
    await preview.click("i")
    await preview.shows("i", "two 1")


@both
@pytest.mark.parametrize(
    "hooks",
    [
        "const [m] = useState('new'); const [n, setN] = useState(0);",
        "const ref = useRef(null); useEffect(() => {}); const [n, setN] = useState(0);",
        "const [n, setN] = useReducer((_, x) => x, 0);",
        "const n = 0, setN = () => {};",
    ],
    ids=["more", "other order", "other kind", "none"],
)
async def test_other_hooks_mount_anew_without_a_crash(preview: Preview, hooks: str) -> None:
    imports = COUNTER.replace("useState }", "useEffect, useReducer, useRef, useState }")
    await preview.show({**FILES, "src/Counter.tsx": imports})
    await preview.click("button", 3)
    await preview.shows("button", "count: 3")
    await applied(preview, {"src/Counter.tsx": imports.replace("const [n, setN] = useState(0);", hooks)})
    assert await preview.text("button") == "count: 0"
    await applied(preview, {"src/Counter.tsx": imports})
    await preview.click("button")
    await preview.shows("button", "count: 1")
    assert await preview.all("failed") == []
    assert await preview.all("error") == []


async def test_a_hook_of_another_file_that_changes_its_hooks(preview: Preview) -> None:
    hook = 'import { useState } from "react"; export function useClicks() { return useState(0); }'
    counter = 'import { useClicks } from "./clicks";' + COUNTER.replace("useState(0)", "useClicks()")
    await preview.show({**FILES, "src/Counter.tsx": counter, "src/clicks.ts": hook})
    await preview.click("button", 3)
    await preview.shows("button", "count: 3")
    more = hook.replace("return useState", "useState('more'); return useState")
    await applied(preview, {"src/clicks.ts": more})
    assert await preview.text("button") == "count: 0"
    await preview.click("button", 2)
    await preview.shows("button", "count: 2")
    await applied(preview, {"src/clicks.ts": more.replace("useState(0)", "useState(7)")})
    assert await preview.text("button") in ("count: 2", "count: 7")
    assert await preview.all("failed") == []


async def test_mixed_exports_that_come_and_go(preview: Preview) -> None:
    """A constant beside a component reaches its importers; without it the file is a boundary again."""
    app = """import { Counter, step } from "./Counter";
export default function App() { return <main>{step}<Counter /></main>; }"""
    mixed = COUNTER + "\nexport const step = 1;"
    await preview.show({**FILES, "src/App.tsx": app, "src/Counter.tsx": mixed})
    await preview.click("button", 2)
    await preview.shows("button", "count: 2")
    await applied(preview, {"src/Counter.tsx": mixed.replace("step = 1", "step = 2")})
    assert await preview.text("main") == "2count: 2"
    await applied(preview, {"src/Counter.tsx": COUNTER, "src/App.tsx": APP})
    assert await preview.text("button") == "count: 2"
    await applied(preview, {"src/Counter.tsx": COUNTER.replace("{label}:", "{label} is")})
    assert await preview.text("button") == "count is 2"


async def test_a_component_gets_another_name(preview: Preview) -> None:
    """To React it is another one: whoever imports it shows that, and keeps its own state."""
    page = "export default function Page() { return <i>page</i>; }"
    app = """import { useState } from "react"; import Page from "./Page";
export default function App() { const [n, set] = useState(0);
  return <main><button onClick={() => set(n + 1)}>{n}</button><Page /></main>; }"""
    await preview.show({"src/main.tsx": MAIN, "src/App.tsx": app, "src/Page.tsx": page})
    await preview.click("button", 2)
    await preview.shows("button", "2")
    await applied(preview, {"src/Page.tsx": page.replace("Page()", "Sheet()").replace(">page<", ">sheet<")})
    assert await preview.text("main") == "2sheet"
    await applied(preview, {"src/Page.tsx": page})
    assert await preview.text("main") == "2page"


async def test_a_component_becomes_another_kind_of_thing(preview: Preview) -> None:
    """Function to class to memo to function: each mounts what is new, and nothing breaks."""
    await preview.show(FILES)
    body = "return <button>{'%s'}</button>;"
    for kind, source in {
        "class": 'import { Component } from "react"; export class Counter extends Component { render() { BODY } }',
        "memo": 'import { memo } from "react"; export const Counter = memo(() => { BODY });',
        "function": "export function Counter() { BODY }",
    }.items():
        await applied(preview, {"src/Counter.tsx": source.replace("BODY", body % kind)})
        assert await preview.text("button") == kind
    assert await preview.all("failed") == []


async def test_a_file_moves_and_its_importers_with_it(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button", 2)
    preview.files["src/ui/Counter.tsx"] = ""
    moved = COUNTER.replace("./label", "../label")
    app = APP.replace("./Counter", "./ui/Counter")
    await applied(preview, {"src/ui/Counter.tsx": moved, "src/App.tsx": app}, removed=("src/Counter.tsx",))
    assert await preview.text("button") == "count: 0"
    await preview.click("button")
    await preview.shows("button", "count: 1")
    await applied(preview, {"src/ui/Counter.tsx": moved.replace("{label}:", "{label} is")})
    assert await preview.text("button") == "count is 1"


async def test_several_files_are_one_update(preview: Preview) -> None:
    """What would throw or be seen half way is not: all of it runs, then React renders once."""
    app = """import { Counter } from "./Counter"; import { title } from "./title";
export default function App() { return <main><h1>{title.text}</h1><Counter /></main>; }"""
    title = 'export const title = { text: "one" };'
    files = {**FILES, "src/App.tsx": app, "src/title.ts": title}
    await preview.show(files)
    await preview.click("button", 2)
    await preview.shows("button", "count: 2")
    await preview.frame.evaluate("""() => { window.seen = new Set(); new MutationObserver(() =>
      seen.add(document.querySelector("main").innerText.replace(/\\s+/g, " "))).observe(
      document.body, { subtree: true, childList: true, characterData: true }); }""")
    before = await preview.lines()
    await applied(
        preview,
        {
            "src/title.ts": 'export const title = () => "two"; console.log("ran");',
            "src/App.tsx": app.replace("title.text", "title()"),
            "src/label.ts": LABEL.replace("count", "sum"),
            "src/Counter.tsx": COUNTER.replace("{label}:", "{label} is"),
        },
    )
    await preview.until("seen.size > 0")
    assert await preview.frame.evaluate("[...seen]") == ["two sum is 2"]
    assert (await preview.lines())[len(before) :] == ["ran"]
