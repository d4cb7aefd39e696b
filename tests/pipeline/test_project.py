from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from overskill_nb.config import MAX_FILE_BYTES, app_id
from overskill_nb.errors import AppError, EditError, FileError, PathError
from overskill_nb.file_text import as_bytes
from overskill_nb.pipeline.project import Project

needs_permissions = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "tips")


def write(project: Project, path: str, content: str) -> None:
    project.write(project.locate(path), as_bytes(path, content))


# ------------------------------------------------------------------------------------------------------ new projects


def test_a_new_app_is_an_ordinary_vite_project(project: Project) -> None:
    assert project.files() == [
        ".gitignore",
        "index.html",
        "package.json",
        "src/App.tsx",
        "src/index.css",
        "src/main.tsx",
        "tsconfig.app.json",
        "tsconfig.json",
        "tsconfig.node.json",
        "vite.config.ts",
    ]
    manifest = json.loads(project.read("package.json"))
    assert manifest["name"] == "tips"
    assert {"react", "react-dom"} <= manifest["dependencies"].keys()
    assert {"vite", "typescript", "tailwindcss"} <= manifest["devDependencies"].keys()
    assert "<title>tips</title>" in project.read("index.html")
    assert not any("__NAME__" in project.read(path) for path in project.files())
    assert "node_modules" in project.read(".gitignore").split()


def test_a_new_app_leaves_nothing_beside_it(tmp_path: Path) -> None:
    Project.create(tmp_path / "tips")
    assert os.listdir(tmp_path) == ["tips"]


@pytest.mark.parametrize(("name", "package"), [("Mein Büro", "mein-b-ro"), ("組件", "app"), ("a.b_c", "a.b_c")])
def test_any_folder_name_makes_a_package_name_that_npm_allows(tmp_path: Path, name: str, package: str) -> None:
    made = Project.create(tmp_path / name)
    assert json.loads(made.read("package.json"))["name"] == package
    assert made.name == name


@pytest.mark.parametrize("name", ["CON", "node_modules", ".git", "a:b", "x" * 300, "tips."])
def test_a_name_that_cannot_be_a_folder_everywhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AppError, match="cannot be an app's name"):
        Project.create(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "tips").mkdir()
    assert "src/App.tsx" in Project.create(tmp_path / "tips").files()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tips").mkdir()
    (tmp_path / "tips/thesis.txt").write_text("years of work")
    with pytest.raises(AppError, match="not an empty folder"):
        Project.create(tmp_path / "tips")
    assert os.listdir(tmp_path / "tips") == ["thesis.txt"]


def test_a_file_of_the_apps_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tips").write_text("years of work")
    with pytest.raises(AppError, match="not an empty folder"):
        Project.create(tmp_path / "tips")
    assert (tmp_path / "tips").read_text() == "years of work"


@needs_permissions
def test_a_folder_that_cannot_be_written_to_is_said_to_be_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(AppError, match="Permission denied"):
            Project.create(tmp_path / "tips")
    finally:
        tmp_path.chmod(0o700)


def test_two_who_make_the_same_app_at_once_end_with_one_whole_app(tmp_path: Path) -> None:
    outcomes: list[object] = []

    def make() -> None:
        try:
            outcomes.append(Project.create(tmp_path / "tips"))
        except AppError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert any(isinstance(outcome, Project) for outcome in outcomes)
    assert len(outcomes) == 8
    assert os.listdir(tmp_path) == ["tips"]
    assert len(Project.open(tmp_path / "tips").files()) == 10


# ------------------------------------------------------------------------------------------------- existing projects


@pytest.mark.parametrize("name", ["index.html", "package.json", "src/main.jsx"])
def test_any_sign_of_an_app_will_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("{}")
    assert Project.open(tmp_path).files() == [name]


def test_a_folder_without_an_app_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="holds no app"):
        Project.open(tmp_path)
    with pytest.raises(AppError, match="There is no folder"):
        Project.open(tmp_path / "missing")


def test_an_app_has_one_id_by_whatever_way_it_is_reached(project: Project, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(project.root, target_is_directory=True)
    assert Project.open(tmp_path / "alias").id == project.id == app_id(tmp_path / "x/../tips")
    assert project.id.startswith("tips-")


def test_packages_build_output_and_history_are_not_files_of_the_app(project: Project) -> None:
    before = project.files()
    for folder in ("node_modules/react", ".git", "dist", "src/node_modules/x", ".overskill", "src/__pycache__"):
        (project.root / folder).mkdir(parents=True)
        (project.root / folder / "file.js").write_text("")
    os.mkfifo(project.root / "src/pipe")
    assert project.files() == before


# ------------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("content", ["", "a\r\nb\n", "Grüße 世界 🎉", "\x00", "x" * 1_000_000])
def test_what_is_written_is_what_is_read(project: Project, content: str) -> None:
    write(project, "src/deep/er/notes.txt", content)
    assert project.read("src/deep/er/notes.txt") == content
    assert (project.root / "src/deep/er/notes.txt").read_bytes() == content.encode()


def test_a_reader_sees_the_old_content_or_the_new_and_nothing_else_in_the_folder(project: Project) -> None:
    old, new = "a" * 2_000_000, "b" * 3_000_000
    write(project, "src/big.txt", old)
    file = project.root / "src/big.txt"
    stop = threading.Event()
    seen: set[str] = set()

    def look() -> None:
        while not stop.is_set():
            text = file.read_text()
            seen.add(text[:1] if len({*text}) == 1 and len(text) in (len(old), len(new)) else "torn")

    looking = threading.Thread(target=look)
    looking.start()
    for turn in range(20):
        write(project, "src/big.txt", new if turn % 2 else old)
    stop.set()
    looking.join()
    assert seen <= {"a", "b"}
    assert seen
    assert sorted(os.listdir(project.root / "src")) == ["App.tsx", "big.txt", "index.css", "main.tsx"]


def test_a_write_that_fails_leaves_the_old_content(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FileError, match=r"'src/App\.tsx' cannot be written: No space left"):
        write(project, "src/App.tsx", "new")
    assert "New app" in project.read("src/App.tsx")
    assert sorted(os.listdir(project.root / "src")) == ["App.tsx", "index.css", "main.tsx"]


def test_the_mode_of_a_file_is_kept(project: Project) -> None:
    (project.root / "src/App.tsx").chmod(0o640)
    write(project, "src/App.tsx", "new")
    assert stat.S_IMODE((project.root / "src/App.tsx").stat().st_mode) == 0o640


def test_writing_through_a_link_keeps_the_link(project: Project) -> None:
    (project.root / "src/Alias.tsx").symlink_to("App.tsx")
    write(project, "src/Alias.tsx", "new")
    assert (project.root / "src/Alias.tsx").is_symlink()
    assert project.read("src/App.tsx") == "new"


def test_a_byte_order_mark_is_not_part_of_the_text(project: Project) -> None:
    (project.root / "src/bom.ts").write_bytes(b"\xef\xbb\xbfexport {}")
    assert project.read("src/bom.ts") == "export {}"


def test_what_is_not_utf8_is_an_error_with_the_place(project: Project) -> None:
    (project.root / "src/latin.ts").write_bytes(b"// caf\xe9")
    with pytest.raises(FileError, match=r"'src/latin\.ts' is not UTF-8 text \(byte 6\)"):
        project.read("src/latin.ts")


def test_text_that_cannot_be_utf8_is_refused(project: Project) -> None:
    with pytest.raises(FileError, match="not Unicode"):
        as_bytes("src/a.ts", "half of a pair: \ud83c")


def test_huge_files_are_neither_read_nor_written(project: Project) -> None:
    with pytest.raises(FileError, match=r"20\.0 MB, more than 5\.0 MB"):
        as_bytes("src/huge.ts", "x" * 20 * 1024 * 1024)
    (project.root / "src/huge.ts").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    with pytest.raises(FileError, match=r"above 5\.0 MB are not read"):
        project.read("src/huge.ts")
    assert len(as_bytes("src/large.ts", "x" * MAX_FILE_BYTES)) == MAX_FILE_BYTES


def test_a_missing_file_is_an_error_that_names_it(project: Project) -> None:
    for work in (project.read, project.delete):
        with pytest.raises(FileError, match=r"There is no file 'src/Nope\.tsx' in tips"):
            work("src/Nope.tsx")


@needs_permissions
def test_a_read_only_folder_is_said_to_be_so(project: Project) -> None:
    (project.root / "src").chmod(0o500)
    try:
        for work in (
            lambda: write(project, "src/App.tsx", "new"),
            lambda: project.delete("src/App.tsx"),
            lambda: project.rename("src/App.tsx", "src/Other.tsx"),
        ):
            with pytest.raises(FileError, match="Permission denied"):
                work()
    finally:
        (project.root / "src").chmod(0o700)
    assert "New app" in project.read("src/App.tsx")


# ------------------------------------------------------------------------------------------------------------- edits


def test_an_edit_replaces_the_one_place(project: Project) -> None:
    assert project.edited("src/App.tsx", "New app", "Tips") == project.read("src/App.tsx").replace("New app", "Tips")


def test_an_edit_without_its_place_is_an_error(project: Project) -> None:
    with pytest.raises(EditError, match="'Old app' does not stand in it"):
        project.edited("src/App.tsx", "Old app", "Tips")


def test_an_edit_with_two_places_is_an_error(project: Project) -> None:
    with pytest.raises(EditError, match=r"stands in it \d+ times"):
        project.edited("src/App.tsx", "className", "class")


def test_an_edit_of_nothing_is_an_error(project: Project) -> None:
    with pytest.raises(EditError, match="is empty"):
        project.edited("src/App.tsx", "", "Tips")


def test_the_error_of_an_edit_does_not_repeat_pages_of_text(project: Project) -> None:
    with pytest.raises(EditError) as refused:
        project.edited("src/App.tsx", "y" * 10_000, "")
    assert len(str(refused.value)) < 300


# ---------------------------------------------------------------------------------------------- renaming and deleting


def test_deleting_removes_folders_that_become_empty_and_no_others(project: Project) -> None:
    write(project, "src/a/b/c/only.ts", "")
    write(project, "src/a/keep.ts", "")
    project.delete("src/a/b/c/only.ts")
    assert os.listdir(project.root / "src/a") == ["keep.ts"]


def test_deleting_the_last_file_keeps_the_apps_folder(project: Project) -> None:
    for path in project.files():
        project.delete(path)
    assert project.root.is_dir()
    assert os.listdir(project.root) == []


def test_deleting_a_link_keeps_what_it_leads_to(project: Project) -> None:
    (project.root / "src/Alias.tsx").symlink_to("App.tsx")
    project.delete("src/Alias.tsx")
    assert project.files().count("src/App.tsx") == 1
    assert "src/Alias.tsx" not in project.files()


def test_renaming_moves_the_bytes(project: Project) -> None:
    (project.root / "src/a").mkdir()
    (project.root / "src/a/logo.png").write_bytes(b"\x89PNG\xff\x00")
    project.rename("src/a/logo.png", "src/images/deep/logo.png")
    assert (project.root / "src/images/deep/logo.png").read_bytes() == b"\x89PNG\xff\x00"
    assert not (project.root / "src/a").exists()


def test_renaming_never_overwrites(project: Project) -> None:
    with pytest.raises(FileError, match=r"there is a file 'src/main\.tsx' already"):
        project.rename("src/App.tsx", "src/main.tsx")
    assert "createRoot" in project.read("src/main.tsx")


def test_renaming_what_is_not_there_is_an_error(project: Project) -> None:
    with pytest.raises(FileError, match="There is no file"):
        project.rename("src/Nope.tsx", "src/Other.tsx")


def test_a_rename_may_change_only_the_case(project: Project) -> None:
    project.rename("src/App.tsx", "src/app.tsx")
    assert sorted(os.listdir(project.root / "src")) == ["app.tsx", "index.css", "main.tsx"]
    write(project, "src/Main.d/x.ts", "")
    project.rename("src/Main.d/x.ts", "src/Main.d/X.ts")
    assert os.listdir(project.root / "src/Main.d") == ["X.ts"]


@pytest.mark.parametrize(("path", "to"), [("src/App.tsx", "../App.tsx"), ("../tips/src/App.tsx", "src/x.tsx")])
def test_renaming_stays_in_the_app(project: Project, path: str, to: str) -> None:
    with pytest.raises(PathError):
        project.rename(path, to)
    assert "src/App.tsx" in project.files()


def test_what_is_there_for_a_moment_while_it_is_written_is_no_file_of_the_app(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "app")
    before = project.files()
    (project.root / ".git-x1.writing").mkdir()
    (project.root / ".git-x1.writing" / "HEAD").write_text("ref")
    (project.root / ".index.html.17.writing").write_text("<html>")
    assert project.files() == before
