"""Deployments over the real client and a Cloudflare in another thread."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from deployments_world import artefact_of, build_files

from overskill_nb.errors import ArtefactError, DeploymentError, NameTaken


def statuses(deployment) -> list[str]:
    return [step.status for step in deployment.transitions]


async def test_what_is_deployed_is_live_and_each_step_is_told(workspace) -> None:
    made = await workspace.deploy("tips", "<p>one</p>")
    assert (made.status, made.error) == ("deployed", "")
    assert statuses(made) == ["pending", "building", "uploading", "verifying", "deployed"]
    assert made.url == f"http://tips--preview.localhost:{workspace.world.port}/"
    assert made.artefact == artefact_of("<p>one</p>")
    assert made.timings.keys() >= {"build", "upload", "put", "verify", "total"}
    assert (made.files, made.target) == (2, "local")
    assert made.log == ["Building tips-0a1b", f"Put 2 files at {made.url}"]
    assert workspace.world.served("tips", "preview") == "<p>one</p>"
    told = [found.status for found in workspace.told if found.id == made.id]
    assert list(dict.fromkeys(told)) == statuses(made)
    at = [step.at for step in made.transitions]
    assert at == sorted(at)


async def test_the_log_of_runs_holds_on_to_nobodys_stderr(workspace) -> None:
    await workspace.deploy("tips", "one")
    assert [type(handler) for handler in logging.getLogger("dbos").handlers] == [logging.NullHandler]


async def test_the_deployment_before_is_superseded_in_the_same_moment(workspace) -> None:
    first = await workspace.deploy("tips", "one")
    second = await workspace.deploy("tips", "two")
    first = await workspace.deployments.get(first.id)
    assert (first.status, first.superseded_by) == ("superseded", second.id)
    assert [found.id for found in await workspace.deployments.list("tips-0a1b")] == [second.id, first.id]
    assert await workspace.deployments.list("another-0a1b") == []


async def test_rollbacks_go_back_one_artefact_at_a_time_without_a_build(workspace) -> None:
    one = await workspace.deploy("tips", "one")
    two = await workspace.deploy("tips", "two")
    three = await workspace.deploy("tips", "three")
    builds = workspace.builds
    back = await workspace.ended((await workspace.deployments.rollback("tips-0a1b", "preview")).id)
    assert (back.status, back.kind, back.source, back.artefact) == ("deployed", "rollback", two.id, two.artefact)
    assert statuses(back) == ["pending", "uploading", "verifying", "deployed"]
    assert (await workspace.deployments.get(three.id)).status == "rolled_back"
    assert workspace.world.served("tips", "preview") == "two"
    back = await workspace.ended((await workspace.deployments.rollback("tips-0a1b", "preview")).id)
    assert (back.source, workspace.world.served("tips", "preview")) == (one.id, "one")
    with pytest.raises(DeploymentError, match="nothing to roll preview back to"):
        await workspace.deployments.rollback("tips-0a1b", "preview")
    forth = await workspace.ended((await workspace.deployments.rollback("tips-0a1b", "preview", to=three.id)).id)
    assert (forth.artefact, workspace.world.served("tips", "preview")) == (three.artefact, "three")
    assert workspace.builds == builds


async def test_a_promotion_takes_the_very_same_artefact_with_the_values_of_its_environment(workspace) -> None:
    await workspace.deployments.set_env("tips-0a1b", "staging", {"API_URL": "https://staging"})
    made = await workspace.deploy("tips", "one")
    workspace.write("tips", "edited since")
    staging = await workspace.ended((await workspace.deployments.promote("tips-0a1b", "staging")).id)
    production = await workspace.ended((await workspace.deployments.promote("tips-0a1b", "production")).id)
    assert [staging.artefact, production.artefact] == [made.artefact] * 2
    assert (staging.source, production.source) == (made.id, staging.id)
    assert production.url == f"http://tips.localhost:{workspace.world.port}/"
    assert workspace.world.served("tips", "production") == "one"
    assert await workspace.deployments.env("tips-0a1b", "staging") == {"API_URL": "https://staging"}
    assert await workspace.deployments.env("tips-0a1b", "preview") == {}


async def test_the_newest_of_many_wins_and_those_between_never_begin(workspace) -> None:
    workspace.building = asyncio.Event()
    root = workspace.write("tips", "edit 0")
    made = [await workspace.deployments.deploy("tips-0a1b", "tips", root)]
    await workspace.began.wait()
    for edit in range(1, 10):
        workspace.write("tips", f"edit {edit}")
        made.append(await workspace.deployments.deploy("tips-0a1b", "tips", root))
    workspace.building.set()
    last = await workspace.ended(made[-1].id)
    assert (last.status, workspace.world.served("tips", "preview")) == ("deployed", "edit 9")
    rows = [await workspace.deployments.get(one.id) for one in made]
    assert [row.status for row in rows] == ["superseded", *["cancelled"] * 8, "deployed"]
    assert [row.superseded_by for row in rows[1:-1]] == [one.id for one in made[2:]]
    assert workspace.builds == 2
    assert max(workspace.world.read()["most"].values()) == 1


async def test_apps_are_deployed_at_the_same_time(workspace) -> None:
    workspace.building = asyncio.Event()
    made = [
        await workspace.deployments.deploy(f"app{n}-0a1b", f"app{n}", workspace.write(f"app{n}", f"page {n}"))
        for n in range(4)
    ]
    while workspace.builds < 4:
        await asyncio.sleep(0.01)
    workspace.building.set()
    assert [(await workspace.ended(one.id)).status for one in made] == ["deployed"] * 4


async def test_a_cancelled_build_is_stopped_and_what_is_live_stays(workspace) -> None:
    before = await workspace.deploy("tips", "one")
    workspace.building, workspace.began = asyncio.Event(), asyncio.Event()
    made = await workspace.deployments.deploy("tips-0a1b", "tips", workspace.write("tips", "two"))
    await workspace.began.wait()
    cancelled = await workspace.deployments.cancel(made.id)
    assert cancelled.status == "cancelled"
    assert (await workspace.deployments.get(before.id)).status == "deployed"
    assert (workspace.world.served("tips", "preview"), workspace.world.live("tips", "preview")) == ("one", before.id)
    with pytest.raises(DeploymentError, match="is cancelled already; there is nothing to cancel"):
        await workspace.deployments.cancel(made.id)
    with pytest.raises(DeploymentError, match="is deployed already"):
        await workspace.deployments.cancel(before.id)
    workspace.building = None
    assert (await workspace.deploy("tips", "three")).status == "deployed"


async def test_what_is_cancelled_after_it_was_put_gives_way_to_what_was_before(workspace) -> None:
    before = await workspace.deploy("tips", "one")
    target = await workspace.target()
    verified = target.verify
    reached = asyncio.Event()

    async def stand_still(url: str, artefact: object, *, deadline: float) -> None:
        if not reached.is_set():
            reached.set()
            await asyncio.Event().wait()
        await verified(url, artefact, deadline=deadline)

    target.verify = stand_still
    made = await workspace.deployments.deploy("tips-0a1b", "tips", workspace.write("tips", "two"))
    await reached.wait()
    assert workspace.world.live("tips", "preview") == made.id
    cancelled = await workspace.deployments.cancel(made.id)
    assert cancelled.status == "cancelled"
    assert cancelled.transitions[-1].note == f"The deployment before it, {before.id}, was put back."
    assert (workspace.world.served("tips", "preview"), workspace.world.live("tips", "preview")) == ("one", before.id)


async def test_a_first_deployment_that_fails_after_it_was_put_is_taken_off_again(workspace) -> None:
    target = await workspace.target()

    async def never(*_: object, **__: object) -> None:
        raise DeploymentError("The address serves something else.")

    target.verify = never
    made = await workspace.deploy("tips", "one")
    assert (made.status, made.error) == ("failed", "The address serves something else.")
    assert "Nothing was live before, so it was taken off again." in made.transitions[-1].note
    assert workspace.world.live("tips", "preview") == ""


async def test_a_build_that_fails_says_why_and_changes_nothing(workspace) -> None:
    await workspace.deploy("tips", "one")
    made = await workspace.deploy("tips", "")
    assert statuses(made) == ["pending", "building", "failed"]
    assert made.error == "index.html:1:1 Nothing is here."
    assert made.hint == "Write something."
    assert "index.html:1:1: Nothing is here." in made.log
    assert workspace.world.served("tips", "preview") == "one"


async def test_a_fault_of_ours_in_a_step_keeps_its_text_to_itself(workspace) -> None:
    target = await workspace.target()

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("token tok-canary was here")

    target.upload = broken
    made = await workspace.deploy("tips", "one")
    assert made.status == "failed"
    assert "RuntimeError" in made.error
    assert "canary" not in repr(made)


async def test_a_run_waits_durably_where_cloudflare_asks_for_it(workspace) -> None:
    from overskill_nb.errors import CloudflareError

    target = await workspace.target()
    uploaded, refusals = target.upload, iter([CloudflareError("Too many requests.", retry_after=1.0)])

    async def refused(*arguments: object, **keywords: object) -> str:
        if refusal := next(refusals, None):
            raise refusal
        return await uploaded(*arguments, **keywords)

    target.upload = refused
    made = await workspace.deploy("tips", "one")
    assert made.status == "deployed"
    waits = [step for step in made.transitions if step.note]
    assert [step.status for step in waits] == ["uploading"]
    assert waits[0].note.startswith("Waiting for Cloudflare until ")


async def test_a_parked_run_can_be_cancelled(workspace) -> None:
    from overskill_nb.errors import CloudflareError

    target = await workspace.target()

    async def refused(*_: object, **__: object) -> str:
        raise CloudflareError("Too many requests.", retry_after=600.0)

    target.upload = refused
    parked = asyncio.Event()
    workspace.deployments.follow(lambda told: parked.set() if told.transitions[-1].note else None)
    made = await workspace.deployments.deploy("tips-0a1b", "tips", workspace.write("tips", "one"))
    await asyncio.wait_for(parked.wait(), 20)
    assert (await workspace.deployments.cancel(made.id)).status == "cancelled"


async def test_undeploying_takes_the_app_off_and_a_rollback_brings_it_back(workspace) -> None:
    made = await workspace.deploy("tips", "one")
    await workspace.deployments.undeploy("tips-0a1b", "preview")
    assert workspace.world.served("tips", "preview") == ""
    row = await workspace.deployments.get(made.id)
    assert (row.status, row.transitions[-1].note) == ("superseded", "Taken off the environment.")
    with pytest.raises(DeploymentError, match="there is nothing to take off"):
        await workspace.deployments.undeploy("tips-0a1b", "preview")
    back = await workspace.ended((await workspace.deployments.rollback("tips-0a1b", "preview")).id)
    assert (back.source, workspace.world.served("tips", "preview")) == (made.id, "one")


async def test_a_name_becomes_a_label_and_belongs_to_one_app(workspace) -> None:
    root = workspace.write("Tip Rechner Ä!", "one")
    made = await workspace.deployments.deploy("tips-0a1b", "Tip Rechner Ä!", root)
    assert made.name == "tip-rechner-a"
    with pytest.raises(NameTaken, match="'tip-rechner-a' is taken in preview by the app tips-0a1b"):
        await workspace.deployments.deploy("other-0a1b", "tip rechner a", root)
    assert (await workspace.ended(made.id)).status == "deployed"
    with pytest.raises(NameTaken):
        await workspace.deployments.deploy("other-0a1b", "tip rechner a", root)


async def test_a_name_that_another_workspace_has_fails_before_anything_is_changed(
    workspace, make_workspace, tmp_path: Path
) -> None:
    made = await workspace.deploy("tips", "one")
    await workspace.deployments.close()
    other = make_workspace(tmp_path / "other")
    root = other.write("tips", "two")
    refused = await other.ended((await other.deployments.deploy("other-0a1b", "tips", root)).id)
    assert refused.status == "failed"
    assert "The name 'tips' is taken in preview" in refused.error
    assert (other.world.served("tips", "preview"), other.world.live("tips", "preview")) == ("one", made.id)


async def test_what_cannot_be_done_is_refused_in_one_sentence(workspace) -> None:
    deployments, root = workspace.deployments, workspace.write("tips", "one")
    refused = [
        (deployments.deploy("a-1", "🎉", root), "no letter a-z and no digit"),
        (deployments.deploy("a-1", "tips", root, "moon"), "There is no environment 'moon'"),
        (deployments.promote("a-1", "staging"), "Nothing of this app is deployed in preview"),
        (deployments.promote("a-1", "preview"), "Nothing is promoted to preview, where deployments begin"),
        (deployments.promote("a-1", "staging", source="nonsense"), "There is no deployment 'nonsense'"),
        (deployments.rollback("a-1", "preview"), "nothing to roll preview back to"),
        (deployments.cancel("nonsense"), "There is no deployment 'nonsense'"),
        (deployments.undeploy("a-1", "preview"), "Nothing of this app is deployed in preview"),
        (deployments.get("nonsense"), "There is no deployment 'nonsense'"),
        (deployments.env("a-1", "moon"), "There is no environment 'moon'"),
    ]
    for asked, why in refused:
        with pytest.raises(DeploymentError, match=why) as caught:
            await asked
        assert "\n" not in str(caught.value)
    failed = await workspace.deploy("tips", "")
    with pytest.raises(DeploymentError, match=r"was never live \(it is failed\)"):
        await deployments.rollback("tips-0a1b", "preview", to=failed.id)
    live = await workspace.deploy("tips", "one")
    with pytest.raises(DeploymentError, match="is not one of this app"):
        await deployments.promote("a-1", "staging", source=live.id)
    workspace.store.age(live.artefact)
    workspace.store.collect(set())
    with pytest.raises(ArtefactError):
        await deployments.promote("tips-0a1b", "staging")


async def test_artefacts_that_no_deployment_needs_are_collected(workspace) -> None:
    unneeded = await build_files(workspace.store, workspace.write("old", "old"))
    workspace.store.age(unneeded.id)
    made = await workspace.deploy("tips", "one")
    for _ in range(1000):
        if not workspace.store.has(unneeded.id):
            break
        await asyncio.sleep(0.01)
    assert not workspace.store.has(unneeded.id)
    assert workspace.store.get(made.artefact).id == made.artefact


async def test_deployments_that_are_closed_go_on_when_they_are_opened_again(workspace, make_workspace) -> None:
    await workspace.deploy("tips", "one")
    workspace.building, workspace.began = asyncio.Event(), asyncio.Event()
    made = await workspace.deployments.deploy("tips-0a1b", "tips", workspace.write("tips", "two"))
    await workspace.began.wait()
    await workspace.close()
    again = make_workspace(workspace.folder)
    assert (await again.deployments.get(made.id)).status == "building"
    await again.deployments.start()
    assert (await again.ended(made.id)).status == "deployed"
    assert again.world.served("tips", "preview") == "two"


async def test_one_process_runs_the_deployments_of_one_workspace(workspace, make_workspace, tmp_path: Path) -> None:
    await workspace.deployments.start()
    other = make_workspace(tmp_path / "other")
    assert await other.deployments.list() == []
    with pytest.raises(DeploymentError, match=r"This process runs the deployments of .* already"):
        await other.deployments.start()


async def test_runs_that_ended_are_forgotten_and_their_deployments_are_not(workspace) -> None:
    made = await workspace.deploy("tips", "one")
    runs = workspace.deployments._runs
    for _ in range(200):
        if await asyncio.to_thread(runs.tidy, 0.0):
            break
        await asyncio.sleep(0.05)
    assert await asyncio.to_thread(runs.statuses, [made.id]) == {}
    assert (await workspace.deployments.get(made.id)).status == "deployed"


async def test_a_run_whose_steps_changed_under_it_fails_with_a_reason(
    workspace, make_workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await workspace.deploy("tips", "one")
    workspace.building, workspace.began = asyncio.Event(), asyncio.Event()
    made = await workspace.deployments.deploy("tips-0a1b", "tips", workspace.write("tips", "two"))
    await workspace.began.wait()
    await workspace.close()

    from overskill_nb.pipeline.deployments.stepping import Stepping

    written = Stepping.write
    monkeypatch.setattr(Stepping, "write", lambda self, name, *rest: written(self, f"new {name}", *rest))
    again = make_workspace(workspace.folder)
    await again.deployments.start()
    failed = await again.ended(made.id)
    assert failed.status == "failed"
    assert failed.error.startswith("overskill_nb was upgraded while this deployment ran")
    assert (again.world.served("tips", "preview"), again.world.live("tips", "preview")) == ("one", before.id)
