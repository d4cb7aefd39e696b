"""The REST API's part about what models write; ``rest-api.yml`` describes it."""

from __future__ import annotations

from typing import Any

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web

from .. import errors
from ..message import Message
from ..protocol_generation import (
    AskModel,
    Budget,
    CancelGeneration,
    FixApp,
    GenerateApp,
    GenerateComponent,
    GenerationRequest,
    GenerationTask,
    GetGeneration,
    KeepGeneration,
    Picture,
    RetryGeneration,
    UndoGeneration,
)
from .api_handlers import Nothing, OverskillAPIHandler

STARTED = 202


class _Generate(Message):
    task: GenerationTask = "component"
    name: str = ""
    prompt: str = ""
    path: str = ""
    model: str = ""
    context: list[str] = msgspec.field(default_factory=list)
    data: dict[str, str] = msgspec.field(default_factory=dict)
    pictures: list[Picture] = msgspec.field(default_factory=list)
    budget: Budget = msgspec.field(default_factory=Budget)
    keep: bool = True

    def request(self, app: str) -> GenerationRequest:
        """What it asks of the engine."""
        how: dict[str, Any] = {"app": app, "model": self.model, "budget": self.budget}
        if self.task == "fix":
            return FixApp(keep=self.keep, **how)
        how |= {"context": self.context, "data": self.data, "pictures": self.pictures}
        if self.task == "ask":
            return AskModel(question=self.prompt, **how)
        how |= {"prompt": self.prompt, "keep": self.keep}
        return GenerateApp(**how) if self.task == "app" else GenerateComponent(name=self.name, path=self.path, **how)


class GenerationsHandler(OverskillAPIHandler):
    """POST begins a generation and answers at once."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str) -> None:
        await self.ask(self.body(_Generate).request(app), STARTED)


class GenerationHandler(OverskillAPIHandler):
    """One generation; with ``seen`` and ``seconds``, once it took another step."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, app: str, generation: str) -> None:
        seen, seconds = int(self.number("seen", -1)), self.number("seconds", 0)
        await self.ask(GetGeneration(app=app, generation=generation, seen=seen, seconds=seconds))

    def status_of(self, error: errors.OverskillError) -> int:
        """There is none of that name."""
        return 404 if isinstance(error, errors.GenerationError) else super().status_of(error)


class _Act(OverskillAPIHandler):
    async def act(self, request: CancelGeneration | KeepGeneration | RetryGeneration | UndoGeneration) -> None:
        """Do something with a generation that is there."""
        self.body(Nothing)
        try:
            # Whether it is there is asked for by itself: what is refused later is not that the address names nothing.
            await self.engine.handle(GetGeneration(app=request.app, generation=request.generation))
        except errors.GenerationError as error:
            self.refuse(error, 404)
        except errors.OverskillError as error:
            self.refuse(error, self.status_of(error))
        else:
            await self.ask(request, STARTED if isinstance(request, RetryGeneration) else 200)


class CancelHandler(_Act):
    """Stops a generation."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str, generation: str) -> None:
        await self.act(CancelGeneration(app=app, generation=generation))


class KeepHandler(_Act):
    """Writes what a generation proposes."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str, generation: str) -> None:
        await self.act(KeepGeneration(app=app, generation=generation))


class UndoHandler(_Act):
    """Puts back what was there before a generation."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str, generation: str) -> None:
        await self.act(UndoGeneration(app=app, generation=generation))


class RetryHandler(_Act):
    """Asks the same once more."""

    @web.authenticated
    @authorized("execute")
    async def post(self, app: str, generation: str) -> None:
        await self.act(RetryGeneration(app=app, generation=generation))


_GENERATIONS = r"/overskill-nb/api/apps/(?P<app>[^/]+)/generations"
_GENERATION = rf"{_GENERATIONS}/(?P<generation>[^/]+)"

handlers: list[tuple[str, Any]] = [
    (_GENERATIONS, GenerationsHandler),
    (_GENERATION, GenerationHandler),
    (rf"{_GENERATION}/cancel", CancelHandler),
    (rf"{_GENERATION}/keep", KeepHandler),
    (rf"{_GENERATION}/undo", UndoHandler),
    (rf"{_GENERATION}/retry", RetryHandler),
]
