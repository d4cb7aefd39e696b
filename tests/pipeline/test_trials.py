"""Fresh builds to be tried in a browser, and renderings without one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from overskill_nb.errors import BuildError
from overskill_nb.pipeline import Engine
from overskill_nb.protocol import AppInfo, FileChange, OpenApp, WriteFiles
from overskill_nb.protocol_trials import BuildTrial, Rendered, RenderOnce, Trial

pytestmark = pytest.mark.usefixtures("tools")

TIP = """
import "./tip.css";
export function Tip({ bill, onPay }: { bill: number; onPay(): void }) {
  return <button className="tip p-[3px]" onClick={() => onPay()}>Pay {bill * 1.1}</button>;
}
"""


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = Engine(tmp_path)
    yield engine
    await engine.close()


@pytest.fixture
async def app(engine: Engine) -> AppInfo:
    app = await engine.handle(OpenApp(folder="tips", create=True, allow=["https://api.example.com"]))
    assert isinstance(app, AppInfo)
    files = {"src/parts/Tip.tsx": TIP, "src/parts/tip.css": ".tip { color: teal }"}
    changes = [FileChange(path=path, content=text) for path, text in files.items()]
    await engine.handle(WriteFiles(app=app.app, files=changes))
    return app


async def built(engine: Engine, app: AppInfo, target: str = "", **given: object) -> dict[str, bytes]:
    trial = await engine.handle(BuildTrial(app=app.app, target=target, **given))  # type: ignore[arg-type]
    assert isinstance(trial, Trial)
    assert trial.allow == ["https://api.example.com"]
    assert (trial.module, trial.export) == (("src/parts/Tip.tsx", "Tip") if target else ("", ""))
    return {file.path: Path(file.file).read_bytes() for file in trial.files}


async def test_a_component_is_built_alone_with_its_props_and_the_styles_of_the_app(
    engine: Engine, app: AppInfo
) -> None:
    files = await built(engine, app, "Tip", props={"bill": 41}, functions=["onPay"])
    assert b'<div id="root"></div>' in files["/index.html"]
    code = b"".join(data for path, data in files.items() if path.endswith(".js"))
    assert b"41" in code
    assert b"New app" not in code
    styles = b"".join(data for path, data in files.items() if path.endswith(".css"))
    assert b".tip" in styles
    assert b"3px" in styles
    again = await built(engine, app, "Tip", props={"bill": 42}, functions=["onPay"])
    assert again.keys() != files.keys()


def contents(folder: Path) -> dict[Path, bytes]:
    """But for ``.git``, where a checkpoint may be written at any time."""
    return {
        file: file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and ".git" not in file.relative_to(folder).parts
    }


async def test_the_app_is_left_as_it_is(engine: Engine, app: AppInfo) -> None:
    before = contents(Path(app.folder))
    await built(engine, app, "Tip")
    files = await built(engine, app)
    assert any(b"New app" in data for data in files.values())
    assert contents(Path(app.folder)) == before
    assert not list(Path(app.folder).rglob("*trial*"))


async def test_a_file_that_goes_is_gone_from_the_next_build(engine: Engine, app: AppInfo) -> None:
    await built(engine, app, "Tip")
    await engine.handle(WriteFiles(app=app.app, files=[FileChange(path="src/parts/tip.css")]))
    with pytest.raises(BuildError, match=r"tip\.css"):
        await built(engine, app, "Tip")


async def test_no_such_component_is_said(engine: Engine, app: AppInfo) -> None:
    with pytest.raises(BuildError, match="There is no component Tipp"):
        await engine.handle(BuildTrial(app=app.app, target="Tipp"))


async def test_a_component_is_rendered_with_the_props_that_are_given(engine: Engine, app: AppInfo) -> None:
    request = RenderOnce(app=app.app, target="Tip", props={"bill": 20}, functions=["onPay"])
    found = await engine.handle(request)
    assert isinstance(found, Rendered)
    assert found.text == '- button "Pay 22"'
    assert not found.diagnostics


async def test_function_props_are_those_of_a_live_preview(engine: Engine, app: AppInfo) -> None:
    source = """
import { useEffect, useState } from "react";
export default function Ask({ onAsk, pay }: { onAsk(): Promise<unknown>; pay(): Promise<unknown> }) {
  const [said, setSaid] = useState("nothing yet");
  useEffect(() => { onAsk().then((answer) => pay().finally(() => setSaid(`answered ${answer}`))); }, []);
  return <p>{said}</p>;
}
"""
    await engine.handle(WriteFiles(app=app.app, files=[FileChange(path="src/parts/Ask.tsx", content=source)]))
    found = await engine.handle(RenderOnce(app=app.app, target="Ask", functions=["ask", "pay"]))
    assert isinstance(found, Rendered)
    assert (found.text, found.diagnostics) == ("- answered undefined", [])


async def test_what_does_not_compile_is_said_with_its_place(engine: Engine, app: AppInfo) -> None:
    files = [FileChange(path="src/parts/Tip.tsx", content="export function Tip() { return <p> }")]
    await engine.handle(WriteFiles(app=app.app, files=files))
    found = await engine.handle(RenderOnce(app=app.app, target="Tip"))
    assert isinstance(found, Rendered)
    assert found.text == ""
    assert found.diagnostics[0].location is not None
