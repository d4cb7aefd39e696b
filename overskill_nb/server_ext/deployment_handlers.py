"""The REST API's part about deployments; ``rest-api.yml`` describes it."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web

from ..message import Message
from ..protocol_deployments import (
    CancelDeployment,
    DeleteSecret,
    Deploy,
    Environment,
    GetDeployment,
    GetVariables,
    ListDeployments,
    ListSecrets,
    Promote,
    ReadLogs,
    Rollback,
    SetSecret,
    SetVariables,
    Undeploy,
)
from .api_handlers import Nothing, OverskillAPIHandler


class _Deploy(Message):
    environment: Environment = "preview"


class _Promote(Message):
    to: Environment
    source: str = ""


class _Rollback(Message):
    environment: Environment
    to: str = ""


class _Values(Message):
    values: dict[str, str | None]


class _Secret(Message):
    value: str

    def __repr__(self) -> str:
        return "_Secret()"


class _DeploymentHandler(OverskillAPIHandler):
    def environment(self, name: str) -> Environment:
        """An environment of an address. Answers 400 where there is none of that name."""
        try:
            return cast(Environment, msgspec.convert(name, Environment))
        except msgspec.ValidationError as error:
            raise web.HTTPError(400, f"There is no environment '{name}'.") from error


class DeploymentsHandler(_DeploymentHandler):
    """An app's deployments. POST begins one and answers at once."""

    @web.authenticated
    @authorized
    async def get(self, app: str) -> None:
        await self.ask(ListDeployments(app=app, limit=max(1, min(1000, int(self.number("limit", 100))))))

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str) -> None:
        await self.ask(Deploy(app=app, environment=self.body(_Deploy).environment))


class DeploymentHandler(_DeploymentHandler):
    """One deployment; with ``seen`` and ``seconds``, once it took another step."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, app: str, deployment: str) -> None:
        seen, seconds = int(self.number("seen", -1)), self.number("seconds", 0)
        await self.ask(GetDeployment(app=app, deployment=deployment, seen=seen, seconds=seconds))


class CancelHandler(_DeploymentHandler):
    """Stops a deployment."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str, deployment: str) -> None:
        self.body(Nothing)
        await self.ask(CancelDeployment(app=app, deployment=deployment))


class PromoteHandler(_DeploymentHandler):
    """Makes what one environment serves live in the next."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str) -> None:
        body = self.body(_Promote)
        await self.ask(Promote(app=app, to=body.to, source=body.source))


class RollbackHandler(_DeploymentHandler):
    """Makes what was live before live again."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str) -> None:
        body = self.body(_Rollback)
        await self.ask(Rollback(app=app, environment=body.environment, to=body.to))


class EnvironmentHandler(_DeploymentHandler):
    """DELETE takes the app off an environment."""

    @web.authenticated
    @authorized("execute")
    async def delete(self, app: str, environment: str) -> None:
        await self.ask(Undeploy(app=app, environment=self.environment(environment)))


class LogsHandler(_DeploymentHandler):
    """What the deployed app wrote."""

    @web.authenticated
    @authorized
    async def get(self, app: str, environment: str) -> None:
        since = self.number("since", 0)
        await self.ask(ReadLogs(app=app, environment=self.environment(environment), since=since))


class VariablesHandler(_DeploymentHandler):
    """Public values. PATCH sets some, and removes those that are null."""

    @web.authenticated
    @authorized
    async def get(self, app: str, environment: str) -> None:
        await self.ask(GetVariables(app=app, environment=self.environment(environment)))

    @web.authenticated
    @authorized("execute")
    async def patch(self, app: str, environment: str) -> None:
        values = self.body(_Values).values
        await self.ask(SetVariables(app=app, environment=self.environment(environment), values=values))


class SecretsHandler(_DeploymentHandler):
    """Names of secrets."""

    @web.authenticated
    @authorized
    async def get(self, app: str, environment: str) -> None:
        await self.ask(ListSecrets(app=app, environment=self.environment(environment)))


class SecretHandler(_DeploymentHandler):
    """One secret: it can be set and taken away, and not read."""

    @web.authenticated
    @authorized("execute")
    async def put(self, app: str, environment: str, name: str) -> None:
        value = self.body(_Secret).value
        await self.ask(SetSecret(app=app, environment=self.environment(environment), name=name, value=value))

    @web.authenticated
    @authorized("execute")
    async def delete(self, app: str, environment: str, name: str) -> None:
        await self.ask(DeleteSecret(app=app, environment=self.environment(environment), name=name))


_APP = r"/overskill-nb/api/apps/(?P<app>[^/]+)"
_ENVIRONMENT = rf"{_APP}/environments/(?P<environment>[^/]+)"

handlers: list[tuple[str, Any]] = [
    (rf"{_APP}/deployments", DeploymentsHandler),
    (rf"{_APP}/deployments/(?P<deployment>[^/]+)", DeploymentHandler),
    (rf"{_APP}/deployments/(?P<deployment>[^/]+)/cancel", CancelHandler),
    (rf"{_APP}/promote", PromoteHandler),
    (rf"{_APP}/rollback", RollbackHandler),
    (_ENVIRONMENT, EnvironmentHandler),
    (rf"{_ENVIRONMENT}/logs", LogsHandler),
    (rf"{_ENVIRONMENT}/variables", VariablesHandler),
    (rf"{_ENVIRONMENT}/secrets", SecretsHandler),
    (rf"{_ENVIRONMENT}/secrets/(?P<name>[^/]+)", SecretHandler),
]
