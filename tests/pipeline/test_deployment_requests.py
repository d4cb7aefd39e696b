"""What clients ask about deployments, and hear of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from client import Client
from scripted_deployments import ScriptedDeployments, ScriptedTarget

from overskill_nb.errors import AppError, Cancelled, DeploymentError, EngineError
from overskill_nb.pipeline import Engine
from overskill_nb.protocol import AppInfo, Done, Event, OpenApp
from overskill_nb.protocol_deployments import (
    CancelDeployment,
    DeleteSecret,
    Deploy,
    Deployment,
    DeploymentChanged,
    DeploymentInfo,
    DeploymentTable,
    GetDeployment,
    GetVariables,
    ListDeployments,
    ListSecrets,
    Logs,
    Promote,
    ReadLogs,
    Rollback,
    Secrets,
    SetSecret,
    SetVariables,
    Undeploy,
    Variables,
)


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    made = Engine(tmp_path)
    yield made
    await made.close()


@pytest.fixture
def scripted() -> ScriptedDeployments:
    return ScriptedDeployments()


@pytest.fixture
def target(engine: Engine, scripted: ScriptedDeployments) -> ScriptedTarget:
    return scripted.use_in(engine)


@pytest_asyncio.fixture
async def client(engine: Engine, target: ScriptedTarget) -> AsyncIterator[Client]:
    made = Client.of(engine)
    yield made
    made.close()


async def opened(client: Client, name: str = "tips") -> str:
    return (await client.ask(OpenApp(folder=name, create=True, live=False), AppInfo)).app


async def deployed(client: Client, app: str) -> Deployment:
    return (await client.ask(Deploy(app=app), DeploymentInfo)).deployment


async def test_an_app_that_only_deploys_is_not_compiled(client: Client, engine: Engine) -> None:
    app = await opened(client)
    assert engine.apps == {}
    assert engine._worker is None
    assert engine.project(app).name == "tips"


async def test_a_deployment_is_answered_at_once_and_every_client_hears_its_steps(
    client: Client, engine: Engine, scripted: ScriptedDeployments
) -> None:
    other = Client.of(engine)
    made = await deployed(client, await opened(client))
    assert (made.status, made.environment, made.name) == ("pending", "preview", "tips")
    assert engine.busy == 1
    scripted.step(made.id, "building")
    scripted.step(made.id, "failed", error="It does not compile.")
    assert engine.busy == 0
    for listener in (client, other):
        await listener.wait_for(Event, lambda event: _status(event) == "failed")
        heard = [_status(message) for message in listener.heard if isinstance(message, Event)]
        assert heard[-2:] == ["building", "failed"]


def _status(message: Event) -> str:
    return message.event.deployment.status if isinstance(message.event, DeploymentChanged) else ""


async def test_a_client_that_knows_a_step_is_answered_with_the_next(
    client: Client, scripted: ScriptedDeployments
) -> None:
    app = await opened(client)
    made = await deployed(client, app)
    waiting = client.start(GetDeployment(app=app, deployment=made.id, seen=1, seconds=30))
    behind = await client.ask(GetDeployment(app=app, deployment=made.id, seen=0, seconds=30), DeploymentInfo)
    assert behind.deployment.status == "pending"  # there is more than it knows already
    scripted.step(made.id, "building")
    answer = await client.answer(waiting)
    assert isinstance(answer, DeploymentInfo)
    assert answer.deployment.status == "building"
    assert len(scripted._listeners) == 1  # the engine's own: nobody waits any more


async def test_waiting_ends_when_time_is_up_and_when_it_is_cancelled(
    client: Client, scripted: ScriptedDeployments
) -> None:
    app = await opened(client)
    made = await deployed(client, app)
    brief = GetDeployment(app=app, deployment=made.id, seen=1, seconds=0.05)
    assert (await client.ask(brief, DeploymentInfo)).deployment.status == "pending"
    waiting = client.start(GetDeployment(app=app, deployment=made.id, seen=1, seconds=30))
    await client.until(lambda: len(scripted._listeners) == 2)
    client.cancel(waiting)
    with pytest.raises(Cancelled):
        await client.answer(waiting)
    assert len(scripted._listeners) == 1
    assert scripted.rows[made.id].status == "pending"


async def test_a_deployment_of_another_app_is_none(client: Client) -> None:
    mine, others = await opened(client, "mine"), await opened(client, "others")
    made = await deployed(client, mine)
    for request in (GetDeployment(app=others, deployment=made.id), CancelDeployment(app=others, deployment=made.id)):
        with pytest.raises(DeploymentError, match="no deployment"):
            await client.answer(client.start(request))
    table = await client.ask(ListDeployments(app=others), DeploymentTable)
    assert table.deployments == []
    assert len((await client.ask(ListDeployments(), DeploymentTable)).deployments) == 1


async def test_promotion_rollback_and_undeployment_are_passed_on(client: Client, scripted: ScriptedDeployments) -> None:
    app = await opened(client)
    with pytest.raises(DeploymentError, match="deploy there first"):
        await client.answer(client.start(Promote(app=app, to="staging")))
    first = await deployed(client, app)
    scripted.step(first.id, "deployed", artefact="a" * 64)
    promoted = (await client.ask(Promote(app=app, to="staging"), DeploymentInfo)).deployment
    assert (promoted.kind, promoted.source, promoted.artefact) == ("promote", first.id, "a" * 64)
    scripted.step(first.id, "superseded")
    back = (await client.ask(Rollback(app=app, environment="preview"), DeploymentInfo)).deployment
    assert (back.kind, back.source) == ("rollback", first.id)
    cancelled = await client.ask(CancelDeployment(app=app, deployment=back.id), DeploymentInfo)
    assert cancelled.deployment.status == "cancelled"
    scripted.step(promoted.id, "deployed")
    await client.ask(Undeploy(app=app, environment="staging"), Done)


async def test_variables_change_one_by_one_and_at_once_without_loss(client: Client) -> None:
    app = await opened(client)
    many = [
        client.start(SetVariables(app=app, environment="preview", values={f"V{number}": "x"})) for number in range(20)
    ]
    for number in many:
        await client.answer(number)
    await client.ask(SetVariables(app=app, environment="preview", values={"V0": None, "V1": "y"}), Variables)
    values = (await client.ask(GetVariables(app=app, environment="preview"), Variables)).values
    assert values == {"V1": "y"} | {f"V{number}": "x" for number in range(2, 20)}
    assert (await client.ask(GetVariables(app=app, environment="staging"), Variables)).values == {}


async def test_secrets_go_to_the_target_and_come_back_as_names(client: Client, target: ScriptedTarget) -> None:
    app = await opened(client)
    request = SetSecret(app=app, environment="preview", name="KEY", value="hunter2")
    assert "hunter2" not in repr(request)
    assert (await client.ask(request, Secrets)).names == ["KEY"]
    assert target.kept == {"preview/tips": {"KEY": "hunter2"}}
    assert (await client.ask(ListSecrets(app=app, environment="staging"), Secrets)).names == []
    assert (await client.ask(DeleteSecret(app=app, environment="preview", name="KEY"), Secrets)).names == []


@pytest.mark.parametrize(
    ("name", "value", "said"), [("", "v", "name"), ("a b", "v", "name"), ("1A", "v", "name"), ("A", "v" * 5121, "5121")]
)
async def test_a_binding_that_cannot_be_is_refused_without_its_value(
    client: Client, name: str, value: str, said: str
) -> None:
    app = await opened(client)
    for request in (
        SetVariables(app=app, environment="preview", values={name: value}),
        SetSecret(app=app, environment="preview", name=name, value=value),
    ):
        with pytest.raises(DeploymentError, match=said) as refused:
            await client.answer(client.start(request))
        assert "vv" not in str(refused.value)


async def test_a_name_that_is_another_apps_gets_no_secret(client: Client, target: ScriptedTarget) -> None:
    app = await opened(client, "taken")
    with pytest.raises(DeploymentError, match="another app"):
        await client.answer(client.start(SetSecret(app=app, environment="preview", name="KEY", value="v")))
    assert target.kept == {}


async def test_logs_are_those_since(client: Client, target: ScriptedTarget) -> None:
    app = await opened(client)
    target.say("log", "early", 5)
    target.say("error", "late", 9)
    logs = await client.ask(ReadLogs(app=app, environment="preview", since=5000), Logs)
    assert [(line.at, line.level, line.text) for line in logs.lines] == [(9000, "error", "late")]


async def test_an_app_that_is_not_known_is_named(client: Client) -> None:
    with pytest.raises(AppError, match="No app 'nope'"):
        await client.answer(client.start(Deploy(app="nope")))


async def test_what_could_not_be_opened_is_tried_again(engine: Engine, scripted: ScriptedDeployments) -> None:
    tries = []

    async def refuse() -> object:
        tries.append(1)
        raise EngineError("The database is locked.")

    engine.deployments._open = refuse  # type: ignore[assignment]
    client = Client.of(engine)
    for _ in range(2):
        with pytest.raises(EngineError, match="locked"):
            await client.answer(client.start(ListDeployments()))
    assert len(tries) == 2
    scripted.use_in(engine)
    await client.ask(ListDeployments(), DeploymentTable)
    await engine.close()
    assert scripted.closed


async def test_an_engine_that_never_deployed_closes_at_once(tmp_path: Path) -> None:
    await asyncio.wait_for(Engine(tmp_path).close(), 1)
