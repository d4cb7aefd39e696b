"""Runs: started by hand, executed, followed, cancelled, and what becomes of them when the machine stops."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from git_client import Git
from published import CheckedClient, Published

from overskill_nb.pipeline import local_github
from overskill_nb.pipeline.local_github import LocalGithub
from overskill_nb.pipeline.local_github.address import Address
from overskill_nb.pipeline.node import Node

URL = "/repos/me/tips/actions"
WORKFLOW = """\
name: Deploy
run-name: "deploy ${{ inputs.deployment }}"
on:
  workflow_dispatch:
    inputs:
      deployment: { required: true }
      seconds: { default: "0" }
concurrency:
  group: deploy
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Wait
        run: echo "waiting ${{ inputs.seconds }}" && sleep ${{ inputs.seconds }}
      - name: Say
        run: |
          cat README.md
          echo "token is $TOKEN"
        env:
          TOKEN: ${{ secrets.TOKEN }}
      - name: Fail
        if: inputs.deployment == 'bad'
        run: |
          echo "::error file=README.md,line=1::no good"
          exit 3
"""


@pytest.fixture
async def tips(client: CheckedClient, git: Git) -> Path:
    await client.post("/user/repos", json={"name": "tips"})
    folder = await git.project("tips", {"README.md": "# Tips\n", ".github/workflows/deploy.yml": WORKFLOW}, "me/tips")
    await git("push", "-q", "-u", "origin", "main", cwd=folder)
    return folder


async def dispatch(client: httpx.AsyncClient, deployment: str, seconds: int = 0) -> int:
    inputs = {"deployment": deployment, "seconds": str(seconds)}
    told = {"ref": "main", "inputs": inputs, "return_run_details": True}
    answer = await client.post(f"{URL}/workflows/deploy.yml/dispatches", json=told)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["workflow_run_id"])


async def until(client: httpx.AsyncClient, run: int, *statuses: str) -> dict[str, Any]:
    for _ in range(600):
        found: dict[str, Any] = (await client.get(f"{URL}/runs/{run}")).json()
        if found["status"] in statuses:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"run {run} is {found['status']}")


async def test_a_run_is_started_followed_and_read(client: CheckedClient, tips: Path, github: LocalGithub) -> None:
    listed = (await client.get(f"{URL}/workflows")).json()["workflows"]
    assert [(one["name"], one["path"]) for one in listed] == [("Deploy", ".github/workflows/deploy.yml")]
    assert (await client.get(f"{URL}/workflows/deploy.yml")).json()["id"] == listed[0]["id"]
    run = await dispatch(client, "d1")
    done = await until(client, run, "completed")
    assert (done["conclusion"], done["display_title"], done["name"]) == ("success", "deploy d1", "Deploy")
    jobs = (await client.get(f"{URL}/runs/{run}/jobs")).json()["jobs"]
    assert [job["conclusion"] for job in jobs] == ["success"]
    names = {step["name"]: step["conclusion"] for step in jobs[0]["steps"]}
    assert (names["Say"], names["Fail"]) == ("success", "skipped")
    assert (await client.get(f"{URL}/jobs/{jobs[0]['id']}")).json()["run_id"] == run
    moved = await client.get(f"{URL}/jobs/{jobs[0]['id']}/logs")
    assert moved.status_code == 302
    async with httpx.AsyncClient(verify=False) as plain:
        text = (await plain.get(moved.headers["Location"])).text
        assert "# Tips" in text
        forged = moved.headers["Location"][:-1] + ("0" if moved.headers["Location"][-1] != "0" else "1")
        assert (await plain.get(forged)).status_code == 403
        page = (await plain.get(done["html_url"])).text
        assert "deploy d1" in page
        assert "# Tips" in page
        packed = (await plain.get((await client.get(f"{URL}/runs/{run}/logs")).headers["Location"])).content
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert "0_deploy.txt" in archive.namelist()
        assert any(name.startswith("deploy/") and name.endswith("_Say.txt") for name in archive.namelist())
    assert (await client.get(f"{URL}/runs/{run}/artifacts")).json()["total_count"] == 0
    assert (await client.post(f"{URL}/runs/{run}/cancel")).status_code == 409


async def test_runs_are_found_by_what_they_are(client: CheckedClient, tips: Path) -> None:
    run = await dispatch(client, "d1")
    done = await until(client, run, "completed")
    for asked, count in (
        ({"event": "workflow_dispatch"}, 1),
        ({"event": "push"}, 0),
        ({"branch": "main", "status": "success"}, 1),
        ({"status": "queued"}, 0),
        ({"head_sha": done["head_sha"]}, 1),
        ({"created": f">={done['created_at']}"}, 1),
        ({"created": f">{done['created_at']}"}, 0),
        ({"created": done["created_at"][:10]}, 1),
        ({"created": "2020-01-01..2020-12-31"}, 0),
    ):
        assert (await client.get(f"{URL}/runs", params=asked)).json()["total_count"] == count, asked
    assert (await client.get(f"{URL}/workflows/deploy.yml/runs")).json()["total_count"] == 1


async def test_a_dispatch_that_cannot_be_is_refused(client: CheckedClient, tips: Path) -> None:
    url = f"{URL}/workflows/deploy.yml/dispatches"
    assert (await client.post(f"{URL}/workflows/no.yml/dispatches", json={"ref": "main"})).status_code == 404
    assert (await client.post(url, json={})).status_code == 422
    missing = await client.post(url, json={"ref": "main"})
    assert missing.status_code == 422
    assert "deployment" in missing.json()["message"]
    odd = await client.post(url, json={"ref": "main", "inputs": {"deployment": "1", "x": "2"}})
    assert (odd.status_code, "x" in odd.json()["message"]) == (422, True)
    assert (await client.post(url, json={"ref": "no", "inputs": {"deployment": "1"}})).json()["message"] == (
        "No ref found for: no"
    )
    assert (await client.put(f"{URL}/workflows/deploy.yml/disable")).status_code == 204
    assert (await client.post(url, json={"ref": "main", "inputs": {"deployment": "1"}})).status_code == 422
    assert (await client.put(f"{URL}/workflows/deploy.yml/enable")).status_code == 204
    assert (await client.post(url, json={"ref": "main", "inputs": {"deployment": "1"}})).status_code == 204
    assert (await client.get(f"{URL}/runs")).json()["total_count"] == 1


async def test_a_failure_names_its_step_and_is_run_again(client: CheckedClient, tips: Path) -> None:
    run = await dispatch(client, "bad")
    assert (await until(client, run, "completed"))["conclusion"] == "failure"
    job = (await client.get(f"{URL}/runs/{run}/jobs")).json()["jobs"][0]
    assert [step["name"] for step in job["steps"] if step["conclusion"] == "failure"] == ["Fail"]
    remarks = (await client.get(f"/repos/me/tips/check-runs/{job['id']}/annotations")).json()
    assert ("README.md", "no good") in [(remark["path"], remark["message"]) for remark in remarks]
    assert (await client.post(f"{URL}/runs/{run}/rerun")).status_code == 201
    await asyncio.sleep(0)
    again = await until(client, run, "completed")
    assert (again["run_attempt"], again["conclusion"]) == (2, "failure")
    assert (await client.get(f"{URL}/runs/{run}/attempts/1/jobs")).json()["jobs"][0]["id"] == job["id"]
    assert (await client.get(f"{URL}/runs/{run}/attempts/2")).json()["run_attempt"] == 2
    assert (await client.get(f"{URL}/runs/{run}/attempts/3")).status_code == 404
    assert (await client.post(f"{URL}/runs/{run}/force-cancel")).status_code == 409


async def test_runs_of_a_group_wait_and_the_older_one_that_waits_gives_way(client: CheckedClient, tips: Path) -> None:
    first = await dispatch(client, "d1", 30)
    await until(client, first, "in_progress")
    second, third = await dispatch(client, "d2"), await dispatch(client, "d3")
    assert (await until(client, second, "completed"))["conclusion"] == "cancelled"
    assert (await client.get(f"{URL}/runs/{third}")).json()["status"] == "queued"
    assert (await client.post(f"{URL}/runs/{first}/cancel")).status_code == 202
    assert (await until(client, first, "completed"))["conclusion"] == "cancelled"
    assert (await until(client, third, "completed"))["conclusion"] == "success"


async def test_a_repository_goes_with_what_runs_there(client: CheckedClient, tips: Path) -> None:
    first = await dispatch(client, "d1", 30)
    await dispatch(client, "d2")
    await until(client, first, "in_progress")
    assert (await client.delete("/repos/me/tips")).status_code == 204
    assert (await client.get(f"{URL}/runs/{first}")).status_code == 404
    await client.post("/user/repos", json={"name": "tips"})
    assert (await client.get(f"{URL}/runs")).json()["total_count"] == 0


async def test_a_secret_is_in_no_log(client: CheckedClient, tips: Path, tmp_path: Path) -> None:
    import base64

    from nacl.public import PublicKey, SealedBox

    key = (await client.get(f"{URL}/secrets/public-key")).json()
    sealed = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(b"cafe-4711-cafe")
    told = {"encrypted_value": base64.b64encode(sealed).decode(), "key_id": key["key_id"]}
    await client.put(f"{URL}/secrets/TOKEN", json=told)
    run = await dispatch(client, "d1")
    await until(client, run, "completed")
    job = (await client.get(f"{URL}/runs/{run}/jobs")).json()["jobs"][0]
    location = (await client.get(f"{URL}/jobs/{job['id']}/logs")).headers["Location"]
    async with httpx.AsyncClient(verify=False) as plain:
        assert "token is ***" in (await plain.get(location)).text
    for file in (tmp_path / "github").rglob("*"):
        assert not file.is_file() or b"cafe-4711-cafe" not in file.read_bytes(), file


@pytest.mark.slow
async def test_a_machine_that_stopped_says_so_and_goes_on(
    tmp_path: Path, node: Node, published: Published, git_program: str
) -> None:
    github = await local_github.ensure(tmp_path / "github", node, lambda _: None)
    git = Git(git_program, tmp_path, github)
    async with CheckedClient(github.api_url, github.token, published) as client:
        await client.post("/user/repos", json={"name": "tips"})
        folder = await git.project("tips", {"README.md": "# T\n", ".github/workflows/deploy.yml": WORKFLOW}, "me/tips")
        await git("push", "-q", "-u", "origin", "main", cwd=folder)
        first = await dispatch(client, "d1", 30)
        await until(client, first, "in_progress")
        second = await dispatch(client, "d2")
    os.kill(Address.load(tmp_path / "github").pid, signal.SIGKILL)
    await github.ended()
    again = await local_github.ensure(tmp_path / "github", node, lambda _: None)
    async with CheckedClient(again.api_url, again.token, published) as client:
        assert (await until(client, first, "completed"))["conclusion"] == "cancelled"
        assert (await until(client, second, "completed"))["conclusion"] == "success"
        job = (await client.get(f"{URL}/runs/{first}/jobs")).json()["jobs"][0]
        remarks = (await client.get(f"/repos/me/tips/check-runs/{job['id']}/annotations")).json()
        assert remarks[0]["message"] == "The machine stopped while this ran."
    await again.close()
    await github.close()
