"""What goes to a git server and comes from it, over git's own server."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from dulwich.repo import Repo
from faulty_http import KINDS, FaultyHttp, Kind
from git_server import TOKEN, GitServer, commit, git
from turned_clock import TurnedClock

from overskill_nb.errors import GithubError
from overskill_nb.pipeline.github import GithubClient, Settings
from overskill_nb.pipeline.github.remote import Moved, Remote


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


@pytest.fixture
def repo(work: Path) -> Iterator[Repo]:
    with Repo(str(work)) as repo:
        yield repo


@pytest.fixture
def bare(remote: Remote, repositories: GitServer) -> Path:
    return repositories.folder / "me/tips.git"


async def test_an_empty_repository_takes_a_first_push(remote: Remote, repo: Repo, work: Path, bare: Path) -> None:
    assert (await remote.heads()).empty
    first = commit(work, {"a.txt": "one\n", "src/b.txt": "two\n"})
    await remote.push(repo.object_store, "main", first)
    assert (await remote.heads()).branches == {"main": first}
    assert (await remote.heads(for_push=True)).branches == {"main": first}
    git(bare, "fsck", "--strict")
    assert git(bare, "ls-tree", "-r", "--name-only", "main").split() == ["a.txt", "src/b.txt"]


async def test_only_what_is_missing_is_sent(remote: Remote, repo: Repo, work: Path, git_host: FaultyHttp) -> None:
    files = {f"src/part{at % 5}/file{at}.ts": f"export const n{at} = {os.urandom(400).hex()!r};\n" for at in range(60)}
    first = commit(work, files)
    await remote.push(repo.object_store, "main", first)
    whole = len(git_host.seen[-1].body)
    second = commit(work, {"src/part0/file0.ts": "export const n0 = 0;\n"})
    await remote.push(repo.object_store, "main", second, first)
    assert len(git_host.seen[-1].body) < whole / 20
    # A file that only moved is there already.
    git(work, "mv", "src/part1/file1.ts", "moved.ts")
    third = commit(work, {})
    await remote.push(repo.object_store, "main", third, second)
    assert len(git_host.seen[-1].body) < 1200
    # A branch at a commit that is there sends nothing but its name.
    await remote.push(repo.object_store, "again", third)
    assert len(git_host.seen[-1].body) < 400


async def test_told_heads_spare_a_question(remote: Remote, repo: Repo, work: Path, git_host: FaultyHttp) -> None:
    heads = await remote.heads(for_push=True)
    first = commit(work, {"a.txt": "one\n"})
    await remote.push(repo.object_store, "main", first, heads=heads)
    assert [request.method for request in git_host.seen] == ["GET", "POST"]


async def test_a_branch_that_moved_is_not_pushed_over(
    remote: Remote, repo: Repo, work: Path, git_host: FaultyHttp, bare: Path
) -> None:
    first = commit(work, {"a.txt": "one\n"})
    await remote.push(repo.object_store, "main", first)
    heads = await remote.heads(for_push=True)
    second = commit(work, {"a.txt": "two\n"})
    posts = git_host.count("POST")
    for expected in ("", second, "1" * 40):
        with pytest.raises(Moved, match="somebody pushed meanwhile"):
            await remote.push(repo.object_store, "main", commit(work, {"a.txt": "x\n"}), expected)
    assert git_host.count("POST") == posts, "something was sent"
    # What moved after the heads were told is noticed by git itself.
    await remote.push(repo.object_store, "main", second, first)
    git(work, "reset", "-q", "--hard", first)
    third = commit(work, {"b.txt": "other\n"})
    with pytest.raises(Moved, match="Somebody pushed meanwhile"):
        await remote.push(repo.object_store, "main", third, first, heads=heads)
    assert git(bare, "rev-parse", "main") == second


async def test_what_is_there_is_fetched_and_nothing_else(
    remote: Remote, repo: Repo, work: Path, tmp_path: Path, git_host: FaultyHttp
) -> None:
    first = commit(work, {f"f{at}": os.urandom(200).hex() for at in range(50)})
    await remote.push(repo.object_store, "main", first)
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(work), str(other))
    second = commit(other, {"g": "g\n"})
    with Repo(str(other)) as there:
        await remote.push(there.object_store, "main", second, first)
    sizes: list[int] = []
    answer = git_host.handler

    async def measured(request):  # type: ignore[no-untyped-def]
        response = await answer(request)
        sizes.append(len(response.body))
        return response

    git_host.handler = measured
    await remote.fetch(repo.object_store, [second], have=[first])
    assert sizes[-1] < 2000
    assert git(work, "show", f"{second}:g") == "g"
    count = len(git_host.seen)
    await remote.fetch(repo.object_store, [second], have=[first])
    assert len(git_host.seen) == count, "it was there already"
    with pytest.raises(Moved):
        await remote.fetch(repo.object_store, ["2" * 40])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "challenge"])
@pytest.mark.parametrize("on", ["GET .*receive-pack", "POST .*receive-pack"])
async def test_a_push_that_is_spoiled_once_is_done_once(
    kind: Kind, on: str, remote: Remote, repo: Repo, work: Path, git_host: FaultyHttp, bare: Path, clock: TurnedClock
) -> None:
    first = commit(work, {"a.txt": "one\n"})
    await remote.push(repo.object_store, "main", first)
    second = commit(work, {"a.txt": "two\n"})
    if kind == "timeout":
        remote.client.exchange.timeout = 1
        remote.close()
        remote._connections = None
    git_host.fail(kind, on)
    await remote.push(repo.object_store, "main", second, first)
    assert git_host.faults[0].times == 0, "nothing was spoiled"
    assert git(bare, "rev-parse", "main") == second
    assert git(bare, "rev-list", "--count", "main") == "2"
    assert clock.passed < 6
    git(bare, "fsck", "--strict")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"challenge", "timeout"}])
@pytest.mark.parametrize("on", ["GET .*upload-pack", "POST .*upload-pack"])
async def test_a_fetch_that_is_spoiled_once_is_done(
    kind: Kind, on: str, remote: Remote, repo: Repo, work: Path, tmp_path: Path, git_host: FaultyHttp
) -> None:
    first = commit(work, {"a.txt": "one\n"})
    await remote.push(repo.object_store, "main", first)
    empty = tmp_path / "empty"
    git(tmp_path, "init", "-q", str(empty))
    git_host.fail(kind, on)
    with Repo(str(empty)) as there:
        await remote.fetch(there.object_store, [first])
    assert git_host.faults[0].times == 0, "nothing was spoiled"
    assert git(empty, "show", f"{first}:a.txt") == "one"
    git(empty, "fsck", "--strict")


async def test_a_cut_pack_leaves_nothing_behind(
    remote: Remote, repo: Repo, work: Path, tmp_path: Path, git_host: FaultyHttp
) -> None:
    first = commit(work, {"a.txt": os.urandom(20_000).hex()})
    await remote.push(repo.object_store, "main", first)
    empty = tmp_path / "empty"
    git(tmp_path, "init", "-q", str(empty))
    git_host.fail("cut body", "POST .*upload-pack", times=99)
    with Repo(str(empty)) as there, pytest.raises(GithubError) as caught:
        await remote.fetch(there.object_store, [first])
    assert caught.value.temporary
    assert not [file for file in (empty / ".git/objects").rglob("*") if file.is_file()]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("GH006: Protected branch update failed for refs/heads/main.", "The branch is protected"),
        ("GH013: Repository rule violations found\n- Changes must be made through a pull request.", "is protected"),
        ("GH013: Repository rule violations found\n- Push cannot contain secrets", "GitHub found a secret"),
        ("GH001: Large files detected. File x is 120.00 MB; this exceeds GitHub's file size limit", "larger than 100"),
        (
            "refusing to allow a Personal Access Token to create or update workflow `d.yml` without `workflow` scope",
            "the permission `Workflows`",
        ),
        ("no reason at all", "does not take the push"),
    ],
)
async def test_a_refused_push_says_what_to_do(
    said: str, meant: str, remote: Remote, repo: Repo, work: Path, bare: Path, git_host: FaultyHttp
) -> None:
    hook = bare / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\ncat <<'END' >&2\n{said}\nEND\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(GithubError, match=meant) as caught:
        await remote.push(repo.object_store, "main", commit(work, {"a.txt": "one\n"}))
    assert not caught.value.temporary
    assert str(caught.value).startswith("The push to main of me/tips failed: ")
    assert git_host.count("POST") == 1


async def test_a_wrong_token_and_a_missing_repository_are_named(
    remote: Remote, git_host: FaultyHttp, clock: TurnedClock
) -> None:
    settings = remote.client.settings
    stranger = Remote(GithubClient(Settings(token="wrong", base_url=settings.base_url), clock=clock), "me/tips")
    with pytest.raises(GithubError, match="The token is wrong, was revoked or has expired") as caught:
        await stranger.heads()
    assert caught.value.status == 401
    with pytest.raises(GithubError, match="me/none is not there, or the token does not see it"):
        await Remote(remote.client, "me/none").heads()
    assert len(git_host.seen) == 2
    stranger.close()


async def test_a_server_that_is_not_there_is_named(clock: TurnedClock) -> None:
    nobody = Remote(GithubClient(Settings(token="x", base_url="http://127.0.0.1:9/api/v3"), clock=clock), "me/tips")
    with pytest.raises(GithubError, match=r"127\.0\.0\.1 cannot be reached") as caught:
        await nobody.heads()
    assert caught.value.temporary


async def test_the_token_shows_nowhere(
    remote: Remote, repo: Repo, work: Path, git_host: FaultyHttp, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in addresses, errors, their causes, logs, the process's arguments or what is on disk."""
    caplog.set_level("DEBUG")
    first = commit(work, {"a.txt": "one\n"})
    await remote.push(repo.object_store, "main", first)
    shown = [caplog.text, repr(remote), repr(remote.client), repr(remote.client.settings), str(remote.client.settings)]
    for kind in ("drop before", "502 before", "bad JSON", "challenge", "cut body"):
        git_host.faults.clear()
        git_host.fail(kind, times=99)  # type: ignore[arg-type]
        with pytest.raises(GithubError) as caught:
            await remote.heads()
        shown.append("".join(traceback.format_exception(caught.value)))
    ran = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=False).stdout
    shown += [ran, *(request.target for request in git_host.seen)]
    shown += [file.read_bytes().decode("latin-1") for file in (work / ".git").rglob("*") if file.is_file()]
    assert not [text for text in shown if TOKEN in text or "canarycanary" in text]
    assert all("authorization" in request.headers for request in git_host.seen)


async def test_cancelling_ends_a_call(remote: Remote, git_host: FaultyHttp) -> None:
    git_host.fail("timeout")
    task = asyncio.ensure_future(remote.heads())
    while not git_host.seen:
        await asyncio.sleep(0.01)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 0.5
    git_host.released.set()
    await asyncio.sleep(0.05)
    assert (await remote.heads()).empty
    gc.collect()
