"""What is done to a fresh build in headless Chromium: the same each time, and with the network off."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

import overskill_nb as ov
from overskill_nb import config, headless, session

pytestmark = pytest.mark.usefixtures("tools")

VOLATILE = """
import { useEffect, useState } from "react";
export default function Clock() {
  const [ticks, setTicks] = useState(0);
  const [data, setData] = useState("nothing");
  const [id] = useState(() => [Math.random(), crypto.randomUUID(), crypto.getRandomValues(new Uint8Array(4))].join());
  useEffect(() => { const t = setInterval(() => setTicks((n) => n + 1), 10); return () => clearInterval(t); }, []);
  useEffect(() => { fetch("https://example.com/data").then((r) => r.text(), () => "refused").then(setData); }, []);
  const now = new Date().toLocaleString();
  return <main><p>{ticks} ticks</p><p>{id}</p><p>{now}</p><p>{data}</p><button>Go</button></main>;
}
"""
FAULTY = """
export default function Faulty() {
  const image = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
  return <main><img src={image} /><input /><p style={{ color: "#ccc" }}>pale</p></main>;
}
"""
THROWS = """
import { useState } from "react";
export default function Throws() {
  const [n, setN] = useState(0);
  const add = () => { setN(n + 1); if (n === 1) throw new Error("the second time"); };
  return <button onClick={add}>Add</button>;
}
"""
LOOPS = """
export default function Loops() {
  return <button onClick={() => { for (;;) { if (Math.random() > 2) break; } }}>Loop</button>;
}
"""
BOX = """
export default function Box({ colour }: { colour: string }) {
  return <div style={{ background: colour, width: 300, height: 100 }}>Box</div>;
}
"""
LEAKS = """
import { useEffect, useState } from "react";
export default function Leaks() {
  const [socket, setSocket] = useState("waits");
  useEffect(() => {
    try {
      const one = new WebSocket("ws://127.0.0.1:PORT/");
      one.onopen = () => setSocket("open");
      one.onerror = () => setSocket("refused");
    } catch { setSocket("refused"); }
  }, []);
  return <><p>socket {socket}</p><p>peers {typeof RTCPeerConnection}</p></>;
}
"""
LOGIN = """
import { useState } from "react";
export default function Login() {
  const [word, setWord] = useState("");
  return <><label>Password <input type="password" value={word} onChange={(e) => setWord(e.target.value)} /></label>
    <p>{word.length} characters</p></>;
}
"""
ASKS = """
import { useState } from "react";
export default function Asks({ onAsk }: { onAsk(): Promise<unknown> }) {
  const [said, setSaid] = useState("");
  return <main><button onClick={() => onAsk().then((a) => setSaid(`answered ${a}`))}>Ask</button>{said}</main>;
}
"""
SUMMARY = """
export default function More() {
  return <details><summary>More</summary><p>All of it.</p></details>;
}
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("visits")
    session.close()
    headless.close()


@pytest.fixture
def app(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> ov.App:
    monkeypatch.chdir(workspace)
    monkeypatch.setenv(config.ENGINE, "kernel")
    for name in (config.MODE, config.NOTEBOOK, config.REFRESH, config.OUTCOMES):
        monkeypatch.delenv(name, raising=False)
    return ov.App("shop")


def test_time_chance_and_the_network_are_the_same_each_time(app: ov.App) -> None:
    app.component("Clock", VOLATILE)
    texts = []
    for _ in range(3):
        with app.record("goes") as r:
            r.wait(1)
            r.click("Go")
        texts.append(app.interactions["goes"].steps[-1].tree)
    assert texts[0] == texts[1] == texts[2]
    assert "1/1/2026, 9:00:0" in str(texts[0])
    assert "refused" in str(texts[0])


def test_axe_finds_faults_and_says_where(app: ov.App) -> None:
    app.component("Faulty", FAULTY)
    with pytest.raises(ov.CheckError) as raised:
        app.check.accessible()
    said = str(raised.value)
    assert said.startswith("axe-core finds 3 faults: ")
    for part in ("image-alt", "label", "color-contrast", "<input>"):
        assert part in said


def test_what_is_thrown_and_not_caught_ends_a_replay(app: ov.App) -> None:
    app.component("Throws", THROWS.replace("n === 1", "n === 9"))
    with app.record("adds twice") as r:
        r.click("Add")
        r.click("Add")
    app.component("Throws", THROWS)
    with pytest.raises(ov.ReplayError, match=r"after step 1, .*the app threw an error: the second time"):
        app.replay("adds twice")


def test_a_loop_without_an_end_is_said(app: ov.App) -> None:
    app.component("Loops", LOOPS)
    with pytest.raises(ov.CheckError, match=r"does not answer|cannot be done"), app.record("loops") as r:
        r.click("Loop")
    assert "loops" not in app.interactions


def test_a_picture_is_compared_with_the_one_that_is_kept(app: ov.App, workspace: Path) -> None:
    app.component("Box", BOX, props={"colour": "teal"})
    first = app.screenshot("box")
    assert (workspace / "recordings/shop/box.png").read_bytes() == first.png
    app.screenshot("box")
    with pytest.raises(ov.CheckError, match=r"'box' differs in 9\d\.\d% of what is drawn .* see box\.new\.png"):
        app.screenshot("box", props={"colour": "tomato"})
    assert app.screenshot("box", props={"colour": "tomato"}, tolerance=0.999).differs > 0.9
    assert not (workspace / "recordings/shop/box.new.png").exists()
    with pytest.raises(ValueError, match=r"tolerance=1 is none"):
        app.screenshot("box", tolerance=1)


def test_a_small_thing_that_went_is_another_picture(app: ov.App) -> None:
    form = "<form><p>Name</p><input aria-label='Name' />{button}</form>"
    source = "export default function Form() {{ return {form}; }}"
    app.component("Form", source.format(form=form.format(button="<button>Save</button>")))
    app.screenshot("form")
    app.component("Form", source.format(form=form.format(button="")))
    with pytest.raises(ov.CheckError, match="'form' differs in"):
        app.screenshot("form")


def test_what_throws_as_it_opens_passes_no_check(app: ov.App) -> None:
    app.component("Broken", "export default function Broken() { throw new Error('not today'); }")
    for check in (app.check.accessible, lambda: app.screenshot("broken")):
        with pytest.raises(ov.CheckError, match="On 'open' the app threw an error: not today"):
            check()
    with pytest.raises(ov.CheckError, match="not today"), app.record("fails"):
        pass


def test_an_axe_of_the_apps_own_is_not_believed(app: ov.App) -> None:
    deaf = "globalThis.axe = { run: async () => ({ violations: [] }) };"
    app.component("Faulty", f"{deaf}{FAULTY}")
    with pytest.raises(ov.CheckError, match="image-alt"):
        app.check.accessible()


def test_nothing_gets_out_by_a_socket_or_a_peer(app: ov.App) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        app.component("Leaks", LEAKS.replace("PORT", str(port)))
        with app.record("leaks") as r:
            r.see("socket refused")
            r.see("peers undefined")
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_password_is_typed_and_not_kept(app: ov.App, monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    app.component("Login", LOGIN)
    with app.record("signs in") as r:
        r.type("hunter2hunter2", into="Password")
        r.see("14 characters")
    text = (workspace / "recordings/shop/signs-in.yaml").read_text("utf-8")
    assert "hunter2" not in text
    assert 'type "••••••••" into' in text
    with pytest.raises(ov.ReplayError, match="8 characters"):
        app.replay("signs in")
    monkeypatch.setenv(config.PASSWORD, "hunter2hunter2")
    assert not app.replay("signs in").skipped


def test_one_of_several_is_meant_by_its_number(app: ov.App) -> None:
    buttons = "".join(f"<button onClick={{() => setSaid('{n}')}}>{n}</button>" for n in ("One", "Two", "Three"))
    state = "const [said, setSaid] = useState('nothing');"
    head = 'import { useState } from "react";'
    app.component(
        "Choice", f"{head} export default function Choice() {{ {state} return <>{buttons}<p>{{said}}</p></>; }}"
    )
    with app.record("chooses") as r:
        r.click("", role="button", nth=2)
        r.see("Two")
    assert str(app.interactions["chooses"].steps[0].step) == 'click button "Two"'


def test_a_key_that_does_not_exist_is_said(app: ov.App) -> None:
    app.component("Plain", "export default function Plain() { return <p>Plain</p>; }")
    with pytest.raises(ov.CheckError, match="The step 'press Nokey' cannot be done"), app.record("presses") as r:
        r.press("Nokey")


def test_names_that_several_things_have_are_asked_about(app: ov.App) -> None:
    app.component("Two", "export default function Two() { return <><button>Go</button><button>Go</button></>; }")
    with pytest.raises(ov.CheckError, match=r'There are 2 of them with the name "Go" \(button\)'), app.record("x") as r:
        r.click("Go")


def test_a_summary_is_clicked_by_what_it_says(app: ov.App) -> None:
    app.component("More", SUMMARY)
    with app.record("opens") as r:
        r.click("More")
        r.see("All of it.")
    assert not app.replay("opens").skipped


def test_a_function_prop_answers_under_both_its_names_as_in_a_live_preview(app: ov.App) -> None:
    app.component("Asks", ASKS)
    app.preview("Asks").on("ask", lambda: None)
    with app.record("asks") as r:
        r.click("Ask")
        r.see("answered undefined")
