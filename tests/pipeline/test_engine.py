from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
from pathlib import Path

import pytest
import pytest_asyncio
from client import Client

from overskill_nb import config
from overskill_nb.errors import (
    AppError,
    Cancelled,
    EditError,
    EngineError,
    FileError,
    PathError,
)
from overskill_nb.pipeline import Engine, worker
from overskill_nb.protocol import (
    Ack,
    AllowOrigins,
    AppInfo,
    Done,
    EditFile,
    EngineInfo,
    Event,
    FileChange,
    FileContent,
    Files,
    Gone,
    Inspect,
    Likely,
    ListFiles,
    OpenApp,
    Prepare,
    Prepared,
    Progress,
    ReadFile,
    RenameFile,
    Snapshot,
    Subscribe,
    Traced,
    TraceError,
    Unsubscribe,
    Update,
    WriteFiles,
    Written,
)

pytestmark = pytest.mark.usefixtures("tools")


def counter(text: str) -> str:
    return (
        'import { useState } from "react";\n'
        "export default function Counter() {\n"
        "  const [count, setCount] = useState(0);\n"
        f"  return <button onClick={{() => setCount(count + 1)}}>{text} {{count}}</button>;\n"
        "}\n"
    )


@pytest_asyncio.fixture
async def app(client: Client) -> AppInfo:
    return await client.ask(OpenApp(folder="tips", create=True), AppInfo)


async def write(client: Client, app: AppInfo, path: str, content: str | None) -> Written:
    return await client.ask(WriteFiles(app=app.app, files=[FileChange(path=path, content=content)]), Written)


def code_of(update: Update | Snapshot, module: str) -> str:
    return next(item.code for item in update.modules if item.id == module)


def numbers(client: Client, name: str = "p") -> list[int]:
    return [update.seq for update in client.updates(name)]


# ----------------------------------------------------------------------------------------------------------- opening


async def test_a_worker_that_does_not_start_is_told_to_whoever_needs_it(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(worker, "SCRIPT", tmp_path / "gone.mjs")
        app = await client.ask(OpenApp(folder="tips", create=True), AppInfo)
        with pytest.raises(EngineError, match="reinstall"):
            await client.ask(Prepare(app=app.app), Prepared)
    assert (await client.ask(Prepare(app=app.app), Prepared)).diagnostics == []


async def test_a_new_app_opens_from_the_template(engine: Engine, app: AppInfo) -> None:
    assert app.created
    assert app.name == "tips"
    assert app.folder == str(engine.workspace / "tips")
    assert app.diagnostics == []
    # Packages are kept per user: the app's folder stays what it was made as.
    assert not (engine.workspace / "tips/node_modules").exists()
    assert not (engine.workspace / "tips/package-lock.json").exists()


async def test_an_app_that_is_there_is_opened_and_not_made_again(client: Client, app: AppInfo) -> None:
    await write(client, app, "src/App.tsx", "export default () => <p>mine</p>;")
    again = await client.ask(OpenApp(folder="tips", create=True), AppInfo)
    assert not again.created
    assert again.app == app.app
    read = await client.ask(ReadFile(app=app.app, path="src/App.tsx"), FileContent)
    assert read.content == "export default () => <p>mine</p>;"


async def test_many_who_open_one_app_at_once_get_the_same_one(engine: Engine, client: Client, app: AppInfo) -> None:
    folder = engine.workspace / "other"
    (folder / "src").mkdir(parents=True)
    (folder / "src/main.tsx").write_text("console.log(1)")
    asked = [client.start(OpenApp(folder=str(folder))) for _ in range(5)]
    answers = [await client.answer(number) for number in asked]
    assert len({answer.app for answer in answers if isinstance(answer, AppInfo)}) == 1
    assert len(engine.apps) == 2


async def test_an_unknown_app_is_an_error(client: Client) -> None:
    for request in (ListFiles(app="nope"), Prepare(app="../../etc"), ReadFile(app="", path="src/App.tsx")):
        with pytest.raises(AppError, match="is open; open it with"):
            await client.ask(request, Done)


async def test_a_folder_that_is_no_app_is_an_error(client: Client, tmp_path: Path) -> None:
    with pytest.raises(AppError, match="There is no folder"):
        await client.ask(OpenApp(folder="nope"), AppInfo)
    (tmp_path / "work/empty").mkdir()
    with pytest.raises(AppError, match="holds no app"):
        await client.ask(OpenApp(folder="empty"), AppInfo)


async def test_an_app_may_be_called_by_its_folders_name(client: Client, app: AppInfo) -> None:
    assert "src/App.tsx" in (await client.ask(ListFiles(app="tips"), Files)).paths


async def test_a_restarted_engine_knows_an_app_and_what_it_may_reach_by_its_id(
    engine: Engine, client: Client, app: AppInfo, tmp_path: Path
) -> None:
    await client.ask(AllowOrigins(app=app.app, allow=["https://API.example.com"]), Done)
    await engine.close()
    other = Engine(tmp_path / "elsewhere")
    try:
        snapshot = await Client.of(other).follow(app.app)
        assert snapshot.app == app.app
        assert (await Client.of(other).ask(OpenApp(folder=app.folder), AppInfo)).allow == ["https://api.example.com"]
        assert "src/App.tsx" in {module.id for module in snapshot.modules}
    finally:
        await other.close()


async def test_origins_are_checked(client: Client, app: AppInfo) -> None:
    for wrong in (
        "api.example.com",
        "https://a.com/path",
        "https://a.com; script-src *",
        "*",
        "data:",
        "https://a b",
        "https://a.com\n",
    ):
        with pytest.raises(AppError, match="is not an origin"):
            await client.ask(AllowOrigins(app=app.app, allow=[wrong]), Done)
    assert (await client.ask(OpenApp(folder=app.folder), AppInfo)).allow == []


async def test_what_the_engine_says_of_itself(engine: Engine, client: Client, app: AppInfo, node: object) -> None:
    await client.follow(app.app)
    info = await client.ask(Inspect(), EngineInfo)
    assert info.host == "kernel"
    assert info.workspace == str(engine.workspace)
    assert info.apps == {"tips": 1}
    assert info.problems == []
    assert info.worker_pid
    os.kill(info.worker_pid, 0)


async def test_an_engine_says_of_itself_before_anything_was_opened(client: Client) -> None:
    info = await client.ask(Inspect(), EngineInfo)
    assert info.worker_pid is None
    assert info.apps == {}


# ----------------------------------------------------------------------------------------------------------- updates


async def test_a_snapshot_holds_all_that_a_preview_needs(client: Client, app: AppInfo) -> None:
    snapshot = await client.follow(app.app)
    modules = {module.id for module in snapshot.modules}
    assert {"src/main.tsx", "src/App.tsx", "src/index.css", "virtual:env"} <= modules
    assert snapshot.entries == ["src/main.tsx"]
    assert snapshot.globals == ["src/index.css"]
    assert snapshot.page.title == "tips"
    assert 'id="root"' in snapshot.page.body
    assert snapshot.diagnostics == []
    assert snapshot.vendor
    assert all(chunk.code for chunk in snapshot.vendor)
    for module in snapshot.modules:
        for target in module.deps.values():
            assert target.startswith("npm:") or target in modules
    css = next(module.css for module in snapshot.modules if module.id == "src/index.css")
    assert css
    assert ".text-2xl" in css


async def test_packages_are_named_beforehand_to_a_preview_that_fetches_them(
    engine: Engine, client: Client, app: AppInfo
) -> None:
    needed = [chunk.id for chunk in (await client.follow(app.app)).vendor]
    later = Engine(engine.workspace)
    try:
        again = Client.of(later)
        await again.ask(OpenApp(folder="tips"), AppInfo)
        snapshot = await again.follow(app.app, fetches=True)
        first = again.events()[0]
        assert isinstance(first, Likely)
        assert first.chunks == needed
        assert [(chunk.id, chunk.code) for chunk in snapshot.vendor] == [(name, None) for name in needed]
        text_only = await again.follow(app.app, "q")
        assert all(chunk.code for chunk in text_only.vendor)
        assert not any(isinstance(event, Likely) for event in again.events("q"))
    finally:
        await later.close()


async def test_packages_that_changed_meanwhile_are_not_those_of_the_last_time(
    engine: Engine, client: Client, app: AppInfo
) -> None:
    own = Path(app.folder) / "node_modules"
    shutil.copytree(engine.apps[app.app].packages.folder / "node_modules", own, symlinks=True)
    before = await client.follow(app.app)
    await engine.close()
    package = own / "react/package.json"
    package.write_text(package.read_text().replace('"version": "', '"version": "9', 1))
    (own / "react/cjs/react.development.js").write_text("exports.version = 'mine';")
    later = Engine(engine.workspace)
    try:
        again = Client.of(later)
        await again.ask(OpenApp(folder="tips"), AppInfo)
        snapshot = await again.follow(app.app, fetches=True)
        assert not {chunk.id for chunk in snapshot.vendor} & {chunk.id for chunk in before.vendor}
    finally:
        await later.close()


async def test_vendor_chunks_that_a_client_has_are_not_sent_again(client: Client, app: AppInfo) -> None:
    have = [chunk.id for chunk in (await client.follow(app.app)).vendor]
    again = await client.follow(app.app, "q", have=have)
    assert [(chunk.id, chunk.code) for chunk in again.vendor] == [(name, None) for name in have]


async def test_a_change_reaches_disk_and_every_preview_under_one_number(client: Client, app: AppInfo) -> None:
    first = await client.follow(app.app, "p")
    await client.follow(app.app, "q")
    source = "export default function App() { return <p>changed</p>; }"
    written = await write(client, app, "src/App.tsx", source)
    assert written.seq == first.seq + 1
    assert written.changed == ["src/App.tsx"]
    assert written.diagnostics == []
    assert (Path(app.folder) / "src/App.tsx").read_text() == source
    for name in ("p", "q"):
        update = await client.update(written.seq, name)
        assert update.build == first.build
        assert "changed" in code_of(update, "src/App.tsx")
        assert update.reload == ""
        assert update.origin == "python"


async def test_numbers_run_without_gaps_whoever_writes(client: Client, engine: Engine, app: AppInfo) -> None:
    other = Client.of(engine)
    start = (await client.follow(app.app)).seq
    await other.follow(app.app, "p")
    asked = [
        (who, who.start(WriteFiles(app=app.app, files=[FileChange(path="src/App.tsx", content=counter(f"v{number}"))])))
        for number in range(20)
        for who in (client, other)
    ]
    last = 0
    for who, number in asked:
        answer = await who.answer(number)
        assert isinstance(answer, Written)
        last = max(last, answer.seq)
    for who in (client, other):
        await who.update(last)
        assert numbers(who) == list(range(start + 1, last + 1))
    assert [update.modules for update in client.updates()] == [update.modules for update in other.updates()]
    assert "v19" in code_of(client.updates()[-1], "src/App.tsx")


async def test_the_same_content_again_is_no_change(client: Client, app: AppInfo) -> None:
    first = await client.follow(app.app)
    written = await write(client, app, "src/App.tsx", (Path(app.folder) / "src/App.tsx").read_text())
    assert (written.seq, written.changed) == (first.seq, [])


async def test_a_file_that_nothing_imports_sends_nothing(client: Client, app: AppInfo) -> None:
    first = await client.follow(app.app)
    written = await write(client, app, "notes.md", "# to do")
    assert written.changed == ["notes.md"]
    assert written.seq == first.seq
    assert numbers(client) == []


async def test_a_syntax_error_keeps_the_last_good_version_and_the_next_good_one_recovers(
    client: Client, app: AppInfo
) -> None:
    await client.follow(app.app)
    await write(client, app, "src/App.tsx", counter("good"))
    bad = await write(client, app, "src/App.tsx", "export default function App() {\n  return <p>oh</p\n}\n")
    (problem,) = bad.diagnostics
    assert problem.kind == "syntax"
    assert problem.location
    assert problem.location.file == "src/App.tsx"
    assert problem.location.line in (2, 3)
    assert "> 2 |" in problem.frame or "> 3 |" in problem.frame
    update = await client.update(bad.seq)
    assert update.modules == []
    assert update.diagnostics == [problem]
    # Who comes now sees what last worked, and what is wrong.
    late = await client.follow(app.app, "late")
    assert "good" in code_of(late, "src/App.tsx")
    assert late.diagnostics == [problem]
    mended = await write(client, app, "src/App.tsx", counter("better"))
    assert mended.diagnostics == []
    assert mended.seq == bad.seq + 1
    for name in ("p", "late"):
        update = await client.update(mended.seq, name)
        assert update.diagnostics == []
        assert "better" in code_of(update, "src/App.tsx")


async def test_going_back_to_the_last_good_version_clears_the_error(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    good = (Path(app.folder) / "src/App.tsx").read_text()
    await write(client, app, "src/App.tsx", "export default (")
    back = await write(client, app, "src/App.tsx", good)
    assert back.diagnostics == []
    assert (await client.update(back.seq)).diagnostics == []


async def test_what_was_good_beside_an_error_is_sent_when_the_error_is_gone(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    await write(client, app, "src/lib/money.ts", "export const money = (n: number) => `old ${n}`;")
    await write(
        client, app, "src/App.tsx", 'import { money } from "./lib/money";\nexport default () => <p>{money(1)}</p>;'
    )
    files = [
        FileChange(path="src/lib/money.ts", content="export const money = (n: number) => `new ${n}`;"),
        FileChange(path="src/App.tsx", content="export default ("),
    ]
    bad = await client.ask(WriteFiles(app=app.app, files=files), Written)
    assert (await client.update(bad.seq)).modules == []
    good = await write(
        client, app, "src/App.tsx", 'import { money } from "./lib/money";\nexport default () => <b>{money(1)}</b>;'
    )
    update = await client.update(good.seq)
    assert "new" in code_of(update, "src/lib/money.ts")
    assert {module.id for module in update.modules} >= {"src/App.tsx", "src/lib/money.ts"}


async def test_nothing_is_written_where_one_path_is_refused(client: Client, app: AppInfo) -> None:
    before = (Path(app.folder) / "src/App.tsx").read_text()
    for wrong, kind in (("../out.tsx", PathError), ("src/app.tsx", PathError), ("src/huge.ts", FileError)):
        content = "x" * (config.MAX_FILE_BYTES + 1) if kind is FileError else "x"
        files = [FileChange(path="src/App.tsx", content="new"), FileChange(path=wrong, content=content)]
        with pytest.raises(kind):
            await client.ask(WriteFiles(app=app.app, files=files), Written)
    assert (Path(app.folder) / "src/App.tsx").read_text() == before
    assert not (Path(app.folder).parent / "out.tsx").exists()


async def test_files_of_one_batch_that_collide_are_refused_together(client: Client, app: AppInfo) -> None:
    for first, second in (("src/new/a.ts", "src/new/A.ts"), ("src/New/a.ts", "src/new/b.ts"), ("src/x", "src/x/y.ts")):
        files = [FileChange(path=first, content="1"), FileChange(path=second, content="2")]
        with pytest.raises(PathError):
            await client.ask(WriteFiles(app=app.app, files=files), Written)
        assert not (Path(app.folder) / first).exists()


async def test_a_write_that_the_system_refuses_is_taken_back(
    client: Client, app: AppInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await client.follow(app.app)
    replace = os.replace

    def refuse(source: str, target: str) -> None:
        if str(target).endswith("App.tsx"):
            raise OSError(30, "Read-only file system")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(FileError, match="Read-only file system"):
        await write(client, app, "src/App.tsx", counter("lost"))
    monkeypatch.undo()
    # What the preview shows is what the disk holds.
    late = await client.follow(app.app, "late")
    assert "lost" not in code_of(late, "src/App.tsx")
    shown = [code_of(update, "src/App.tsx") for update in (first, *client.updates()) if has(update, "src/App.tsx")]
    assert shown[-1] == code_of(late, "src/App.tsx")
    written = await write(client, app, "src/App.tsx", counter("kept"))
    assert "kept" in code_of(await client.update(written.seq), "src/App.tsx")
    assert written.seq > first.seq


async def test_an_edit_goes_out_like_a_write(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    edited = await client.ask(EditFile(app=app.app, path="src/App.tsx", old="New app", new="Tips"), Written)
    assert "Tips" in code_of(await client.update(edited.seq), "src/App.tsx")
    with pytest.raises(EditError):
        await client.ask(EditFile(app=app.app, path="src/App.tsx", old="New app", new="Tips"), Written)


async def test_a_style_reaches_previews_as_text(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    written = await write(client, app, "src/index.css", '@import "tailwindcss";\n.mine { color: tomato }')
    update = await client.update(written.seq)
    css = next(module.css for module in update.modules if module.id == "src/index.css")
    assert css
    assert ".mine" in css


async def test_a_class_that_is_new_in_the_sources_is_in_the_styles(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    written = await write(client, app, "src/App.tsx", "export default () => <p className='mt-[13px]'>x</p>;")
    update = await client.update(written.seq)
    assert any(module.css and "13px" in module.css for module in update.modules)


async def test_renaming_a_picture_follows_its_bytes(client: Client, app: AppInfo) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    (Path(app.folder) / "src/logo.png").write_bytes(picture)
    await write(client, app, "src/App.tsx", 'import logo from "./logo.png";\nexport default () => <img src={logo} />;')
    first = await client.follow(app.app)
    assert "data:image/png;base64," in code_of(first, "src/logo.png")
    renamed = await client.ask(RenameFile(app=app.app, path="src/logo.png", to="src/images/brand.png"), Written)
    assert (Path(app.folder) / "src/images/brand.png").read_bytes() == picture
    assert [problem.kind for problem in renamed.diagnostics] == ["resolve"]
    assert "./logo.png" in renamed.diagnostics[0].message
    mended = await write(
        client, app, "src/App.tsx", 'import logo from "./images/brand.png";\nexport default () => <img src={logo} />;'
    )
    assert mended.diagnostics == []
    assert "data:image/png;base64," in code_of(await client.update(mended.seq), "src/images/brand.png")


async def test_deleting_a_file_that_is_imported_is_an_error_until_it_is_mended(client: Client, app: AppInfo) -> None:
    await write(client, app, "src/lib/deep/money.ts", "export const money = 1;")
    await write(
        client, app, "src/App.tsx", 'import { money } from "./lib/deep/money";\nexport default () => <p>{money}</p>;'
    )
    await client.follow(app.app)
    deleted = await write(client, app, "src/lib/deep/money.ts", None)
    assert not (Path(app.folder) / "src/lib").exists()
    assert [problem.kind for problem in deleted.diagnostics] == ["resolve"]
    assert deleted.diagnostics[0].location
    assert deleted.diagnostics[0].location.file == "src/App.tsx"
    mended = await write(client, app, "src/App.tsx", "export default () => <p>1</p>;")
    assert mended.diagnostics == []
    assert (await client.update(mended.seq)).removed == ["src/lib/deep/money.ts"]
    with pytest.raises(FileError, match="There is no file"):
        await write(client, app, "src/lib/deep/money.ts", None)


# ------------------------------------------------------------------------------------------------- components, errors


async def test_a_component_is_prepared_by_name_by_path_and_by_export(client: Client, app: AppInfo) -> None:
    await write(client, app, "src/components/Counter.tsx", counter("c"))
    await write(client, app, "src/parts.tsx", "export const Left = () => <i/>;\nexport const Right = () => <b/>;")
    for target, expected in (
        ("Counter", ("src/components/Counter.tsx", "default")),
        ("src/components/Counter.tsx", ("src/components/Counter.tsx", "default")),
        ("src/parts.tsx#Right", ("src/parts.tsx", "Right")),
        ("Left", ("src/parts.tsx", "Left")),
        ("", ("", "")),
    ):
        prepared = await client.ask(Prepare(app=app.app, target=target), Prepared)
        assert (prepared.module, prepared.export) == expected
        assert prepared.diagnostics == []


async def test_a_component_that_is_not_there_is_a_diagnostic(client: Client, app: AppInfo) -> None:
    prepared = await client.ask(Prepare(app=app.app, target="Nope"), Prepared)
    assert prepared.module == ""
    assert [problem.severity for problem in prepared.diagnostics] == ["error"]
    assert "Nope" in prepared.diagnostics[0].message


async def test_a_component_that_nothing_imports_is_followed_too(client: Client, app: AppInfo) -> None:
    await write(client, app, "src/components/Counter.tsx", counter("one"))
    snapshot = await client.follow(app.app, module="src/components/Counter.tsx")
    assert "one" in code_of(snapshot, "src/components/Counter.tsx")
    assert snapshot.globals == ["src/index.css"]
    written = await write(client, app, "src/components/Counter.tsx", counter("two"))
    assert "two" in code_of(await client.update(written.seq), "src/components/Counter.tsx")


async def test_an_error_at_run_time_is_traced_to_the_source(client: Client, app: AppInfo) -> None:
    source = "export default function App() {\n  const user: any = null;\n\n  return <p>{user.name}</p>;\n}\n"
    await write(client, app, "src/App.tsx", source)
    snapshot = await client.follow(app.app)
    module = next(module for module in snapshot.modules if module.id == "src/App.tsx")
    lines = module.code.splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "user.name" in text)
    column = lines[line - 1].index("user.name") + 6
    stack = f"TypeError: x\n    at App (overskill:///{module.hash}/src/App.tsx:{line + 1}:{column})"
    request = TraceError(app=app.app, kind="render", message="Cannot read properties of null", stack=stack)
    traced = (await client.ask(request, Traced)).diagnostic
    assert traced.location
    assert (traced.location.file, traced.location.line) == ("src/App.tsx", 4)
    assert "> 4 |" in traced.frame
    assert traced.kind == "render"


# ------------------------------------------------------------------------------------------------------ subscriptions


async def test_who_says_where_it_was_gets_just_what_it_missed(client: Client, app: AppInfo) -> None:
    first = await client.follow(app.app)
    client.say(Unsubscribe(client="p"))
    for number in range(3):
        await write(client, app, "src/App.tsx", counter(f"missed {number}"))
    assert numbers(client) == []
    client.say(Subscribe(client="p", app=app.app, build=first.build, seq=first.seq))
    await client.update(first.seq + 3)
    assert numbers(client) == [first.seq + 1, first.seq + 2, first.seq + 3]
    assert sum(isinstance(event, Snapshot) for event in client.events()) == 1


async def test_who_was_up_to_date_gets_nothing_until_something_changes(client: Client, app: AppInfo) -> None:
    first = await client.follow(app.app)
    client.say(Subscribe(client="q", app=app.app, build=first.build, seq=first.seq))
    written = await write(client, app, "src/App.tsx", counter("next"))
    await client.update(written.seq, "q")
    assert [type(event) for event in client.events("q")] == [Update]


@pytest.mark.parametrize(("build", "seq"), [("another", 1), ("", 1), (None, 9999), (None, -1), (None, -5)])
async def test_who_says_a_number_that_is_not_ours_gets_a_snapshot(
    client: Client, app: AppInfo, build: str | None, seq: int
) -> None:
    first = await client.follow(app.app)
    again = await client.follow(app.app, "q", build=first.build if build is None else build, seq=seq)
    assert again.seq == first.seq
    assert again.modules == first.modules


async def test_following_an_unknown_app_is_answered(client: Client) -> None:
    client.say(Subscribe(client="p", app="nope-123"))
    event = await client.wait_for(Event)
    assert isinstance(event.event, Gone)
    assert event.event.app == "nope-123"
    assert "nope-123" in event.event.reason


async def test_following_a_module_outside_the_app_is_answered(client: Client, app: AppInfo) -> None:
    client.say(Subscribe(client="p", app=app.app, module="../../etc/passwd"))
    await client.until(lambda: bool(client.events("p")))
    (event,) = client.events("p")
    assert isinstance(event, Gone)


async def test_a_client_that_leaves_is_forgotten_and_the_others_are_not(
    engine: Engine, client: Client, app: AppInfo
) -> None:
    other = Client.of(engine)
    await client.follow(app.app)
    await other.follow(app.app)
    assert len(engine.apps[app.app].feed.followers) == 2
    other.close()  # type: ignore[attr-defined]
    assert len(engine.apps[app.app].feed.followers) == 1
    before = len(other.heard)
    written = await write(client, app, "src/App.tsx", counter("after"))
    await client.update(written.seq)
    assert len(other.heard) == before


async def test_two_previews_of_one_page_have_their_own_names(client: Client, app: AppInfo) -> None:
    await client.follow(app.app, "p")
    await client.follow(app.app, "q")
    client.say(Unsubscribe(client="p"))
    written = await write(client, app, "src/App.tsx", counter("q only"))
    await client.update(written.seq, "q")
    assert numbers(client, "p") == []


async def test_an_acknowledgement_is_kept(engine: Engine, client: Client, app: AppInfo) -> None:
    first = await client.follow(app.app)
    ack = Ack(client="p", app=app.app, build=first.build, seq=first.seq, outcome="applied", ms=3.5)
    client.say(ack)
    client.say(Ack(client="unknown", app=app.app, build="b", seq=1, outcome="applied"))
    client.say(Ack(client="p", app="unknown", build="b", seq=1, outcome="applied"))
    (follower,) = engine.apps[app.app].feed.followers.values()
    assert follower.acknowledged == ack


async def test_an_acknowledgement_right_after_the_subscription_is_kept(
    engine: Engine, client: Client, app: AppInfo
) -> None:
    live = engine.apps[app.app]
    ack = Ack(client="early", app=app.app, build=live.feed.build, seq=3, outcome="applied", ms=1.5)
    client.say(Subscribe(client="early", app=app.app))
    client.say(ack)
    await client.wait_for(Event, lambda message: message.client == "early" and isinstance(message.event, Snapshot))
    (follower,) = live.feed.followers.values()
    await client.until(lambda: follower.acknowledged == ack)


# ------------------------------------------------------------------------------------------------ changes from outside


async def test_a_file_that_another_program_writes_is_taken_in(client: Client, app: AppInfo) -> None:
    first = await client.follow(app.app)
    await asyncio.sleep(0.2)
    (Path(app.folder) / "src/App.tsx").write_text(counter("from outside"))
    update = await client.update(first.seq + 1)
    assert update.origin == "file"
    assert "from outside" in code_of(update, "src/App.tsx")
    (Path(app.folder) / "src/App.tsx").unlink()
    update = await client.update(first.seq + 2)
    assert [problem.kind for problem in update.diagnostics] == ["resolve"]


async def test_an_editor_that_saves_by_renaming_is_taken_in(client: Client, app: AppInfo) -> None:
    first = await client.follow(app.app)
    await asyncio.sleep(0.2)
    scratch = Path(app.folder) / "src/App.tsx.tmp123"
    scratch.write_text(counter("renamed"))
    os.replace(scratch, Path(app.folder) / "src/App.tsx")
    assert "renamed" in code_of(await client.update(first.seq + 1), "src/App.tsx")


async def test_the_echo_of_our_own_write_is_dropped(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    await asyncio.sleep(0.2)
    written = await write(client, app, "src/App.tsx", counter("once"))
    await client.ask(RenameFile(app=app.app, path="src/index.css", to="src/style.css"), Written)
    last = await client.ask(RenameFile(app=app.app, path="src/style.css", to="src/index.css"), Written)
    await asyncio.sleep(0.5)
    assert numbers(client) == list(range(written.seq, last.seq + 1))
    assert {update.origin for update in client.updates()} == {"python"}


async def test_a_link_that_leads_out_is_not_taken_in(client: Client, app: AppInfo, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_text("export const secret = 'hunter2';")
    await client.follow(app.app)
    (Path(app.folder) / "src/leak.ts").symlink_to(secret)
    (Path(app.folder) / "src/out").symlink_to(tmp_path, target_is_directory=True)
    for specifier in ("./leak", "./out/secret", "../../../secret", str(secret), f"/@fs{secret}", "./leak.ts?raw"):
        source = f'import * as x from "{specifier}";\nexport default () => <p>{{String(x)}}</p>;'
        written = await write(client, app, "src/App.tsx", source)
        assert [problem.severity for problem in written.diagnostics] == ["error"], specifier
    late = await client.follow(app.app, "late")
    everything = json.dumps([str(message) for message in client.heard]) + str(late)
    assert "hunter2" not in everything


# ----------------------------------------------------------------------------------------------------- interruptions


async def test_a_call_that_is_cancelled_is_answered_and_later_calls_work(client: Client, app: AppInfo) -> None:
    first = await client.follow(app.app)
    slow = client.start(WriteFiles(app=app.app, files=[FileChange(path="src/App.tsx", content=counter("cancelled"))]))
    client.cancel(slow)
    with pytest.raises(Cancelled):
        await client.answer(slow)
    written = await write(client, app, "src/App.tsx", counter("after"))
    update = await client.update(written.seq)
    assert "after" in code_of(update, "src/App.tsx")
    assert numbers(client) == list(range(first.seq + 1, written.seq + 1))


async def test_cancelling_what_is_done_or_unknown_does_nothing(client: Client, app: AppInfo) -> None:
    number = client.start(ListFiles(app=app.app))
    await client.answer(number)
    client.cancel(number)
    client.cancel(4711)
    assert isinstance(await client.ask(ListFiles(app=app.app), Files), Files)


@pytest.mark.parametrize("pause", [0.0, 0.0005, 0.001, 0.002, 0.005])
async def test_whenever_a_write_is_cancelled_previews_end_where_the_disk_is(
    engine: Engine, client: Client, app: AppInfo, pause: float
) -> None:
    first = await client.follow(app.app)
    for turn in range(8):
        number = client.start(
            WriteFiles(app=app.app, files=[FileChange(path="src/App.tsx", content=counter(f"try-{turn}"))])
        )
        await asyncio.sleep(pause)
        client.cancel(number)
        try:
            await client.answer(number)
        except Cancelled:
            continue
    (text,) = re.findall(r"try-\d|New app", (Path(app.folder) / "src/App.tsx").read_text())

    def shown() -> str:
        """Last. What was written without being sent comes by the watcher."""
        return [code_of(sent, "src/App.tsx") for sent in (first, *client.updates()) if has(sent, "src/App.tsx")][-1]

    await client.until(lambda: text in shown())
    await settled(engine, app)
    late = await client.follow(app.app, "late")
    assert text in shown()
    assert shown() == code_of(late, "src/App.tsx")
    assert numbers(client) == list(range(first.seq + 1, late.seq + 1))


def has(update: Update | Snapshot, module: str) -> bool:
    return any(item.id == module for item in update.modules)


async def settled(engine: Engine, app: AppInfo) -> None:
    """Until the watcher and what is under way had their turn."""
    await asyncio.sleep(0.4)
    async with engine.apps[app.app]._turn:
        pass


async def test_a_preparation_that_was_cancelled_can_be_asked_for_again(client: Client, app: AppInfo) -> None:
    await write(client, app, "src/components/Counter.tsx", counter("again"))
    for pause in (0, 0.01, 0.05, 0.1):
        number = client.start(Prepare(app=app.app, target="Counter"))
        await asyncio.sleep(pause)
        client.cancel(number)
    prepared = await client.ask(Prepare(app=app.app, target="Counter"), Prepared)
    assert prepared.module == "src/components/Counter.tsx"
    snapshot = await client.follow(app.app, module=prepared.module)
    assert "again" in code_of(snapshot, prepared.module)


async def test_a_worker_that_is_killed_comes_back_and_no_update_is_lost(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    for turn in range(4):
        worker = (await client.ask(Inspect(), EngineInfo)).worker_pid
        assert worker
        number = client.start(
            WriteFiles(app=app.app, files=[FileChange(path="src/App.tsx", content=counter(f"life {turn}"))])
        )
        await asyncio.sleep(turn * 0.0007)
        os.kill(worker, signal.SIGKILL)
        written = await client.answer(number)
        assert isinstance(written, Written)
        assert written.diagnostics == []
        # Something for the new worker to do, in case the old one had answered before it died.
        after = await write(client, app, "src/lib/unused.ts", f"export const turn = {turn};")
        assert after.seq >= written.seq
    found = [code_of(update, "src/App.tsx") for update in client.updates() if has(update, "src/App.tsx")]
    assert [next(turn for turn in range(4) if f"life {turn}" in code) for code in found] == [0, 1, 2, 3]
    assert all(update.reload == "" for update in client.updates())
    seen = numbers(client)
    assert seen == list(range(seen[0], seen[0] + len(seen)))


async def test_what_changed_while_no_worker_lived_is_sent_when_one_does(client: Client, app: AppInfo) -> None:
    first = await client.follow(app.app)
    worker = (await client.ask(Inspect(), EngineInfo)).worker_pid
    assert worker
    os.kill(worker, signal.SIGKILL)
    (Path(app.folder) / "src/App.tsx").write_text(counter("meanwhile"))
    await client.ask(Prepare(app=app.app, target="App"), Prepared)
    update = await client.update(first.seq + 1)
    assert "meanwhile" in code_of(update, "src/App.tsx")


async def test_a_closed_engine_leaves_no_process(engine: Engine, client: Client, app: AppInfo) -> None:
    await client.ask(Prepare(app=app.app), Prepared)
    worker = (await client.ask(Inspect(), EngineInfo)).worker_pid
    assert worker
    await engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    with pytest.raises(EngineError, match="closed"):
        await engine.handle(WriteFiles(app=app.app, files=[FileChange(path="src/App.tsx", content="x")]))


# ---------------------------------------------------------------------------------------------------------- packages


@pytest.mark.slow
async def test_a_package_that_a_source_imports_is_installed(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    written = await write(
        client, app, "src/App.tsx", 'import clsx from "clsx";\nexport default () => <p className={clsx("a")}>x</p>;'
    )
    assert written.diagnostics == []
    update = await client.update(written.seq)
    assert has(update, "src/App.tsx")
    assert any(chunk.code and "clsx" in chunk.code for chunk in update.vendor)
    assert update.reload == ""
    manifest = json.loads((Path(app.folder) / "package.json").read_text())
    assert manifest["dependencies"]["clsx"].startswith("^")
    assert list(manifest["dependencies"]) == sorted(manifest["dependencies"])
    assert any("clsx" in event.text for event in client.events("p") if hasattr(event, "text"))
    assert not (Path(app.folder) / "node_modules").exists()


@pytest.mark.slow
async def test_a_package_that_does_not_exist_is_one_clear_error(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    before = (Path(app.folder) / "package.json").read_text()
    source = 'import x from "overskill-nb-there-is-no-such-package";\nexport default () => <p>{x}</p>;'
    written = await write(client, app, "src/App.tsx", source)
    (problem,) = written.diagnostics
    assert problem.kind == "install"
    assert "There is no npm package 'overskill-nb-there-is-no-such-package'" in problem.message
    assert problem.location
    assert (problem.location.file, problem.location.line) == ("src/App.tsx", 1)
    assert (Path(app.folder) / "package.json").read_text() == before
    # It is not asked for again at every keystroke.
    told = sum(isinstance(event, Progress) for event in client.events())
    assert told
    again = await write(client, app, "src/App.tsx", source + "\n// more")
    assert [(found.message, found.location) for found in again.diagnostics] == [(problem.message, problem.location)]
    assert sum(isinstance(event, Progress) for event in client.events()) == told
    mended = await write(client, app, "src/App.tsx", counter("without"))
    assert mended.diagnostics == []


@pytest.mark.slow
async def test_a_source_and_the_package_json_it_needs_may_come_together(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    manifest = json.loads((Path(app.folder) / "package.json").read_text())
    manifest["dependencies"]["clsx"] = "^2.1.0"
    files = [
        FileChange(path="package.json", content=json.dumps(manifest)),
        FileChange(path="src/index.css", content='@import "tailwindcss";\n.fresh { color: tomato }'),
        FileChange(path="src/App.tsx", content='import clsx from "clsx";\nexport default () => <p>{clsx("b")}</p>;'),
    ]
    written = await client.ask(WriteFiles(app=app.app, files=files), Written)
    assert written.diagnostics == []
    modules = {module.id: module for update in client.updates() for module in update.modules}
    assert "clsx" in modules["src/App.tsx"].code
    assert ".fresh" in str(modules["src/index.css"].css)


@pytest.mark.slow
async def test_an_update_is_not_lost_over_the_packages_that_come_with_it(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    manifest = json.loads((Path(app.folder) / "package.json").read_text())
    manifest["dependencies"]["clsx"] = "^2.1.0"
    files = [
        FileChange(path="package.json", content=json.dumps(manifest)),
        FileChange(path="src/App.tsx", content=counter("with packages")),
    ]
    written = await client.ask(WriteFiles(app=app.app, files=files), Written)
    assert written.diagnostics == []
    assert "with packages" in code_of(await client.update(written.seq), "src/App.tsx")


async def test_a_package_json_that_is_not_json_is_a_diagnostic_and_mends(client: Client, app: AppInfo) -> None:
    await client.follow(app.app)
    good = (Path(app.folder) / "package.json").read_text()
    bad = await write(client, app, "package.json", "{")
    assert any("package.json is not JSON" in problem.message for problem in bad.diagnostics)
    changed = await write(client, app, "src/App.tsx", counter("still"))
    assert has(await client.update(changed.seq), "src/App.tsx")
    mended = await write(client, app, "package.json", good)
    assert mended.diagnostics == []
