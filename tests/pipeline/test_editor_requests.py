from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from client import Client

from overskill_nb.errors import AppError, EditorError, FileError, PathError
from overskill_nb.pipeline import Engine
from overskill_nb.protocol import (
    AppInfo,
    EngineInfo,
    FileChange,
    Inspect,
    OpenApp,
    Prepare,
    Prepared,
    WriteFiles,
    Written,
    decode_to_engine,
)
from overskill_nb.protocol_editor import EditPage, GetPalette, MakePage, OpenPage, PageView, Palette

pytestmark = pytest.mark.asyncio(loop_scope="module")

CARD = """\
interface Props {
  /** What stands above. */
  title: string;
  wide?: boolean;
}

/** A card. */
export function Card({ title, wide = false }: Props) {
  return <section data-wide={wide}>{title}</section>;
}
"""
HOME = """\
import { Card } from "../components/Card";

// Kept, as it is:   with its blanks.
export default function Home() {
  return (
    <main className="p-8">
      <Card   title="Hello" />
      {[1, 2].map((n) => <b key={n}>{n}</b>)}
    </main>
  );
}
"""
PAGE = "src/pages/Home.tsx"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory, tools: Path) -> AsyncIterator[Engine]:
    """One for all, with an app for each test: a worker for each would take longer than most of them."""
    made = Engine(tmp_path_factory.mktemp("work"))
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def client(engine: Engine) -> AsyncIterator[Client]:
    made = Client.of(engine)
    yield made
    made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def app(client: Client, tmp_path: Path) -> AppInfo:
    made = await client.ask(OpenApp(folder=tmp_path.name, create=True), AppInfo)
    await write(client, made, {"src/components/Card.tsx": CARD, PAGE: HOME})
    return made


async def write(client: Client, app: AppInfo, files: dict[str, str | None]) -> Written:
    changes = [FileChange(path=path, content=content) for path, content in files.items()]
    return await client.ask(WriteFiles(app=app.app, files=changes), Written)


async def view_of(client: Client, app: AppInfo, path: str = PAGE, **more: Any) -> PageView:
    return await client.ask(OpenPage(app=app.app, path=path, **({"canvas": False} | more)), PageView)


async def edit(client: Client, app: AppInfo, view: PageView, data: Any) -> PageView:
    return await client.ask(EditPage(app=app.app, path=view.path, data=data, base=view.hash), PageView)


def with_title(view: PageView, title: Any) -> dict[str, Any]:
    data = copy.deepcopy(view.data)
    assert data is not None
    item = next(item for item in data["content"] if item["type"] == "Card")
    item["props"]["title"] = title
    return data


def text_of(app: AppInfo, path: str = PAGE) -> str:
    return (Path(app.folder) / path).read_bytes().decode()


# ----------------------------------------------------------------------------------------------------------- opening


async def test_a_page_is_opened_as_data(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    assert view.data is not None
    assert [item["type"] for item in view.data["content"]] == ["Card", "#locked"]
    assert view.data["root"]["props"] == {"className": "p-8"}
    assert view.root == "main"
    card = view.data["content"][0]["props"]
    assert card["title"] == "Hello"
    start, end = view.places[card["id"]]
    assert HOME[start:end] == '<Card   title="Hello" />'
    assert (view.problems, view.conflict, view.written) == ([], False, False)


async def test_the_page_that_an_app_begins_with_needs_no_name(client: Client, app: AppInfo) -> None:
    assert (await view_of(client, app, "")).path == "src/App.tsx"
    await write(client, app, {"src/App.tsx": None, "src/main.tsx": "console.log(1);"})
    assert (await view_of(client, app, "")).path == PAGE
    await write(client, app, {PAGE: None})
    with pytest.raises(AppError, match="no page at a place"):
        await view_of(client, app, "")


async def test_data_that_are_known_are_not_sent_again(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    again = await view_of(client, app, have=f"{view.hash}/{view.palette}")
    assert again.data is None
    assert (again.hash, again.palette, again.problems) == (view.hash, view.palette, [])
    await write(client, app, {"src/components/New.tsx": "export default function New() { return <i />; }\n"})
    other = await view_of(client, app, have=f"{view.hash}/{view.palette}")
    assert other.data is not None
    assert other.hash == view.hash
    assert other.palette != view.palette


async def test_what_another_program_wrote_a_moment_ago_is_what_opens(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    (Path(app.folder) / PAGE).write_text(HOME.replace("Hello", "Bye"))
    again = await view_of(client, app)
    assert again.hash != view.hash
    assert again.data == with_title(view, "Bye")


async def test_the_palette_has_a_component_that_was_written_a_moment_ago(client: Client, app: AppInfo) -> None:
    palette = await client.ask(GetPalette(app=app.app), Palette)
    card = next(item for item in palette.components if item.type == "Card")
    assert (card.path, card.export, card.folder, card.help) == (
        "src/components/Card.tsx",
        "Card",
        "components",
        "A card.",
    )
    assert card.fields["title"]["type"] == "text"
    assert card.fields["title"]["help"] == "What stands above."
    assert "title" in card.defaults
    assert "onClick" not in palette.hosts["div"]
    again = await client.ask(GetPalette(app=app.app), Palette)
    assert again == palette
    await write(client, app, {"src/components/New.tsx": "export default function New() { return <i />; }\n"})
    more = await client.ask(GetPalette(app=app.app), Palette)
    assert more.name != palette.name
    assert "New" in {item.type for item in more.components}


@pytest.mark.parametrize(
    "path", ["../Home.tsx", "/etc/hosts", "src/../../x.tsx", "node_modules/react/index.js", "a\0b"]
)
async def test_a_path_that_leads_out_of_the_app_is_refused(client: Client, app: AppInfo, path: str) -> None:
    with pytest.raises(PathError):
        await view_of(client, app, path)
    with pytest.raises(PathError):
        await client.ask(EditPage(app=app.app, path=path, data={}, base=""), PageView)
    with pytest.raises(PathError):
        await client.ask(MakePage(app=app.app, path=path), PageView)


async def test_a_link_that_leads_out_of_the_app_is_refused(client: Client, app: AppInfo, tmp_path: Path) -> None:
    (tmp_path / "Secret.tsx").write_text(HOME)
    (Path(app.folder) / "src/Link.tsx").symlink_to(tmp_path / "Secret.tsx")
    with pytest.raises(PathError):
        await view_of(client, app, "src/Link.tsx")


async def test_an_app_that_nobody_knows_is_refused(client: Client) -> None:
    with pytest.raises(AppError):
        await client.ask(OpenPage(app="gone"), PageView)


# ----------------------------------------------------------------------------------------------------------- editing


async def test_an_edit_changes_the_attribute_and_nothing_else(client: Client, app: AppInfo) -> None:
    await client.ask(Prepare(app=app.app, target=PAGE), Prepared)
    snapshot = await client.follow(app.app, module=PAGE)
    view = await view_of(client, app)
    edited = await edit(client, app, view, with_title(view, "Bye"))
    assert (edited.written, edited.conflict, edited.problems) == (True, False, [])
    assert text_of(app) == HOME.replace("Hello", "Bye")
    assert edited.data == with_title(view, "Bye")
    update = await client.update(snapshot.seq + 1)
    assert update.origin == "editor"
    assert [module.id for module in update.modules] == [PAGE]
    # The view is the file's: what is opened next is the same.
    again = await view_of(client, app)
    assert (again.hash, again.data, again.palette) == (edited.hash, edited.data, edited.palette)


async def test_data_that_are_the_same_change_nothing(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    before = (Path(app.folder) / PAGE).stat().st_mtime_ns
    edited = await edit(client, app, view, view.data)
    assert (edited.written, edited.hash, edited.problems) == (False, view.hash, [])
    assert (Path(app.folder) / PAGE).stat().st_mtime_ns == before


async def test_a_component_that_is_added_brings_its_import(client: Client, app: AppInfo) -> None:
    await write(client, app, {"src/components/New.tsx": "export default function New() { return <i />; }\n"})
    view = await view_of(client, app)
    assert view.data is not None
    data = {**view.data, "content": [*view.data["content"], {"type": "New", "props": {"id": "New-1"}}]}
    edited = await edit(client, app, view, data)
    assert edited.written
    assert edited.data is not None
    assert edited.data["content"][-1] == {"type": "New", "props": {"id": "New-1"}}
    assert 'import New from "../components/New";' in text_of(app)
    assert "<New />" in text_of(app)


async def test_nothing_is_written_over_a_file_that_changed(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    theirs = HOME.replace("Hello", "Theirs")
    await write(client, app, {PAGE: theirs})
    edited = await edit(client, app, view, with_title(view, "Mine"))
    assert (edited.conflict, edited.written) == (True, False)
    assert edited.data == with_title(view, "Theirs")
    assert text_of(app) == theirs


async def test_nothing_is_written_over_what_another_program_wrote_a_moment_ago(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    theirs = HOME.replace("Hello", "Theirs")
    (Path(app.folder) / PAGE).write_text(theirs)
    edited = await edit(client, app, view, with_title(view, "Mine"))
    assert (edited.conflict, edited.written) == (True, False)
    assert text_of(app) == theirs


async def test_many_edits_at_once_leave_one_of_them_and_the_others_know(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    asked = [
        client.start(EditPage(app=app.app, path=PAGE, data=with_title(view, f"T{n}"), base=view.hash)) for n in range(5)
    ]
    answers = [await client.answer(number) for number in asked]
    views = [answer for answer in answers if isinstance(answer, PageView)]
    assert [answer.written for answer in views] == [True, False, False, False, False]
    assert [answer.conflict for answer in views] == [False, True, True, True, True]
    assert text_of(app) == HOME.replace("Hello", "T0")


async def test_html_in_a_text_stays_a_text(client: Client, app: AppInfo) -> None:
    html = "<img src=x onerror=\"alert('1')\"> & {danger} \\ ` 🎉\n</script>"
    view = await view_of(client, app)
    edited = await edit(client, app, view, with_title(view, html))
    assert edited.written
    assert edited.data == with_title(view, html)
    assert (await view_of(client, app)).data == edited.data
    prepared = await client.ask(Prepare(app=app.app, target=PAGE), Prepared)
    assert prepared.diagnostics == []


@pytest.mark.parametrize("value", [None, 12, True, [1, "<b>"], {"a": {"b": None}}, {"$source": "1 + 1"}, "\u2028"])
async def test_a_value_of_another_type_is_written_as_it_is(client: Client, app: AppInfo, value: Any) -> None:
    view = await view_of(client, app)
    edited = await edit(client, app, view, with_title(view, value))
    assert edited.problems == []
    assert edited.data == with_title(view, value)
    assert (await view_of(client, app)).data == edited.data


async def test_data_without_content_do_not_empty_the_page(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    with pytest.raises(EditorError, match="'content'"):
        await edit(client, app, view, {"root": {"props": {}}})
    assert text_of(app) == HOME


@pytest.mark.parametrize("data", [None, 1, "text", [], {"content": 1}, {"content": [1]}, {"content": [{"props": {}}]}])
async def test_data_that_are_none_are_refused_with_a_reason(client: Client, app: AppInfo, data: Any) -> None:
    view = await view_of(client, app)
    edited = await edit(client, app, view, data)
    assert [problem.severity for problem in edited.problems] == ["error"]
    assert (edited.written, edited.hash, edited.data) == (False, view.hash, view.data)
    assert text_of(app) == HOME


async def test_data_that_name_an_unknown_component_are_refused_with_its_name(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    assert view.data is not None
    data = {**view.data, "content": [*view.data["content"], {"type": "Crad", "props": {"id": "Crad-1"}}]}
    edited = await edit(client, app, view, data)
    assert "Crad" in edited.problems[0].message
    assert not edited.written
    assert text_of(app) == HOME


async def test_elements_that_are_nested_too_deeply_are_refused(engine: Engine, client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    worker = (await client.ask(Inspect(), EngineInfo)).worker_pid
    item: dict[str, Any] = {"type": "b", "props": {"id": "b"}}
    for n in range(2000):
        item = {"type": "div", "props": {"id": f"d{n}", "children": [item]}}
    with pytest.raises(EditorError, match="nested too deeply"):
        await engine.handle(EditPage(app=app.app, path=PAGE, data={"content": [item]}, base=view.hash))
    with pytest.raises(msgspec.DecodeError, match="nested too deeply"):
        decode_to_engine('{"type":"call","id":1,"request":{"type":"edit_page","data":' + "[" * 2000)
    assert text_of(app) == HOME
    deep = HOME.replace("{[1, 2].map((n) => <b key={n}>{n}</b>)}", "<b>" * 450 + "</b>" * 450)
    await write(client, app, {PAGE: deep})
    shown = await view_of(client, app)
    assert shown.data is None
    assert "nested too deeply" in shown.problems[0].message
    await write(client, app, {PAGE: HOME})
    assert (await view_of(client, app)).hash == view.hash
    info = await client.ask(Inspect(), EngineInfo)
    assert info.worker_pid == worker


async def test_data_beyond_reason_are_refused_and_the_engine_goes_on(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    with pytest.raises(EditorError, match=r"10\.\d MB"):
        await edit(client, app, view, with_title(view, "x" * 10 * 1024 * 1024))
    assert text_of(app) == HOME
    assert (await edit(client, app, view, with_title(view, "Bye"))).written


async def test_a_text_that_no_file_may_have_is_refused(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    with pytest.raises(FileError, match="MB"):
        await edit(client, app, view, with_title(view, "x" * 6 * 1024 * 1024))
    assert text_of(app) == HOME
    assert (await view_of(client, app)).hash == view.hash
    assert (await edit(client, app, view, with_title(view, "Bye"))).written


# ------------------------------------------------------------------------------------------------------ broken pages


async def test_a_page_with_a_syntax_error_says_so_and_opens_when_it_is_mended(client: Client, app: AppInfo) -> None:
    view = await view_of(client, app)
    broken = HOME.replace("<main", "<main <")
    await write(client, app, {PAGE: broken})
    seen = await view_of(client, app, have=f"{view.hash}/{view.palette}")
    assert seen.data is None
    assert seen.hash not in ("", view.hash)
    assert seen.problems[0].kind == "syntax"
    assert seen.problems[0].location is not None
    edited = await edit(client, app, view, with_title(view, "Mine"))
    assert not edited.written
    assert edited.problems
    assert text_of(app) == broken
    await write(client, app, {PAGE: HOME})
    assert await view_of(client, app) == view


async def test_a_file_that_is_no_page_says_so(client: Client, app: AppInfo) -> None:
    seen = await view_of(client, app, "src/index.css")
    assert seen.data is None
    assert seen.problems


@pytest.mark.parametrize("how", ["here", "elsewhere"])
async def test_a_page_that_is_deleted_while_it_is_open(client: Client, app: AppInfo, how: str) -> None:
    view = await view_of(client, app, canvas=True)
    if how == "here":
        await write(client, app, {PAGE: None})
    else:
        (Path(app.folder) / PAGE).unlink()
    seen = await view_of(client, app, canvas=True)
    assert (seen.hash, seen.data) == ("", None)
    assert "does not exist" in seen.problems[0].message
    edited = await edit(client, app, view, with_title(view, "Mine"))
    assert not edited.written
    assert edited.problems
    assert not (Path(app.folder) / PAGE).exists()
    # That it is gone is no error of the app.
    assert (await write(client, app, {"src/x.css": "a{}"})).diagnostics == []
    await write(client, app, {PAGE: HOME})
    assert (await view_of(client, app, canvas=True)).data == view.data


async def test_a_page_that_was_never_there(client: Client, app: AppInfo) -> None:
    seen = await view_of(client, app, "src/pages/Gone.tsx", canvas=True)
    assert seen.hash == ""
    assert seen.problems
    assert (await write(client, app, {"src/x.css": "a{}"})).diagnostics == []


# ------------------------------------------------------------------------------------------------------------ canvas


async def test_a_canvas_has_every_component_compiled_also_those_that_come_later(client: Client, app: AppInfo) -> None:
    await write(client, app, {"src/components/Alone.tsx": "export default function Alone() { return <i />; }\n"})
    await view_of(client, app, canvas=True)
    await write(client, app, {"src/components/Later.tsx": "export default function Later() { return <i />; }\n"})
    await client.ask(GetPalette(app=app.app), Palette)
    seen = {module.id for module in (await client.follow(app.app, "after")).modules}
    assert {"src/components/Alone.tsx", "src/components/Later.tsx"} <= seen
    # One that is gone is no error: nobody but the editor asked for it.
    assert (await write(client, app, {"src/components/Alone.tsx": None})).diagnostics == []


# ------------------------------------------------------------------------------------------------------------ making


async def test_a_page_is_made_in_the_style_of_the_app(client: Client, app: AppInfo) -> None:
    view = await client.ask(MakePage(app=app.app, path="src/pages/AboutUs.tsx"), PageView)
    assert view.written
    assert view.root == "main"
    assert view.data is not None
    assert [item["type"] for item in view.data["content"]] == ["h1"]
    assert text_of(app, "src/pages/AboutUs.tsx") == (
        "export default function AboutUs() {\n"
        "  return (\n"
        '    <main className="mx-auto max-w-2xl p-8">\n'
        '      <h1 className="text-2xl font-semibold">About us</h1>\n'
        "    </main>\n"
        "  );\n"
        "}\n"
    )
    assert await view_of(client, app, "src/pages/AboutUs.tsx") == PageView(
        **{name: getattr(view, name) for name in view.__struct_fields__} | {"written": False}
    )
    prepared = await client.ask(Prepare(app=app.app, target="src/pages/AboutUs.tsx"), Prepared)
    assert prepared.diagnostics == []


async def test_a_page_that_is_there_is_not_made_again(client: Client, app: AppInfo) -> None:
    with pytest.raises(FileError, match="already"):
        await client.ask(MakePage(app=app.app, path=PAGE), PageView)
    assert text_of(app) == HOME
    with pytest.raises(FileError, match=r"\.tsx or \.jsx"):
        await client.ask(MakePage(app=app.app, path="src/pages/About.css"), PageView)
    assert not (Path(app.folder) / "src/pages/About.css").exists()


async def test_of_two_who_make_one_page_at_once_one_does(client: Client, app: AppInfo) -> None:
    asked = [client.start(MakePage(app=app.app, path="src/pages/New.tsx")) for _ in range(2)]
    made = await client.answer(asked[0])
    assert isinstance(made, PageView)
    assert made.written
    with pytest.raises(FileError, match="already"):
        await client.answer(asked[1])
