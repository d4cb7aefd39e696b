"""Calls of the API, each answer held against GitHub's published description."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import pytest
from git_client import Git
from nacl.public import PublicKey, SealedBox
from published import CheckedClient

from overskill_nb.pipeline.local_github import LocalGithub

FILES = {"README.md": "# Tips\n", "src/app.tsx": "export default 1\n"}


@pytest.fixture
def github(emptied_github: LocalGithub) -> LocalGithub:
    return emptied_github


@pytest.fixture
async def tips(client: CheckedClient, git: Git) -> Path:
    """A repository with one commit, and its clone."""
    assert (await client.post("/user/repos", json={"name": "tips", "private": True})).status_code == 201
    folder = await git.project("tips", FILES, "me/tips")
    await git("push", "-q", "-u", "origin", "main", cwd=folder)
    return folder


async def test_the_account_says_who_it_is(client: CheckedClient, github: LocalGithub) -> None:
    assert (await client.get("/user")).json()["login"] == github.login == "me"
    assert (await client.get("/users/me")).json()["type"] == "User"
    assert (await client.get("/users/acme")).json()["type"] == "Organization"
    assert (await client.get("/orgs/acme")).json()["login"] == "acme"
    assert (await client.get("/orgs/me")).status_code == 404
    assert (await client.get("/rate_limit")).json()["rate"]["limit"] == 5000
    assert (await client.get("/meta")).json()["installed_version"]
    assert (await client.get("/user/orgs")).json() == []


async def test_a_repository_is_made_changed_and_removed(client: CheckedClient) -> None:
    made = await client.post("/user/repos", json={"name": "my tips", "private": True, "description": "d"})
    assert made.status_code == 201
    assert made.json()["full_name"] == "me/my-tips"
    assert made.headers["Location"] == made.json()["url"]
    again = await client.post("/user/repos", json={"name": "My-Tips"})
    assert again.status_code == 422
    assert again.json()["errors"][0]["message"] == "name already exists on this account"
    assert (await client.post("/orgs/acme/repos", json={"name": "site"})).json()["owner"]["login"] == "acme"
    assert {found["full_name"] for found in (await client.get("/user/repos")).json()} == {"me/my-tips", "acme/site"}
    assert [found["name"] for found in (await client.get("/orgs/acme/repos")).json()] == ["site"]
    assert [found["name"] for found in (await client.get("/users/me/repos")).json()] == ["my-tips"]
    changed = await client.patch("/repos/me/my-tips", json={"name": "tips", "private": False, "description": "new"})
    assert (changed.json()["name"], changed.json()["visibility"]) == ("tips", "public")
    assert (await client.get("/repos/me/my-tips")).status_code == 404
    assert (await client.get("/repos/ME/Tips")).json()["full_name"] == "me/tips"
    assert (await client.delete("/repos/me/tips")).status_code == 204
    assert (await client.delete("/repos/me/tips")).status_code == 404


async def test_pages_name_the_others(client: CheckedClient) -> None:
    for number in range(5):
        await client.post("/user/repos", json={"name": f"r{number}"})
    first = await client.get("/user/repos", params={"per_page": 2})
    assert len(first.json()) == 2
    assert set(first.links) == {"next", "last"}
    last = await client.get(first.links["last"]["url"])
    assert len(last.json()) == 1
    assert set(last.links) == {"prev", "first"}


async def test_what_has_not_changed_is_not_sent_again(client: CheckedClient, tips: Path) -> None:
    answer = await client.get("/repos/me/tips")
    async with httpx.AsyncClient(headers=client.headers, verify=False) as plain:
        same = await plain.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert answer.headers["X-GitHub-Request-Id"]
    assert answer.headers["X-RateLimit-Remaining"]


async def test_git_objects_make_a_commit(client: CheckedClient, tips: Path, git: Git) -> None:
    head = (await client.get("/repos/me/tips/git/ref/heads/main")).json()["object"]["sha"]
    base = (await client.get(f"/repos/me/tips/git/commits/{head}")).json()["tree"]["sha"]
    content = base64.b64encode(b"\x00\x01").decode()
    blob = await client.post("/repos/me/tips/git/blobs", json={"content": content, "encoding": "base64"})
    assert (await client.get(f"/repos/me/tips/git/blobs/{blob.json()['sha']}")).json()["size"] == 2
    entries = [
        {"path": "logo.bin", "mode": "100644", "type": "blob", "sha": blob.json()["sha"]},
        {"path": "src/new.ts", "mode": "100644", "type": "blob", "content": "1\n"},
        {"path": "README.md", "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = await client.post("/repos/me/tips/git/trees", json={"base_tree": base, "tree": entries})
    assert tree.status_code == 201
    date = "2026-01-02T03:04:05Z"
    person = {"name": "Ada", "email": "ada@example.org", "date": date}
    wanted = {"message": "Change", "tree": tree.json()["sha"], "parents": [head], "author": person}
    commit = await client.post("/repos/me/tips/git/commits", json=wanted)
    assert (await client.post("/repos/me/tips/git/commits", json=wanted)).json()["sha"] == commit.json()["sha"]
    assert commit.json()["author"]["date"] == date
    moved = await client.patch("/repos/me/tips/git/refs/heads/main", json={"sha": commit.json()["sha"]})
    assert moved.json()["object"]["sha"] == commit.json()["sha"]
    await git("pull", "-q", cwd=tips)
    there = sorted(path.name for path in tips.rglob("*.*") if ".git" not in path.parts)
    assert there == ["app.tsx", "logo.bin", "new.ts"]
    listed = (await client.get(f"/repos/me/tips/git/trees/{tree.json()['sha']}?recursive=1")).json()["tree"]
    assert [entry["path"] for entry in listed] == ["logo.bin", "src", "src/app.tsx", "src/new.ts"]


async def test_a_reference_moves_only_forward(client: CheckedClient, tips: Path, git: Git) -> None:
    first = (await client.get("/repos/me/tips/git/ref/heads/main")).json()["object"]["sha"]
    second = await git.commit(tips, {"a": "1"}, "More")
    await git("push", "-q", cwd=tips)
    back = await client.patch("/repos/me/tips/git/refs/heads/main", json={"sha": first})
    assert (back.status_code, back.json()["message"]) == (422, "Update is not a fast forward")
    forced = await client.patch("/repos/me/tips/git/refs/heads/main", json={"sha": first, "force": True})
    assert forced.json()["object"]["sha"] == first
    made = await client.post("/repos/me/tips/git/refs", json={"ref": "refs/heads/topic/one", "sha": second})
    assert made.status_code == 201
    again = await client.post("/repos/me/tips/git/refs", json={"ref": "refs/heads/topic/one", "sha": second})
    assert again.json()["message"] == "Reference already exists"
    assert (await client.get("/repos/me/tips/git/ref/heads/topic/one")).json()["object"]["sha"] == second
    assert len((await client.get("/repos/me/tips/git/matching-refs/heads/top")).json()) == 1
    assert (await client.delete("/repos/me/tips/git/refs/heads/topic/one")).status_code == 204
    assert (await client.get("/repos/me/tips/git/ref/heads/topic/one")).status_code == 404
    assert (await client.patch("/repos/me/tips/git/refs/heads/none", json={"sha": first})).status_code == 422


async def test_files_commits_and_branches_are_read(client: CheckedClient, tips: Path, git: Git) -> None:
    file = (await client.get("/repos/me/tips/contents/src/app.tsx")).json()
    assert base64.b64decode(file["content"]) == b"export default 1\n"
    assert [entry["name"] for entry in (await client.get("/repos/me/tips/contents/")).json()] == ["README.md", "src"]
    assert (await client.get("/repos/me/tips/contents/none")).status_code == 404
    second = await git.commit(tips, {"src/app.tsx": "export default 2\n"}, "Two")
    await git("push", "-q", "origin", "main", "main:topic/x", cwd=tips)
    commits = (await client.get("/repos/me/tips/commits")).json()
    assert [commit["commit"]["message"] for commit in commits] == ["Two", "Begin"]
    one = (await client.get(f"/repos/me/tips/commits/{second[:10]}")).json()
    assert one["stats"] == {"additions": 1, "deletions": 1, "total": 2}
    assert one["files"][0]["patch"] == "@@ -1 +1 @@\n-export default 1\n+export default 2"
    between = (await client.get(f"/repos/me/tips/compare/{commits[1]['sha']}...main")).json()
    assert (between["status"], between["ahead_by"], len(between["files"])) == ("ahead", 1, 1)
    assert [branch["name"] for branch in (await client.get("/repos/me/tips/branches")).json()] == ["main", "topic/x"]
    assert (await client.get("/repos/me/tips/branches/topic/x")).json()["commit"]["sha"] == second
    assert (await client.get("/repos/me/tips/branches/none")).status_code == 404


async def test_an_empty_repository_says_so(client: CheckedClient) -> None:
    await client.post("/user/repos", json={"name": "empty"})
    assert (await client.get("/repos/me/empty/git/ref/heads/main")).status_code == 409
    assert (await client.get("/repos/me/empty/commits")).json()["message"] == "Git Repository is empty."
    assert (await client.get("/repos/me/empty/branches")).json() == []
    assert (await client.get("/repos/me/empty/contents/")).status_code == 404


async def test_a_branch_is_protected_and_free_again(client: CheckedClient, tips: Path) -> None:
    url = "/repos/me/tips/branches/main/protection"
    assert (await client.get(url)).json()["message"] == "Branch not protected"
    rules = {
        "required_status_checks": None,
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "restrictions": None,
    }
    assert (await client.put(url, json=rules)).json()["enforce_admins"]["enabled"] is True
    assert (await client.put(url, json={})).status_code == 422
    assert (await client.get("/repos/me/tips/branches/main")).json()["protected"] is True
    assert (await client.get(url)).status_code == 200
    assert (await client.delete(url)).status_code == 204


async def test_secrets_come_sealed_and_never_go_out(client: CheckedClient, tips: Path, tmp_path: Path) -> None:
    url = "/repos/me/tips/actions/secrets"
    key = (await client.get(f"{url}/public-key")).json()
    sealed = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(b"cafe-4711-cafe")
    told = {"encrypted_value": base64.b64encode(sealed).decode(), "key_id": key["key_id"]}
    assert (await client.put(f"{url}/CLOUDFLARE_API_TOKEN", json=told)).status_code == 201
    assert (await client.put(f"{url}/CLOUDFLARE_API_TOKEN", json=told)).status_code == 204
    assert (await client.put(f"{url}/X", json={**told, "key_id": "1"})).status_code == 422
    assert (await client.put(f"{url}/X", json={**told, "encrypted_value": "bm8="})).status_code == 422
    assert (await client.put(f"{url}/GITHUB_X", json=told)).status_code == 422
    listed = await client.get(url)
    assert [secret["name"] for secret in listed.json()["secrets"]] == ["CLOUDFLARE_API_TOKEN"]
    assert (await client.get(f"{url}/CLOUDFLARE_API_TOKEN")).status_code == 200
    kept = list((tmp_path / "github").glob("github.db*"))
    assert kept
    assert not [file for file in kept if b"cafe-4711-cafe" in file.read_bytes()]
    assert (await client.delete(f"{url}/CLOUDFLARE_API_TOKEN")).status_code == 204
    assert (await client.get(f"{url}/CLOUDFLARE_API_TOKEN")).status_code == 404


async def test_variables_are_kept(client: CheckedClient, tips: Path) -> None:
    url = "/repos/me/tips/actions/variables"
    assert (await client.post(url, json={"name": "region", "value": "eu"})).status_code == 201
    assert (await client.post(url, json={"name": "REGION", "value": "eu"})).status_code == 409
    assert (await client.patch(f"{url}/REGION", json={"value": "us"})).status_code == 204
    assert (await client.get(f"{url}/REGION")).json()["value"] == "us"
    assert (await client.get(url)).json()["total_count"] == 1
    assert (await client.delete(f"{url}/REGION")).status_code == 204
    assert (await client.delete(f"{url}/REGION")).status_code == 404


async def test_a_pull_request_is_made_and_merged(client: CheckedClient, tips: Path, git: Git) -> None:
    url = "/repos/me/tips/pulls"
    await git("checkout", "-q", "-b", "topic", cwd=tips)
    await git.commit(tips, {"topic.md": "t\n"}, "Topic")
    await git("push", "-q", "origin", "topic", cwd=tips)
    wanted = {"title": "Take it", "head": "topic", "base": "main", "body": "Please"}
    made = await client.post(url, json=wanted)
    assert (made.status_code, made.json()["number"], made.json()["mergeable"]) == (201, 1, True)
    again = await client.post(url, json=wanted)
    assert again.json()["errors"][0]["message"] == "A pull request already exists for me:topic."
    assert (await client.post(url, json={**wanted, "head": "none"})).status_code == 422
    assert [pull["number"] for pull in (await client.get(url, params={"head": "me:topic"})).json()] == [1]
    assert [file["filename"] for file in (await client.get(f"{url}/1/files")).json()] == ["topic.md"]
    assert len((await client.get(f"{url}/1/commits")).json()) == 1
    assert (await client.patch(f"{url}/1", json={"title": "Take this"})).json()["title"] == "Take this"
    comment = await client.post("/repos/me/tips/issues/1/comments", json={"body": "fine"})
    assert comment.status_code == 201
    assert len((await client.get("/repos/me/tips/issues/1/comments")).json()) == 1
    assert (await client.get(f"{url}/1/merge")).status_code == 404
    merged = await client.put(f"{url}/1/merge", json={})
    assert merged.json()["merged"] is True
    assert (await client.get(f"{url}/1/merge")).status_code == 204
    assert (await client.get(f"{url}/1")).json()["merged"] is True
    assert (await client.get(url)).json() == []
    await git("fetch", "-q", cwd=tips)
    assert "Merge pull request #1" in await git("log", "-1", "--format=%s", "origin/main", cwd=tips)


async def test_a_pull_request_that_contradicts_cannot_be_merged(client: CheckedClient, tips: Path, git: Git) -> None:
    await git("checkout", "-q", "-b", "topic", cwd=tips)
    await git.commit(tips, {"README.md": "# Ours\n"}, "Ours")
    await git("checkout", "-q", "main", cwd=tips)
    await git.commit(tips, {"README.md": "# Theirs\n"}, "Theirs")
    await git("push", "-q", "origin", "main", "topic", cwd=tips)
    made = await client.post("/repos/me/tips/pulls", json={"title": "t", "head": "topic", "base": "main"})
    assert (made.json()["mergeable"], made.json()["mergeable_state"]) == (False, "dirty")
    refused = await client.put("/repos/me/tips/pulls/1/merge", json={})
    assert (refused.status_code, refused.json()["message"]) == (405, "Pull Request is not mergeable")
    assert (await client.patch("/repos/me/tips/pulls/1", json={"state": "closed"})).json()["state"] == "closed"


async def test_a_pull_request_follows_its_branch(client: CheckedClient, tips: Path, git: Git) -> None:
    await git("checkout", "-q", "-b", "topic", cwd=tips)
    await git.commit(tips, {"a": "1"}, "A")
    await git("push", "-q", "origin", "topic", cwd=tips)
    await client.post("/repos/me/tips/pulls", json={"title": "t", "head": "topic", "base": "main"})
    second = await git.commit(tips, {"a": "2"}, "B")
    await git("push", "-q", "origin", "topic", "topic:main", cwd=tips)
    found = (await client.get("/repos/me/tips/pulls/1")).json()
    assert (found["head"]["sha"], found["merged"]) == (second, True)


async def test_tags_the_readme_and_the_root_are_read(client: CheckedClient, tips: Path, git: Git) -> None:
    await git("tag", "-a", "v1", "-m", "one", cwd=tips)
    await git("push", "-q", "--tags", cwd=tips)
    found = (await client.get("/repos/me/tips/git/ref/tags/v1")).json()["object"]
    assert found["type"] == "tag"
    assert (await client.get(f"/repos/me/tips/git/tags/{found['sha']}")).json()["tag"] == "v1"
    assert base64.b64decode((await client.get("/repos/me/tips/readme")).json()["content"]) == b"# Tips\n"
    assert (await client.get("/repos/me/tips/commits/v1")).json()["commit"]["message"] == "Begin"
    assert "delete_repo" in (await client.get(f"{client.base_url}")).headers["X-OAuth-Scopes"]
