from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from history_files import SOURCES, Git, fine, write

from overskill_nb.errors import HistoryError
from overskill_nb.pipeline.history import History
from overskill_nb.pipeline.history.runs import Run

# ------------------------------------------------------------------------------------------------- what is recorded


def test_the_first_checkpoint_holds_the_sources_and_nothing_else(history: History, root: Path, git: Git) -> None:
    made = history.checkpoint("file")
    assert made is not None
    assert made.message == "Begin"
    assert made.origin == "file"
    assert made.files == SOURCES
    assert git(root, "ls-files").split() == SOURCES
    assert git(root, "branch", "--show-current").strip() == "main"
    fine(git, root)


def test_a_checkpoint_says_what_changed_where_it_came_from_and_whether_it_compiled(
    history: History, root: Path, git: Git
) -> None:
    history.checkpoint("file")
    write(root, "src/App.tsx", "broken(")
    made = history.checkpoint("prompt", compiles=False)
    assert made is not None
    assert (made.message, made.origin, made.compiles) == ("Change src/App.tsx", "prompt", False)
    assert made.files == ["src/App.tsx"]
    assert made.author == "overskill_nb"
    assert time.time() * 1000 - made.at < 60_000
    said = git(root, "log", "-1", "--format=%B%an <%ae>")
    assert said == (
        "Change src/App.tsx\n\nOverskill-Origin: prompt\nOverskill-Compiles: no\n"
        "overskill_nb <overskill_nb@localhost>\n"
    )
    (root / "src/components/Tip.tsx").unlink()
    write(root, "src/New.tsx", "")
    mixed = history.checkpoint("cell", "Tidy up\n\nfor good")
    assert mixed is not None
    assert mixed.message == "Tidy up\n\nfor good"
    assert mixed.files == ["src/New.tsx", "src/components/Tip.tsx"]
    fine(git, root)


def test_without_a_change_there_is_no_checkpoint(history: History, root: Path) -> None:
    history.checkpoint("file")
    assert history.checkpoint("cell") is None
    os.utime(root / "src/App.tsx")
    write(root, ".env", "SECRET=3")
    assert history.checkpoint("cell") is None
    assert len(history.log()) == 1


def test_the_author_is_gits_own_user(history: History, root: Path, tmp_path: Path) -> None:
    (tmp_path / "home/.gitconfig").write_text("[user]\n\tname = Ada Lovelace\n\temail = ada@example.com\n")
    made = history.checkpoint("file")
    assert made is not None
    assert made.author == "Ada Lovelace"


def test_a_change_within_the_same_instant_and_of_the_same_size_is_seen(history: History, root: Path) -> None:
    for number in range(20):
        write(root, "src/App.tsx", f"{number:04}")
        history.checkpoint("cell")
    assert len(history.log()) == 20


def test_changes_of_several_origins_become_one_checkpoint_each(history: History, root: Path, git: Git) -> None:
    history.checkpoint("file")
    write(root, "src/App.tsx", "a")
    write(root, "src/components/Tip.tsx", "b")
    write(root, "src/Else.tsx", "c")
    made = history.record([Run("prompt", {"src/components/Tip.tsx"}), Run("cell", {"src/App.tsx"})])
    assert [(checkpoint.origin, checkpoint.files) for checkpoint in made] == [
        ("prompt", ["src/components/Tip.tsx"]),
        ("cell", ["src/App.tsx"]),
        ("file", ["src/Else.tsx"]),
    ]
    assert [checkpoint.id for checkpoint in history.log(3)] == [checkpoint.id for checkpoint in reversed(made)]
    fine(git, root)


def test_what_can_be_executed_and_links_are_kept(history: History, root: Path, git: Git, tmp_path: Path) -> None:
    write(root, "run.sh", "#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "inside").symlink_to("src/App.tsx")
    (root / "outside").symlink_to(tmp_path / "home")
    (root / "far").symlink_to("../../home")
    (root / "nowhere").symlink_to("nowhere")
    made = history.checkpoint("file")
    assert made is not None
    files = history.tree_files(made.id)
    assert files["run.sh"][0] == 0o100755
    assert files["inside"][0] == 0o120000
    assert not {"outside", "far", "nowhere"} & files.keys()
    assert "error" not in git(root, "fsck", "--strict")


def test_large_files_and_those_that_are_no_files_are_left_out(history: History, root: Path) -> None:
    with (root / "huge.bin").open("wb") as file:
        file.truncate(51 * 1024 * 1024)
    os.mkfifo(root / "pipe")
    write(root, ".App.tsx.123.writing", "half")
    made = history.checkpoint("file")
    assert made is not None
    assert made.files == SOURCES


def test_names_of_any_kind_come_back_as_they_were(history: History, root: Path, git: Git) -> None:
    names = ["caf\u00e9.txt", "cafe\u0301.txt", "trailing ", " leading", "a\nb", 'quo"te', "aux.txt", "back\\slash"]
    for name in names:
        write(root, f"odd/{name}", name)
    Path(os.fsdecode(b"%s/odd/\xff.txt" % os.fsencode(root))).write_text("no UTF-8")
    made = history.checkpoint("file")
    assert made is not None
    fine(git, root)
    files = history.changes("", made.id)
    assert all(files[f"odd/{name}"] == name.encode() for name in names)
    assert files["odd/\udcff.txt"] == b"no UTF-8"
    made.files.sort()
    assert "odd/\ufffd.txt" in made.files


def test_what_git_tracks_stays_tracked_whatever_the_rules_say(history: History, root: Path, git: Git) -> None:
    history.checkpoint("file")
    git(root, "add", "--force", "notes.local", "dist/index.html")
    write(root, ".gitignore", "node_modules\ndist\n*.local\nsrc\n")
    write(root, "src/App.tsx", "changed")
    write(root, "src/Ignored.tsx", "never seen")
    write(root, "dist/index.html", "built again")
    made = history.checkpoint("cell")
    assert made is not None
    assert made.files == [".gitignore", "dist/index.html", "notes.local", "src/App.tsx"]
    fine(git, root)


def test_a_nested_repository_and_what_cannot_be_read_are_left_alone(history: History, root: Path, git: Git) -> None:
    history.checkpoint("file")
    (root / "vendor").mkdir()
    git(root / "vendor", "init", "-q")
    write(root, "vendor/lib.js", "not ours")
    if os.geteuid() != 0:
        (root / "src/components").chmod(0)
    try:
        assert history.checkpoint("file") is None
    finally:
        (root / "src/components").chmod(0o755)


# ------------------------------------------------------------------------------------------------------------ looking


def test_the_log_is_newest_first_and_goes_on_where_it_ended(history: History, root: Path) -> None:
    ids = []
    for number in range(7):
        write(root, "src/App.tsx", str(number))
        made = history.checkpoint("cell")
        assert made is not None
        ids.insert(0, made.id)
    assert [checkpoint.id for checkpoint in history.log()] == ids
    assert [checkpoint.id for checkpoint in history.log(3)] == ids[:3]
    assert [checkpoint.id for checkpoint in history.log(3, ids[2])] == ids[3:6]
    assert history.log(3, ids[-1]) == []
    assert history.head() == ids[0]


def test_a_diff_is_a_patch_that_git_applies(history: History, root: Path, git: Git, tmp_path: Path) -> None:
    write(root, "src/end.txt", "no newline at the end")
    write(root, "logo.png", b"\x89PNG\0\0")
    first = history.checkpoint("file")
    assert first is not None
    git(tmp_path, "clone", "-q", str(root), "copy")
    write(root, "src/App.tsx", "export default () => <p>2</p>;\nmore\u2028lines\rhere\n")
    write(root, "src/end.txt", "no newline at the end\nnor here")
    write(root, "src/New.tsx", "new\n")
    write(root, "logo.png", b"\x89PNG\0\1")
    (root / "src/components/Tip.tsx").unlink()
    second = history.checkpoint("cell")
    assert second is not None
    found = history.diff(second.id[:8])
    assert [(file.path, file.status) for file in found] == [
        ("logo.png", "changed"),
        ("src/App.tsx", "changed"),
        ("src/New.tsx", "added"),
        ("src/components/Tip.tsx", "removed"),
        ("src/end.txt", "changed"),
    ]
    assert found[0].text == ""
    (tmp_path / "copy/all.patch").write_bytes("".join(file.text for file in found).encode())
    git(tmp_path / "copy", "apply", "all.patch")
    for path in ("src/App.tsx", "src/end.txt", "src/New.tsx"):
        assert (tmp_path / "copy" / path).read_bytes() == (root / path).read_bytes()
    assert not (tmp_path / "copy/src/components/Tip.tsx").exists()
    back = history.diff(first.id, since=second.id)
    assert {file.path: file.status for file in back}["src/New.tsx"] == "removed"
    assert all(file.status == "added" for file in history.diff(first.id))


def test_unknown_and_ambiguous_ids_are_errors(history: History, root: Path) -> None:
    history.checkpoint("file")
    blob = history.tree_files(history.head())["src/App.tsx"][1]
    for wrong in ("0000000", "f" * 40, blob, "", "abc", "HEAD", "main", "../..", "zzzzzz", "a" * 41):
        with pytest.raises(HistoryError, match=r"no checkpoint|give 4 or more"):
            history.find(wrong)
        with pytest.raises(HistoryError):
            history.diff(wrong)
    heads: dict[str, str] = {}
    for number in range(3000):
        commit = history._commit(history.repo, {}, [], b"%d" % number).decode()
        if heads.setdefault(commit[:4], commit) != commit:
            with pytest.raises(HistoryError, match="begins the ids of 2"):
                history.find(commit[:4])
            assert history.find(commit[:12]) == commit
            break
    else:
        pytest.skip("no two ids begin alike")


def test_commits_that_others_made_are_told_as_they_are(history: History, root: Path, git: Git) -> None:
    history.checkpoint("file")
    write(root, "src/App.tsx", "by hand")
    git(root, "commit", "-q", "-am", "By hand\n\nSigned-off-by: Ada <ada@example.com>")
    assert history.checkpoint("file") is None
    newest = history.log(1)[0]
    assert (newest.message, newest.origin, newest.author, newest.files) == ("By hand", "", "Ada", ["src/App.tsx"])


# ----------------------------------------------------------------------------------------------- several, and faults


WRITER = """
import sys
from pathlib import Path
from overskill_nb.pipeline.history import History
root, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
history = History(root, root.parent / ".overskill")
for number in range(count):
    (root / "src" / name).write_text(f"{name} {number}")
    history.checkpoint("file")
    print(number, flush=True)
"""


def test_several_processes_write_one_history(history: History, root: Path, git: Git) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(root), f"{name}.tsx", "15"], stdout=subprocess.DEVNULL)
        for name in "abc"
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    fine(git, root)
    made = history.log(1000)
    assert 15 <= len(made) <= 45
    assert all(len(history.repo.get_parents(checkpoint.id.encode())) <= 1 for checkpoint in made)
    files = history.tree_files(history.head())
    for name in "abc":
        assert history.read(files[f"src/{name}.tsx"][1]) == f"{name}.tsx 14".encode()


@pytest.mark.slow
def test_a_killed_process_leaves_nothing_in_the_way(history: History, root: Path, git: Git) -> None:
    history.checkpoint("file")
    for number in range(25):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(root), "a.tsx", "10000"], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(number * 0.0011)
        writer.kill()
        writer.stdout.close()
        writer.wait()
        started = time.monotonic()
        write(root, "src/b.tsx", str(number))
        assert history.checkpoint("file") is not None
        assert time.monotonic() - started < 2
        fine(git, root)


def test_what_a_killed_process_had_locked_is_freed(history: History, root: Path, git: Git) -> None:
    history.checkpoint("file")
    for name in ("index.lock", "refs/heads/main.lock", "HEAD.lock", "config.lock"):
        write(root, f".git/{name}", "")
    write(root, ".git/overskill/lock", "4711\n")
    write(root, "src/App.tsx", "later")
    assert history.checkpoint("file") is not None
    fine(git, root)


def test_a_lock_that_git_itself_holds_is_respected_and_named(
    history: History, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from overskill_nb.pipeline.history import repository

    monkeypatch.setattr(repository, "BUSY_SECONDS", 0.2)
    history.checkpoint("file")
    write(root, ".git/refs/heads/main.lock", "")
    write(root, "src/App.tsx", "later")
    with pytest.raises(HistoryError, match=r"main\.lock'; where no git is running, remove"):
        history.checkpoint("file")
    (root / ".git/refs/heads/main.lock").unlink()
    assert history.checkpoint("file") is not None


@pytest.mark.parametrize(
    "damage",
    ["HEAD", "refs/heads/main", "config", "index", "objects", "empty objects", "everything", "a file", "bare"],
)
def test_a_damaged_repository_is_an_error_and_no_file_is_lost(
    history: History, root: Path, damage: str, tmp_path: Path, git: Git
) -> None:
    history.checkpoint("file")
    write(root, "src/App.tsx", "latest")
    before = {file: file.read_bytes() for file in root.rglob("*") if file.is_file() and ".git" not in file.parts}
    folder = root / ".git"
    if damage == "objects":
        for file in folder.glob("objects/??/*"):
            file.chmod(0o644)
            file.write_bytes(b"garbage")
    elif damage == "empty objects":
        for file in folder.glob("objects/??/*"):
            file.unlink()
    elif damage in {"everything", "a file"}:
        subprocess.run(["rm", "-rf", str(folder)], check=True)
        if damage == "a file":
            folder.write_text("garbage")
        else:
            folder.mkdir()
    elif damage == "bare":
        subprocess.run(["rm", "-rf", str(folder)], check=True)
        git(root, "init", "-q", "--bare", ".git")
    else:
        (folder / damage).write_bytes(b"\xff\0garbage")
    again = History(root, root.parent / ".overskill")
    for each in (history, again):
        try:
            each.checkpoint("file")
            assert each.log(1)[0].id == each.head()
        except HistoryError as error:
            assert "\n" not in str(error)  # noqa: PT017
    after = {file: file.read_bytes() for file in root.rglob("*") if file.is_file() and ".git" not in file.parts}
    assert after == before


def test_a_folder_that_is_gone_is_an_error(history: History, root: Path) -> None:
    history.checkpoint("file")
    subprocess.run(["rm", "-rf", str(root)], check=True)
    for ask in (lambda: history.checkpoint("file"), history.log, history.head, lambda: history.ref):
        with pytest.raises(HistoryError, match="is gone"):
            ask()
    write(root, "src/App.tsx", "made anew")
    made = history.checkpoint("file")
    assert made is not None
    assert made.message == "Begin"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_an_error(history: History, root: Path) -> None:
    root.chmod(0o555)
    try:
        with pytest.raises(HistoryError, match="cannot be read or written: Permission denied"):
            history.checkpoint("file")
    finally:
        root.chmod(0o755)


def test_dulwich_is_not_loaded_with_the_engine() -> None:
    program = "import sys, overskill_nb.pipeline; print([n for n in ('dulwich', 'merge3') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
