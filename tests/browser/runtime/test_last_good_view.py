"""What stays on screen when an edit throws: the last good view, with its state."""

from __future__ import annotations

import re

import pytest

from .conftest import both, each
from .preview import PATIENT, Preview
from .samples import APP, COUNTER, FILES, LABEL

pytestmark = pytest.mark.asyncio(loop_scope="session")

WATCH = """() => { window.seen = []; new MutationObserver(() => seen.push(document.body.innerText))
  .observe(document.body, {subtree: true, childList: true, characterData: true}); }"""


async def throws_then_mends(preview: Preview, path: str, bad: str, good: str, kind: str) -> None:
    """A counter at 3 survives the bad edit and the good one after it."""
    await preview.show(preview.files or FILES)
    await preview.click("button", 3)
    await preview.shows("button", re.compile("3"))
    before = await preview.text()
    ack = await preview.edit({path: bad})
    assert ack["outcome"] == "failed", ack
    failed = await preview.heard("failed")
    assert (failed["kept"], failed["error"]["kind"], failed["seq"]) == (True, kind, 1)
    assert "broken" in failed["error"]["message"]
    assert "overskill:///" in failed["error"]["stack"]
    assert await preview.text() == before
    await preview.click("button")
    ack = await preview.edit({path: good})
    assert ack["outcome"] == "applied", ack
    assert "4" in await preview.text("button")
    assert "good" in await preview.text()
    assert len(await preview.all("clear")) == 1
    assert await preview.all("error") == []
    assert await preview.all("restart") == []
    assert len(await preview.all("failed")) == 1


GOOD = COUNTER.replace("{label}:", "good {label}:")
THROW = 'throw new TypeError("broken");'


@both
async def test_throw_at_the_top_of_a_module(preview: Preview) -> None:
    await throws_then_mends(preview, "src/Counter.tsx", COUNTER + THROW, GOOD, "module")


@both
@pytest.mark.parametrize("place", ["before the hooks", "after the hooks", "in a nested function"])
async def test_throw_in_a_component(preview: Preview, place: str) -> None:
    bad = {
        "before the hooks": COUNTER.replace("const [n", f"{THROW} const [n"),
        "after the hooks": COUNTER.replace("return", f"{THROW} return"),
        "in a nested function": COUNTER.replace("return", "(() => { throw new TypeError('broken') })(); return"),
    }[place]
    await throws_then_mends(preview, "src/Counter.tsx", bad, GOOD, "render")


@each
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("export const Counter = memo(function Counter() {", "});"),
        ("export const Counter = forwardRef(function Counter(_, ref) {", "});"),
        ("export const Counter = memo(forwardRef(() => {", "}));"),
        ("const Inner = () => {", "}; export const Counter = memo(Inner, () => true);"),
        ("export function Counter() { return <Inner />; } function Inner() {", "}"),
    ],
    ids=["memo", "forwardRef", "memo of forwardRef", "memo of a function", "nested"],
)
async def test_throw_in_wrapped_components(preview: Preview, opening: str, closing: str) -> None:
    source = f"""
import {{ forwardRef, memo, useEffect, useState }} from "react";
{opening}
  const [n, setN] = useState(0);
  useEffect(() => {{}}, []);
  return <button onClick={{() => setN(n + 1)}}>{{n}}</button>;
{closing}
"""
    preview.files = {**FILES, "src/Counter.tsx": source}
    bad = source.replace("  return", f"  {THROW}  return")
    await throws_then_mends(preview, "src/Counter.tsx", bad, source.replace("{n}<", "good {n}<"), "render")


@each
async def test_throw_in_a_component_of_its_own_file_below(preview: Preview) -> None:
    """An edit of the parent that makes an unchanged child throw."""
    child = "export function Child({ name }) { return <i>{name.length}</i>; }"
    app = """
import { Counter } from "./Counter";
import { Child } from "./Child";
export default function App() { return <main><Counter /><Child name="abc" /></main>; }
"""
    preview.files = {**FILES, "src/App.tsx": app, "src/Child.tsx": child}
    await preview.show(preview.files)
    await preview.click("button", 3)
    await preview.shows("button", "count: 3")
    assert (await preview.edit({"src/App.tsx": app.replace(' name="abc"', "")}))["outcome"] == "failed"
    assert (await preview.heard("failed"))["kept"]
    assert "count: 3" in await preview.text()
    assert (await preview.edit({"src/App.tsx": app.replace("abc", "abcd")}))["outcome"] == "applied"
    assert "4" in await preview.text("i")
    assert await preview.text("button") == "count: 3"


@each
async def test_new_component_that_throws(preview: Preview) -> None:
    preview.files = dict(FILES)
    preview.files["src/New.tsx"] = ""
    new = 'export const New = () => { throw new Error("broken"); };'
    app = APP.replace("<Counter />", "<Counter /><New />") + 'import { New } from "./New";'
    await preview.show(FILES)
    preview.files["src/New.tsx"] = new
    await preview.click("button", 2)
    await preview.shows("button", "count: 2")
    ack = await preview.edit({"src/New.tsx": new, "src/App.tsx": app})
    assert ack["outcome"] == "failed"
    assert await preview.text("button") == "count: 2"
    # What failed is tried again with the next edit, without being sent again.
    ack = await preview.edit({"src/New.tsx": "export const New = () => <i>new</i>;"})
    assert ack["outcome"] == "applied"
    assert await preview.text("i") == "new"
    assert await preview.text("button") == "count: 2"


@both
async def test_error_boundary_of_the_app_does_not_see_it(preview: Preview) -> None:
    app = """
import { Component } from "react";
import { Counter } from "./Counter";
class Guard extends Component {
  state = { error: null };
  static getDerivedStateFromError(error) { return { error }; }
  render() { return this.state.error ? <p>guarded</p> : this.props.children; }
}
export default function App() { return <Guard><Counter /></Guard>; }
"""
    preview.files = {**FILES, "src/App.tsx": app}
    await throws_then_mends(preview, "src/Counter.tsx", COUNTER.replace("return", f"{THROW} return"), GOOD, "render")


@both
async def test_component_that_always_throws_in_a_boundary_stops_no_update(preview: Preview) -> None:
    app = """
import { Component } from "react";
import { Counter } from "./Counter";
class Guard extends Component {
  state = { error: null };
  static getDerivedStateFromError(error) { return { error }; }
  render() { return this.state.error ? <p>guarded</p> : this.props.children; }
}
function Bad() { throw new Error("on purpose"); }
export default function App() { return <main><Guard><Bad /></Guard><Counter /></main>; }
"""
    await preview.show({**FILES, "src/App.tsx": app})
    await preview.shows("p", "guarded")
    await preview.click("button", 2)
    await preview.shows("button", "count: 2")
    assert (await preview.edit({"src/Counter.tsx": GOOD}))["outcome"] == "applied"
    assert await preview.text("button") == "good count: 2"
    assert await preview.text("p") == "guarded"
    assert await preview.all("failed") == []
    assert await preview.all("error") == []


@both
async def test_throw_in_a_class_component(preview: Preview) -> None:
    """Classes hold their state in instances that an edit replaces; the view stays all the same."""
    source = """
import { Component } from "react";
export class Counter extends Component {
  state = { n: 0 };
  render() { return <button onClick={() => this.setState({ n: this.state.n + 1 })}>{this.state.n}</button>; }
}
"""
    await preview.show({**FILES, "src/Counter.tsx": source})
    await preview.click("button", 3)
    await preview.shows("button", "3")
    ack = await preview.edit({"src/Counter.tsx": source.replace("render() {", f"render() {{ {THROW}")})
    assert ack["outcome"] == "failed"
    assert (await preview.heard("failed"))["kept"]
    assert await preview.text("button") == "3"
    assert (await preview.edit({"src/Counter.tsx": source.replace("{this", "good {this")}))["outcome"] == "applied"
    assert "good" in await preview.text("button")


@both
async def test_throw_with_other_hooks(preview: Preview) -> None:
    """The edit that throws would have mounted the component anew; taken back, it has its state."""
    bad = COUNTER.replace("const [n", "useState(5); const [n").replace("return", f"{THROW} return")
    await throws_then_mends(preview, "src/Counter.tsx", bad, GOOD, "render")


@both
async def test_throw_in_an_effect_of_an_edit(preview: Preview) -> None:
    bad = COUNTER.replace("useState }", "useState, useLayoutEffect }").replace(
        "return", 'useLayoutEffect(() => { throw new Error("broken") }); return'
    )
    await preview.show(FILES)
    ack = await preview.edit({"src/Counter.tsx": bad})
    assert ack["outcome"] == "failed"
    assert "broken" in (await preview.heard("failed"))["error"]["message"]
    assert await preview.text("button") == "count: 0"
    assert (await preview.edit({"src/Counter.tsx": GOOD}))["outcome"] == "applied"
    assert await preview.text("button") == "good count: 0"


@both
async def test_first_render_that_throws(preview: Preview) -> None:
    bad = COUNTER.replace("return", f"{THROW} return")
    await preview.show({**FILES, "src/Counter.tsx": bad}, wait=False)
    failed = await preview.heard("failed")
    assert not failed["kept"]
    assert failed["error"]["kind"] == "render"
    assert (await preview.edit({"src/Counter.tsx": GOOD}))["outcome"] == "applied"
    assert await preview.text("button") == "good count: 0"
    assert len(await preview.all("clear")) == 1
    assert await preview.all("error") == []


@each
async def test_first_run_that_throws(preview: Preview) -> None:
    await preview.show({**FILES, "src/label.ts": f"export const label = 1; {THROW}"})
    failed = await preview.heard("failed")
    assert (failed["kept"], failed["error"]["kind"]) == (False, "module")
    ack = await preview.edit({"src/label.ts": LABEL})
    assert ack["outcome"] == "applied"
    assert await preview.text("button") == "count: 0"


@each
async def test_throw_after_a_click(preview: Preview) -> None:
    bad = COUNTER.replace("return", "if (n === 2) throw new Error('broken'); return")
    await preview.show({**FILES, "src/Counter.tsx": bad})
    await preview.click("button", 2)
    failed = await preview.heard("failed")
    assert (failed["kept"], failed["error"]["kind"]) == (False, "render")
    assert (await preview.edit({"src/Counter.tsx": GOOD}))["outcome"] == "applied"
    assert await preview.text("button") == "good count: 0"
    assert await preview.all("error") == []
    assert len(await preview.all("failed")) == 1


@each
async def test_errors_that_break_nothing(preview: Preview) -> None:
    counter = COUNTER.replace("onClick={() => setN(n + 1)}", 'onClick={() => { throw new Error("handler") }}')
    await preview.show({**FILES, "src/Counter.tsx": counter})
    await preview.click("button")
    assert (await preview.heard("error"))["error"]["message"] == "handler"
    await preview.frame.evaluate("void Promise.reject(new Error('promise'))")
    assert (await preview.heard("error", 2))["error"]["message"] == "promise"
    assert len(await preview.all("error")) == 2
    assert await preview.all("failed") == []


@each
async def test_two_failures_in_a_row(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button", 3)
    await preview.shows("button", "count: 3")
    bad = COUNTER.replace("return", f"{THROW} return")
    assert (await preview.edit({"src/Counter.tsx": bad}))["outcome"] == "failed"
    assert (await preview.edit({"src/label.ts": LABEL.replace("count", "sum")}))["outcome"] == "failed"
    assert await preview.text("button") == "count: 3"
    assert (await preview.edit({"src/label.ts": LABEL + THROW}))["outcome"] == "failed"
    assert await preview.text("button") == "count: 3"
    assert (await preview.edit({"src/Counter.tsx": GOOD, "src/label.ts": LABEL}))["outcome"] == "applied"
    assert await preview.text("button") == "good count: 3"


@both
async def test_nothing_of_a_failure_is_painted(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button", 3)
    await preview.shows("button", "count: 3")
    await preview.frame.evaluate(WATCH)
    await preview.edit({"src/Counter.tsx": COUNTER.replace("return", f"{THROW} return")})
    await preview.frame.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    assert {"Hello" in text for text in await preview.frame.evaluate("seen")} <= {True}


async def test_target_keeps_its_view(preview: Preview) -> None:
    """A target of its own: the same promises where the runtime makes the root."""
    target = "src/Counter.tsx"
    await preview.show({target: COUNTER, "src/label.ts": LABEL}, target)
    await preview.click("button", 3)
    await preview.shows("button", "count: 3")
    assert (await preview.edit({target: COUNTER.replace("return", f"{THROW} return")}))["outcome"] == "failed"
    assert await preview.text("button") == "count: 3"
    assert (await preview.edit({target: GOOD}))["outcome"] == "applied"
    assert await preview.text("button") == "good count: 3"


@each
async def test_lazy_module_that_throws_is_asked_for_again(preview: Preview) -> None:
    app = """
import { lazy, Suspense } from "react";
const Page = lazy(() => import("./Page"));
export default function App() { return <Suspense fallback="wait"><Page /></Suspense>; }
"""
    page = "export default function Page() { return 'there'; }"
    await preview.show({**FILES, "src/App.tsx": app, "src/Page.tsx": page + THROW}, wait=False)
    assert not (await preview.heard("failed"))["kept"]
    ack = await preview.edit({"src/Page.tsx": page})
    assert ack["outcome"] == "applied"
    await preview.shows("body", "there")
    assert await preview.all("restart") == []


async def test_top_level_await_that_never_ends(preview: Preview) -> None:
    app = 'import { x } from "./x"; export default () => x;'
    hung = "export const x = await new Promise(() => {});"
    await preview.show({"src/main.tsx": "import './App'", "src/App.tsx": app, "src/x.ts": hung}, wait=False)
    preview.seq += 1
    await preview.send(preview.update(modules=preview.compile({"src/x.ts": "export const x = 'ended';"})))
    restart = await preview.page.wait_for_function("heard.find(m => m.type === 'restart')", timeout=PATIENT)
    assert (await restart.json_value())["reason"] == "a top-level await did not end"
