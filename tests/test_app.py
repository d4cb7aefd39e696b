"""App and the cell magics, with an engine in this process, as in a notebook without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import overskill_nb as ov
from overskill_nb import config
from overskill_nb.widgets import bundle

pytestmark = [
    pytest.mark.usefixtures("folder", "tools"),
    pytest.mark.skipif(not bundle.LOADER.is_file(), reason="run `node build.mjs` in js/ first"),
]

GREETING = "export default function Greeting({ name }: { name: string }) {\n  return <p>Hello {name}</p>;\n}\n"


@pytest.fixture
def app() -> ov.App:
    return ov.App("tips")


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    made = InteractiveShell()
    ov.load_ipython_extension(made)
    return made


def test_an_app_is_a_folder_beside_the_notebook(app: ov.App, folder: Path) -> None:
    assert app.folder == folder.resolve() / "tips"
    assert repr(app) == "App('tips')"
    assert app.errors == []
    assert ov.App.current is app
    assert ov.App("tips").id == app.id
    assert ov.App.open(folder / "tips").id == app.id


@pytest.mark.parametrize("name", ["", "  ", "a/b", "..\\x", "..", "CON", None, 5])
def test_what_cannot_be_an_apps_name_is_refused(name: Any, folder: Path) -> None:
    with pytest.raises(ov.AppError):
        ov.App(name)
    assert list(folder.iterdir()) == []


def test_opening_makes_nothing(folder: Path) -> None:
    with pytest.raises(ov.AppError, match="There is no folder"):
        ov.App.open("nope")
    assert list(folder.iterdir()) == []


def test_origins_are_a_list(folder: Path) -> None:
    with pytest.raises(ov.AppError, match=r"allow=\['https://a\.com'\]"):
        ov.App("tips", allow="https://a.com")
    with pytest.raises(ov.AppError, match="is not an origin"):
        ov.App("tips", allow=["https://a.com/path"])


def test_files_are_a_mapping(app: ov.App) -> None:
    app.write("src/lib/money.ts", "export const money = 1;\n")
    assert app.files["src/lib/money.ts"] == "export const money = 1;\n"
    assert "src/lib/money.ts" in app.files
    assert "src/nope.ts" not in app.files
    assert len(app.files) == len(list(app.files)) == 11
    assert list(app.files) == sorted(app.files)
    assert "src/lib/money.ts" in repr(app.files).splitlines()
    with pytest.raises(ov.FileError):
        app.files["src/nope.ts"]


def test_files_are_written_edited_renamed_and_deleted(app: ov.App) -> None:
    app.write({"src/a.ts": "export const a = 1;", "src/b.ts": "export const b = 1;"})
    app.edit("src/a.ts", "1", "2")
    assert app.read("src/a.ts") == "export const a = 2;"
    app.rename("src/a.ts", "src/c.ts")
    app.delete("src/b.ts")
    assert {path for path in app.files if path.endswith(".ts") and path.startswith("src/")} == {"src/c.ts"}
    with pytest.raises(ov.EditError):
        app.edit("src/c.ts", "nothing", "x")


def test_a_write_without_text_is_a_type_error(app: ov.App) -> None:
    calls: list[tuple[Any, ...]] = [("src/a.ts",), ("src/a.ts", 5), ({"src/a.ts": None},), ({"src/a.ts": ""}, "x")]
    for arguments in calls:
        with pytest.raises(TypeError):
            app.write(*arguments)
    assert "src/a.ts" not in app.files


def test_what_does_not_compile_is_raised_and_written_all_the_same(app: ov.App) -> None:
    preview = app.preview()
    with pytest.raises(ov.BuildError) as raised:
        app.write("src/App.tsx", "export default (")
    assert str(raised.value).startswith("src/App.tsx:1:")
    assert raised.value.diagnostics == app.errors == preview.errors
    assert app.read("src/App.tsx") == "export default ("
    # An error that is known is not raised again by what has nothing to do with it.
    app.write("notes.md", "to do")
    with pytest.raises(ov.BuildError):
        app.write("src/App.tsx", "export default [")
    app.write("src/App.tsx", GREETING)
    assert app.errors == preview.errors == []


def test_a_component_is_written_compiled_and_previewed(app: ov.App) -> None:
    shown: list[ov.Preview] = []
    preview = app.component("Greeting", GREETING, props={"name": "Ada"}, height=300, display=shown.append)
    assert shown == [preview]
    assert app.read("src/components/Greeting.tsx") == GREETING
    assert preview.target == {"module": "src/components/Greeting.tsx", "export": "default"}
    assert (preview.props, preview.height) == ({"name": "Ada"}, 300)
    assert repr(preview) == "Preview(tips · Greeting)"
    assert (preview.status, preview.transport) == ("waiting", "comm")
    again = app.component("Greeting", GREETING.replace("Hello", "Hi"))
    assert again is preview
    assert preview.props == {"name": "Ada"}
    assert app.preview("Greeting") is preview


class Seen:
    """What stood on disk each time a component was displayed."""

    def __init__(self, app: ov.App, path: str) -> None:
        self.texts: list[str] = []
        self._file = app.folder / path

    def display(self, _: ov.Preview) -> None:
        self.texts.append(self._file.read_text("utf-8") if self._file.exists() else "")


def test_a_component_is_displayed_before_it_is_compiled_and_when_it_runs_again_after(
    app: ov.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overskill_nb.background.PROMPT_SECONDS", 20.0)
    seen = Seen(app, "src/components/Greeting.tsx")
    app.component("Greeting", GREETING, display=seen.display)
    app.component("Greeting", better := GREETING.replace("Hello", "Hi"), display=seen.display)
    assert seen.texts == ["", better]
    # New props have to be there when the source that needs them comes.
    app.component("Greeting", GREETING, props={"name": "Ada"}, display=seen.display)
    assert seen.texts[2:] == [better]
    app.component("Greeting", better, props={"name": "Ada"}, display=seen.display)
    assert seen.texts[3:] == [better]


def test_a_component_that_takes_long_is_displayed_meanwhile(app: ov.App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("overskill_nb.background.PROMPT_SECONDS", 0.0)
    shown: list[ov.Preview] = []
    for text in ("Hello", "Hi"):
        app.component("Greeting", GREETING.replace("Hello", text), display=shown.append)
    assert shown == [app.preview("Greeting")] * 2


def test_a_component_that_was_moved_is_found(app: ov.App) -> None:
    shown: list[ov.Preview] = []
    app.component("Greeting", GREETING, display=shown.append)
    better = GREETING.replace("Hello", "Hi")
    app.rename("src/components/Greeting.tsx", "src/pages/Greeting.tsx")
    # The preview of the old place says so; nothing else has a problem with it.
    assert [problem.message for problem in app.errors] == ["src/components/Greeting.tsx does not exist"]
    app.component("Greeting", better, display=shown.append)
    assert app.read("src/pages/Greeting.tsx") == better
    assert "src/components/Greeting.tsx" not in app.files
    assert [preview.target["module"] for preview in shown][1:] == ["src/pages/Greeting.tsx"]


def test_a_component_of_two_files_is_written_to_neither(app: ov.App) -> None:
    app.component("Greeting", GREETING)
    app.write("src/pages/Greeting.tsx", GREETING)
    with pytest.raises(ov.AppError, match="several files for 'Greeting'") as raised:
        app.component("Greeting", GREETING.replace("Hello", "Hi"))
    assert str(raised.value).endswith("Say which with --path.")
    assert app.read("src/pages/Greeting.tsx") == app.read("src/components/Greeting.tsx") == GREETING


def test_a_text_that_is_not_unicode_is_refused(app: ov.App) -> None:
    with pytest.raises(ov.FileError, match="not Unicode"):
        app.component("Greeting", "\ud800")


def test_a_component_that_does_not_compile_keeps_its_preview(app: ov.App) -> None:
    shown: list[ov.Preview] = []
    app.component("Greeting", GREETING)
    with pytest.raises(ov.BuildError, match=r"^src/components/Greeting\.tsx:\d+:\d+: "):
        app.component("Greeting", GREETING.replace("</p>", ""), display=shown.append)
    assert len(shown) == 1
    assert shown[0].errors
    assert app.preview("Greeting") is shown[0]


def test_a_component_of_its_own_export_and_path(app: ov.App) -> None:
    source = "export const Left = () => <i/>;\nexport const Right = () => <b/>;\n"
    preview = app.component("Right", source, path="src/parts.tsx")
    assert preview.target == {"module": "src/parts.tsx", "export": "Right"}
    app.write("src/pages/Right.tsx", "export default () => <p/>;")
    app.write("src/other/Right.tsx", "export default () => <p/>;")
    with pytest.raises(ov.AppError, match="several files for 'Right'"):
        app.component("Right", source)


def test_a_components_name_is_one(app: ov.App) -> None:
    for name in ("greeting", "", "A-b", "1A", "A B", "A/B", "A\n"):
        with pytest.raises(ov.AppError, match="is not a component's name"):
            app.component(name, GREETING)


def test_props_that_cannot_be_are_refused_before_anything_is_written(app: ov.App) -> None:
    with pytest.raises(TypeError, match="'photo'"):
        app.component("Greeting", GREETING, props={"photo": b"raw"})
    assert "src/components/Greeting.tsx" not in app.files
    preview = app.preview("App", props={"a": 1})
    with pytest.raises(TypeError, match="'photo'"):
        preview.props = {"photo": b"raw"}
    assert preview.props == {"a": 1}


def test_a_component_that_is_not_there_is_a_build_error(app: ov.App) -> None:
    with pytest.raises(ov.BuildError, match="Nope"):
        app.preview("Nope")


def test_the_doctor_says_what_is_there(app: ov.App) -> None:
    report = ov.doctor()
    assert report.engine == "kernel"
    assert report.healthy
    assert "tips (0 previews)" in repr(report)
    assert "missing    nothing" in repr(report)


def test_the_doctor_finds_nothing_wrong_where_the_tools_are_yet_to_come(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(config.CACHE, str(folder / "empty"))
    report = ov.doctor()
    assert report.healthy
    assert report.info.tools == ""
    assert "tools      not here yet; the first app that is opened installs it" in repr(report)


# ------------------------------------------------------------------------------------------------------------ magics


def run(shell: InteractiveShell, code: str) -> Any:
    result = shell.run_cell(code)
    result.raise_error()
    return result.result


def test_a_cell_writes_a_component(shell: InteractiveShell, app: ov.App, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, f'%%component Greeting --props \'{{"name": "Ada"}}\' --height 200\n{GREETING}')
    assert app.read("src/components/Greeting.tsx") == GREETING
    preview = app.preview("Greeting")
    assert (preview.props, preview.height) == ({"name": "Ada"}, 200)
    assert "Preview(tips · Greeting)" in capsys.readouterr().out


def test_props_of_a_cell_are_json_or_python(shell: InteractiveShell, app: ov.App) -> None:
    shell.user_ns["known"] = {"name": 1}
    lines = ('{"name":2}', "\"{'name': 3}\"", "'{\"name\": 4}'", "known", "dict(name=5)")
    seen = []
    for props in lines:
        run(shell, f"%%component Greeting --props {props}\n{GREETING}")
        seen.append(app.preview("Greeting").props["name"])
    assert seen == [2, 3, 4, 1, 5]


def test_a_cell_names_its_app(shell: InteractiveShell, app: ov.App) -> None:
    other = ov.App("other")
    shell.user_ns.update(mine=app, number=5)
    run(shell, f"%%component Greeting --app mine\n{GREETING}")
    run(shell, "%%source src/lib/a.ts --app other\nexport const a = 1;\n")
    assert "src/components/Greeting.tsx" in app.files
    assert other.read("src/lib/a.ts") == "export const a = 1;\n"
    with pytest.raises(ov.AppError, match="is a int, not an App"):
        run(shell, f"%%component Greeting --app number\n{GREETING}")


def test_a_cell_without_an_app_says_what_to_do(shell: InteractiveShell) -> None:
    with pytest.raises(ov.AppError, match="No app is open yet"):
        run(shell, f"%%component Greeting\n{GREETING}")


def test_what_a_line_does_not_know_it_says(shell: InteractiveShell, app: ov.App) -> None:
    for line in ("%overskill", "%overskill nonsense"):
        with pytest.raises(UsageError, match="knows: doctor"):
            run(shell, line)
    with pytest.raises(UsageError, match="neither JSON nor"):
        run(shell, f"%%component Greeting --props {{oops\n{GREETING}")
    assert run(shell, "%overskill doctor").engine == "kernel"
