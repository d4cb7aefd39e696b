"""Production of an app that is connected to GitHub: its workflow builds and deploys, and is followed to the end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from deployments_github import repository_of
from deployments_world import artefact_of

from overskill_nb.errors import CloudflareError, DeploymentError

APP = "tips-0a1b"


@pytest.fixture
async def connected(workspace):
    """An app that is connected, and serves one page in preview and staging."""
    await workspace.connect("tips")
    await to_staging(workspace, "one")
    return workspace


async def to_staging(workspace, text: str) -> None:
    await workspace.deploy("tips", text)
    await workspace.ended((await workspace.deployments.promote(APP, "staging")).id)


async def promoted(workspace):
    return await workspace.ended((await workspace.deployments.promote(APP, "production")).id)


async def test_the_workflow_makes_it_and_it_is_captured(connected) -> None:
    made = await promoted(connected)
    assert (made.status, made.error) == ("deployed", "")
    assert [step.status for step in made.transitions] == ["pending", "building", "verifying", "deployed"]
    assert (made.repository, made.run_url) == (
        "me/tips",
        "http://github.localhost/me/tips/actions/runs/5000000000",
    )
    staging = (await connected.deployments.list(APP))[1]
    assert (made.source, made.commit) == (staging.id, staging.commit)
    assert (made.artefact, made.files) == (artefact_of("one"), 2)
    assert made.timings.keys() >= {"prepare", "build", "verify", "total"}
    assert (connected.world.served("tips", "production"), connected.world.live("tips", "production")) == (
        "one",
        made.id,
    )
    assert made.log[-2:] == ["Build: done in 1 s", f"{made.url} serves the 2 files that the workflow built"]
    # The page of the run is told while it goes on.
    assert any(told.run_url and told.status == "building" for told in connected.told if told.id == made.id)
    assert made.sync is None


async def test_it_can_be_rolled_back_without_a_workflow(connected) -> None:
    first = await promoted(connected)
    await to_staging(connected, "two")
    assert (await promoted(connected)).status == "deployed"
    back = await connected.ended((await connected.deployments.rollback(APP, "production")).id)
    assert (back.status, back.source, back.repository, back.commit) == ("deployed", first.id, "", first.commit)
    assert connected.world.served("tips", "production") == "one"
    assert len(connected.world.github()["runs"]) == 2


async def test_a_step_that_fails_is_named_with_its_log_and_what_was_live_stays(connected) -> None:
    before = await promoted(connected)
    await to_staging(connected, "two")
    connected.world.github("be", outcome="failure")
    made = await promoted(connected)
    assert made.status == "failed"
    assert made.error == "The workflow of me/tips failed: its step 'Build' failed."
    assert made.hint == f"The workflow's run is at {made.run_url}"
    assert "npm error Missing script: build" in made.log
    assert connected.world.live("tips", "production") == before.id


async def test_cancelling_stops_the_workflow(connected) -> None:
    before = await promoted(connected)
    await to_staging(connected, "two")
    connected.world.github("be", seconds=60)
    made = await connected.deployments.promote(APP, "production")
    while not (await connected.deployments.get(made.id)).run_url:
        await asyncio.sleep(0.02)
    cancelled = await connected.deployments.cancel(made.id)
    assert cancelled.status == "cancelled"
    assert connected.world.github()["runs"][-1]["conclusion"] == "cancelled"
    assert connected.world.live("tips", "production") == before.id


@pytest.mark.parametrize("first", [False, True])
async def test_cancelling_after_the_workflow_put_it_puts_back_what_was_before(connected, first: bool) -> None:
    before = None if first else await promoted(connected)
    await to_staging(connected, "two")
    target = await connected.target()
    reached = asyncio.Event()

    async def stand_still(*_: object, **__: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    target.adopt = stand_still
    made = await connected.deployments.promote(APP, "production")
    await asyncio.wait_for(reached.wait(), 20)
    assert connected.world.served("tips", "production") == "two"
    cancelled = await connected.deployments.cancel(made.id)
    assert cancelled.status == "cancelled"
    if before is None:
        assert connected.world.served("tips", "production") == ""
        assert cancelled.transitions[-1].note == "Nothing was live before, so it was taken off again."
    else:
        assert cancelled.transitions[-1].note == f"The deployment before it, {before.id}, was put back."
        assert connected.world.live("tips", "production") == before.id
        assert connected.world.served("tips", "production") == "one"


async def test_what_is_served_must_be_what_was_built(connected) -> None:
    connected.github.follow_before = connected.github.follow

    async def another(task: object, run: int, on_line: object) -> dict[str, object]:
        await connected.github.follow_before(task, run, on_line)
        return {"digest": "0" * 64}

    connected.github.follow = another
    made = await promoted(connected)
    assert made.status == "failed"
    assert "serves something else than the workflow" in made.error
    assert connected.world.served("tips", "production") == ""


async def test_a_dispatch_that_is_not_answered_is_looked_for_before_another(connected, monkeypatch) -> None:
    from overskill_nb.errors import GithubError
    from overskill_nb.pipeline.deployments import stepping

    monkeypatch.setattr(stepping, "PAUSES", (0.05,))
    asked, dispatched = [], connected.github.dispatch

    async def lost(task: object, on_line: object, *, again: bool) -> dict[str, object]:
        asked.append(again)
        found = await dispatched(task, on_line, again=again)
        if len(asked) == 1:
            raise GithubError("GitHub did not answer.", temporary=True)
        return found

    connected.github.dispatch = lost
    made = await promoted(connected)
    assert made.status == "deployed"
    assert asked == [False, True]
    assert len(connected.world.github()["runs"]) == 1


async def test_cancelling_while_it_is_dispatched_waits_for_the_run_and_stops_it(connected) -> None:
    reached, dispatched = asyncio.Event(), connected.github.dispatch
    connected.world.github("be", seconds=60)

    async def slow(task: object, on_line: object, *, again: bool) -> dict[str, object]:
        found = await dispatched(task, on_line, again=again)
        reached.set()
        await asyncio.sleep(0.5)
        return found

    connected.github.dispatch = slow
    made = await connected.deployments.promote(APP, "production")
    await asyncio.wait_for(reached.wait(), 20)
    cancelled = await connected.deployments.cancel(made.id)
    assert cancelled.status == "cancelled"
    assert [run["conclusion"] for run in connected.world.github()["runs"]] == ["cancelled"]


async def test_a_name_that_is_another_apps_is_refused_before_the_workflow_begins(
    connected, make_workspace, tmp_path: Path
) -> None:
    await promoted(connected)
    await connected.deployments.close()
    other = make_workspace(tmp_path / "other")
    await other.deployments.connect_repository("other-0a1b", other.write("other", "x"), repository_of("other"))
    target = await other.target()
    checked = target.check

    async def check(name: str, environment: str, app: str) -> None:
        if environment == "production":
            await checked(name, environment, app)

    target.check = check
    root = other.write("other", "two")
    made = await other.ended((await other.deployments.deploy("other-0a1b", "tips", root)).id)
    staging = await other.ended((await other.deployments.promote("other-0a1b", "staging", source=made.id)).id)
    assert staging.status == "deployed"
    refused = await other.ended((await other.deployments.promote("other-0a1b", "production")).id)
    assert refused.status == "failed"
    assert "The name 'tips' is taken in production" in refused.error
    assert len(other.world.github()["runs"]) == 1


async def test_what_cannot_be_built_there_is_refused_in_one_sentence(workspace) -> None:
    deployments = workspace.deployments
    effects, committed = deployments._effects, deployments._effects._commit
    effects._commit = None
    await workspace.connect("tips")
    await to_staging(workspace, "one")
    with pytest.raises(DeploymentError, match="no checkpoint is known"):
        await deployments.promote(APP, "production")
    effects._commit = committed
    await to_staging(workspace, "one")
    root = workspace.folder / "tips"
    away = msgspec.structs.replace(repository_of("tips"), local=False)
    await deployments.connect_repository(APP, root, away)
    with pytest.raises(DeploymentError, match="cannot reach the Cloudflare that is on this one"):
        await deployments.promote(APP, "production")
    deployments._github = None
    with pytest.raises(DeploymentError, match="GitHub is not set up here"):
        await deployments.promote(APP, "production")
    await deployments.disconnect_repository(APP)
    assert (await promoted(workspace)).status == "deployed"


async def test_cloudflare_may_ask_to_wait_there_too(connected) -> None:
    target = await connected.target()
    adopted, refusals = target.adopt, iter([CloudflareError("Too many requests.", retry_after=1.0)])

    async def refused(*arguments: object, **keywords: object) -> None:
        if refusal := next(refusals, None):
            raise refusal
        await adopted(*arguments, **keywords)

    target.adopt = refused
    made = await promoted(connected)
    assert made.status == "deployed"
    assert any(step.note.startswith("Waiting for Cloudflare until ") for step in made.transitions)
