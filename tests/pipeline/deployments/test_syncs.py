"""Syncs with GitHub: after deployments, when asked, one at a time, and later where GitHub is not there."""

from __future__ import annotations

import asyncio
import math

import pytest
from deployments_github import repository_of

from overskill_nb.errors import DeploymentError, GithubError
from overskill_nb.pipeline.deployments import stepping, syncs

APP = "tips-0a1b"


def branch(workspace) -> list[str]:
    return workspace.world.github()["branches"].get("me/tips", [])


async def test_a_sync_follows_each_deployment_to_preview_and_staging(workspace) -> None:
    await workspace.connect("tips")
    made = await workspace.deploy("tips", "one")
    sync = await workspace.follower(made.id)
    assert (sync.status, sync.reason, sync.deployment, sync.pushed) == ("synced", "deploy", made.id, 1)
    assert [step.status for step in sync.transitions] == ["pending", "syncing", "synced"]
    assert sync.log == ["Pushed 1 commits to main of me/tips."]
    made = await workspace.deployments.get(made.id)
    assert branch(workspace) == [made.commit] == [sync.commit]
    assert made.sync == sync
    assert 0 < sync.ms < 20_000
    staging = await workspace.ended((await workspace.deployments.promote(APP, "staging")).id)
    assert staging.commit == made.commit
    assert (await workspace.follower(staging.id)).pushed == 0
    assert branch(workspace) == [made.commit]
    # Whoever shows the deployment hears of its sync.
    told = [found.sync.status for found in workspace.told if found.id == made.id and found.sync]
    assert list(dict.fromkeys(told)) == ["pending", "syncing", "synced"]


async def test_an_app_that_is_not_connected_is_not_synced(workspace) -> None:
    made = await workspace.deploy("tips", "one")
    await asyncio.sleep(0.2)
    assert (await workspace.deployments.get(made.id)).sync is None
    assert await workspace.deployments.last_sync(APP) is None
    assert await workspace.deployments.repository(APP) is None
    with pytest.raises(GithubError, match="not connected to GitHub"):
        await workspace.deployments.sync(APP)
    with pytest.raises(GithubError, match="There is no sync 'nonsense'"):
        await workspace.deployments.get_sync("nonsense")


async def test_the_repository_is_kept_over_a_restart(workspace, make_workspace) -> None:
    await workspace.connect("tips")
    await workspace.close()
    again = make_workspace(workspace.folder)
    assert await again.deployments.repository(APP) == repository_of("tips")
    await again.deployments.disconnect_repository(APP)
    assert await again.deployments.repository(APP) is None


async def test_a_deployment_does_not_wait_for_its_sync(workspace) -> None:
    await workspace.connect("tips")
    workspace.github._slow = 30.0
    made = await asyncio.wait_for(workspace.deploy("tips", "one"), 20)
    assert made.status == "deployed"
    for _ in range(500):
        if (sync := (await workspace.deployments.get(made.id)).sync) and sync.status == "syncing":
            break
        await asyncio.sleep(0.02)
    # Nor does the next one, nor a deployment of another app.
    assert (await workspace.deploy("tips", "two")).status == "deployed"
    assert (await workspace.deploy("other", "two")).status == "deployed"


async def test_a_checkpoint_that_is_slow_or_fails_does_not_hold_a_deployment_up(workspace) -> None:
    async def slow(app: str, root: object, on_line: object) -> str:
        await asyncio.sleep(60)
        return "late"

    async def broken(app: str, root: object, on_line: object) -> str:
        raise RuntimeError("no history")

    workspace.deployments._effects._commit = slow
    made = await asyncio.wait_for(workspace.deploy("tips", "one"), 20)
    assert (made.status, made.commit) == ("deployed", "")
    workspace.deployments._effects._commit = broken
    made = await workspace.deploy("tips", "two")
    assert (made.status, made.commit) == ("deployed", "")
    with pytest.raises(DeploymentError, match="was never live"):
        await workspace.deployments.promote(APP, "staging", source=(await workspace.deploy("tips", "")).id)


async def test_a_checkpoint_that_comes_a_little_late_is_taken_note_of(workspace) -> None:
    target = await workspace.target()
    uploaded = target.upload
    came = asyncio.Event()

    async def late(app: str, root: object, on_line: object) -> str:
        await asyncio.sleep(1.0)
        came.set()
        return "c" * 40

    async def upload(*arguments: object, **keywords: object) -> str:
        await came.wait()
        return await uploaded(*arguments, **keywords)

    workspace.deployments._effects._commit = late
    target.upload = upload
    assert (await workspace.deploy("tips", "one")).commit == "c" * 40


async def test_of_many_syncs_few_exchange_and_the_last_commit_is_there(workspace) -> None:
    await workspace.connect("tips")
    root = workspace.write("tips", "0")
    made, loop = [], asyncio.get_running_loop()
    began = loop.time()
    for edit in range(100):
        (root / "index.html").write_text(f"edit {edit}")
        await workspace.github.checkpoint("", root, print)
        made.append(await workspace.deployments.sync(APP))
    took = loop.time() - began
    last = await workspace.synced(made[-1].id)
    assert last.status == "synced"
    assert len(branch(workspace)) == 100
    assert branch(workspace)[-1] == last.commit
    # Three for a burst of five seconds, and as many more as a slow machine takes longer.
    assert len(workspace.world.github()["exchanges"]) <= 3 + math.ceil(2 * max(0.0, took - 5.0) / syncs.PACE_SECONDS)
    print(f"100 syncs in {took:.1f} s")
    ended = [await workspace.deployments.get_sync(sync.id) for sync in made]
    assert {sync.status for sync in ended} == {"synced", "cancelled"}
    dropped = next(sync for sync in ended if sync.status == "cancelled")
    assert dropped.transitions[-1].note == "A newer sync took its place."


async def test_a_newer_sync_does_what_those_would_have_done_whose_place_it_took(workspace) -> None:
    await workspace.connect("tips")
    root = workspace.write("tips", "one")
    await workspace.github.checkpoint("", root, print)
    workspace.github._slow = 0.5
    first = await workspace.deployments.sync(APP, pull=True)
    await asyncio.sleep(0.2)
    pushing = await workspace.deployments.sync(APP)
    pulling = await workspace.deployments.sync(APP, "pull", pull=True)
    assert (await workspace.synced(pulling.id)).status == "synced"
    assert (await workspace.deployments.get_sync(pushing.id)).status == "cancelled"
    assert (await workspace.synced(first.id)).pushed == 0
    assert len(branch(workspace)) == 1


async def test_a_conflict_is_kept_with_its_pull_request_and_nothing_is_overwritten(workspace) -> None:
    await workspace.connect("tips")
    await workspace.follower((await workspace.deploy("tips", "one")).id)
    workspace.world.github("push_elsewhere", repository="me/tips", commit="f" * 40)
    sync = await workspace.follower((await workspace.deploy("tips", "two")).id)
    assert (sync.status, sync.pull_request) == ("conflict", "http://github.localhost/pull/1")
    assert [(conflict.path, conflict.ours) for conflict in sync.conflicts] == [("index.html", "a")]
    assert branch(workspace)[-1] == "f" * 40
    assert sync.error == ""


async def test_a_sync_waits_where_github_asks_for_it(workspace) -> None:
    await workspace.connect("tips")
    workspace.world.github("be", limited=2)
    sync = await workspace.follower((await workspace.deploy("tips", "one")).id)
    assert sync.status == "synced"
    notes = [step.note for step in sync.transitions if step.note]
    assert notes
    assert all(note.startswith("Waiting for GitHub until ") for note in notes)


async def test_a_sync_without_a_network_catches_up_later(workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "PAUSES", (0.2, 0.3))
    monkeypatch.setattr(stepping, "PARKS", 2)
    await workspace.connect("tips")
    workspace.world.github("be", down=8)
    sync = await workspace.follower((await workspace.deploy("tips", "one")).id)
    assert sync.status == "synced"
    notes = [step.note for step in sync.transitions if step.note]
    assert len(notes) >= 3
    assert all(note.startswith("GitHub cannot be reached. Trying again at ") for note in notes)
    assert [step.status for step in sync.transitions] == ["pending", *["syncing"] * (len(notes) + 1), "synced"]


async def test_one_who_asks_has_it_tried_at_once(workspace) -> None:
    await workspace.connect("tips")
    workspace.world.github("be", down=1)
    made = await workspace.deploy("tips", "one")
    for _ in range(500):
        parked = (await workspace.deployments.get(made.id)).sync
        if parked and parked.waits_until:
            break
        await asyncio.sleep(0.02)
    asked = await workspace.deployments.sync(APP)
    assert (await workspace.synced(parked.id, seconds=10)).status == "synced"
    assert (await workspace.synced(asked.id, seconds=10)).status == "synced"


async def test_what_github_refuses_for_good_fails_at_once(workspace) -> None:
    await workspace.connect("tips")

    async def refused(task: object, on_line: object) -> dict[str, object]:
        raise GithubError("The token may not write to me/tips.", status=403)

    workspace.github.exchange = refused
    made = await workspace.deploy("tips", "one")
    sync = await workspace.follower(made.id)
    assert (sync.status, sync.error) == ("failed", "The token may not write to me/tips.")
    assert (await workspace.deployments.get(made.id)).status == "deployed"


async def test_a_fault_of_ours_keeps_its_text_to_itself(workspace) -> None:
    await workspace.connect("tips")

    async def broken(task: object, on_line: object) -> dict[str, object]:
        raise RuntimeError("ghp_canary was here")

    workspace.github.exchange = broken
    sync = await workspace.follower((await workspace.deploy("tips", "one")).id)
    assert sync.status == "failed"
    assert "RuntimeError" in sync.error
    assert "canary" not in repr(sync)


async def test_letting_go_of_the_repository_ends_its_syncs(workspace) -> None:
    await workspace.connect("tips")
    workspace.write("tips", "one")
    workspace.github._slow = 60.0
    running = await workspace.deployments.sync(APP)
    while (await workspace.deployments.get_sync(running.id)).status == "pending":
        await asyncio.sleep(0.02)
    pending = await workspace.deployments.sync(APP)
    await workspace.deployments.disconnect_repository(APP)
    for sync in (running, pending):
        ended = await workspace.synced(sync.id, seconds=10)
        assert (ended.status, ended.transitions[-1].note) == ("cancelled", "The app was disconnected.")


async def test_a_sync_that_is_closed_goes_on_when_it_is_opened_again(workspace, make_workspace) -> None:
    await workspace.connect("tips")
    workspace.github._slow = 60.0
    made = await workspace.deploy("tips", "one")
    while not (sync := (await workspace.deployments.get(made.id)).sync) or sync.status == "pending":
        await asyncio.sleep(0.02)
    await workspace.close()
    again = make_workspace(workspace.folder)
    await again.deployments.start()
    assert (await again.synced(sync.id)).status == "synced"


async def test_a_sync_whose_run_was_lost_is_submitted_again(workspace, make_workspace) -> None:
    await workspace.connect("tips")
    workspace.github._slow = 60.0
    made = await workspace.deploy("tips", "one")
    while not (sync := (await workspace.deployments.get(made.id)).sync) or sync.status == "pending":
        await asyncio.sleep(0.02)
    await workspace.close()
    for file in workspace.folder.glob(".overskill/runs.db*"):
        file.unlink()
    again = make_workspace(workspace.folder)
    await again.deployments.start()
    assert (await again.synced(sync.id)).status == "synced"


def test_every_sync_can_end_and_none_begins_again() -> None:
    for status in syncs.UNDER_WAY:
        assert {"failed", "cancelled"} <= syncs.FOLLOWING[status]
    for status, following in syncs.FOLLOWING.items():
        assert status in syncs.UNDER_WAY or not following
