"""The command line, with an engine in this process whose deployments the test steps on."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
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


def test_the_lines_of_a_workflow_are_printed_as_they_come(world: World, out: Out) -> None:
    run = {"repository": "me/tips", "run_url": "http://127.0.0.1:1/me/tips/actions/runs/1"}
    thread = steps(
        world,
        ("building", {**run, "log": ["The workflow runs"]}),
        ("verifying", {"log": ["The workflow runs", "Build: done in 4 s"]}),
        ("deployed", {**LIVE, "log": ["The workflow runs", "Build: done in 4 s", "It serves what was built"]}),
    )
    assert main(["deploy", world.app]) == 0
    thread.join()
    said = out()[0].splitlines()
    assert [line.strip() for line in said if line.startswith("  ")] == [
        "The workflow runs",
        "Build: done in 4 s",
        "It serves what was built",
    ]
    assert [line.split()[1] for line in said if line.startswith("workflow")] == [run["run_url"]]


@pytest.mark.usefixtures("tools")
def test_checkpoints_are_made_listed_and_gone_back_to(world: World, out: Out) -> None:
    file = Path(world.app) / "src/App.tsx"
    before = file.read_text()
    assert main(["checkpoint", world.app, "-m", "As it began"]) == 0
    first = re.fullmatch(r"([0-9a-f]{8})  As it began\n", out()[0])
    assert first
    file.write_text("export default function App() {\n  return <h1>two</h1>;\n}\n")
    assert main(["history", world.app, "--json"]) == 0
    found = json.loads(out()[0])
    assert [one["message"] for one in found][-1] == "As it began"
    assert found[0]["files"] == ["src/App.tsx"]
    assert main(["restore", world.app, first[1]]) == 0
    assert re.match(r"[0-9a-f]{8}  Back to", out()[0])
    assert file.read_text() == before
    assert main(["history", world.app]) == 0
    assert len(out()[0].splitlines()) == len(found) + 2
    assert main(["restore", world.app, "0000000"]) == 1
    assert "has no checkpoint" in out()[1]


@pytest.mark.slow
@pytest.mark.usefixtures("tools")
def test_an_app_is_exported_to_where_the_command_is_given(
    world: World, out: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.folder)
    assert main(["export", world.app, "out.zip"]) == 0
    assert re.fullmatch(rf"{re.escape(str(world.folder.resolve()))}/out\.zip: \d+ files, [\d.]+ kB\n", out()[0])
    assert (world.folder / "out.zip").is_file()
    assert main(["export", world.app, "nowhere/out.zip"]) == 1
    assert "in a folder that is there" in out()[1]


@pytest.mark.slow
@pytest.mark.usefixtures("tools")
def test_github_from_the_command_line(
    tmp_path: Path, out: Out, monkeypatch: pytest.MonkeyPatch, folder_of_an_app: Path
) -> None:
    app = str(folder_of_an_app)
    assert main(["github", "status", app]) == 0
    assert out()[0] == "tips is not connected to GitHub.\n"
    assert main(["github", "sync", app]) == 1
    assert "connect it with `overskill github connect`" in out()[1]
    assert main(["github", "connect", app, "me/tips", "--public"]) == 0
    said, aside = out()
    assert re.search(r"^synced +[\d.]+ s  [0-9a-f]{8}, \d+ pushed, 0 received$", said, re.MULTILINE)
    assert "Connecting tips to me/tips" in aside
    (folder_of_an_app / "src/App.tsx").write_text("export default function App() {\n  return <h1>two</h1>;\n}\n")
    assert main(["github", "sync", app, "--json"]) == 0
    synced = json.loads(out()[0])
    assert (synced["status"], synced["pushed"]) == ("synced", 1)
    assert main(["github", "pull", app]) == 0
    out()
    assert main(["github", "status", app, "--json"]) == 0
    info = json.loads(out()[0])
    assert (info["repository"]["name"], info["repository"]["private"], info["ahead"]) == ("me/tips", False, 0)
    assert main(["github", "status", app]) == 0
    lines = out()[0].splitlines()
    assert lines[0].split() == ["me/tips", info["repository"]["url"]]
    assert lines[1] == "0 checkpoints ahead of GitHub"
    assert main(["github", "disconnect", app]) == 0
    assert main(["github", "disconnect", app]) == 1


@pytest.fixture
def folder_of_an_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An app whose engine is as it comes, without an account."""
    monkeypatch.setenv(config.ENGINE, "kernel")
    for name in (config.WORKSPACE, "GH_TOKEN", config.GITHUB_TOKEN, config.GITHUB_APP, config.GITHUB_URL):
        monkeypatch.delenv(name, raising=False)
    yield Project.create(tmp_path / "tips").root
    session.close()
    monkeypatch.delenv(config.WORKSPACE, raising=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("workerd")
def test_local_runs_a_github_beside_the_cloudflare_until_it_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "overskill_nb.cli", "local", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        said = ""
        while "GITHUB_API_URL" not in said:
            line = running.stdout.readline()
            assert line, said
            said += line
        settings = dict(re.findall(r"(\w+)=(\S+)", said))
        api, cloudflare = settings["GITHUB_API_URL"], settings["CLOUDFLARE_API_BASE_URL"]
        me = httpx.get(f"{api}/user", headers={"Authorization": f"token {settings['GH_TOKEN']}"})
        assert me.json()["login"] == "me"
        again = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert api in again.stdout
        assert again.stderr.count("runs already") == 2
        running.send_signal(number)
        assert running.wait(20) == 0
    for address in (api, cloudflare):
        with pytest.raises(httpx.ConnectError):
            httpx.get(address)


@pytest.mark.parametrize("command", [["deploy", "{}"], ["status", "{}"], ["logs", "{}"], ["history", "{}"]])
def test_a_folder_without_an_app_is_one_sentence(world: World, out: Out, command: list[str]) -> None:
    assert main([part.format(world.folder / "nope") for part in command]) == 1
    assert out()[1].startswith("overskill: There is no folder")


def test_costs_are_printed_and_plotted(world: World, out: Out) -> None:
    assert main(["costs", "--apps", "1000", "--svg", str(world.folder / "costs.svg")]) == 0
    assert "300.00" in out()[0]
    assert (world.folder / "costs.svg").read_text().startswith("<svg")
