"""Several processes that share a database, and versions that follow one another."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from deployments_child import Nursery
from deployments_kills import Kills
from deployments_world import World


def deploy(name: str, text: str = "one", **rest: Any) -> dict[str, Any]:
    return {"do": "deploy", "name": name, "text": text, **rest}


def said(file: Path, word: str) -> list[Any]:
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [line[word] for line in lines if word in line]


def until(file: Path, word: str, count: int = 1, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while len(said(file, word)) < count:
        assert time.monotonic() < deadline, f"no '{word}' in {file.name}"
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_two_servers_share_the_work_and_do_none_of_it_twice(
    tmp_path: Path, world: World, nursery: Nursery, database_url: str
) -> None:
    kills = Kills(tmp_path, world, nursery, database_url)
    one = kills.order(aside=True, steps=[deploy(f"one{n}") for n in range(8)], said=str(tmp_path / "said"))
    nursery.start(one)
    assert nursery.run(kills.order(steps=[deploy(f"two{n}") for n in range(8)])) == 0
    until(tmp_path / "said", "settled", 2, seconds=60)
    rows = kills.rows()
    assert Counter(row["status"] for row in rows) == {"deployed": 16}
    kills.compare("two servers")
    assert (kills.said, kills.repeated()) == ([], 0)


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_two_servers_exchange_one_at_a_time_and_few_times(
    tmp_path: Path, world: World, nursery: Nursery, database_url: str
) -> None:
    kills = Kills(tmp_path, world, nursery, database_url)
    assert nursery.run(kills.order(steps=[{"do": "connect", "name": "app"}, deploy("app")])) == 0
    many = [{"do": "sync", "name": "app"}] * 20
    one = kills.order(aside=True, steps=many, slow=0.3, said=str(tmp_path / "beside"))
    nursery.start(one)
    edited = [{"do": "edit", "name": "app", "text": "edited"}, {"do": "sync", "name": "app"}]
    assert nursery.run(kills.order(steps=[*many, *edited], slow=0.3)) == 0
    until(tmp_path / "beside", "settled", seconds=60)
    kills.compare("two servers")
    assert kills.said == []
    github = world.github()
    assert github["most"] == {"me/app": 1}
    assert len(github["branches"]["me/app"]) == 2
    assert len(github["exchanges"]) <= 8
    assert {sync["status"] for sync in kills.syncs()} == {"synced", "cancelled"}


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_the_runs_of_a_server_that_is_dead_are_taken_over(
    tmp_path: Path, world: World, nursery: Nursery, database_url: str
) -> None:
    kills = Kills(tmp_path, world, nursery, database_url)
    # The one that lives on must not be the one that takes the dead one's place.
    living = kills.order(aside=True, leave=60, said=str(tmp_path / "living"))
    pid = nursery.start(living)
    until(tmp_path / "living", "started")
    world.be_slow(0.5)
    steps = [deploy(f"app{n}") for n in range(3)]
    assert nursery.run(kills.order(steps=steps, die={"on": "upload", "when": "after", "n": 2})) == -9
    died = time.monotonic()
    world.be_slow(0)
    while any(row["status"] not in {"deployed", "failed"} for row in kills.rows()):
        assert time.monotonic() - died < 30
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    kills.compare("taken over")
    # A request of the dead may still be under way when another takes its place.
    assert [said for said in kills.said if "at a time" not in said] == []
    assert Counter(row["status"] for row in kills.rows())["deployed"] >= 1


@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.parametrize("call", ["build", "upload", "put", "verify"])
@pytest.mark.parametrize("versions", [("runs-1", "runs-2"), ("runs-2", "runs-1")], ids=["upgrade", "downgrade"])
def test_a_run_goes_on_with_another_version(
    tmp_path: Path, world: World, nursery: Nursery, call: str, versions: tuple[str, str]
) -> None:
    kills = Kills(tmp_path, world, nursery)
    before, after = versions
    dying = kills.order(steps=[deploy("app")], die={"on": call, "when": "after", "n": 1}, version=before)
    assert nursery.run(dying) == -9
    assert nursery.run(kills.order(version=after, limit=30)) == 0, (tmp_path / "log").read_text()[-2000:]
    kills.compare("another version")
    assert kills.said == []
    assert [row["status"] for row in kills.rows()] == ["deployed"]


@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.parametrize("call", ["exchange", "dispatch", "follow", "capture"])
def test_what_goes_on_at_github_goes_on_with_another_version(
    tmp_path: Path, world: World, nursery: Nursery, call: str
) -> None:
    kills = Kills(tmp_path, world, nursery)
    setup = [{"do": "connect", "name": "app"}, deploy("app", wait=True)]
    staging = {"do": "promote", "name": "app", "environment": "staging", "wait": True}
    production = {"do": "promote", "name": "app", "environment": "production"}
    steps = [*setup, staging, production] if call != "exchange" else setup
    dying = kills.order(steps=steps, die={"on": call, "when": "after", "n": 1}, version="runs-2")
    assert nursery.run(dying) == -9
    assert nursery.run(kills.order(version="runs-3", limit=30)) == 0, (tmp_path / "log").read_text()[-2000:]
    kills.compare("another version")
    assert kills.said == []
    assert {row["status"] for row in kills.rows()} == {"deployed"}
    assert {sync["status"] for sync in kills.syncs()} == {"synced"}


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_run_whose_process_dies_each_time_is_given_up_with_a_reason(
    tmp_path: Path, world: World, nursery: Nursery
) -> None:
    kills = Kills(tmp_path, world, nursery)
    dying = kills.order(die={"on": "put", "when": "after", "n": 1}, early=True, limit=30)
    assert nursery.run(dying | {"steps": [deploy("app")]}) == -9
    for _ in range(15):
        if nursery.run(dying) == 0:
            break
    (row,) = kills.rows()
    assert row["status"] == "failed"
    assert "given up" in row["error"]
    assert world.live("app", "preview") == ""


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_of_forty_edits_in_two_seconds_the_last_is_live(
    tmp_path: Path, world: World, nursery: Nursery, database_url: str
) -> None:
    world.be_slow(0.05)
    steps: list[dict[str, Any]] = []
    for edit in range(40):
        steps += [deploy(f"app{edit % 10}", f"edit {edit}"), {"do": "pause", "seconds": 0.02}]
    kills = Kills(tmp_path, world, nursery, database_url)
    assert nursery.run(kills.order(steps=steps)) == 0, (tmp_path / "log").read_text()[-2000:]
    kills.compare("newest wins")
    assert kills.said == []
    assert [world.served(f"app{n}", "preview") for n in range(10)] == [f"edit {30 + n}" for n in range(10)]
    # One that nothing was done for yet is cancelled where a newer one comes; on a slow day all have begun.
    assert {row["status"] for row in kills.rows()} - {"cancelled"} == {"deployed", "superseded"}
