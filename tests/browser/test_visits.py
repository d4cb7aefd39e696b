"""What is done to a fresh build in headless Chromium: the same each time, and with the network off."""

from __future__ import annotations

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
  const [id] = useState(() => Math.random());
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
    with pytest.raises(ov.CheckError, match=r"'box' differs in [34]\.\d% of its area .* see box\.new\.png"):
        app.screenshot("box", props={"colour": "tomato"})
    assert app.screenshot("box", props={"colour": "tomato"}, tolerance=0.1).differs > 0.03
    assert not (workspace / "recordings/shop/box.new.png").exists()


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
