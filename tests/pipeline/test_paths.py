from __future__ import annotations

import os
from pathlib import Path

import pytest

from overskill_nb.errors import PathError
from overskill_nb.pipeline.paths import MAX_NAME_BYTES, MAX_PATH_BYTES, check, check_together, locate


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "src/lib").mkdir(parents=True)
    (folder / "src/App.tsx").write_text("app")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.txt").write_text("secret")
    return folder.resolve()


@pytest.mark.parametrize(
    "path",
    [
        "index.html",
        "src/App.tsx",
        "src/components/ui/button.tsx",
        ".env",
        ".env.local",
        "src/a b.tsx",
        "src/..dots..tsx",
        "src/[id].tsx",
        "src/(group)/page.tsx",
        "src/@ui/$x+y=z,~.tsx",
        "src/Größe.tsx",
        "src/組件/世界.tsx",
        "src/🎉.svg",
        "src/console.ts",
        "src/auxiliary.ts",
        "src/node_modules.ts",
        f"src/{'x' * MAX_NAME_BYTES}",
    ],
)
def test_ordinary_paths_are_fine(root: Path, path: str) -> None:
    assert locate(root, path) == root / path


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("..", "leads out"),
        ("../secret", "leads out"),
        ("src/../../secret", "leads out"),
        ("src/..", "leads out"),
        ("/etc/passwd", "absolute"),
        ("//server/share", "absolute"),
        ("~/x", "absolute"),
        ("~root/x", "absolute"),
        ("C:/x", "absolute"),
        ("c:x", "absolute"),
        ("C:\\x", "absolute"),
        ("\\\\server\\share", "absolute"),
        ("src\\App.tsx", "character"),
        ("src/..\\..\\x", "character"),
        ("src/a\x00b", "character"),
        ("src/a\nb", "character"),
        ("src/a\x1bb", "character"),
        ("src/a\x7fb", "character"),
        ("src/a:b", "character"),
        ("src/a*b", "character"),
        ("src/a?raw", "character"),
        ('src/"a"', "character"),
        ("src/<a>", "character"),
        ("src/a|b", "character"),
        ("src/\ud800.ts", "character"),
        ("src/\udc80.tsx", "character"),
        ("src//App.tsx", "empty part"),
        ("src/", "empty part"),
        ("./src", "empty part"),
        ("src/./App.tsx", "empty part"),
        ("CON", "reserves"),
        ("con.txt", "reserves"),
        ("src/Aux.tsx", "reserves"),
        ("nul/x.ts", "reserves"),
        ("src/COM1", "reserves"),
        ("src/lpt9.css.ts", "reserves"),
        ("src/name.", "blank"),
        ("src/name ", "blank"),
        ("src / x", "blank"),
        ("src/ x", "blank"),
        ("...", "blank"),
        ("node_modules/react/index.js", "not part"),
        ("src/Node_Modules/x.js", "not part"),
        (".git/config", "not part"),
        (".GIT/config", "not part"),
        (".overskill/db", "not part"),
        (f"src/{'x' * (MAX_NAME_BYTES + 1)}", "longer"),
        (f"src/{'ü' * (MAX_NAME_BYTES // 2 + 1)}", "longer"),
        ("/".join(["abcdefgh"] * (MAX_PATH_BYTES // 9 + 1)), "longer"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_other_paths_are_refused_with_the_reason(root: Path, path: str, why: str) -> None:
    with pytest.raises(PathError, match=why):
        locate(root, path)


def test_a_refusal_does_not_repeat_an_endless_path() -> None:
    with pytest.raises(PathError) as refused:
        check("a" * 1_000_000)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("path", [None, 5, b"src/App.tsx"])
def test_a_path_is_text(path: object) -> None:
    with pytest.raises(PathError):
        check(path)  # type: ignore[arg-type]


def test_a_file_link_that_leads_out_is_refused(root: Path) -> None:
    (root / "src/leak.txt").symlink_to(root.parent / "outside/secret.txt")
    with pytest.raises(PathError, match="leads out"):
        locate(root, "src/leak.txt")


def test_a_folder_link_that_leads_out_is_refused(root: Path) -> None:
    (root / "src/leak").symlink_to("../../outside", target_is_directory=True)
    with pytest.raises(PathError, match="leads out"):
        locate(root, "src/leak/secret.txt")
    with pytest.raises(PathError, match="leads out"):
        locate(root, "src/leak/new/deep.txt")


def test_a_link_whose_target_is_missing_and_outside_is_refused(root: Path) -> None:
    (root / "src/leak.txt").symlink_to(root.parent / "outside/not-yet.txt")
    with pytest.raises(PathError, match="leads out"):
        locate(root, "src/leak.txt")


def test_a_link_to_a_folder_beside_with_the_same_beginning_is_refused(root: Path) -> None:
    beside = root.with_name("app-secrets")
    beside.mkdir()
    (root / "src/leak").symlink_to(beside, target_is_directory=True)
    with pytest.raises(PathError, match="leads out"):
        locate(root, "src/leak/x.txt")


def test_a_chain_of_links_counts_by_where_it_ends(root: Path) -> None:
    (root / "one").symlink_to(root / "two")
    (root / "two").symlink_to(root.parent / "outside/secret.txt")
    with pytest.raises(PathError, match="leads out"):
        locate(root, "one")


def test_links_in_a_ring_are_refused(root: Path) -> None:
    (root / "one").symlink_to(root / "two")
    (root / "two").symlink_to(root / "one")
    with pytest.raises(PathError):
        locate(root, "one")
    with pytest.raises(PathError):
        locate(root, "one/x.ts")


def test_a_link_inside_the_app_is_fine(root: Path) -> None:
    (root / "src/Alias.tsx").symlink_to("App.tsx")
    (root / "alias").symlink_to("src", target_is_directory=True)
    assert locate(root, "src/Alias.tsx").read_text() == "app"
    assert locate(root, "alias/App.tsx").read_text() == "app"


def test_a_pipe_is_refused(root: Path) -> None:
    os.mkfifo(root / "src/pipe")
    (root / "src/link").symlink_to("pipe")
    for path in ("src/pipe", "src/link"):
        with pytest.raises(PathError, match="pipe"):
            locate(root, path)


def test_a_folder_is_not_a_file(root: Path) -> None:
    with pytest.raises(PathError, match="is a folder"):
        locate(root, "src/lib")


def test_a_file_is_not_a_folder(root: Path) -> None:
    with pytest.raises(PathError, match=r"'App\.tsx', which is a file"):
        locate(root, "src/App.tsx/x.ts")


@pytest.mark.parametrize("path", ["src/app.tsx", "src/APP.TSX", "SRC/App.tsx", "SRC/other.tsx", "src/Lib/x.ts"])
def test_names_that_differ_only_in_case_collide(root: Path, path: str) -> None:
    with pytest.raises(PathError, match="upper and lower case"):
        locate(root, path)


def test_the_spelling_that_is_there_does_not_collide_with_itself(root: Path) -> None:
    assert locate(root, "src/App.tsx").read_text() == "app"
    assert locate(root, "src/lib/new.ts") == root / "src/lib/new.ts"


@pytest.mark.parametrize(
    "paths",
    [
        ["src/a.ts", "src/A.ts"],
        ["src/Lib/a.ts", "src/lib/b.ts"],
        ["src/x", "src/x/y.ts"],
        ["src/x/y/z.ts", "src/x/y"],
    ],
    ids="+".join,
)
def test_files_that_cannot_stand_side_by_side_are_refused_together(paths: list[str]) -> None:
    with pytest.raises(PathError):
        check_together(paths)


def test_files_of_one_batch_may_share_folders_and_come_twice() -> None:
    check_together(["src/a.ts", "src/b.ts", "src/lib/a.ts", "src/lib.ts", "src/a.ts"])
    check_together([])
