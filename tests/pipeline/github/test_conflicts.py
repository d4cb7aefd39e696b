"""What does not go together is shown, both sides as they were: no commit is overwritten, and nothing made twice."""

from __future__ import annotations

from typing import Any

import pytest
from app_world import APP, AppWorld
from faulty_http import FaultyHttp
from git_server import git

from overskill_nb.pipeline.github import names
from overskill_nb.protocol_github import Conflict

TEXT = "".join(f"line {at}\n" for at in range(20))
FILES = {"src/App.tsx": TEXT, "src/other.ts": "other\n", "logo.png": "\0png"}


@pytest.fixture
async def synced(world: AppWorld) -> AppWorld:
    world.write(FILES)
    await world.sync()
    return world


async def pulls(world: AppWorld) -> list[tuple[str, str, str]]:
    def ask(client: Any) -> list[tuple[str, str, str]]:
        return [(pull.head.ref, pull.base.ref, pull.html_url) for pull in client.get_repo(world.name).get_pulls("all")]

    return await world.direct.exchange.step("the pull requests", ask)


SIDES: dict[str, tuple[dict[str, str | None], dict[str, str | None], list[Conflict]]] = {
    "the same lines": (
        {"src/App.tsx": TEXT.replace("line 5\n", "ours\n")},
        {"src/App.tsx": TEXT.replace("line 5\n", "theirs\n")},
        [
            Conflict(
                path="src/App.tsx",
                ours=TEXT.replace("line 5\n", "ours\n"),
                theirs=TEXT.replace("line 5\n", "theirs\n"),
                base=TEXT,
            )
        ],
    ),
    "removed here and changed there": (
        {"src/other.ts": None},
        {"src/other.ts": "theirs\n"},
        [Conflict(path="src/other.ts", ours=None, theirs="theirs\n", base="other\n")],
    ),
    "changed here and removed there": (
        {"src/other.ts": "ours\n"},
        {"src/other.ts": None},
        [Conflict(path="src/other.ts", ours="ours\n", theirs=None, base="other\n")],
    ),
    "binary": (
        {"logo.png": "\0ours"},
        {"logo.png": "\0theirs"},
        [Conflict(path="logo.png", ours=None, theirs=None, binary=True)],
    ),
    "added on both sides": (
        {"new.ts": "ours\n"},
        {"new.ts": "theirs\n"},
        [Conflict(path="new.ts", ours="ours\n", theirs="theirs\n")],
    ),
    "one of two files": (
        {"src/other.ts": "ours\n", "src/App.tsx": TEXT.replace("line 1\n", "ours\n")},
        {"src/other.ts": "theirs\n", "src/App.tsx": TEXT.replace("line 17\n", "theirs\n")},
        [Conflict(path="src/other.ts", ours="ours\n", theirs="theirs\n", base="other\n")],
    ),
}


@pytest.mark.parametrize("sides", SIDES)
async def test_a_conflict_is_shown_and_touches_neither_side(sides: str, synced: AppWorld) -> None:
    ours, theirs, conflicts = SIDES[sides]
    their_commit = await synced.they_push(theirs)
    synced.write(ours)
    texts = synced.texts()
    found = await synced.sync(id="s1")
    head, branch = synced.history.head(), names.branch_of(APP, "s1")
    assert found["conflicts"] == conflicts
    assert await synced.refs() == {"main": their_commit, branch: head}
    assert synced.texts() == texts
    assert not synced.applied
    assert await pulls(synced) == [(branch, "main", found["pull_request"])]
    assert "merge the pull request" in found["hint"].lower()
    # Again, as the same sync and as later ones: the same branch and pull request.
    for id in ("s1", "s2", "s3"):  # noqa: A001
        assert (await synced.sync(id=id)) == found
    assert await synced.refs() == {"main": their_commit, branch: head}
    assert len(await pulls(synced)) == 1
    await synced.nothing_lost()


async def test_an_edit_in_the_very_moment_in_which_theirs_are_written_is_kept(synced: AppWorld) -> None:
    await synced.they_push({"src/other.ts": "theirs\n"})

    def edit() -> None:
        synced.before_apply = lambda: None
        synced.write({"src/other.ts": "ours, in this moment\n"})

    synced.before_apply = edit
    found = await synced.sync()
    assert [conflict.path for conflict in found["conflicts"]] == ["src/other.ts"]
    assert synced.texts()["src/other.ts"] == "ours, in this moment\n"
    await synced.nothing_lost()


async def test_more_changes_go_to_the_same_pull_request(synced: AppWorld) -> None:
    await synced.they_push({"src/other.ts": "theirs\n"})
    synced.write({"src/other.ts": "ours\n"})
    first = await synced.sync()
    synced.write({"src/more.ts": "more\n"})
    second = await synced.sync()
    assert second["pull_request"] == first["pull_request"]
    assert synced.history.head() in (await synced.refs()).values()
    assert len(await pulls(synced)) == 1
    await synced.nothing_lost()


async def test_a_conflict_that_is_solved_here_is_pushed(synced: AppWorld) -> None:
    await synced.they_push({"src/other.ts": "theirs\n"})
    synced.write({"src/other.ts": "ours\n"})
    assert (await synced.sync())["conflicts"]
    synced.write({"src/other.ts": "theirs\n"})
    found = await synced.sync()
    assert not found["conflicts"]
    assert (await synced.refs())["main"] == synced.history.head() == found["commit"]
    await synced.nothing_lost()


async def test_a_conflict_that_is_merged_at_github_is_taken(synced: AppWorld) -> None:
    await synced.they_push({"src/other.ts": "theirs\n"})
    synced.write({"src/other.ts": "ours\n"})
    assert (await synced.sync(id="s1"))["conflicts"]
    await synced.elsewhere("fetch", "-q")
    there = synced.folder / "elsewhere"
    with pytest.raises(Exception, match="non-zero"):
        git(there, "merge", "-q", f"origin/{names.branch_of(APP, 's1')}")
    await synced.they_push({"src/other.ts": "both\n"}, force=True)
    found = await synced.sync()
    assert (found["conflicts"], found["pull_request"]) == ([], "")
    assert synced.texts()["src/other.ts"] == "both\n"
    assert synced.history.head() == (await synced.refs())["main"]
    await synced.nothing_lost()


async def test_a_pull_shows_a_conflict_and_pushes_nothing(synced: AppWorld, github: FaultyHttp) -> None:
    theirs = await synced.they_push({"src/other.ts": "theirs\n"})
    synced.write({"src/other.ts": "ours\n"})
    posts = github.count("POST .*receive-pack")
    found = await synced.sync(pull=True)
    assert [conflict.path for conflict in found["conflicts"]] == ["src/other.ts"]
    assert found["pull_request"] == ""
    assert await synced.refs() == {"main": theirs}
    assert github.count("POST .*receive-pack") == posts


async def test_a_rewritten_history_is_not_written_over(synced: AppWorld) -> None:
    synced.write({"src/other.ts": "ours\n"})
    await synced.sync()
    thrown_away = synced.history.head()
    await synced.elsewhere("fetch", "-q")
    await synced.elsewhere("checkout", "-q", "-B", "main", "origin/main~1")
    theirs = await synced.they_push({"README.md": "rewritten\n"}, force=True)
    found = await synced.sync(id="s1")
    assert await synced.refs() == {"main": theirs, names.branch_of(APP, "s1"): thrown_away}
    assert "was rewritten at GitHub" in found["hint"]
    assert found["pull_request"]
    assert (await synced.sync(id="s2"))["pull_request"] == found["pull_request"]
    assert synced.texts()["src/other.ts"] == "ours\n"
    await synced.nothing_lost()


async def test_a_history_that_was_set_back_is_not_pushed_forward(synced: AppWorld) -> None:
    first = synced.history.head()
    synced.write({"src/other.ts": "ours\n"})
    await synced.sync()
    await synced.elsewhere("fetch", "-q")
    await synced.elsewhere("push", "-q", "-f", "origin", f"{first}:main")
    found = await synced.sync(id="s1")
    assert (await synced.refs())["main"] == first
    assert found["pull_request"]
    await synced.nothing_lost()


async def protect(world: AppWorld) -> None:
    """Changes of main must go through a pull request."""
    await world.direct.exchange.step(
        "protecting",
        lambda client: (
            client.get_repo(world.name).get_branch("main").edit_protection(required_approving_review_count=1)
        ),
    )


async def test_a_protected_branch_gets_a_pull_request(synced: AppWorld) -> None:
    await protect(synced)
    before = (await synced.refs())["main"]
    synced.write({"src/other.ts": "ours\n"})
    found = await synced.sync(id="s1")
    branch = names.branch_of(APP, "s1")
    assert await synced.refs() == {"main": before, branch: synced.history.head()}
    assert found["conflicts"] == []
    assert found["hint"] == "The branch main is protected; merge the pull request, and sync again."
    assert await pulls(synced) == [(branch, "main", found["pull_request"])]
    synced.write({"src/other.ts": "more\n"})
    assert (await synced.sync(id="s2"))["pull_request"] == found["pull_request"]
    assert await synced.refs() == {"main": before, branch: synced.history.head()}
    await synced.nothing_lost()


async def test_a_branch_that_somebody_went_on_with_is_left_to_them(synced: AppWorld) -> None:
    await synced.they_push({"src/other.ts": "theirs\n"})
    synced.write({"src/other.ts": "ours\n"})
    await synced.sync(id="s1")
    branch = names.branch_of(APP, "s1")
    await synced.they_push({"note.md": "a note\n"}, branch=branch)
    synced.write({"src/more.ts": "more\n"})
    await synced.sync(id="s1")
    refs = await synced.refs()
    assert set(refs) == {"main", branch, f"{branch}-2"}
    assert refs[f"{branch}-2"] == synced.history.head()
    await synced.nothing_lost()
