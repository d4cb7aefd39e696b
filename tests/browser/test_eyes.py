"""What models see of a preview in a browser, and what a browser finds that the check without one does not."""

from __future__ import annotations

import base64
import json
import re
import struct
import time
import zlib
from pathlib import Path

import pytest
from scripted_model import Say, ScriptedModel

from .conftest import Host, StartHost
from .jupyter import Notebook, Outcome, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATH = "src/components/Card.tsx"
CARD = """%%component Card
import { useEffect, useState } from "react";

export default function Card() {
  const [typed, setTyped] = useState("");
  useEffect(() => {
    console.log("the card is there", { cards: 1 });
    const context = document.querySelector("canvas")!.getContext("2d")!;
    context.fillStyle = "rgb(255, 128, 0)";
    context.fillRect(0, 0, 80, 40);
  }, []);
  return (
    <div className="p-6 bg-gradient-to-r from-sky-100 to-indigo-300 rounded-xl shadow-lg">
      <style>{`:root { --tone: rgb(0, 0, 128) } .tone { background: var(--tone) } .unseen { display: none }
        .fade { animation: fade 0.2s both } @keyframes fade { from { opacity: 0 } to { opacity: 1 } }`}</style>
      <h2 className="text-2xl font-bold">Grüße aus 東京</h2>
      <p className="fade">It faded in.</p>
      <p className="unseen">Nobody sees this.</p>
      <input aria-label="Name" className="border p-1" value={typed} onChange={(e) => setTyped(e.target.value)} />
      <label><input type="checkbox" defaultChecked /> Agreed</label>
      <button className="tone text-white rounded px-4 py-2">Save</button>
      <canvas width={80} height={40} />
      <svg width="40" height="40"><circle cx="20" cy="20" r="18" fill="rgb(0, 160, 0)" /></svg>
    </div>
  );
}
"""
MEASURES = """import { useLayoutEffect, useRef, useState } from "react";

const sizes = ["narrow"];

export default function Card() {
  const at = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState("");
  useLayoutEffect(() => setSize(sizes[Math.floor(at.current!.offsetWidth / 100)]LENGTH), []);
  return <div ref={at} id="size">It is {size}.</div>;
}
"""
BREAKS = MEASURES.replace("LENGTH", ".toUpperCase()")
RUNS = MEASURES.replace("LENGTH", ' ?? "wide"')
TOOLS = ("accessible_text", "read_console", "read_errors", "screenshot")


async def begun(host: Host, folder: str, model: ScriptedModel) -> Notebook:
    """A notebook that shows the card, and the model that it asks."""
    notebook = await host.open(
        folder,
        "import os, overskill_nb as ov\n"
        f"os.environ |= {{'OPENAI_API_KEY': 'none', 'OPENAI_BASE_URL': '{model.url}/v1', 'OVERSKILL_MODE': 'live'}}\n"
        "app = ov.App('cards')",
        CARD,
    )
    for number in (0, 1):
        outcome = await notebook.run_cell(number)
        assert outcome.ok, outcome.error
    frame = await notebook.frame_with("canvas")
    await frame.fill("input[aria-label=Name]", "Ada typed this")
    await frame.wait_for_function("document.querySelector('.fade').getAnimations()[0].playState === 'finished'")
    return notebook


async def asks(notebook: Notebook) -> Outcome:
    return await notebook.run("print(app.ask('What is on screen?', model='openai:gpt-5-scripted').answer)")


def answers(server: ScriptedModel) -> list[str]:
    """What the tools gave, one after the other."""
    return [json.dumps(one["messages"][-2:], ensure_ascii=False) for one in server.requests[1:]]


def picture_of(server: ScriptedModel) -> bytes:
    found = re.search(r"data:image/png;base64,([A-Za-z0-9+/=]+)", json.dumps(server.requests[-1]))
    assert found
    return base64.b64decode(found[1])


def pixels(png: bytes) -> tuple[int, int, dict[tuple[int, ...], int]]:
    """Width, height, and how often each colour is there."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    size = {2: 3, 6: 4}[kind]
    assert depth == 8
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += length + 12
    raw, stride = zlib.decompress(data), width * size
    before, colours = bytearray(stride), dict[tuple[int, ...], int]()
    for row in range(height):
        line = bytearray(raw[row * (stride + 1) + 1 : (row + 1) * (stride + 1)])
        _unfilter(raw[row * (stride + 1)], line, before, size)
        for x in range(0, stride, size):
            colour = tuple(line[x : x + 3])
            colours[colour] = colours.get(colour, 0) + 1
        before = line
    return width, height, colours


def _unfilter(kind: int, line: bytearray, before: bytearray, size: int) -> None:
    for x in range(len(line)):
        left = line[x - size] if x >= size else 0
        above, corner = before[x], before[x - size] if x >= size else 0
        if kind == 4:
            nearest = min((left, above, corner), key=lambda one: abs(left + above - corner - one))
        else:
            nearest = (0, left, above, (left + above) // 2)[kind]
        line[x] = (line[x] + nearest) & 255


async def test_a_model_sees_what_is_on_screen(lab: Host, tmp_path: Path) -> None:
    script = [*[Say(calls=[(name, {})]) for name in TOOLS], Say("A card.")]
    async with ScriptedModel(*script).running() as server:
        notebook = await begun(lab, "sees", server)
        outcome = await asks(notebook)
    assert outcome.ok, outcome.error
    assert "A card." in outcome.text
    text, console, errors, _ = answers(server)
    for part in ('heading \\"Grüße aus 東京\\" [level=2]', 'textbox \\"Name\\": Ada typed this', 'button \\"Save\\"'):
        assert part.replace('"', '\\"').replace("\\\\", "\\") in text or part in text, text
    assert "It faded in." in text
    assert "Nobody sees this." not in text
    assert "[checked]" in text
    assert "[log] the card is there {" in console
    assert "There are no errors." in errors
    png = picture_of(server)
    (tmp_path / "eyes.png").write_bytes(png)
    width, height, colours = pixels(png)
    assert 300 < width <= 1280
    assert height > 100
    assert len(png) < 1_000_000
    for colour, least in (((255, 128, 0), 2000), ((0, 0, 128), 500), ((0, 160, 0), 500)):
        assert colours.get(colour, 0) >= least, colour
    assert len(colours) > 50
    assert await (await notebook.frame_with("canvas")).evaluate("!('answer' in window)")
    assert not notebook.errors


async def test_what_throws_only_in_a_browser_is_mended_while_a_preview_is_open(lab: Host) -> None:
    script = [
        Say(calls=[("write_file", {"path": PATH, "content": BREAKS})]),
        Say("Done."),
        Say(calls=[("write_file", {"path": PATH, "content": RUNS})]),
        Say("Mended."),
    ]
    async with ScriptedModel(*script).running() as server:
        notebook = await begun(lab, "mends", server)
        call = "g = app.generate('Say how wide it is', 'Card', model='openai:gpt-5-scripted')"
        outcome = await notebook.run(f"{call}\nprint([one.passed for one in g.attempts], g.status)")
    assert outcome.ok, outcome.error
    assert "[False, True] kept" in outcome.text
    told = json.dumps(server.requests[2]["messages"][-1])
    assert "toUpperCase" in told
    assert f"{PATH}:8" in told
    assert (lab.root / "mends/cards" / PATH).read_text() == RUNS
    await notebook.wait_text(await notebook.frame_with("#size"), "#size", "It is wide.")


async def test_what_only_ever_throws_leaves_what_was_there(lab: Host) -> None:
    script = [Say(calls=[("write_file", {"path": PATH, "content": BREAKS})]), Say("Done.")]
    async with ScriptedModel(*script).running() as server:
        notebook = await begun(lab, "keeps", server)
        before = (lab.root / "keeps/cards" / PATH).read_text()
        outcome = await notebook.run("app.generate('Say how wide it is', 'Card', model='openai:gpt-5-scripted')")
    assert "toUpperCase" in outcome.error + outcome.text
    assert (lab.root / "keeps/cards" / PATH).read_text() == before
    await notebook.frame_with("canvas")


async def test_a_page_that_a_busy_kernel_keeps_silent_is_not_waited_for(start_host: StartHost) -> None:
    host = await start_host("comm")
    script = [Say(calls=[("screenshot", {})]), Say("Nothing.")]
    async with ScriptedModel(*script).running() as server:
        notebook = await begun(host, "silent", server)
        began = time.monotonic()
        outcome = await asks(notebook)
        took = time.monotonic() - began
        assert outcome.ok, outcome.error
        assert took < 20
        assert "The preview did not answer" in json.dumps(server.requests[-1])
        server.script = [Say(calls=[("accessible_text", {})]), Say("A card.")]
        server.requests.clear()
        # No cell runs by the time that it asks.
        ask = "app.ask('What is on screen?', model='openai:gpt-5-scripted')"
        await notebook.run(f"import threading, time\nthreading.Timer(1, lambda: {ask}).start()")
        await until(lambda: _true(len(server.requests) == 2))
        assert "Ada typed this" in json.dumps(server.requests[-1])


async def _true(value: bool) -> bool:
    return value
