"""Two histories that went apart, and what other programs fetched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from history_files import Git, fine, write

from overskill_nb.errors import HistoryError
from overskill_nb.pipeline.history import History, Merge
from overskill_nb.pipeline.project import Project
from overskill_nb.pipeline.replacement import Replacement

BASE = "".join(f"line {number}\n" for number in range(20))


@pytest.fixture
def two(history: History, root: Path, git: Git, tmp_path: Path) -> Path:
    """A clone of the app, for changes from elsewhere."""
    write(root, "src/list.txt", BASE)
    write(root, "logo.png", b"\x89PNG\0\0")
    write(root, "package.json", json.dumps({"name": "tips", "dependencies": {"a": "1"}}, indent=2))
    history.checkpoint("file")
    git(tmp_path, "clone", "-q", str(root), "clone")
    return tmp_path / "clone"


def theirs(git: Git, root: Path, clone: Path) -> str:
    """Commit what was changed elsewhere, and fetch it."""
    git(clone, "add", "--all", "--force")
    git(clone, "commit", "-q", "-m", "Elsewhere")
    git(root, "fetch", "-q", str(clone), "main")
    return git(clone, "rev-parse", "HEAD").strip()


def ours(history: History) -> str:
    history.checkpoint("cell")
    return history.head()


def bring(history: History, root: Path, files: dict[str, bytes | None]) -> None:
    Replacement(Project(root), files).write()


def take(history: History, root: Path, merge: Merge) -> None:
    assert merge.conflicts == []
    bring(history, root, history.changes(merge.ours, merge.tree))
    history.commit_merge(merge)


def test_changes_of_different_files_and_lines_go_together(history: History, root: Path, two: Path, git: Git) -> None:
    write(root, "src/list.txt", BASE.replace("line 3\n", "ours\n"))
    write(root, "src/Ours.tsx", "ours")
    (two / "src/components/Tip.tsx").unlink()
    write(two, "src/list.txt", BASE.replace("line 16\n", "theirs\n") + "more")
    write(two, "src/Theirs.tsx", "theirs")
    write(two, "run.sh", "#!/bin/sh\n")
    (two / "run.sh").chmod(0o755)
    (two / "link").symlink_to("src/App.tsx")
    fetched = theirs(git, root, two)
    merge = history.merge(ours(history), fetched)
    assert merge.base
    take(history, root, merge)
    assert (root / "src/list.txt").read_text() == BASE.replace("line 3\n", "ours\n").replace(
        "line 16\n", "theirs\n"
    ) + ("more")
    assert (root / "run.sh").stat().st_mode & 0o111
    assert (root / "link").readlink() == Path("src/App.tsx")
    assert not (root / "src/components").exists()
    fine(git, root)
    newest = history.log(1)[0]
    assert newest.origin == "github"
    assert newest.id == history.head()
    assert history.checkpoint("file") is None
    assert git(root, "log", "-1", "--format=%P").split() == [merge.ours, merge.theirs]
    assert history.contains(newest.id, fetched)
    # git would have made the same of it.
    git(two, "pull", "-q", "--no-rebase", "--no-edit", str(root), merge.ours)
    assert git(two, "rev-parse", "HEAD^{tree}") == git(root, "rev-parse", "HEAD^{tree}")


def test_what_does_not_go_together_is_told_and_nothing_is_touched(
    history: History, root: Path, two: Path, git: Git
) -> None:
    write(root, "src/list.txt", BASE.replace("line 3\n", "ours\n"))
    write(root, "logo.png", b"\x89PNG\0\1")
    write(root, "src/App.tsx", "ours")
    write(root, "new.txt", "ours")
    (root / "src/components/Tip.tsx").unlink()
    (root / "src/components").rmdir()
    write(root, "src/components", "a file now")
    write(two, "src/list.txt", BASE.replace("line 3\n", "theirs\n"))
    write(two, "logo.png", b"\x89PNG\0\2")
    (two / "src/App.tsx").unlink()
    write(two, "new.txt", "theirs")
    write(two, "src/components/More.tsx", "more")
    fetched = theirs(git, root, two)
    head = ours(history)
    merge = history.merge(head, fetched)
    found = {conflict.path: conflict for conflict in merge.conflicts}
    assert sorted(found) == ["logo.png", "new.txt", "src/App.tsx", "src/components", "src/list.txt"]
    assert (found["new.txt"].ours, found["new.txt"].theirs, found["new.txt"].base) == ("ours", "theirs", None)
    assert (found["src/App.tsx"].ours, found["src/App.tsx"].theirs) == ("ours", None)
    assert found["src/list.txt"].base == BASE
    assert found["logo.png"].binary
    assert found["logo.png"].ours is None
    assert merge.tree == ""
    with pytest.raises(HistoryError, match="do not go together"):
        history.commit_merge(merge)
    assert history.head() == head
    fine(git, root)


def test_the_same_change_on_both_sides_is_no_conflict(history: History, root: Path, two: Path, git: Git) -> None:
    for side in (root, two):
        write(side, "src/App.tsx", "the same")
        write(side, "new.txt", "the same")
        (side / "logo.png").unlink()
    take(history, root, history.merge(ours(history), theirs(git, root, two)))
    fine(git, root)


def test_histories_without_a_common_beginning_have_no_base(
    history: History, root: Path, git: Git, tmp_path: Path
) -> None:
    write(tmp_path / "other", "README.md", "other")
    git(tmp_path / "other", "init", "-q")
    history.checkpoint("file")
    fetched = theirs(git, root, tmp_path / "other")
    merge = history.merge(history.head(), fetched)
    assert merge.base == ""
    assert merge.conflicts == []


def test_a_fetched_commit_becomes_the_newest(history: History, root: Path, two: Path, git: Git) -> None:
    write(two, "src/App.tsx", "theirs")
    (two / "src/components/Tip.tsx").unlink()
    head, fetched = history.head(), theirs(git, root, two)
    bring(history, root, history.changes(head, fetched))
    write(root, "src/list.txt", "changed meanwhile")
    history.advance(fetched)
    assert history.head() == fetched
    assert git(root, "status", "--porcelain").strip() == "M src/list.txt"
    made = history.checkpoint("cell")
    assert made is not None
    assert made.files == ["src/list.txt"]
    fine(git, root)


def test_a_history_that_went_on_meanwhile_is_not_wound_back(history: History, root: Path, two: Path, git: Git) -> None:
    write(two, "src/App.tsx", "theirs")
    fetched = theirs(git, root, two)
    merge = history.merge(history.head(), fetched)
    write(root, "src/list.txt", "ours")
    head = ours(history)
    with pytest.raises(HistoryError, match="went on meanwhile"):
        history.advance(fetched)
    with pytest.raises(HistoryError, match="went on meanwhile"):
        history.commit_merge(merge)
    with pytest.raises(HistoryError):
        history.advance("f" * 40)
    assert history.head() == head
