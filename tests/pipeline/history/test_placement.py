"""Where an app's repository is: in its folder, apart from it, or one that was there before."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from history_files import SOURCES, Git, fine, write

from overskill_nb.errors import HistoryError
from overskill_nb.pipeline.history import History


def untouched(git: Git, root: Path) -> tuple[str, bytes, str, str]:
    """What of a repository is its user's."""
    index = (root / ".git/index").read_bytes() if (root / ".git/index").exists() else b""
    return (
        (root / ".git/HEAD").read_text(),
        index,
        git(root, "for-each-ref", "refs/heads"),
        git(root, "--no-optional-locks", "status", "--porcelain"),
    )


@pytest.fixture
def theirs(root: Path, git: Git) -> Path:
    """The app in a repository that its user made, with something staged and something not."""
    git(root, "init", "-q")
    git(root, "add", "package.json", ".gitignore", "src/App.tsx")
    git(root, "commit", "-q", "-m", "Mine")
    write(root, "package.json", '{"name": "staged"}\n')
    git(root, "add", "package.json")
    write(root, "src/App.tsx", "not staged")
    return root


def test_an_app_opened_again_goes_on_with_its_history(history: History, root: Path, git: Git) -> None:
    first = history.checkpoint("file")
    assert first is not None
    history.close()
    again = History(root, root.parent / "elsewhere")
    write(root, "src/App.tsx", "2")
    second = again.checkpoint("cell")
    assert second is not None
    assert [checkpoint.id for checkpoint in again.log()] == [second.id, first.id]
    assert again.ref == b"refs/heads/main"
    assert not again.foreign
    fine(git, root)


def test_many_that_begin_at_once_make_one_repository(root: Path, git: Git) -> None:
    program = (
        "import sys; from pathlib import Path; from overskill_nb.pipeline.history import History\n"
        "root = Path(sys.argv[1]); History(root, root.parent / '.overskill').checkpoint('file')"
    )
    import sys

    started = [subprocess.Popen([sys.executable, "-c", program, str(root)]) for _ in range(4)]
    assert [process.wait(60) for process in started] == [0] * 4
    fine(git, root)
    assert git(root, "rev-list", "--count", "HEAD").strip() == "1"
    assert [path.name for path in root.iterdir() if path.name.endswith(".writing")] == []


def test_the_users_own_commits_and_branches_are_gone_along_with(history: History, root: Path, git: Git) -> None:
    history.checkpoint("file")
    git(root, "switch", "-q", "-c", "try")
    write(root, "src/App.tsx", "tried")
    tried = history.checkpoint("cell")
    assert tried is not None
    assert history.ref == b"refs/heads/try"
    git(root, "switch", "-q", "main")
    assert history.checkpoint("file") is None
    assert history.log()[0].message == "Begin"
    git(root, "merge", "-q", "--no-ff", "-m", "Take it", "try")
    git(root, "gc", "-q")
    assert [checkpoint.message for checkpoint in history.log()] == ["Take it", "Change src/App.tsx", "Begin"]
    write(root, "src/App.tsx", "and on")
    assert history.checkpoint("cell") is not None
    fine(git, root)


def test_a_detached_head_is_not_moved(history: History, root: Path, git: Git) -> None:
    history.checkpoint("file")
    write(root, "src/App.tsx", "2")
    history.checkpoint("cell")
    git(root, "checkout", "-q", "HEAD~1")
    before = untouched(git, root)[:3]
    write(root, "src/App.tsx", "aside")
    made = history.checkpoint("cell")
    assert made is not None
    assert untouched(git, root)[:3] == before
    assert git(root, "rev-parse", "refs/overskill/history").strip() == made.id == history.head()
    git(root, "checkout", "-q", "--force", "main")
    write(root, "src/App.tsx", "3")
    assert history.checkpoint("cell") is not None
    fine(git, root)


def test_a_merge_in_its_midst_is_left_to_the_user(history: History, root: Path, git: Git) -> None:
    history.checkpoint("file")
    for branch, text in (("one", "1\n"), ("two", "2\n")):
        git(root, "switch", "-q", "-c", branch, "main")
        write(root, "src/App.tsx", text)
        git(root, "commit", "-q", "-am", branch)
    assert "CONFLICT" in git(root, "merge", "one", check=False)
    before = untouched(git, root)
    made = history.checkpoint("file")
    assert made is not None
    assert untouched(git, root) == before
    write(root, "src/App.tsx", "both\n")
    git(root, "commit", "-q", "-am", "Both")
    assert history.checkpoint("file") is None
    fine(git, root)


def test_inside_somebodys_work_tree_the_repository_is_apart(tmp_path: Path, root: Path, git: Git) -> None:
    outer = tmp_path / "work"
    git(outer, "init", "-q")
    history = History(root, outer / ".overskill")
    first = history.checkpoint("file")
    assert first is not None
    assert first.files == SOURCES
    write(root, "src/App.tsx", "2")
    second = history.checkpoint("cell")
    assert second is not None
    assert second.files == ["src/App.tsx"]
    assert not (root / ".git").exists()
    assert "overskill" not in git(outer, "status", "--porcelain", "--untracked-files=all")
    (apart,) = (outer / ".overskill/history").glob("*.git")
    assert apart.name.startswith("tips-")
    fine(git, apart)
    history.adopt()
    assert history.head() == second.id
    # It stays where it is, also where the outer repository goes.
    subprocess.run(["rm", "-rf", str(outer / ".git")], check=True)
    assert History(root, outer / ".overskill").log()[0].id == second.id


def test_a_users_repository_is_not_touched(theirs: Path, git: Git) -> None:
    before = untouched(git, theirs)
    history = History(theirs, theirs.parent / ".overskill")
    assert history.foreign
    assert [checkpoint.message for checkpoint in history.log()] == ["Mine"]
    first = history.checkpoint("file")
    assert first is not None
    assert first.files == [".env.example", "package.json", "src/App.tsx", "src/components/Tip.tsx"]
    write(theirs, "src/App.tsx", "2")
    second = history.checkpoint("cell")
    assert second is not None
    assert untouched(git, theirs) == before
    assert history.checkpoint("cell") is None
    assert [checkpoint.message for checkpoint in history.log()] == [second.message, first.message, "Mine"]
    assert (
        git(theirs, "rev-parse", "refs/overskill/history~2", "HEAD").split()[0]
        == git(theirs, "rev-parse", "HEAD").strip()
    )
    # What the user commits meanwhile becomes part of it with the next checkpoint.
    git(theirs, "commit", "-q", "-am", "Mine, again")
    write(theirs, "src/App.tsx", "3")
    third = history.checkpoint("cell")
    assert third is not None
    assert third.files == ["src/App.tsx"]
    assert "Mine, again" in [checkpoint.message for checkpoint in history.log()]
    assert "error" not in git(theirs, "fsck", "--strict")
    git(theirs, "gc", "-q", "--prune=now")
    assert history.read(history.tree_files(second.id)["src/App.tsx"][1]) == b"2"


def test_a_users_repository_without_a_commit_is_not_touched(root: Path, git: Git) -> None:
    git(root, "init", "-q")
    history = History(root, root.parent / ".overskill")
    assert history.log() == []
    made = history.checkpoint("file")
    assert made is not None
    assert made.message == "Begin"
    assert git(root, "for-each-ref", "--format=%(refname)").split() == ["refs/overskill/history"]
    history.adopt()
    fine(git, root)
    assert history.head() == made.id == git(root, "rev-parse", "main").strip()


def test_a_users_repository_can_be_taken_over_with_its_checkpoints(theirs: Path, git: Git) -> None:
    config = theirs / ".git/config"
    config.write_text(config.read_text() + "# mine\n")
    history = History(theirs, theirs.parent / ".overskill")
    first = history.checkpoint("file")
    write(theirs, "src/App.tsx", "latest")
    history.adopt()
    assert not history.foreign
    assert history.ref == b"refs/heads/main"
    assert "# mine\n" in config.read_text()
    fine(git, theirs)
    assert first is not None
    assert first.id in git(theirs, "rev-list", "main")
    assert git(theirs, "show", "main:src/App.tsx") == "latest"
    assert git(theirs, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main"]
    write(theirs, "src/App.tsx", "2")
    assert History(theirs, theirs.parent / ".overskill").checkpoint("cell") is not None
    fine(git, theirs)


def test_taking_over_joins_what_the_user_committed_meanwhile(theirs: Path, git: Git) -> None:
    history = History(theirs, theirs.parent / ".overskill")
    first = history.checkpoint("file")
    git(theirs, "commit", "-q", "-am", "Mine, again")
    mine = git(theirs, "rev-parse", "HEAD").strip()
    history.adopt()
    fine(git, theirs)
    assert first is not None
    assert {first.id, mine} <= set(git(theirs, "rev-list", "main").split())


def test_a_repository_in_the_midst_of_something_is_not_taken_over(theirs: Path, git: Git) -> None:
    git(theirs, "checkout", "-q", "--detach")
    history = History(theirs, theirs.parent / ".overskill")
    before = untouched(git, theirs)
    with pytest.raises(HistoryError, match="has no branch checked"):
        history.adopt()
    assert untouched(git, theirs) == before


def test_one_of_several_work_trees_has_checkpoints_of_its_own(theirs: Path, git: Git, tmp_path: Path) -> None:
    git(theirs, "worktree", "add", "-q", str(tmp_path / "tree"), "-b", "side")
    for folder in (theirs, tmp_path / "tree"):
        write(folder, "src/App.tsx", folder.name)
        made = History(folder, tmp_path / ".overskill").checkpoint("cell")
        assert made is not None
        assert History(folder, tmp_path / ".overskill").head() == made.id
    with pytest.raises(HistoryError, match="one of several work trees"):
        History(tmp_path / "tree", tmp_path / ".overskill").adopt()
    assert "error" not in git(theirs, "fsck", "--strict")


def test_submodules_of_a_users_repository_stay(theirs: Path, git: Git, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(theirs), "lib")
    git(theirs, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "lib"), "lib")
    git(theirs, "commit", "-q", "-m", "With lib")
    history = History(theirs, theirs.parent / ".overskill")
    write(theirs, "src/App.tsx", "2")
    made = history.checkpoint("cell")
    assert made is not None
    assert history.tree_files(made.id)["lib"][0] == 0o160000
    assert "error" not in git(theirs, "fsck", "--strict")


def test_into_a_project_that_was_only_opened_nothing_is_put(root: Path) -> None:
    before = sorted(root.rglob("*"))
    history = History(root, root.parent / ".overskill", made_here=False)
    made = history.checkpoint("file")
    assert made is not None
    assert sorted(root.rglob("*")) == before
    assert [found.id for found in history.log(10)] == [made.id]
    history.close()
