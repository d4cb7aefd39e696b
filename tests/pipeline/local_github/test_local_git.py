"""Git's own program, and dulwich, clone from the local GitHub, fetch and push."""

from __future__ import annotations

import asyncio
import io
import os
import random
import signal
from pathlib import Path

import httpx
import pytest
from dulwich import porcelain
from dulwich.client import HttpGitClient
from dulwich.pack import write_pack_objects
from dulwich.repo import Repo
from git_client import Git, GitFailed

from overskill_nb.pipeline import local_github
from overskill_nb.pipeline.local_github import LocalGithub, receive
from overskill_nb.pipeline.local_github.address import Address
from overskill_nb.pipeline.node import Node


@pytest.fixture
def github(emptied_github: LocalGithub) -> LocalGithub:
    return emptied_github


async def made(github: LocalGithub, name: str = "tips") -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"token {github.token}"}, verify=False) as client:
        (await client.post(f"{github.api_url}/user/repos", json={"name": name})).raise_for_status()


def bare(tmp_path: Path, name: str = "tips") -> Path:
    return tmp_path / f"github/repositories/me/{name}.git"


async def test_what_is_pushed_is_cloned_and_pulled(github: LocalGithub, git: Git, tmp_path: Path) -> None:
    await made(github)
    folder = await git.project("work", {f"src/{n}.ts": f"export default {n}\n" * n for n in range(60)}, "me/tips")
    await git("push", "-q", "-u", "origin", "main", cwd=folder)
    await git("clone", "-q", f"{github.web_url}/me/tips.git", "clone")
    assert (tmp_path / "clone/src/7.ts").read_text() == "export default 7\n" * 7
    await git.commit(tmp_path / "clone", {"src/7.ts": "export default 8\n"}, "Change a line")
    await git("tag", "-a", "v1", "-m", "one", cwd=tmp_path / "clone")
    await git("push", "-q", "--follow-tags", cwd=tmp_path / "clone")
    await git("pull", "-q", cwd=folder)
    assert (folder / "src/7.ts").read_text() == "export default 8\n"
    assert (await git("tag", cwd=folder)).split() == ["v1"]
    await git("fsck", "--strict", cwd=bare(tmp_path))


async def test_a_shallow_clone_is_made_deepened_and_pulled(github: LocalGithub, git: Git, tmp_path: Path) -> None:
    await made(github)
    folder = await git.project("work", {"a": "0"}, "me/tips")
    for n in range(1, 6):
        await git.commit(folder, {"a": str(n)}, str(n))
    await git("push", "-q", "-u", "origin", "main", cwd=folder)
    clone = tmp_path / "clone"
    await git("clone", "-q", "--depth", "1", f"{github.web_url}/me/tips.git", clone)
    assert (await git("rev-list", "--count", "HEAD", cwd=clone)).strip() == "1"
    await git.commit(folder, {"b": "1"}, "b")
    await git("push", "-q", cwd=folder)
    await git("pull", "-q", cwd=clone)
    assert (await git("rev-list", "--count", "HEAD", cwd=clone)).strip() == "2"
    await git("fetch", "-q", "--depth", "4", cwd=clone)
    assert (await git("rev-list", "--count", "origin/main", cwd=clone)).strip() == "4"
    await git("fetch", "-q", "--unshallow", cwd=clone)
    assert (await git("rev-list", "--count", "origin/main", cwd=clone)).strip() == "7"
    await git("fsck", cwd=clone)
    old = (await git("rev-parse", "HEAD~3", cwd=folder)).strip()
    await git("init", "-q", "one")
    await git("fetch", "-q", "--depth", "1", f"{github.web_url}/me/tips", old, cwd=tmp_path / "one")
    assert (await git("rev-parse", "FETCH_HEAD", cwd=tmp_path / "one")).strip() == old


async def test_a_push_that_others_overtook_is_refused(github: LocalGithub, git: Git, tmp_path: Path) -> None:
    await made(github)
    folder = await git.project("work", {"a": "0"}, "me/tips")
    await git("push", "-q", "-u", "origin", "main", cwd=folder)
    await git("clone", "-q", f"{github.web_url}/me/tips.git", "other")
    theirs = await git.commit(tmp_path / "other", {"b": "1"}, "theirs")
    await git("push", "-q", cwd=tmp_path / "other")
    await git.commit(folder, {"a": "1"}, "ours")
    with pytest.raises(GitFailed, match="fetch first"):
        await git("push", cwd=folder)
    with Repo(str(bare(tmp_path))) as repo:
        assert repo.refs[b"refs/heads/main"].decode() == theirs


async def test_a_branch_moves_only_from_where_the_pusher_saw_it(github: LocalGithub, git: Git, tmp_path: Path) -> None:
    await made(github)
    folder = await git.project("work", {"a": "0"}, "me/tips")
    await git("push", "-q", "-u", "origin", "main", cwd=folder)
    first = (await git("rev-parse", "HEAD", cwd=folder)).strip().encode()
    second = (await git.commit(folder, {"a": "1"}, "1")).encode()
    await git("push", "-q", cwd=folder)
    with Repo(str(bare(tmp_path))) as repo:
        pushes = [receive.Push(repo, {}, "main") for _ in range(2)]
        line = b"%s %s refs/heads/main\0report-status" % (first, first)
        body = b"%04x%s0000" % (len(line) + 4, line)
        with Repo(str(folder)) as own:
            pack = io.BytesIO()
            write_pack_objects(pack.write, [own[first]], object_format=own.object_format)
        told = pushes[0].receive(io.BytesIO(body + pack.getvalue()))
        assert b"ng refs/heads/main cannot lock ref" in told
        assert not pushes[0].moved
        assert repo.refs[b"refs/heads/main"] == second


async def test_of_many_pushes_at_once_each_is_there_or_refused(github: LocalGithub, git: Git, tmp_path: Path) -> None:
    await made(github)
    folder = await git.project("work", {"a": "0"}, "me/tips")
    await git("push", "-q", "-u", "origin", "main", cwd=folder)
    clones = [tmp_path / f"clone{n}" for n in range(6)]
    for clone in clones:
        await git("clone", "-q", f"{github.web_url}/me/tips.git", clone)
    heads = [await git.commit(clone, {clone.name: "1"}, clone.name) for clone in clones]
    same = await asyncio.gather(*(git("push", cwd=clone) for clone in clones), return_exceptions=True)
    own = await asyncio.gather(*(git("push", "-q", "origin", f"HEAD:b/{n}", cwd=c) for n, c in enumerate(clones)))
    assert own == [""] * 6
    assert sum(not isinstance(one, BaseException) for one in same) == 1
    with Repo(str(bare(tmp_path))) as repo:
        refs = repo.refs.as_dict()
        assert refs[b"refs/heads/main"].decode() in heads
        assert [refs[f"refs/heads/b/{n}".encode()].decode() for n in range(6)] == heads
    await git("fsck", "--strict", cwd=bare(tmp_path))


async def test_a_protected_branch_keeps_its_history(github: LocalGithub, git: Git) -> None:
    await made(github)
    folder = await git.project("work", {"a": "0"}, "me/tips")
    await git.commit(folder, {"a": "1"}, "1")
    await git("push", "-q", "-u", "origin", "main", cwd=folder)
    await git("push", "-q", "origin", "main:side", cwd=folder)
    rules = dict.fromkeys(("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"))
    async with httpx.AsyncClient(headers={"Authorization": f"token {github.token}"}, verify=False) as client:
        for branch in ("main", "side"):
            url = f"{github.api_url}/repos/me/tips/branches/{branch}/protection"
            (await client.put(url, json=rules)).raise_for_status()
        await git("reset", "-q", "--hard", "HEAD~1", cwd=folder)
        await git.commit(folder, {"a": "2"}, "2")
        with pytest.raises(GitFailed) as refused:
            await git("push", "--force", cwd=folder)
        assert "GH006: Protected branch update failed for refs/heads/main." in str(refused.value)
        assert "Cannot force-push to this branch" in str(refused.value)
        assert "(protected branch hook declined)" in str(refused.value)
        with pytest.raises(GitFailed, match="GH006"):
            await git("push", "origin", ":side", cwd=folder)
        with pytest.raises(GitFailed, match="refusing to delete the current branch"):
            await git("push", "origin", ":main", cwd=folder)
        reviewed = {**rules, "required_pull_request_reviews": {}}
        url = f"{github.api_url}/repos/me/tips/branches/main/protection"
        (await client.put(url, json=reviewed)).raise_for_status()
    await git("fetch", "-q", cwd=folder)
    await git("reset", "-q", "--hard", "origin/main", cwd=folder)
    await git.commit(folder, {"a": "3"}, "3")
    with pytest.raises(GitFailed, match="Changes must be made through a pull request"):
        await git("push", cwd=folder)


async def test_a_push_without_its_objects_is_refused(github: LocalGithub, git: Git, tmp_path: Path) -> None:
    await made(github)
    folder = await git.project("work", {"a": "0", "b": "1"}, "me/tips")
    with Repo(str(folder)) as own, Repo(str(bare(tmp_path))) as repo:
        commit = own[own.head()]
        pack = io.BytesIO()
        write_pack_objects(pack.write, [commit], object_format=own.object_format)
        line = b"%s %s refs/heads/main\0report-status" % (b"0" * 40, commit.id)
        for body in (pack.getvalue(), pack.getvalue()[:-30], b"PACK"):
            told = receive.Push(repo, {}, "main").receive(io.BytesIO(b"%04x%s0000%s" % (len(line) + 4, line, body)))
            assert b"ng refs/heads/main" in told
        assert not repo.refs.as_dict()


async def test_who_has_no_token_or_no_repository_is_told(github: LocalGithub, git: Git) -> None:
    with pytest.raises(GitFailed, match="not found"):
        await git("ls-remote", f"{github.web_url}/me/none.git")
    with pytest.raises(GitFailed, match=r"could not read Username|Authentication failed|terminal prompts disabled"):
        await git("-c", f"http.{github.web_url}/.extraHeader=", "ls-remote", f"{github.web_url}/me/none.git")
    await made(github)
    assert await git("ls-remote", f"http://x-access-token:{github.token}@127.0.0.1:{github.port}/me/tips.git") == ""
    async with httpx.AsyncClient(verify=False) as plain:
        answer = await plain.get(f"{github.web_url}/me/tips.git/info/refs?service=git-upload-pack")
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="GitHub"')


async def test_dulwich_pushes_and_fetches(github: LocalGithub, tmp_path: Path) -> None:
    await made(github)
    work = tmp_path / "work"
    with porcelain.init(str(work)) as repo:
        (work / "a").write_text("1")
        porcelain.add(repo, paths=[str(work / "a")])
        first = porcelain.commit(repo, message=b"one", author=b"A <a@b>", committer=b"A <a@b>")

        def exchange() -> tuple[bytes, int]:
            client = HttpGitClient(github.web_url, username="me", password=github.token)
            done = client.send_pack("/me/tips.git", lambda _: {b"refs/heads/main": first}, repo.generate_pack_data)
            assert not any((done.ref_status or {}).values())
            with Repo.init_bare(str(tmp_path / "other"), mkdir=True) as other:
                found = client.fetch("/me/tips.git", other)
                client.close()
                return found.refs[b"refs/heads/main"], len(list(other.object_store))

        assert await asyncio.to_thread(exchange) == (first, 3)


@pytest.mark.slow
async def test_a_large_pack_goes_both_ways(github: LocalGithub, git: Git, tmp_path: Path) -> None:
    await made(github)
    folder = await git.project("work", {"a": "0"}, "me/tips")
    noise = random.Random(1)
    for n in range(4):
        (folder / f"large{n}").write_bytes(noise.randbytes(8 * 1024 * 1024))
    await git.commit(folder, {"b": "1"}, "large")
    await git("push", "-q", "-u", "origin", "main", cwd=folder)
    await git("clone", "-q", f"{github.web_url}/me/tips.git", "clone")
    assert (tmp_path / "clone/large3").read_bytes() == (folder / "large3").read_bytes()


@pytest.mark.slow
async def test_a_kill_amid_pushes_leaves_every_repository_sound(node: Node, tmp_path: Path, git_program: str) -> None:
    for round_number in range(4):
        github = await local_github.ensure(tmp_path / "github", node, lambda _: None)
        git = Git(git_program, tmp_path, github)
        name = f"r{round_number}"
        await made(github, name)
        folder = await git.project(name, {f"{n}": os.urandom(20).hex() * 400 for n in range(40)}, f"me/{name}")
        first = (await git("rev-parse", "HEAD", cwd=folder)).strip()
        pushing = asyncio.ensure_future(git("push", "origin", "main", cwd=folder))
        await asyncio.sleep(0.02 + 0.02 * round_number)
        os.kill(Address.load(tmp_path / "github").pid, signal.SIGKILL)
        await asyncio.gather(pushing, return_exceptions=True)
        await github.close()
        again = await local_github.ensure(tmp_path / "github", node, lambda _: None)
        git = Git(git_program, tmp_path, again)
        await git("remote", "set-url", "origin", f"{again.web_url}/me/{name}.git", cwd=folder)
        await git("push", "-q", "-u", "origin", "main", cwd=folder)
        second = await git.commit(folder, {"0": "new"}, "again")
        await git("push", "-q", cwd=folder)
        listed = await git("ls-remote", "origin", "refs/heads/main", cwd=folder)
        assert listed.split()[0] == second != first
        await git("fsck", "--strict", cwd=bare(tmp_path, name))
        await again.close()
