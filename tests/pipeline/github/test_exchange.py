"""Two histories that meet: nothing is lost on either side, and the app follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from app_world import APP, AppWorld
from faulty_http import FaultyHttp
from git_server import TOKEN, GitServer, git

from overskill_nb.errors import GithubError
from overskill_nb.pipeline.github.known import Knowledge
from overskill_nb.pipeline.github.remote import Remote


@pytest.fixture
async def world(remote: Remote, tmp_path: Path) -> AsyncIterator[AppWorld]:
    world = AppWorld(tmp_path / "here", remote.client, remote.name)
    yield world
    await world.close()


FILES = {"src/App.tsx": "".join(f"line {at}\n" for at in range(20)), "src/other.ts": "other\n", "logo.png": "\0png"}


@pytest.fixture
async def synced(world: AppWorld) -> AppWorld:
    world.write(FILES)
    await world.sync()
    return world


async def test_an_empty_repository_gets_everything(world: AppWorld) -> None:
    world.write(FILES)
    found = await world.sync()
    assert found["pushed"] == 1
    assert found["commit"] == world.history.head() == (await world.refs())["main"]
    assert world.lines == ["Pushed 1 commit to main of me/tips."]
    assert await world.synchroniser.ahead(APP, world.root, "me/tips", "main") == 0


async def test_without_a_change_nothing_is_sent(synced: AppWorld, git_host: FaultyHttp) -> None:
    before = (await synced.refs(), synced.history.head())
    posts = git_host.count("POST .*receive")
    found = await synced.sync()
    assert (found["pushed"], found["received"]) == (0, 0)
    assert git_host.count("POST .*receive") == posts
    assert (await synced.refs(), synced.history.head()) == before
    assert not synced.applied


async def test_what_is_on_disk_goes_too(synced: AppWorld) -> None:
    synced.write({"src/App.tsx": "new\n"})
    assert await synced.synchroniser.ahead(APP, synced.root, "me/tips", "main") == 0
    found = await synced.sync()
    assert found["pushed"] == 1
    assert await synced.elsewhere("show", "HEAD:src/App.tsx") == "new"


async def test_the_app_follows_what_only_github_has(synced: AppWorld) -> None:
    theirs = await synced.they_push({"src/App.tsx": "theirs\n", "src/new.ts": "new\n", "src/other.ts": None})
    found = await synced.sync()
    assert (found["received"], found["pushed"], found["commit"]) == (1, 0, theirs)
    assert synced.applied == [{"src/App.tsx": b"theirs\n", "src/new.ts": b"new\n", "src/other.ts": None}]
    assert synced.texts() == {"src/App.tsx": "theirs\n", "src/new.ts": "new\n", "logo.png": "\0png"}
    assert synced.history.head() == theirs
    assert git(synced.root, "status", "--porcelain") == ""
    assert (await synced.sync())["received"] == 0


async def test_changes_of_different_files_are_merged(synced: AppWorld) -> None:
    theirs = await synced.they_push({"src/other.ts": "theirs\n"})
    synced.write({"src/App.tsx": "ours\n"})
    found = await synced.sync()
    assert (found["received"], found["pushed"], found["conflicts"]) == (1, 2, [])
    assert synced.texts()["src/other.ts"] == "theirs\n"
    assert synced.texts()["src/App.tsx"] == "ours\n"
    assert (await synced.refs())["main"] == synced.history.head()
    assert synced.history.contains(synced.history.head(), theirs)
    assert git(synced.root, "status", "--porcelain") == ""
    await synced.nothing_lost()


async def test_changes_of_different_lines_are_merged(synced: AppWorld) -> None:
    text = FILES["src/App.tsx"]
    await synced.they_push({"src/App.tsx": text.replace("line 2\n", "theirs\n")})
    synced.write({"src/App.tsx": text.replace("line 17\n", "ours\n")})
    await synced.sync()
    assert synced.texts()["src/App.tsx"] == text.replace("line 2\n", "theirs\n").replace("line 17\n", "ours\n")
    assert (await synced.refs())["main"] == synced.history.head()


async def test_a_pull_takes_and_does_not_push(synced: AppWorld) -> None:
    theirs = await synced.they_push({"src/other.ts": "theirs\n"})
    synced.write({"src/App.tsx": "ours\n"})
    found = await synced.sync(pull=True)
    assert (found["received"], found["pushed"]) == (1, 0)
    assert (await synced.refs())["main"] == theirs
    assert synced.texts()["src/other.ts"] == "theirs\n"
    assert await synced.synchroniser.ahead(APP, synced.root, "me/tips", "main") == 2
    assert (await synced.sync())["pushed"] == 2


async def test_a_deleted_branch_is_made_again_from_what_was_ours(synced: AppWorld) -> None:
    await synced.elsewhere("checkout", "-q", "--detach")
    await synced.elsewhere("push", "-q", "origin", "HEAD:refs/heads/kept")
    bare = synced.folder.parent / "repositories/me/tips.git"
    git(bare, "update-ref", "-d", "refs/heads/main")
    synced.write({"src/App.tsx": "ours\n"})
    await synced.sync()
    assert (await synced.refs())["main"] == synced.history.head()
    assert any("was deleted at GitHub; it is made again" in line for line in synced.lines)
    await synced.nothing_lost()


async def test_a_deleted_branch_with_commits_of_others_is_left_alone(synced: AppWorld) -> None:
    theirs = await synced.they_push({"src/App.tsx": "theirs\n"})
    synced.write({"src/App.tsx": "ours\n"})
    assert (await synced.sync(pull=True))["conflicts"]
    git(synced.folder.parent / "repositories/me/tips.git", "update-ref", "-d", "refs/heads/main")
    with pytest.raises(GithubError, match=f"was deleted, and its last commit {theirs[:10]} is not part of the app"):
        await synced.sync()
    assert "main" not in await synced.refs()


async def test_an_unrelated_history_is_left_alone(synced: AppWorld) -> None:
    await synced.elsewhere("checkout", "-q", "--orphan", "fresh")
    await synced.elsewhere("commit", "-q", "-m", "fresh")
    await synced.elsewhere("push", "-q", "-f", "origin", "fresh:main")
    fresh = (await synced.refs())["main"]
    head = synced.history.head()
    for _ in range(2):
        with pytest.raises(GithubError, match="no commit in common, so neither was changed"):
            await synced.sync()
    assert await synced.refs() == {"main": fresh}
    assert synced.history.head() == head


async def test_an_edit_during_the_exchange_is_not_lost(synced: AppWorld, git_host: FaultyHttp) -> None:
    await synced.they_push({"src/App.tsx": FILES["src/App.tsx"].replace("line 2\n", "theirs\n")})
    edited = FILES["src/App.tsx"].replace("line 17\n", "ours\n")
    answer = git_host.handler

    looked = False

    async def meanwhile(request):  # type: ignore[no-untyped-def]
        nonlocal looked
        if "service=git-receive-pack" in request.target:
            looked = True
        elif looked and "ours" not in synced.texts()["src/App.tsx"]:
            synced.write({"src/App.tsx": edited})
        return await answer(request)

    git_host.handler = meanwhile
    await synced.sync()
    assert any("begins again" in line for line in synced.lines)
    assert synced.texts()["src/App.tsx"] == edited.replace("line 2\n", "theirs\n")
    assert (await synced.refs())["main"] == synced.history.head()
    await synced.nothing_lost()


async def test_a_push_between_look_and_push_is_merged(synced: AppWorld, git_host: FaultyHttp) -> None:
    synced.write({"src/App.tsx": "ours\n"})
    await synced.elsewhere("fetch", "-q")
    answer, pushed = git_host.handler, False

    async def meanwhile(request):  # type: ignore[no-untyped-def]
        nonlocal pushed
        if request.method == "POST" and "receive-pack" in request.target and not pushed:
            pushed = True
            bare = synced.folder.parent / "repositories/me/tips.git"
            there = synced.folder / "elsewhere"
            (there / "src/other.ts").write_text("theirs\n")
            git(there, "commit", "-q", "-am", "theirs")
            git(there, "push", "-q", str(bare), "HEAD:main")
        return await answer(request)

    git_host.handler = meanwhile
    found = await synced.sync()
    assert (found["received"], found["pushed"]) == (1, 2)
    assert synced.texts()["src/other.ts"] == "theirs\n"
    assert (await synced.refs())["main"] == synced.history.head()
    await synced.nothing_lost()


async def test_a_remote_that_never_stands_still_is_given_up(synced: AppWorld, git_host: FaultyHttp) -> None:
    synced.write({"src/App.tsx": "ours\n"})
    await synced.elsewhere("fetch", "-q")
    bare, there = synced.folder.parent / "repositories/me/tips.git", synced.folder / "elsewhere"
    answer = git_host.handler

    async def meanwhile(request):  # type: ignore[no-untyped-def]
        if request.method == "POST" and "receive-pack" in request.target:
            git(there, "commit", "-q", "--allow-empty", "-m", "theirs")
            git(there, "push", "-q", str(bare), "HEAD:main")
        return await answer(request)

    git_host.handler = meanwhile
    with pytest.raises(GithubError, match="given up after 3 attempts") as caught:
        await synced.sync()
    assert caught.value.temporary
    git_host.handler = answer
    await synced.sync()
    assert (await synced.refs())["main"] == synced.history.head()
    await synced.nothing_lost()


async def test_a_file_that_is_left_out_here_is_not_overwritten(synced: AppWorld) -> None:
    synced.write({".gitignore": "notes.txt\n"})
    await synced.sync()
    synced.write({"notes.txt": "mine\n"})
    await synced.they_push({"more.txt": "more\n"})
    await synced.elsewhere("checkout", "-q", "main")
    (synced.folder / "elsewhere/notes.txt").write_text("theirs\n")
    await synced.elsewhere("add", "-f", "notes.txt")
    await synced.elsewhere("commit", "-q", "-m", "notes")
    await synced.elsewhere("push", "-q", "origin", "main")
    with pytest.raises(GithubError, match=r"notes\.txt comes from there and is here too"):
        await synced.sync()
    assert synced.texts()["notes.txt"] == "mine\n"
    (synced.root / "notes.txt").unlink()
    await synced.sync()
    assert synced.texts()["notes.txt"] == "theirs\n"


SECRETS: list[tuple[str, str]] = [
    ("a GitHub token", "ghp_" + "a1B2" * 9),
    ("a GitHub token", "github_pat_" + "a1B2" * 20),
    ("a Cloudflare token", "CLOUDFLARE_API_TOKEN=" + "a1B2" * 10),
    ("an AWS key", "AKIA" + "ABCDEFGH23456723"),
    ("a key of OpenAI", "sk-proj-" + "a1B2" * 12),
    ("a key of Anthropic", "sk-ant-api03-" + "a1B2" * 20),
    ("a private key", "-----BEGIN RSA PRIVATE KEY-----"),
]


@pytest.mark.parametrize(("what", "secret"), SECRETS)
async def test_a_secret_is_not_pushed(what: str, secret: str, synced: AppWorld, git_host: FaultyHttp) -> None:
    before = await synced.refs()
    synced.write({"src/config.ts": f"const a = 1;\nconst key = '{secret}';\n"})
    with pytest.raises(GithubError) as caught:
        await synced.sync()
    assert f"{what[0].upper()}{what[1:]} stands in line 2 of src/config.ts" in str(caught.value)
    assert secret not in str(caught.value)
    assert not caught.value.temporary
    assert await synced.refs() == before
    assert all(secret.encode() not in request.body for request in git_host.seen)


async def test_a_secret_that_was_taken_out_again_still_counts(synced: AppWorld) -> None:
    secret = "ghp_" + "a1B2" * 9
    synced.write({"src/config.ts": f"const key = '{secret}';\n"})
    bad = synced.history.checkpoint("file")
    assert bad
    synced.write({"src/config.ts": "const key = import.meta.env.VITE_KEY;\n"})
    with pytest.raises(GithubError, match=f"line 1 of src/config.ts in the checkpoint {bad.id[:10]}"):
        await synced.sync()


async def test_our_own_token_is_not_pushed_whatever_it_looks_like(synced: AppWorld) -> None:
    synced.write({"src/a.ts": f"fetch('https://x', '{TOKEN}')"})
    with pytest.raises(GithubError, match=r"line 1 of src/a\.ts"):
        await synced.sync()


@pytest.mark.parametrize(
    "text",
    [
        "const key = 'ghp_" + "a1B2" * 9 + "'; // pragma: allowlist secret\n",
        "const a = 'sk-short'; const b = 'task-" + "a" * 40 + "'; import 'disk-" + "b" * 40 + "'\n",
        '"integrity": "sha512-' + "aA1+/" * 17 + '=="\n',
        "CLOUDFLARE_API_TOKEN=${{ secrets.CLOUDFLARE_API_TOKEN }}\n",
        "-----BEGIN PUBLIC KEY-----\n",
    ],
)
async def test_what_is_no_secret_is_pushed(text: str, synced: AppWorld) -> None:
    synced.write({"src/a.ts": text})
    assert (await synced.sync())["pushed"] == 1


async def test_a_long_history_is_pushed_by_what_is_new(synced: AppWorld, repositories: GitServer) -> None:
    for at in range(30):
        synced.write({"src/App.tsx": f"version {at}\n"})
        synced.history.checkpoint("file")
    assert await synced.synchroniser.ahead(APP, synced.root, "me/tips", "main") == 30
    assert (await synced.sync())["pushed"] == 30
    git(repositories.folder / "me/tips.git", "fsck", "--strict")


class Killed(BaseException):
    """What kill -9 is to the code that it ends."""


@pytest.mark.parametrize("at", ["advance", "commit_merge", "apply", "learn"])
@pytest.mark.parametrize("after", [False, True])
async def test_whoever_dies_in_between_loses_nothing(
    at: str, after: bool, synced: AppWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = await synced.they_push({"src/other.ts": "theirs\n"})
    if at != "advance":
        synced.write({"src/App.tsx": "ours\n"})
    holder: Any = {"apply": synced, "learn": Knowledge}.get(at, synced.history)
    name = {"apply": "write", "learn": "write"}.get(at, at)
    real = getattr(holder, name)

    def die(*args: Any) -> Any:
        if after:
            real(*args)
        raise Killed

    monkeypatch.setattr(holder, name, die)
    with pytest.raises(Killed):
        await synced.sync()
    monkeypatch.undo()
    found = await synced.sync()
    assert found["conflicts"] == []
    assert synced.texts()["src/other.ts"] == "theirs\n"
    assert synced.texts()["src/App.tsx"] == (FILES["src/App.tsx"] if at == "advance" else "ours\n")
    assert (await synced.refs())["main"] == synced.history.head() == found["commit"]
    assert synced.history.contains(found["commit"], theirs)
    assert git(synced.root, "status", "--porcelain") == ""
    await synced.nothing_lost()
