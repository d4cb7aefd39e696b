"""What a component finds around it: props, console, theme, size, addresses, storage, and the sandbox."""

from __future__ import annotations

import pytest

from .conftest import both, each
from .preview import PATIENT, Preview
from .samples import COUNTER, FILES, LABEL, MAIN

pytestmark = pytest.mark.asyncio(loop_scope="session")

TARGET = "src/components/Card.tsx"
CARD = """
import { useState } from "react";
const PICKED = { at: new Date(0), set: new Set([1]), f() {}, el: document.body };
export default function Card({ title = "none", onSubmit, submit, onPick }) {
  const [n, setN] = useState(0);
  const [answer, setAnswer] = useState("");
  return <form onSubmit={onSubmit}>
    <b onClick={() => setN(n + 1)}>{title} {n}</b>
    <input name="city" defaultValue="Rome" />
    <button>send</button>
    <i onClick={async () => setAnswer(await onPick(PICKED))}>pick {answer}</i>
    <u onClick={event => submit(event)}>same {String(onSubmit === submit)}</u>
  </form>;
}
"""


@both
async def test_props_are_rendered_without_a_reload(preview: Preview) -> None:
    await preview.show({TARGET: CARD}, TARGET, props={"title": "one"})
    await preview.click("b", 2)
    await preview.control({"type": "props", "props": {"title": "two"}})
    await preview.shows("b", "two 2")
    assert (await preview.edit({TARGET: CARD.replace("{title}", "now {title}")}))["outcome"] == "applied"
    assert await preview.text("b") == "now two 2"
    await preview.control({"type": "props", "props": {"title": "three"}})
    await preview.shows("b", "now three 2")


@each
async def test_function_props(preview: Preview) -> None:
    await preview.show({TARGET: CARD}, TARGET, functions=["submit", "onPick"])
    assert await preview.text("u") == "same true"
    await preview.click("i")
    invoke = await preview.heard("invoke")
    assert invoke["name"] == "onPick"
    assert invoke["args"] == [{"at": "1970-01-01T00:00:00.000Z", "set": [1], "f": "[Function f]", "el": "[body]"}]
    await preview.control({"type": "returned", "id": invoke["id"], "value": "picked"})
    await preview.shows("i", "pick picked")
    await preview.click("button")
    invoke = await preview.heard("invoke", 2)
    assert (invoke["name"], invoke["args"]) == ("submit", [{"type": "submit", "values": {"city": "Rome"}}])
    await preview.click("u")
    assert (await preview.heard("invoke", 3))["args"] == [{"type": "click"}]
    assert await preview.page.evaluate("loads") == 1
    await preview.control({"type": "functions", "functions": []})
    await preview.shows("u", "same true")


async def test_failing_function_rejects(preview: Preview) -> None:
    await preview.show({TARGET: CARD}, TARGET, functions=["onPick"])
    await preview.click("i")
    invoke = await preview.heard("invoke")
    await preview.control({"type": "returned", "id": invoke["id"], "error": "no such city"})
    assert (await preview.heard("error"))["error"]["message"] == "no such city"


@pytest.mark.parametrize(
    ("source", "export", "shown"),
    [
        ("export function Card() { return 'named like the file' } export default 5", "", "named like the file"),
        ("export function Other() { return 'the only one' } export const x = 5", "", "the only one"),
        ("export function A() { return 'a' } export function B() { return 'b' }", "B", "b"),
        ("export default () => 'default'", "Missing", "default"),
        ("import { memo } from 'react'; export default memo(() => 'memo')", "", "memo"),
    ],
)
async def test_export_of_a_target(preview: Preview, source: str, export: str, shown: str) -> None:
    await preview.show({TARGET: source}, TARGET, export=export)
    assert await preview.text() == shown


async def test_target_without_a_component(preview: Preview) -> None:
    await preview.show({TARGET: "export const x = 5"}, TARGET)
    error = (await preview.heard("failed"))["error"]
    assert error["message"] == f"{TARGET} has no export that is a component; add `export default`"
    assert (await preview.edit({TARGET: "export default function Card() { return 'there' }"}))["outcome"] == "applied"
    assert await preview.text() == "there"
    # And away again: what was there stays.
    assert (await preview.edit({TARGET: "export const x = 6"}))["outcome"] == "failed"
    assert await preview.text() == "there"


async def test_target_that_does_not_compile_yet(preview: Preview) -> None:
    await preview.show({"src/label.ts": LABEL}, TARGET)
    assert await preview.all("failed") == []
    preview.files[TARGET] = CARD
    assert (await preview.edit({TARGET: CARD}))["outcome"] == "applied"
    assert await preview.text("b") == "none 0"
    assert (await preview.heard("live"))["seq"] == 1


async def test_target_with_other_exports(preview: Preview) -> None:
    source = COUNTER + "\nexport const size = 1; export default Counter;"
    await preview.show({TARGET: source.replace("./label", "../label"), "src/label.ts": LABEL}, TARGET)
    await preview.click("button", 2)
    await preview.shows("button", "count: 2")
    edited = source.replace("./label", "../label").replace("{label}:", "{label} is")
    assert (await preview.edit({TARGET: edited}))["outcome"] == "applied"
    assert await preview.text("button") == "count is 2"


async def test_target_has_the_styles_of_the_app(preview: Preview) -> None:
    css = "b { color: rgb(7, 8, 9) }"
    await preview.show({TARGET: CARD, "src/index.css": css}, TARGET, css=["src/index.css"])
    color = "getComputedStyle(document.querySelector('b')).color"
    assert await preview.frame.evaluate(color) == "rgb(7, 8, 9)"
    assert (await preview.edit({"src/index.css": css.replace("9", "10")}))["outcome"] == "applied"
    assert await preview.frame.evaluate(color) == "rgb(7, 8, 10)"


async def test_console(preview: Preview) -> None:
    # What is dropped is counted by the second, and this is said within one.
    source = """
    const now = Date.now(); Date.now = () => now;
    console.log("a %s is %d%%", "half", 50, { x: [1, "two"], m: new Map([["k", new Set([1])]]) });
    console.warn(new Date(0), null, undefined, -0, 1n, Symbol("s"), () => {}, class A {}, document.createElement("p"));
    for (let i = 0; i < 3; i++) console.info("same");
    const circle = {}; circle.self = circle; console.error(circle);
    console.group("g"); console.debug("in"); console.groupEnd();
    for (let i = 0; i < 3000; i++) console.log("many", i);
    """
    await preview.show({"src/main.tsx": source})
    message = await preview.heard("console")
    lines = [line["text"] for line in message["lines"]]
    assert lines[:7] == [
        "a half is 50% { x: [1, 'two'], m: Map(1) { 'k' => Set(1) { 1 } } }",
        "1970-01-01T00:00:00.000Z null undefined -0 1n Symbol(s) [Function: (anonymous)] [class A] <p>",
        "same",
        "{ self: [Circular] }",
        "g",
        "  in",
        "many 0",
    ]
    assert lines[-1] == "… 2006 lines dropped"
    assert [(line["level"], line["count"]) for line in message["lines"][:4]] == [
        ("log", 1),
        ("warn", 1),
        ("info", 3),
        ("error", 1),
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_theme(preview: Preview, theme: str) -> None:
    await preview.show({TARGET: CARD}, TARGET, theme=theme)
    look = """([theme, dark]) => document.documentElement.dataset.theme === theme
      && document.documentElement.classList.contains('dark') === dark
      && matchMedia('(prefers-color-scheme: dark)').matches === dark"""
    dark = theme == "dark"
    await preview.until(look, [theme, dark])
    other = "light" if dark else "dark"
    await preview.page.evaluate("theme => { element.style.colorScheme = theme }", other)
    await preview.control({"type": "theme", "theme": other})
    await preview.until(look, [other, not dark])


async def test_whole_app_keeps_its_own_class_for_dark(preview: Preview) -> None:
    await preview.show(FILES, theme="dark")
    assert await preview.frame.evaluate("document.documentElement.className") == ""


async def sized(preview: Preview, height: int) -> None:
    """Wait for this height, and see that it stays."""
    await preview.page.wait_for_function(
        "height => heard.filter(m => m.type === 'size').at(-1)?.height === height", arg=height, timeout=PATIENT
    )
    await preview.page.wait_for_timeout(400)
    assert (await preview.all("size"))[-1]["height"] == height


SIZED = "export default function Card({ h }) { return <div style={{ height: h }} /> }"


@pytest.mark.parametrize(
    ("props", "css", "height"),
    [
        ({"h": 420.4}, "body { margin: 8px }", 437),
        ({"h": 40}, "body { margin: 0 }", 40),
        ({"h": 900}, "body { margin: 0 }", 900),
    ],
)
async def test_size_follows_the_content(preview: Preview, props: dict[str, float], css: str, height: int) -> None:
    files = {TARGET: SIZED, "src/index.css": css}
    await preview.show(files, TARGET, css=["src/index.css"], fit=True, props=props)
    await sized(preview, height)
    await preview.control({"type": "props", "props": {"h": 100}})
    await sized(preview, 116 if "8" in css else 100)
    assert len(await preview.all("size")) <= 4


@pytest.mark.parametrize("h", ["100vh", "calc(100vh + 20px)", "90vh", "50%"])
async def test_size_of_what_is_as_tall_as_the_frame(preview: Preview, h: str) -> None:
    files = {TARGET: SIZED, "src/index.css": "html, body, #root { height: 100% }"}
    await preview.show(files, TARGET, css=["src/index.css"], fit=True, props={"h": h})
    await preview.heard("size")
    await preview.page.wait_for_timeout(500)
    sizes = [message["height"] for message in await preview.all("size")]
    assert len(sizes) <= 3, sizes
    assert 250 <= sizes[-1] <= 360, sizes


CENTRED = """
export default function Card({ h }) {
  const tall = { height: "100vh", display: "flex", alignItems: "center" };
  return <div style={tall}><div style={{ height: h }}>high</div></div>;
}
"""


@pytest.mark.parametrize(("h", "height"), [(900, 900), (100, 300)])
async def test_what_is_centred_in_something_as_tall_as_the_frame_is_seen_whole(
    preview: Preview, h: int, height: int
) -> None:
    files = {TARGET: CENTRED, "src/index.css": "body { margin: 0 }"}
    await preview.show(files, TARGET, css=["src/index.css"], fit=True, props={"h": h})
    await sized(preview, height)


async def test_nothing_is_measured_where_the_frame_has_its_own_size(preview: Preview) -> None:
    await preview.show({TARGET: SIZED}, TARGET, props={"h": 900})
    await preview.page.wait_for_timeout(200)
    assert await preview.all("size") == []
    await preview.control({"type": "fit", "fit": True})
    assert (await preview.heard("size"))["height"] == 916


async def test_storage_and_cookies(preview: Preview) -> None:
    await preview.show({TARGET: CARD}, TARGET)
    done = await preview.frame.evaluate("""() => {
      localStorage.setItem("a", 1); localStorage.b = "two"; sessionStorage.setItem("c", "3");
      document.cookie = "k=v; path=/"; document.cookie = "gone=1"; document.cookie = "gone=; max-age=0";
      const keys = Object.keys(localStorage); delete localStorage.a;
      const { length, b } = localStorage;
      return [keys, length, localStorage.getItem("a"), b, sessionStorage.c, document.cookie];
    }""")
    assert done == [["a", "b"], 1, None, "two", "3", "k=v"]


LINKS = """
export default function Card() {
  return <div>
    <a id="out" href="https://example.com/x">out</a>
    <a id="stop" href="/stop" onClick={e => e.stopPropagation()}>stop</a>
    <a id="hash" href="#below">below</a>
    <a id="script" href="javascript:void 0">script</a>
    <p style={{ marginTop: 2000 }} id="below">there</p>
  </div>;
}
"""


async def test_links_lead_nowhere(preview: Preview) -> None:
    await preview.show({TARGET: LINKS}, TARGET)
    await preview.click("#out")
    blocked = await preview.heard("blocked")
    assert (blocked["url"], blocked["directive"]) == ("https://example.com/x", "navigate")
    await preview.click("#stop")
    await preview.click("#script")
    await preview.until("__overskill__.location.pathname === '/stop'")
    await preview.click("#hash")
    await preview.until("scrollY > 1000")
    await preview.until("__overskill__.location.hash === '#below'")
    assert await preview.page.evaluate("loads") == 1
    assert await preview.all("error") == []


async def test_history(preview: Preview) -> None:
    await preview.show({TARGET: CARD}, TARGET)
    moved = await preview.frame.evaluate("""async () => {
      const seen = [];
      const { location } = __overskill__;
      const at = () => seen.push(location.pathname + location.search + JSON.stringify(history.state));
      addEventListener("popstate", at);
      history.pushState({ n: 1 }, "", "/one?x=1"); at();
      history.replaceState({ n: 2 }, "", "two"); at();
      history.pushState(null, "", "/three"); at();
      const back = new Promise(done => addEventListener("popstate", done, { once: true }));
      history.back(); await back;
      try { history.pushState(null, "", "https://example.com/") } catch (error) { seen.push(error.name) }
      return seen;
    }""")
    assert moved == ['/one?x=1{"n":1}', '/two{"n":2}', "/threenull", '/two{"n":2}', "SecurityError"]


ROUTED = """
import { BrowserRouter, Link, Route, Routes, useLocation, useNavigate } from "react-router-dom";
function Where() {
  const navigate = useNavigate();
  const path = useLocation().pathname;
  return <p><b>{path}</b><i onClick={() => navigate(-1)}>back</i><u>{window.location.pathname}</u></p>;
}
export default function App() {
  return <BrowserRouter>
    <Link to="/about?x=1">about</Link><Where />
    <Routes><Route path="/" element={<h1>Home</h1>} /><Route path="/about" element={<h1>About</h1>} /></Routes>
  </BrowserRouter>;
}
"""


async def test_browser_router(preview: Preview) -> None:
    await preview.show({"src/main.tsx": MAIN, "src/App.tsx": ROUTED}, packages=("react-router-dom",))
    await preview.shows("h1", "Home")
    # The router renders in a transition.
    await preview.click("a")
    await preview.shows("h1", "About")
    await preview.shows("b", "/about")
    await preview.shows("u", "/about")
    await preview.edit({"src/App.tsx": ROUTED.replace(">About<", ">About us<")})
    assert await preview.text("h1") == "About us"
    await preview.click("i")
    await preview.shows("h1", "Home")
    assert await preview.all("error") == []


async def test_hash_router(preview: Preview) -> None:
    app = ROUTED.replace("BrowserRouter", "HashRouter")
    await preview.show({"src/main.tsx": MAIN, "src/App.tsx": app}, packages=("react-router-dom",))
    await preview.click("a")
    await preview.shows("h1", "About")
    await preview.frame.evaluate("__overskill__.location.hash = '#/'")
    await preview.shows("h1", "Home")


async def test_leaving_the_frame_starts_it_again(preview: Preview) -> None:
    await preview.show({TARGET: CARD}, TARGET)
    await preview.frame.evaluate("void setTimeout(() => { location.href = 'https://example.com/' })")
    await preview.page.wait_for_function("loads === 2", timeout=PATIENT)
    await preview.heard("ready", 2)
    # However long all this takes here, it leaves again a moment after it has left.
    await preview.page.main_frame.child_frames[0].evaluate("(now => { Date.now = () => now })(Number(name) + 100)")
    await preview.frame.evaluate("void setTimeout(() => { location.href = 'https://example.com/' })")
    await preview.page.wait_for_timeout(500)
    assert await preview.page.evaluate("loads") == 2


async def test_requests_are_blocked_and_told(preview: Preview) -> None:
    await preview.show(
        {TARGET: CARD}, TARGET, allow=["https://api.example.com", "https://bad.example.com; script-src *"]
    )
    refused = await preview.frame.evaluate("fetch('https://elsewhere.test/x').then(() => 'sent', error => error.name)")
    assert refused == "TypeError"
    blocked = await preview.heard("blocked")
    assert (blocked["url"], blocked["directive"]) == ("https://elsewhere.test/x", "connect-src")
    await preview.frame.evaluate("fetch('https://api.example.com/x').catch(() => 0)")
    await preview.frame.evaluate("fetch('https://bad.example.com/x').catch(() => 0)")
    await preview.heard("blocked", 2)
    assert [message["url"] for message in await preview.all("blocked")][1:] == ["https://bad.example.com/x"]


async def test_nothing_of_the_page_is_within_reach(preview: Preview) -> None:
    await preview.show({TARGET: CARD}, TARGET)
    found = await preview.frame.evaluate("""() => {
      const attempt = run => { try { return String(run()) } catch (error) { return error.name } };
      const ports = Object.getOwnPropertyNames(window).filter(name => {
        try { return window[name] instanceof MessagePort } catch { return false } });
      return [attempt(() => parent.document), attempt(() => top.heard), attempt(() => parent.localStorage),
        typeof RTCPeerConnection, origin, ports, Object.keys(__overskill__), confirm("sure?"), prompt("x", "y")];
    }""")
    assert found[:6] == ["SecurityError", "SecurityError", "SecurityError", "undefined", "null", []]
    assert found[6] == ["define", "provide", "provided", "location", "window"]
    assert found[7:] == [True, "y"]


async def test_inner_frame_is_within_its_policy(preview: Preview) -> None:
    await preview.show({TARGET: CARD}, TARGET)
    policy = await preview.page.main_frame.child_frames[0].evaluate(
        "document.querySelector('meta[http-equiv]').content"
    )
    assert "frame-src 'none'" in policy
    tried = await preview.frame.evaluate("""() => new Promise(done => {
      addEventListener('securitypolicyviolation', event => done(event.effectiveDirective));
      const frame = document.createElement('iframe'); frame.src = 'https://example.com/'; document.body.append(frame);
    })""")
    assert tried == "frame-src"


async def test_errors_name_their_module(preview: Preview) -> None:
    await preview.show({**FILES, "src/label.ts": "export const label = 1;\nnull.x;"})
    stack = (await preview.heard("failed"))["error"]["stack"]
    assert "/src/label.ts:" in stack.splitlines()[1]
