"""Kill whoever deploys, start another, and compare what is written down with what is served.

One child after the other deploys an app and dies on the way; the next one finishes what it left, and deploys the next.
"""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployments_child import Nursery
from deployments_github import Past
from deployments_world import World

CALLS = ("build", "check", "upload", "put", "verify")
WORKFLOW = ("check", "prepare", "dispatch", "follow", "adopt", "capture")
CALLS_OF = {
    "sync": ("checkpoint", "exchange", *CALLS),
    "production": WORKFLOW,
    "production again": WORKFLOW,
    "stop": ("prepare", "dispatch", "follow", "stop"),
}
"""Calls to the world by scenario, where they are others."""
GITHUB = tuple(CALLS_OF)
SCENARIOS = ("first", "again", "promote", "rollback", "cancel", "undeploy", *GITHUB)


@dataclass
class Trial:
    """One kill: what is under way, and where it comes."""

    scenario: str
    where: str
    die: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None


def boundaries(scenario: str, commits: int, every: int = 1) -> list[Trial]:
    """Before and after each call to the world, and each commit of a database (or one of ``every`` so many)."""
    calls = [
        Trial(scenario, f"{when} {call}", {"on": call, "when": when, "n": 1})
        for call in CALLS_OF.get(scenario, CALLS)
        for when in ("before", "after")
    ]
    return calls + [
        Trial(scenario, f"{when} commit {n}", {"on": "commit", "when": when, "n": n})
        for n in range(1, commits + 1, every)
        for when in ("before", "after")
    ]


def at_random(count: int, seed: int, longest: float = 0.4, scenarios: tuple[str, ...] = SCENARIOS) -> list[Trial]:
    """Kills at any moment of the first ``longest`` seconds, which is about what a deployment takes."""
    chance = random.Random(seed)
    return [
        Trial(scenario, "at random", seconds=chance.uniform(0.0, longest))
        for scenario in itertools.islice(itertools.cycle(scenarios), count)
    ]


class Kills:
    """Carries trials out, one after another in one workspace, and counts what went wrong."""

    def __init__(self, folder: Path, world: World, nursery: Nursery, database_url: str = "") -> None:
        self.folder = folder
        self.world = world
        self._nursery = nursery
        self._database_url = database_url
        self._count = 0
        self.landed = 0
        self.faults: Counter[str] = Counter()
        self.said: list[str] = []
        self.slowest = 0.0
        self.acknowledged: set[str] = set()

    def order(self, **rest: Any) -> dict[str, Any]:
        base = {
            "port": self.world.port,
            "folder": str(self.folder),
            "said": str(self.folder / "said"),
            "log": str(self.folder / "log"),
            "database_url": self._database_url,
        }
        return base | rest

    def commits(self, scenario: str) -> int:
        """How many commits there are in a scenario that nothing interrupts."""
        setup, steps = self._steps(scenario)
        assert self._nursery.run(self.order(steps=setup)) == 0, self._log()
        assert self._nursery.run(self.order(steps=steps)) == 0, self._log()
        return int(json.loads((self.folder / "said").read_text().splitlines()[-1])["commits"])

    def run(self, trial: Trial) -> None:
        """One kill, and what comes after it."""
        setup, steps = self._steps(trial.scenario)
        # The child that prepares this trial also finishes what the last one left.
        began = time.monotonic()
        code = self._nursery.run(self.order(steps=setup))
        self.slowest = max(self.slowest, time.monotonic() - began)
        if code:
            self._fault("stuck", f"{trial}: the next process ended with {code}: {self._log()}")
        self.compare(trial)
        code = self._nursery.run(self.order(steps=steps, die=trial.die), kill_after=trial.seconds)
        self.landed += code == -9
        if code not in {-9, 0}:
            self._fault("broken", f"{trial}: ended with {code}: {self._log()}")

    def finish(self) -> None:
        """Let the last trial's deployments end, and compare."""
        code = self._nursery.run(self.order())
        if code:
            self._fault("stuck", f"the last process ended with {code}: {self._log()}")
        self.compare("the end")

    def _steps(self, scenario: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        self._count += 1
        name = f"app{self._count}"
        deploy: dict[str, Any] = {"do": "deploy", "name": name, "text": f"one of {name}", "wait": True}
        again: dict[str, Any] = {"do": "deploy", "name": name, "text": f"two of {name}"}
        connect: dict[str, Any] = {"do": "connect", "name": name}
        staging = {"do": "promote", "name": name, "environment": "staging", "wait": True}
        production = {"do": "promote", "name": name, "environment": "production"}
        connected: list[dict[str, Any]] = [connect, deploy, staging]
        twice: list[dict[str, Any]] = [*connected, production | {"wait": True}, again | {"wait": True}, staging]
        scenarios: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
            "sync": ([connect, deploy], [again]),
            "production": (connected, [production]),
            "production again": (twice, [production]),
            "stop": (twice, [production, {"do": "pause", "seconds": 0.25}, {"do": "cancel", "name": name}]),
            "first": ([], [again]),
            "again": ([deploy], [again]),
            "promote": ([deploy], [{"do": "promote", "name": name, "environment": "staging"}]),
            "rollback": ([deploy, again | {"wait": True}], [{"do": "rollback", "name": name}]),
            "cancel": ([deploy], [again, {"do": "cancel", "name": name}]),
            "undeploy": ([deploy], [{"do": "undeploy", "name": name}]),
        }
        return scenarios[scenario]

    def compare(self, trial: object) -> None:
        """Whether every deployment ended, and what is served is what is written down."""
        rows = self.rows()
        for line in (self.folder / "said").read_text().splitlines():
            if made := json.loads(line).get("made"):
                self.acknowledged.add(made)
        for lost in self.acknowledged - {row["id"] for row in rows}:
            self._fault("lost", f"{trial}: {lost} is not written down")
        world = self.world.read()
        live = {
            (name, space.removeprefix("overskill-")): next(
                (tag[11:] for tag in tags if tag.startswith("deployment-")), "what nobody knows"
            )
            for space, scripts in world["live"].items()
            for name, tags in scripts.items()
        }
        deployed: dict[tuple[str, str], str] = {}
        for row in rows:
            if row["status"] in {"pending", "building", "uploading", "verifying"}:
                self._fault("stuck", f"{trial}: {row['id']} is {row['status']}")
            if row["status"] == "failed":
                self._fault("failed", f"{trial}: {row['id']}: {row['error']}")
            if row["status"] == "deployed":
                slot = (row["name"], row["environment"])
                if slot in deployed:
                    self._fault("live twice", f"{trial}: {slot}")
                deployed[slot] = row["id"]
        for slot in live.keys() | deployed.keys():
            if live.get(slot) != deployed.get(slot):
                self._fault(
                    "untrue", f"{trial}: {slot} serves {live.get(slot)}, and {deployed.get(slot)} is written down"
                )
        for slot, most in world["most"].items():
            if most > 1:
                self._fault("at once", f"{trial}: {most} changes of {slot} at a time")

        self._compare_github(trial, {row["id"]: row["status"] for row in rows})

    def _compare_github(self, trial: object, deployments: dict[str, str]) -> None:
        """Whether every sync ended, GitHub has each commit once, and no workflow was started twice or left running."""
        for id_, status, error in self._read("id, status, error", "syncs"):
            if status in {"pending", "syncing"}:
                self._fault("stuck", f"{trial}: {id_} is {status}")
            if status in {"failed", "conflict"}:
                self._fault("failed", f"{trial}: {id_}: {error or status}")
        github = self.world.github()
        for run, times in Counter(run["deployment"] for run in github["runs"]).items():
            if times > 1:
                self._fault("second dispatch", f"{trial}: {run} was dispatched {times} times")
        for run in github["runs"]:
            if not run["conclusion"] and deployments.get(run["deployment"]) not in {"pending", "building"}:
                self._fault("left running", f"{trial}: the workflow of {run['deployment']} goes on")
        for (name,) in self._read("name", "repositories"):
            there = github["branches"].get(name, [])
            ours = Past(self.folder / name.rpartition("/")[2]).all()
            if len(there) != len(set(there)) or len(ours) != len(set(ours)):
                self._fault("second commit", f"{trial}: {name} has {there}, and the app {ours}")
            elif there != ours:
                self._fault("lost", f"{trial}: {name} has {there}, and the app {ours}")

    def repeated(self) -> int:
        """How often a script was put once more than needed."""
        puts = Counter(
            (done["space"], done["name"], done["deployment"])
            for done in self.world.read()["done"]
            if done["method"] == "PUT"
        )
        return sum(count - 1 for count in puts.values())

    def rows(self) -> list[dict[str, Any]]:
        names = ("id", "name", "environment", "status", "error")
        return [dict(zip(names, row, strict=True)) for row in self._read(", ".join(names), "deployments")]

    def syncs(self) -> list[dict[str, Any]]:
        names = ("id", "app", "status", "error", "began")
        return [dict(zip(names, row, strict=True)) for row in self._read(", ".join(names), "syncs")]

    def _read(self, columns: str, table: str) -> list[tuple[Any, ...]]:
        if self._database_url:
            import psycopg

            with psycopg.connect(self._database_url) as connection:
                return connection.execute(f"SELECT {columns} FROM overskill.{table}").fetchall()
        lite = sqlite3.connect(self.folder / ".overskill/overskill.db")
        found = lite.execute(f"SELECT {columns} FROM {table}").fetchall()
        lite.close()
        return found

    def _fault(self, kind: str, text: str) -> None:
        if text not in self.said:
            self.faults[kind] += 1
            self.said.append(text)

    def _log(self) -> str:
        log = self.folder / "log"
        return log.read_text()[-3000:] if log.exists() else ""
