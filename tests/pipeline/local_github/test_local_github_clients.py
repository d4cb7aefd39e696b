"""Other people's clients: gh, Octokit and PyGithub do here what they do at GitHub."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import time
from pathlib import Path

import github as pygithub
import httpx
import pytest
from git_client import Git
from test_local_github_runs import WORKFLOW

from overskill_nb.pipeline.local_github import LocalGithub
from overskill_nb.pipeline.node import Node

HERE = Path(__file__).parent


@pytest.fixture
async def tips(github: LocalGithub, git: Git) -> Path:
    """A repository with a workflow, and its clone."""
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {github.token}"}, verify=False) as client:
        (await client.post(f"{github.api_url}/user/repos", json={"name": "tips"})).raise_for_status()
    folder = await git.project("tips", {"README.md": "# Tips\n", ".github/workflows/deploy.yml": WORKFLOW}, "me/tips")
    await git("push", "-q", "-u", "origin", "main", cwd=folder)
    return folder


async def printed(*command: str | Path, cwd: Path, env: dict[str, str]) -> str:
    running = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=cwd,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, wrong = await running.communicate()
    assert running.returncode == 0, f"{command}: {out.decode()}{wrong.decode()}"
    return out.decode()


@pytest.mark.slow
async def test_gh_views_lists_runs_and_sets(github: LocalGithub, tips: Path, git: Git, tmp_path: Path) -> None:
    program = shutil.which("gh")
    if program is None:
        pytest.skip("gh is not on this machine: run `apt-get install gh`")
    # gh speaks HTTPS with every host but github.localhost, which it looks for on port 80: the proxy is how it gets here
    env = {
        **os.environ,
        "HTTP_PROXY": github.web_url,
        "GH_HOST": "github.localhost",
        "GH_TOKEN": github.token,
        "GH_CONFIG_DIR": str(tmp_path / "gh"),
        "GH_PROMPT_DISABLED": "1",
        "GH_NO_UPDATE_NOTIFIER": "1",
        "NO_COLOR": "1",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    for name in ("NO_PROXY", "no_proxy", "http_proxy"):
        env.pop(name, None)

    async def gh(*words: str) -> str:
        return await printed(program, *words, cwd=tmp_path, env=env)

    assert "me/tips" in await gh("repo", "view", "me/tips")
    assert "# Tips" in await gh("repo", "view", "me/tips")
    viewed = json.loads(await gh("repo", "view", "me/tips", "--json", "name,defaultBranchRef,url,isEmpty"))
    assert viewed["defaultBranchRef"]["name"] == "main"
    assert "me/tips" in await gh("repo", "list")
    await gh("secret", "set", "TOKEN", "-R", "me/tips", "-b", "cafe-4711-cafe")
    assert "TOKEN" in await gh("secret", "list", "-R", "me/tips")
    assert "Deploy" in await gh("workflow", "list", "-R", "me/tips")
    await gh("workflow", "run", "deploy.yml", "-R", "me/tips", "-f", "deployment=by-gh")
    fields = "databaseId,displayTitle,status,conclusion,workflowName"
    for _ in range(200):
        run = json.loads(await gh("run", "list", "-R", "me/tips", "--json", fields))[0]
        if run["status"] == "completed":
            break
        await asyncio.sleep(0.1)
    assert (run["displayTitle"], run["conclusion"], run["workflowName"]) == ("deploy by-gh", "success", "Deploy")
    number = str(run["databaseId"])
    assert "by-gh" in await gh("run", "list", "-R", "me/tips")
    assert "deploy" in await gh("run", "view", number, "-R", "me/tips")
    logged = await gh("run", "view", number, "--log", "-R", "me/tips")
    assert "# Tips" in logged
    assert "cafe-4711-cafe" not in logged
    await git("checkout", "-q", "-b", "topic", cwd=tips)
    await git.commit(tips, {"a": "1"}, "A")
    await git("push", "-q", "origin", "topic", cwd=tips)
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {github.token}"}, verify=False) as client:
        told = {"title": "Take it", "head": "topic", "base": "main"}
        (await client.post(f"{github.api_url}/repos/me/tips/pulls", json=told)).raise_for_status()
    assert "Take it" in await gh("pr", "list", "-R", "me/tips")


@pytest.mark.slow
async def test_octokit_branches_runs_and_reads(
    github: LocalGithub, tips: Path, clients: Path, node: Node, tmp_path: Path
) -> None:
    script = tmp_path / "octokit.mjs"  # beside the packages, where Node looks for them
    shutil.copyfile(HERE / "octokit.mjs", script)
    (tmp_path / "node_modules").symlink_to(clients / "node_modules")
    env = {**os.environ, **node.environment}
    out = await printed(node.executable, script, github.api_url, github.token, cwd=tmp_path, env=env)
    assert json.loads(out.splitlines()[-1]) == {
        "login": "me",
        "branch": "main",
        "branches": ["main", "topic"],
        "readme": "# Tips\n",
        "title": "deploy octo",
        "conclusion": "success",
        "log": True,
        "missing": 404,
    }


async def test_pygithub_does_all_that_deployments_use(github: LocalGithub, tips: Path) -> None:
    def use() -> None:
        auth = pygithub.Auth.Token(github.token)
        client = pygithub.Github(
            auth=auth, base_url=github.api_url, retry=None, seconds_between_requests=0, seconds_between_writes=0
        )
        try:
            assert client.get_user().login == "me"
            made = client.get_user().create_repo("other", private=True)
            assert made.private
            assert client.get_organization("acme").create_repo("site").full_name == "acme/site"
            repository = client.get_repo("me/tips")
            repository.create_secret("TOKEN", "cafe-4711-cafe")
            repository.create_variable("REGION", "eu")
            assert [secret.name for secret in repository.get_secrets()] == ["TOKEN"]
            assert repository.get_variable("REGION").value == "eu"
            workflow = repository.get_workflow("deploy.yml")
            assert workflow.create_dispatch("main", {"deployment": "py"})
            for _ in range(200):
                run = next(iter(repository.get_workflow_runs(event="workflow_dispatch")))
                if run.status == "completed":
                    break
                time.sleep(0.05)
            assert (run.conclusion, run.display_title) == ("success", "deploy py")
            job = next(iter(run.jobs()))
            assert "Say" in [step.name for step in job.steps]
            assert job.logs_url().startswith(github.web_url)
            head = repository.get_git_ref("heads/main").object.sha
            blob = repository.create_git_blob(base64.b64encode(b"1").decode(), "base64")
            entry = pygithub.InputGitTreeElement("new.bin", "100644", "blob", sha=blob.sha)
            tree = repository.create_git_tree([entry], repository.get_git_tree(head))
            commit = repository.create_git_commit("New", tree, [repository.get_git_commit(head)])
            repository.create_git_ref("refs/heads/topic", commit.sha)
            pull = repository.create_pull("main", "topic", title="Take it", body="")
            assert pull.mergeable
            pull.create_issue_comment("fine")
            assert pull.merge().merged
            with pytest.raises(pygithub.UnknownObjectException):
                client.get_repo("me/none")
            made.delete()
        finally:
            client.close()

    await asyncio.to_thread(use)
