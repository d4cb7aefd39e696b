"""Loops without an end, in every place that runs code: stopped, told, and over with the next good edit."""

from __future__ import annotations

import json

import pytest

from .conftest import both
from .preview import PATIENT, Preview
from .samples import COUNTER, FILES

pytestmark = pytest.mark.asyncio(loop_scope="session")

GOOD = COUNTER.replace("{label}:", "good {label}:")
ENDLESS = {
    "while": "while (true) {}",
    "without a body": "for (;;);",
    "do": "let i = 0; do i++; while (i > 0 || i < 1);",
    "nested and labelled": "outer: while (true) { for (let i = 0; i < 3; i++) { if (i === 1) continue outer; } }",
    "of": "for (const x of (function* () { while (true) yield 1; })()) void x;",
    "in": "const o = {}; for (const key in { a: 1 }) { while (!o[key]) continue; }",
    "that catches": "while (true) { try { while (true) {} } catch {} }",
}


async def hurried(preview: Preview) -> None:
    """Have the frame's clock run nine times as fast: how long a loop may take is seen in the first render."""
    await preview.page.add_init_script(
        "{ const now = performance.now.bind(performance); performance.now = () => 9 * now(); }"
    )


async def mended(preview: Preview, text: str) -> None:
    ack = await preview.edit({"src/Counter.tsx": GOOD})
    assert ack["outcome"] == "applied", ack
    assert await preview.text("button") == text
    assert await preview.all("restart") == []


@pytest.mark.parametrize("loop", ENDLESS.values(), ids=ENDLESS)
async def test_loop_in_an_edit_keeps_the_view(preview: Preview, loop: str) -> None:
    await hurried(preview)
    await preview.show(FILES)
    await preview.click("button", 3)
    await preview.shows("button", "count: 3")
    ack = await preview.edit({"src/Counter.tsx": COUNTER.replace("return", f"{loop} return")})
    assert ack["outcome"] == "failed", ack
    failed = await preview.heard("failed")
    assert (failed["kept"], failed["error"]["kind"]) == (True, "render")
    assert failed["error"]["message"].startswith("EndlessLoop: This loop did not end")
    assert "/src/Counter.tsx:" in failed["error"]["stack"]
    assert await preview.text("button") == "count: 3"
    await preview.click("button")
    await preview.shows("button", "count: 4")
    await mended(preview, "good count: 4")


@both
async def test_loop_in_the_first_render(preview: Preview) -> None:
    """React tries again before it gives up: the second time the loop is stopped at once."""
    loop = """const from = performance.now();
      try { while (true) {} } finally { (window.took ??= []).push(performance.now() - from); }"""
    bad = COUNTER.replace("return", f"{loop} return")
    await preview.show({**FILES, "src/Counter.tsx": bad}, wait=False)
    assert not (await preview.heard("failed"))["kept"]
    first, *again = await preview.frame.evaluate("took")
    assert first >= 3000
    assert again
    assert max(again) < 1000, again
    await mended(preview, "good count: 0")


@pytest.mark.parametrize("loop", ["while (true) {}", "while (true) await null;"])
async def test_loop_at_the_top_of_a_module(preview: Preview, loop: str) -> None:
    await hurried(preview)
    await preview.show(FILES)
    await preview.click("button", 3)
    await preview.shows("button", "count: 3")
    ack = await preview.edit({"src/Counter.tsx": f"{COUNTER}\n{loop}"})
    assert ack["outcome"] == "failed", ack
    assert (await preview.heard("failed"))["error"]["kind"] == "module"
    assert await preview.text("button") == "count: 3"
    await mended(preview, "good count: 3")


@pytest.mark.parametrize(
    ("place", "loop"),
    [
        ("effect", "while (true) {}"),
        ("effect", "(async () => { while (true) await null; })();"),
        ("effect", "(async () => { for await (const x of (function* () { for (;;) yield 1; })()) void x; })();"),
        ("effect", "setTimeout(() => { while (true) {} })"),
        ("handler", "while (true) {}"),
        ("handler", "(async () => { while (true) await null; })();"),
    ],
)
async def test_loop_in_an_effect_or_a_handler(preview: Preview, place: str, loop: str) -> None:
    await hurried(preview)
    counter = COUNTER.replace("useState }", "useEffect, useState }")
    if place == "effect":
        counter = counter.replace("return", f"useEffect(() => {{ if (n === 1) {{ {loop} }} }}, [n]); return")
    else:
        counter = counter.replace("onClick={() => setN", f"onClick={{() => {{ if (n === 1) {{ {loop} }} setN")
        counter = counter.replace("setN(n + 1)}", "setN(n + 1); }}")
    await preview.show({**FILES, "src/Counter.tsx": counter})
    await preview.click("button", 1 if place == "effect" else 2)
    thrown = await preview.page.wait_for_function(
        "heard.find(m => (m.type === 'error' || m.type === 'failed') && m.error.message.startsWith('EndlessLoop'))",
        timeout=PATIENT,
    )
    error = (await thrown.json_value())["error"]
    assert "/src/Counter.tsx:" in error["stack"]
    ack = await preview.edit({"src/Counter.tsx": GOOD})
    assert ack["outcome"] == "applied", ack
    assert (await preview.text("button")).startswith("good count: ")
    assert await preview.all("restart") == []


async def test_long_work_that_ends_is_not_stopped(preview: Preview) -> None:
    """One loop of 1.5 seconds, many short ones one after the other, and a loop that lets others have their turn."""
    counter = COUNTER.replace(
        "return",
        """if (n === 1) {
          const until = (ms) => { const end = performance.now() + ms; while (performance.now() < end) {} };
          until(1500);
          for (let i = 0; i < 170; i++) until(10);
          console.log("done");
        }
        return""",
    )
    slow = """
export const ticks = { count: 0 };
(async () => { while (ticks.count < 1600) { await new Promise((done) => { const c = new MessageChannel();
  c.port1.onmessage = done; c.port2.postMessage(0); }); const end = performance.now() + 2;
  while (performance.now() < end) {} ticks.count++; } console.log("ticked"); })();
"""
    await preview.show({**FILES, "src/Counter.tsx": counter, "src/slow.ts": slow})
    await preview.frame.evaluate("setTimeout(() => document.querySelector('button').click())")
    await preview.page.wait_for_function("heard.some(m => m.lines?.some(l => l.text === 'done'))", timeout=PATIENT)
    app = FILES["src/App.tsx"] + 'import "./slow";'
    await preview.edit({"src/App.tsx": app, "src/slow.ts": slow})
    await preview.page.wait_for_function("heard.some(m => m.lines?.some(l => l.text === 'ticked'))", timeout=PATIENT)
    assert await preview.all("error") == []
    assert await preview.all("failed") == []


@both
async def test_endless_recursion_and_rendering_keep_the_view(preview: Preview) -> None:
    await preview.show(FILES)
    await preview.click("button", 3)
    await preview.shows("button", "count: 3")
    for bad in ("const f = () => f(); f(); return", "setN(n + 1); return"):
        ack = await preview.edit({"src/Counter.tsx": COUNTER.replace("return", bad)})
        assert ack["outcome"] == "failed", ack
        assert await preview.text("button") == "count: 3"
    await mended(preview, "good count: 3")


async def test_effect_that_renders_for_ever_can_be_mended(preview: Preview) -> None:
    await preview.show(FILES)
    effect = COUNTER.replace("useState }", "useEffect, useState }")
    await preview.edit({"src/Counter.tsx": effect.replace("return", "useEffect(() => { setN(n + 1) }); return")})
    ack = await preview.edit({"src/Counter.tsx": GOOD})
    assert ack["outcome"] == "applied", ack
    before = await preview.text("button")
    await preview.frame.evaluate("new Promise(done => setTimeout(done, 50))")
    assert await preview.text("button") == before


async def test_a_guarded_loop_does_what_it_did(preview: Preview) -> None:
    source = """
const out = [];
function* numbers() { let n = 0; for (;;) { yield n++; if (n > 4) return "end"; } }
for (const n of numbers()) out.push(n);
a: for (let i = 0; i < 3; i++) for (var j = 0; j < 3; j++) {
  if (j === 1) continue a; if (i === 2) break a; out.push(i, j);
}
if (out.length) for (const k in { x: 1, y: 2 }) out.push(k); else while (true);
let d = 0; do d++; while (d < 1000);
const later = []; for (let i = 0; i < 3; i++) later.push(() => i);
out.push(d, j, ...later.map((f) => f()));
switch (1) { case 1: while (d-- > 990) if (d % 2) continue; else out.push(d); }
const wait = async () => { for await (const x of [Promise.resolve("p"), "q"]) out.push(x); };
class Box { static first = (() => { for (const x of [7]) return x; })(); static { while (d > 900) d--; } }
out.push(Box.first, d);
b: { for (;;) break b; }
await wait();
document.body.textContent = JSON.stringify(out);
"""
    await preview.show({"src/main.tsx": source})
    expected = '[0,1,2,3,4,0,0,1,0,"x","y",1000,0,0,1,2,998,996,994,992,990,7,900,"p","q"]'
    assert await preview.text("body") == expected


async def test_the_guard_costs_next_to_nothing(preview: Preview) -> None:
    source = """
const work = (n) => { let sum = 0; for (let i = 0; i < n; i++) sum = (sum + i) | 0; return sum; };
// The same without the guard, which is not put into code that is made from text.
const bare = new Function("n", "let sum = 0; for (let i = 0; i < n; i++) sum = (sum + i) | 0; return sum;");
const took = (run) => { const from = performance.now(); run(1e7); return performance.now() - from; };
const best = { work: Infinity, bare: Infinity };
for (let i = 0; i < 15; i++) {
  best.work = Math.min(best.work, took(work));
  best.bare = Math.min(best.bare, took(bare));
}
document.body.textContent = JSON.stringify(best);
"""
    await preview.show({"src/main.tsx": source})
    best = json.loads(await preview.text("body"))
    # An addition is next to nothing itself; what a loop does otherwise costs many times as much.
    assert best["work"] < 20 * best["bare"], best
