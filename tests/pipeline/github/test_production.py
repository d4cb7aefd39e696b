"""The workflow is started once, whatever happens to the call; its run is followed to its end, and its failure told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from app_world import APP, AppWorld
from faulty_http import KINDS, FaultyHttp, Kind
from started_github import Started

from overskill_nb.errors import GithubError
from overskill_nb.pipeline.cloudflare.clock import Clock
from overskill_nb.pipeline.deployments.ports import WorkflowTask
from overskill_nb.pipeline.github import GithubClient, Settings, Synchroniser
from overskill_nb.pipeline.github.production import WORKFLOW_PATH, failing_lines

DIGEST = "a1" * 32
WORKFLOW = """
name: Deploy
run-name: Deploy ${{ inputs.deployment }}
on:
  workflow_dispatch:
    inputs:
      deployment: { required: true }
      commit: { required: true }
      environment: { required: true }
      namespace: { required: true }
      script: { required: true }
      env: { required: false }
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
"""
GOOD = f"""
      - name: Build
        run: |
          echo "for ${{{{ inputs.script }}}} ${{{{ secrets.KEY }}}} ${{{{ vars.PLACE }}}}"
          echo "overskill-build {DIGEST}"
      - name: Never
        if: false
        run: exit 1
"""
BAD = """
      - name: Install
        run: echo "installing"
      - name: Build
        run: |
          for n in $(seq 1 400); do echo "line $n"; done
          echo "the key is $KEY and ghp"_a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2
          echo "src/App.tsx: no such thing"
          exit 3
        env:
          KEY: not-known-to-the-runner-either
      - name: After
        run: echo after
"""
SLOW = """
      - name: Wait
        run: sleep 60
"""


class HastyClock(Clock):
    """Does not wait long for what was to be tried again."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.1))


@pytest.fixture
async def client(github: FaultyHttp, started: Started) -> AsyncIterator[GithubClient]:
    """With the machine's time: what is waited for really runs."""
    settings = Settings(token=started.token, base_url=f"{github.url}/api/v3", local=True)
    client = GithubClient(settings, clock=HastyClock(), timeout=10)
    yield client
    await client.close()


def task(world: AppWorld, commit: str = "", id: str = "d0123456789") -> WorkflowTask:  # noqa: A002
    return WorkflowTask(
        id=id,
        app=APP,
        root=str(world.root),
        repository=world.name,
        branch="main",
        commit=commit or world.history.head(),
        environment="production",
        namespace="overskill-production",
        script="tips",
        env={"VITE_NAME": "Ada"},
    )


async def with_workflow(world: AppWorld, steps: str) -> AppWorld:
    world.write({WORKFLOW_PATH: WORKFLOW + steps, "src/App.tsx": "one\n"})
    world.history.checkpoint("file")

    async def client_of() -> GithubClient:
        return world.client

    async def secrets(_: str) -> dict[str, str]:
        return {"KEY": "not-known-to-the-runner-either"}

    world.synchroniser = Synchroniser(
        client_of,
        lambda *_: world.history,
        world._apply,
        secrets_of=secrets,
        variables_of=lambda environment: {"PLACE": environment},
    )
    return world


async def runs(world: AppWorld) -> list[tuple[int, str]]:
    return await world.direct.exchange.step(
        "runs", lambda client: [(run.id, run.display_title) for run in client.get_repo(world.name).get_workflow_runs()]
    )


async def dispatched(world: AppWorld, *, again: bool = False, id: str = "d0123456789") -> dict[str, Any]:  # noqa: A002
    return await world.synchroniser.dispatch(task(world, id=id), world.lines.append, again=again)


async def prepared(world: AppWorld, steps: str = GOOD) -> AppWorld:
    await with_workflow(world, steps)
    await world.synchroniser.prepare(task(world), world.lines.append)
    return world


async def test_a_deployment_goes_from_commit_to_digest(world: AppWorld) -> None:
    await prepared(world)
    assert (await world.refs())["main"] == world.history.head()
    assert await world.direct.secrets(world.name) == ["KEY"]
    begun = await dispatched(world)
    assert await runs(world) == [(begun["run"], "Deploy d0123456789")]
    assert begun["run_url"].endswith(f"/{world.name}/actions/runs/{begun['run']}")
    found = await world.synchroniser.follow(task(world), begun["run"], world.lines.append)
    assert found == {"digest": DIGEST}
    assert any(line.startswith("Build: done in ") for line in world.lines)
    assert not any(line.startswith("Never") for line in world.lines)
    # All of it again changes nothing.
    await world.synchroniser.prepare(task(world), world.lines.append)
    assert await dispatched(world) == begun
    assert await world.synchroniser.follow(task(world), begun["run"], world.lines.append) == found
    await world.synchroniser.stop(task(world), begun["run"])
    assert len(await runs(world)) == 1


async def test_a_failure_shows_the_failing_steps_log(world: AppWorld) -> None:
    await prepared(world, BAD)
    begun = await dispatched(world)
    with pytest.raises(GithubError, match="failed: its step 'Build' failed") as caught:
        await world.synchroniser.follow(task(world), begun["run"], world.lines.append)
    assert begun["run_url"] in str(caught.value)
    assert not caught.value.temporary
    told = "\n".join(world.lines)
    assert "Install: done in " in told
    assert "Build: failure after " in told
    assert "src/App.tsx: no such thing" in told
    assert "line 400" in told
    assert "line 100\n" not in told, "only the last lines"
    assert "installing" not in told
    assert "ghp_a1B2" not in told
    assert "not-known-to-the-runner-either" not in told


async def test_a_spoiled_call_starts_one_run(world: AppWorld, github: FaultyHttp) -> None:
    await prepared(world)
    started = []
    kinds: list[Kind] = [kind for kind in KINDS if kind not in {"challenge", "timeout"}]
    for at, kind in enumerate([*kinds, "timeout"]):
        if kind == "timeout":
            world.client.exchange.timeout = 1
            while not world.client.exchange._idle.empty():
                world.client.exchange._idle.get().close()
        id = f"d{at:010}"  # noqa: A001
        github.faults.clear()
        github.fail(kind, "POST .*/dispatches")
        if kind == "429 with Retry-After":
            with pytest.raises(GithubError) as caught:
                await dispatched(world, id=id)
            assert caught.value.retry_after == 2
        begun = await dispatched(world, id=id)
        assert github.faults[0].times == 0, f"{kind}: nothing was spoiled"
        started.append((begun["run"], f"Deploy {id}"))
        assert sorted(await runs(world)) == started, kind


async def test_a_run_that_is_not_listed_at_once_is_waited_for(world: AppWorld, github: FaultyHttp) -> None:
    """A process that died right after the call starts no second run, though GitHub lists the first one late."""
    await prepared(world)
    begun = await dispatched(world)
    answer, looks = github.handler, 0

    async def late(request: Any) -> Any:
        nonlocal looks
        response = await answer(request)
        if request.method == "GET" and "/workflows/deploy.yml/runs" in request.target:
            looks += 1
            if looks < 4:
                response.body = b'{"total_count": 0, "workflow_runs": []}'
        return response

    github.handler = late
    assert await dispatched(world, again=True) == begun
    assert looks == 4
    assert len(await runs(world)) == 1


async def test_what_passes_does_not_end_following(world: AppWorld, github: FaultyHttp) -> None:
    await prepared(world)
    begun = await dispatched(world)
    github.fail("502 before", "GET .*/runs/", times=8)
    github.fail("cut body", "GET .*/jobs")
    github.fail("drop before", "GET .*/logs")
    assert (await world.synchroniser.follow(task(world), begun["run"], world.lines.append))["digest"] == DIGEST
    assert any("is tried again in" in line for line in world.lines)


Ask = Callable[[GithubClient, str, int, int], Awaitable[Any]]
CALLS: dict[str, tuple[Ask, str, Callable[[Any], bool]]] = {
    "workflow": (
        lambda client, name, _run, _job: client.workflow(name, "deploy.yml"),
        "GET .*/workflows/",
        lambda found: found.state == "active",
    ),
    "find_run": (
        lambda client, name, _run, _job: client.find_run(name, "deploy.yml", "d0123456789"),
        "GET .*/runs",
        lambda found: found.title == "Deploy d0123456789",
    ),
    "run": (
        lambda client, name, run, _job: client.run(name, run),
        "GET .*/runs/",
        lambda found: (found.status, found.conclusion) == ("completed", "success"),
    ),
    "jobs": (
        lambda client, name, run, _job: client.jobs(name, run),
        "GET .*/jobs",
        lambda found: [job.conclusion for job in found] == ["success"] and "Build" in [s.name for s in found[0].steps],
    ),
    "job_log": (
        lambda client, name, _run, job: client.job_log(name, job),
        "GET .*/logs",
        lambda found: f"overskill-build {DIGEST}" in found,
    ),
    "remarks": (
        lambda client, name, _run, job: client.remarks(name, job),
        "GET .*/annotations",
        lambda found: found == [],
    ),
    "cancel": (
        lambda client, name, run, _job: client.cancel(name, run),
        "POST .*/cancel",
        lambda found: found is None,
    ),
}


async def test_each_call_about_a_run_outlasts_each_fault(world: AppWorld, github: FaultyHttp) -> None:
    await prepared(world)
    begun = await dispatched(world)
    await world.synchroniser.follow(task(world), begun["run"], world.lines.append)
    job = (await world.client.jobs(world.name, begun["run"]))[0].id
    for call, (ask, spoiled, right) in CALLS.items():
        for kind in KINDS:
            if kind == "timeout":
                continue
            github.faults.clear()
            github.seen.clear()
            github.fail(kind, spoiled)
            if kind == "challenge":
                with pytest.raises(GithubError) as caught:
                    await ask(world.client, world.name, begun["run"], job)
                assert not caught.value.temporary
                assert github.count(spoiled) == 1
            else:
                # What is read as text, or not at all, may come out of any JSON.
                found = await ask(world.client, world.name, begun["run"], job)
                assert right(found), (call, kind)
                assert github.count(spoiled) <= 2
            assert github.faults[0].times == 0, (call, kind)


async def test_stopping_finds_a_run_whose_number_is_not_known(world: AppWorld) -> None:
    await prepared(world, SLOW)
    await world.synchroniser.stop(task(world), 0)  # none was started
    begun = await dispatched(world)
    await asyncio.wait_for(world.synchroniser.stop(task(world), 0), 30)
    found = await world.client.run(world.name, begun["run"])
    assert (found.status, found.conclusion) == ("completed", "cancelled")


async def test_stopping_ends_the_run(world: AppWorld, github: FaultyHttp) -> None:
    await prepared(world, SLOW)
    begun = await dispatched(world)
    following = asyncio.ensure_future(world.synchroniser.follow(task(world), begun["run"], world.lines.append))
    await asyncio.sleep(1)
    github.fail("drop after", "POST .*/cancel")
    await asyncio.wait_for(world.synchroniser.stop(task(world), begun["run"]), 30)
    assert (await world.client.run(world.name, begun["run"])).conclusion == "cancelled"
    with pytest.raises(GithubError, match="was cancelled: http"):
        await following
    await world.synchroniser.stop(task(world), begun["run"])
    await world.synchroniser.stop(task(world), 987654321)


async def test_without_a_workflow_nothing_is_pushed(world: AppWorld) -> None:
    world.write({"src/App.tsx": "one\n"})
    world.history.checkpoint("file")
    with pytest.raises(GithubError, match=r"has no \.github/workflows/deploy\.yml; connect the app again"):
        await world.synchroniser.prepare(task(world), world.lines.append)
    assert await world.refs() == {}
    with pytest.raises(GithubError, match="GitHub knows no workflow"):
        await dispatched(world)


async def test_what_was_deployed_before_the_app_was_connected_is_to_be_deployed_again(world: AppWorld) -> None:
    world.write({"src/App.tsx": "one\n"})
    early = world.history.checkpoint("file")
    assert early is not None
    await prepared(world)
    with pytest.raises(GithubError, match="the app got it later: deploy and promote to staging again"):
        await world.synchroniser.prepare(task(world, early.id), world.lines.append)


async def test_a_commit_that_github_went_past_is_built_and_one_beside_it_is_not(world: AppWorld) -> None:
    await prepared(world)
    ours = world.history.head()
    await world.they_push({"src/App.tsx": "theirs\n"})
    await world.synchroniser.prepare(task(world, ours), world.lines.append)
    world.write({"src/App.tsx": "ours\n"})
    world.history.checkpoint("file")
    with pytest.raises(GithubError, match="has commits that the app does not have"):
        await world.synchroniser.prepare(task(world), world.lines.append)
    await world.nothing_lost()


async def test_a_workflow_that_does_not_say_what_it_built_fails(world: AppWorld) -> None:
    await prepared(world, "\n      - name: Build\n        run: echo built\n")
    begun = await dispatched(world)
    with pytest.raises(GithubError, match="does not say what it built"):
        await world.synchroniser.follow(task(world), begun["run"], world.lines.append)


def test_the_failing_lines_are_those_of_the_failing_step() -> None:
    at = "2026-01-01T00:00:00.0000000Z "
    log = "\r\n".join(
        at + line
        for line in [
            "##[group]Run actions/checkout@v4",
            "##[endgroup]",
            "checked out",
            "##[group]Run npm run build",
            "\x1b[36;1mnpm run build\x1b[0m",
            "##[endgroup]",
            "src/App.tsx(3,1): error TS2304",
            "##[error]Process completed with exit code 2.",
            "Post job cleanup.",
            "tidied",
        ]
    )
    assert failing_lines(log) == [
        "Run npm run build",
        "npm run build",
        "src/App.tsx(3,1): error TS2304",
        "Process completed with exit code 2.",
    ]
    assert failing_lines("\ufeff" + at + "only this") == ["only this"]
    assert len(failing_lines("\n".join(f"{at}{n}" for n in range(1000)))) == 200


async def test_connecting_makes_pushes_and_repeats(world: AppWorld, tmp_path: Path) -> None:
    pytest.importorskip("overskill_nb.pipeline.github.workflow")
    await with_workflow(world, GOOD)
    (world.root / WORKFLOW_PATH).unlink()
    name = f"{world.name}-made"
    found = await world.synchroniser.connect(APP, world.root, name, on_line=world.lines.append)
    assert (found.name, found.branch, found.local, found.private) == (name, "main", True, True)
    assert (world.root / WORKFLOW_PATH).is_file()
    assert await world.direct.secrets(name) == ["KEY"]
    head = world.history.head()
    assert await world.synchroniser.connect(APP, world.root, name, on_line=world.lines.append) == found
    assert world.history.head() == head
    world.name = name
    assert (await world.sync())["commit"] == head
    assert await world.synchroniser.connect(APP, world.root, name) == found


async def test_connecting_to_what_is_unrelated_changes_nothing(world: AppWorld, tmp_path: Path) -> None:
    pytest.importorskip("overskill_nb.pipeline.github.workflow")
    await with_workflow(world, GOOD)
    await world.sync()
    other = AppWorld(tmp_path / "other", world.client, world.name, world.direct)
    other.write({"src/App.tsx": "another app\n"})
    with pytest.raises(GithubError, match="nothing in common with the app, so nothing was changed"):
        await other.synchroniser.connect(APP, other.root, other.name)
    assert not other.applied
    assert (await other.refs())["main"] == world.history.head()
    with pytest.raises(GithubError, match="cannot be a repository"):
        await other.synchroniser.connect(APP, other.root, "me/no good")
    await other.close()
