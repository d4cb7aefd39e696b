"""The command line, with an engine in this process whose deployments the test steps on."""

from __future__ import annotations

import io
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from scripted_deployments import ScriptedDeployments, ScriptedTarget

from overskill_nb import config, pipeline, session
from overskill_nb.cli import main
from overskill_nb.pipeline import Engine
from overskill_nb.pipeline.project import Project


class World:
    """A folder with an app, and what deploys it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = str(Project.create(folder / "tips").root)
        self.scripted = ScriptedDeployments()
        self.target = ScriptedTarget()
        self.workspaces: list[Path] = []
        self.plan: list[tuple[str, dict[str, object]]] = []

    def after(self, made: Engine) -> Engine:
        self.target = self.scripted.use_in(made)
        self.workspaces.append(made.workspace)
        return made


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(tmp_path)
    monkeypatch.setenv(config.ENGINE, "kernel")
    monkeypatch.delenv(config.WORKSPACE, raising=False)
    monkeypatch.setattr(pipeline, "Engine", lambda *given: made.after(Engine(*given)))
    yield made
    session.close()
    monkeypatch.delenv(config.WORKSPACE, raising=False)


def steps(world: World, *then: tuple[str, dict[str, object]]) -> threading.Thread:
    """Take these steps with the next deployment, on the loop of its engine."""
    known = set(world.scripted.rows)

    def work() -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            new = set(world.scripted.rows) - known
            if new and isinstance(session._current, session.KernelSession):
                loop = session._current._background.loop
                for status, fields in then:
                    loop.call_soon_threadsafe(partial(world.scripted.step, min(new), status, **fields))
                return
            time.sleep(0.01)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


LIVE = {"artefact": "3f2a91c0d4e5" + "0" * 52, "files": 7, "first_load_gzip": 61234, "timings": {"total": 912.0}}
GOOD: list[tuple[str, dict[str, object]]] = [("building", {}), ("uploading", {}), ("verifying", {}), ("deployed", LIVE)]
Out = Callable[[], tuple[str, str]]


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Out:
    def read() -> tuple[str, str]:
        captured = capsys.readouterr()
        return captured.out, captured.err

    return read


def test_deploy_prints_a_line_a_step_and_the_address(world: World, out: Out) -> None:
    thread = steps(world, *GOOD)
    assert main(["deploy", world.app]) == 0
    thread.join()
    said, aside = out()
    lines = said.splitlines()
    assert [line.split()[0] for line in lines] == ["building", "uploading", "verifying", "live", "artefact"]
    assert lines[3].split() == ["live", "0.91", "s", "http://tips--preview.localhost:8787/"]
    assert lines[4] == "artefact 3f2a91c0d4e5, 7 files, 61.2 kB first load"
    assert "overskill local" in aside
    assert world.workspaces == [world.folder]  # that of a notebook beside the app


def test_a_deployment_that_fails_is_exit_status_1_and_its_reason(world: World, out: Out) -> None:
    thread = steps(world, ("building", {}), ("failed", {"error": "It does not compile.", "hint": "Mend it."}))
    assert main(["deploy", world.app, "staging"]) == 1
    thread.join()
    said, aside = out()
    assert said.split()[0] == "building"
    assert aside == "overskill: It does not compile. Mend it.\n"


@pytest.mark.parametrize("while_", ["it is written down", "it is under way"])
def test_ctrl_c_cancels(world: World, out: Out, monkeypatch: pytest.MonkeyPatch, while_: str) -> None:
    if while_ == "it is written down":
        deploy = world.scripted.deploy

        async def interrupted(*given: Any) -> Any:
            interrupt()
            return await deploy(*given)

        monkeypatch.setattr(world.scripted, "deploy", interrupted)
        assert main(["deploy", world.app]) == 130
    else:
        thread = threading.Thread(target=_interrupt_once, args=[world])
        thread.start()
        assert main(["deploy", world.app]) == 130
        thread.join()
    assert [row.status for row in world.scripted.rows.values()] == ["cancelled"]
    assert "what was live before still is" in out()[1]


def _interrupt_once(world: World) -> None:
    """Ctrl-C when the command waits for the first step."""
    end = time.monotonic() + 20
    while time.monotonic() < end and len(world.scripted._listeners) < 2:
        time.sleep(0.01)
    interrupt()


def interrupt() -> None:
    """As Ctrl-C in a terminal does: the main thread gets it."""
    main_thread = threading.main_thread().ident
    assert main_thread is not None
    signal.pthread_kill(main_thread, signal.SIGINT)


def test_json_is_all_that_is_printed(world: World, out: Out) -> None:
    thread = steps(world, *GOOD)
    assert main(["deploy", world.app, "--json"]) == 0
    thread.join()
    data = json.loads(out()[0])
    assert (data["status"], data["environment"], len(data["transitions"])) == ("deployed", "preview", 5)
    assert main(["status", world.app, "--json"]) == 0
    assert [row["id"] for row in json.loads(out()[0])] == [data["id"]]
    assert main(["status", world.app]) == 0
    assert "preview" in out()[0].splitlines()[1]


def test_promote_rollback_and_undeploy(world: World, out: Out) -> None:
    assert main(["promote", world.app, "staging"]) == 1
    assert "deploy there first" in out()[1]
    for command in (["deploy", world.app], ["promote", world.app, "staging"]):
        thread = steps(world, *GOOD)
        assert main(command) == 0
        thread.join()
    thread = steps(world, *GOOD)
    assert main(["rollback", world.app, "preview", "--to", "d1"]) == 0
    thread.join()
    assert main(["undeploy", world.app, "staging"]) == 0
    assert main(["undeploy", world.app, "production"]) == 1


def test_values_and_secrets(world: World, out: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["env", world.app, "preview", "A=1", "B=x=y"]) == 0
    assert out()[0] == "A=1\nB=x=y\n"
    assert main(["env", world.app, "preview", "--remove", "A"]) == 0
    assert out()[0] == "B=x=y\n"
    assert main(["env", world.app, "preview", "wrong"]) == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("hunter2\n"))
    assert main(["secret", world.app, "preview", "--set", "KEY"]) == 0
    assert world.target.kept == {"preview/tips": {"KEY": "hunter2"}}
    said, aside = out()
    assert said == "KEY\n"
    assert "hunter2" not in said + aside


@pytest.mark.parametrize("command", [["deploy", "{}"], ["status", "{}"], ["logs", "{}"]])
def test_a_folder_without_an_app_is_one_sentence(world: World, out: Out, command: list[str]) -> None:
    assert main([part.format(world.folder / "nope") for part in command]) == 1
    assert out()[1].startswith("overskill: There is no folder")


def test_costs_are_printed_and_plotted(world: World, out: Out) -> None:
    assert main(["costs", "--apps", "1000", "--svg", str(world.folder / "costs.svg")]) == 0
    assert "300.00" in out()[0]
    assert (world.folder / "costs.svg").read_text().startswith("<svg")
