"""Deployments as Python sees them, with an engine in this process whose deployments the test steps on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scripted_deployments import ScriptedDeployments, ScriptedTarget

import overskill_nb as ov
from overskill_nb import config, session
from overskill_nb.protocol import AppInfo, OpenApp
from overskill_nb.protocol_github import Sync
from overskill_nb.session import KernelSession
from overskill_nb.widgets import bundle

pytestmark = pytest.mark.skipif(not bundle.LOADER.is_file(), reason="run `node build.mjs` in js/ first")
Step = Callable[..., None]


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KernelSession]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(config.ENGINE, "kernel")
    chosen = session.current()
    assert isinstance(chosen, KernelSession)
    yield chosen
    session.close()


@pytest.fixture
def scripted() -> ScriptedDeployments:
    return ScriptedDeployments()


@pytest.fixture
def target(kernel: KernelSession, scripted: ScriptedDeployments) -> ScriptedTarget:
    return scripted.use_in(kernel._engine)


@pytest.fixture
def app(kernel: KernelSession, target: ScriptedTarget) -> ov.App:
    """An app that is not compiled: nothing here needs that."""
    info = kernel.call(OpenApp(folder="tips", create=True, live=False), AppInfo)
    made = ov.App.__new__(ov.App)
    made._session, made.id, made.name = kernel, info.app, info.name
    return made


@pytest.fixture
def step(kernel: KernelSession, scripted: ScriptedDeployments) -> Step:
    def take(deployment: ov.Deployment, status: str, **fields: Any) -> None:
        async def on_the_loop() -> None:
            scripted.step(deployment.id, status, **fields)

        kernel._background.run(on_the_loop())

    return take


def test_a_deployment_says_how_far_it_is(app: ov.App, step: Step) -> None:
    made = app.deploy()
    assert (made.status, made.environment, made.kind, made.artefact) == ("pending", "preview", "deploy", "")
    assert made.url == "http://tips--preview.localhost:8787/"
    step(made, "building", log=["one"])
    assert (made.status, made.log) == ("building", ["one"])
    step(made, "deployed", artefact="a" * 64, timings={"build": 5.0, "total": 9.0}, warnings=["large"])
    assert (made.status, made.artefact, made.timings["total"]) == ("deployed", "a" * 64, 9.0)
    assert [each.status for each in made.transitions] == ["pending", "building", "deployed"]
    assert made.warnings == ["large"]
    step(made, "superseded", superseded_by="d9")
    assert (made.status, made.superseded_by) == ("superseded", "d9")
    assert repr(made) == "Deployment(tips to preview)"


def test_it_knows_its_checkpoint_its_run_and_the_exchange_that_followed(app: ov.App, step: Step) -> None:
    made = app.deploy()
    assert (made.commit, made.repository, made.run_url, made.sync) == ("", "", "", None)
    step(made, "building", commit="c" * 40, repository="me/tips", run_url="https://x/runs/1")
    assert (made.commit, made.repository, made.run_url) == ("c" * 40, "me/tips", "https://x/runs/1")
    step(made, "deployed")
    step(made, "superseded", superseded_by="d9")
    assert made.status == "superseded"
    # The exchange comes after the deployment's last step.
    step(made, "superseded", sync=Sync(id="s1", app=app.id, repository="me/tips", status="synced"))
    assert made.sync is not None
    assert (repr(made.sync), made.sync.status) == ("Sync(me/tips)", "synced")


def test_waiting_ends_when_it_is_live(app: ov.App, step: Step) -> None:
    made = app.deploy()
    later = threading.Timer(0.2, lambda: [step(made, "building"), step(made, "deployed")])
    later.start()
    assert made.wait(20) is made
    assert made.status == "deployed"


def test_waiting_for_what_does_not_get_there_raises(app: ov.App, step: Step) -> None:
    failed, cancelled, replaced, served = (app.deploy() for _ in range(4))
    step(failed, "failed", error="It does not compile.", hint="Mend it.")
    with pytest.raises(ov.DeploymentError, match=r"It does not compile\. Mend it\."):
        failed.wait()
    assert cancelled.cancel().status == "cancelled"
    with pytest.raises(ov.DeploymentError, match="cancelled before it was live"):
        cancelled.wait()
    step(replaced, "superseded", superseded_by="d9")
    with pytest.raises(ov.DeploymentError, match="d9"):
        replaced.wait()
    with pytest.raises(TimeoutError, match=r"still pending after 0\.1 s"):
        served.wait(0.1)
    step(served, "deployed")
    step(served, "superseded")
    assert served.wait() is served  # it was live


def test_the_table_is_a_sequence_and_pandas_takes_it(app: ov.App, step: Step) -> None:
    assert len(app.deployments) == 0
    assert str(app.deployments) == "tips was not deployed yet."
    assert repr(app.deployments) == "Deployments(tips: none live)"
    first = app.deploy()
    step(first, "deployed", artefact="a" * 64, first_load_gzip=61234, files=7, timings={"total": 912.0})
    second = app.promote("staging")
    table = app.deployments
    assert [one.id for one in table] == [second.id, first.id]
    assert table[0].kind == "promote"
    assert len(table[1:]) == 1
    live = table.live("preview")
    assert live is not None
    assert live.id == first.id
    assert table.live("production") is None
    frame = pd.DataFrame(table.records())
    assert list(frame["environment"]) == ["staging", "preview"]
    assert frame["seconds"][1] == 0.912
    assert pd.DataFrame(table.to_dict()).equals(frame)
    assert repr(table) == "Deployments(tips: preview live)"
    assert "61.2 kB" in str(table)
    assert "aaaaaaaaaaaa" in str(table)


def test_an_environment_that_is_none_is_named_before_anything_is_done(
    app: ov.App, scripted: ScriptedDeployments
) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: app.deploy("prod"),
        lambda: app.promote("prod"),
        lambda: app.rollback("prod"),
        lambda: app.undeploy("prod"),
        lambda: app.logs("prod"),
        lambda: app.env["prod"],
        lambda: app.secrets["prod"],
    ]
    for attempt in attempts:
        with pytest.raises(ov.DeploymentError, match="'prod'; there are preview, staging, production"):
            attempt()
    assert scripted.rows == {}


def test_public_values_are_a_mapping(app: ov.App) -> None:
    values = app.env["preview"]
    values["API_URL"] = "https://x"
    values.update(B="2", C="3")
    del values["C"]
    assert dict(app.env["preview"]) == {"API_URL": "https://x", "B": "2"}
    assert repr(values) == "{'API_URL': 'https://x', 'B': '2'}"
    assert len(app.env["staging"]) == 0
    with pytest.raises(KeyError):
        del values["C"]
    with pytest.raises(TypeError, match="'D' is a int"):
        values["D"] = 4  # type: ignore[assignment]
    with pytest.raises(ov.DeploymentError, match="cannot be a name"):
        values["a b"] = "x"


def test_a_secret_is_asked_for_and_shown_by_name_alone(
    app: ov.App, target: ScriptedTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or "hunter2")
    secrets = app.secrets["preview"]
    secrets.set("KEY")
    secrets.set("OTHER", "hunter3")
    assert asked == ["KEY for preview: "]
    assert target.kept == {"preview/tips": {"KEY": "hunter2", "OTHER": "hunter3"}}
    assert (list(secrets), repr(secrets), "KEY" in secrets) == (["KEY", "OTHER"], "KEY, OTHER", True)
    assert "hunter" not in repr(app.secrets)
    secrets.delete("KEY")
    with pytest.raises(KeyError):
        secrets.delete("KEY")
    assert not hasattr(secrets, "get")


def test_logs_print_line_by_line(app: ov.App, target: ScriptedTarget) -> None:
    assert repr(app.logs("preview")) == "(nothing logged)"
    target.say("log", "hello", 1)
    target.say("error", "TypeError: x", 2)
    logs = app.logs("preview")
    assert repr(logs) == "log   hello\nerror TypeError: x"
    assert (logs[1].level, logs[1].at) == ("error", 2000)


def test_what_is_saved_with_a_notebook_names_no_deployment_but_by_its_id(app: ov.App, step: Step) -> None:
    made = app.deploy()
    view = made._timeline()
    state = {name: value for name, value in view.get_state().items() if name != "_esm"}
    assert view is made._timeline()
    assert "8787" not in str(state)
    assert (state["view"], state["deployment"], repr(view)) == ("deployment", made.id, "Deployment(tips to preview)")


def test_a_widget_in_the_kernel_hears_of_its_own_deployment_alone(app: ov.App, step: Step) -> None:
    made, other = app.deploy(), app.deploy()
    view = made._timeline()
    heard: list[dict[str, Any]] = []
    came = threading.Event()

    def send(content: dict[str, Any], buffers: object = None) -> None:
        heard.append(content)
        came.set()

    view.send = send
    step(other, "building")
    step(made, "building")
    assert came.wait(5)
    assert [message["message"]["event"]["deployment"]["id"] for message in heard] == [made.id]
    view.close()
