"""What clients ask of models, answered with what ``generation/`` does. Nothing of that is loaded before."""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from ..errors import GenerationError, PathError
from ..protocol import Result
from ..protocol_generation import (
    AskModel,
    CancelGeneration,
    CheckFiles,
    CheckInfo,
    FixApp,
    GenerateApp,
    GenerateComponent,
    Generation,
    GenerationInfo,
    GenerationRequest,
    GenerationStep,
    GenerationStepped,
    GetGeneration,
    KeepGeneration,
    RetryGeneration,
    UndoGeneration,
)

if TYPE_CHECKING:
    from .generation.ports import BrowserPort
    from .generation.request import Wanted
    from .generation.run import Run
    from .live_app import LiveApp
    from .looks import Looks

KINDS: tuple[type, ...] = get_args(GenerationRequest)
KEPT = 100
"""Generations that can still be looked at or undone."""
LONGEST_WAIT = 60.0


class GenerationRequests:
    """Answers requests about generations. Each runs by itself; what it does is told step by step."""

    def __init__(
        self,
        find: Callable[[str], Awaitable[LiveApp]],
        told: Callable[[GenerationStepped], None],
        opened: Callable[[str], LiveApp | None],
        looks: Looks,
    ) -> None:
        self._find = find
        self._told = told
        self._opened = opened
        self._looks = looks
        self._runs: dict[str, Run] = {}
        self._asked: dict[str, Any] = {}

    @property
    def busy(self) -> int:
        """Generations under way."""
        return sum(1 for run in self._runs.values() if not run.over)

    def browser(self, app: str, path: str = "") -> BrowserPort | None:
        """The preview of an app that is open in a browser; of several the one that shows what is at ``path`` best."""
        found = self._opened(app)
        if found is None or not found.feed.followers:
            return None
        from .generation.open_preview import OpenPreview

        return OpenPreview(found.feed, self._looks, path)

    async def handle(self, request: Any) -> Result:
        """Answer one request. Raises OverskillError."""
        app = await self._find(request.app)
        if isinstance(request, CheckFiles):
            return await _check(app, request)
        if isinstance(request, (GenerateComponent, GenerateApp, FixApp, AskModel)):
            return _info(await self._begin(app, request))
        run = self._run(app.project.id, request.generation)
        if isinstance(request, GetGeneration):
            await run.more(request.seen, min(request.seconds, LONGEST_WAIT))
            return _info(run, request.seen)
        if isinstance(request, RetryGeneration):
            return _info(await self._again(app, run))
        if isinstance(request, CancelGeneration):
            await run.cancel()
        elif isinstance(request, KeepGeneration):
            if not run.over or not run.generation.files or run.generation.status == "kept":
                raise GenerationError("This generation proposes nothing that could be kept.")
            await run.keep()
            run.end()
        else:
            assert isinstance(request, UndoGeneration)
            await run.undo()
            run.end()
        return _info(run)

    def _run(self, app: str, wanted: str) -> Run:
        run = self._runs.get(wanted)
        if run is None or run.generation.app != app:
            raise GenerationError(f"The app has no generation '{wanted}'.")
        return run

    async def _again(self, app: LiveApp, run: Run) -> Run:
        """Ask anew what was asked before; a recording of it is written anew, too."""
        if not run.over:
            raise GenerationError("This generation is still under way: stop it first.")
        asked = self._asked[run.generation.id]
        from .generation import recordings

        mode = recordings.mode(asked.mode)
        if mode == "replay":
            raise GenerationError("In replay no model is asked: leave it with `%overskill mode auto` first.")
        if run.generation.status == "kept":
            await run.undo()
        return await self._begin(app, msgspec.structs.replace(asked, mode="record" if mode == "auto" else mode))

    async def _begin(self, app: LiveApp, request: Any) -> Run:
        from .generation import model_spec, recordings
        from .generation.open_app import OpenApp
        from .generation.run import How, Run
        from .generation.watch import Watch

        wanted = _wanted(app, request)
        mode = recordings.mode(request.mode)
        file = _recording(request.recording)
        keys = [text for name, text in request.environment.items() if "KEY" in name]
        found = recordings.Recordings(file, app.project.root, keys) if file else None
        if found is None and mode in {"auto", "record"}:
            mode = "live"
        # In a replay the model need not be within reach, only be the one that was named when it was recorded.
        named = model_spec.name_only(request.model)
        number = f"g{secrets.token_hex(4)}"
        generation = Generation(
            id=number, app=app.project.id, task=wanted.task, name=wanted.name, prompt=wanted.prompt, model=named
        )

        def tell(place: int, step: GenerationStep) -> None:
            self._told(GenerationStepped(app=app.project.id, generation=number, number=place, step=step))

        environment = os.environ | request.environment
        how = How(getattr(request, "keep", False), mode, found, named, environment)
        self._asked[number] = request
        browser, watch = self.browser(app.project.id, wanted.path), Watch(app.feed, self._looks)
        run = self._runs[number] = Run(generation, OpenApp(app), wanted, how, tell, browser, watch)
        for old in [key for key, one in self._runs.items() if one.over][: max(0, len(self._runs) - KEPT)]:
            del self._runs[old], self._asked[old]
        run.begin(lambda: model_spec.read(request.model, environment))
        return run

    async def close(self) -> None:
        """Stop what runs, and servers of models that were started."""
        for run in list(self._runs.values()):
            await run.cancel()
        if self._runs:
            from .generation import local_model

            await local_model.close()


def _wanted(app: LiveApp, request: Any) -> Wanted:
    """A request of any kind as what is asked. Raises OverskillError for one that cannot be."""
    from .generation import budget
    from .generation.draft import Draft
    from .generation.request import Wanted, component, normalised

    budget.settled(request.budget)
    draft = Draft(app.project)
    context = {path: draft.read(path) for path in getattr(request, "context", [])} | getattr(request, "data", {})
    pictures = tuple(getattr(request, "pictures", ()))
    if isinstance(request, GenerateComponent):
        name, path = component(app.project, request.name, request.path)
        prompt = normalised(request.prompt)
        return Wanted(
            "component", prompt, name, path, context, pictures, budget=request.budget, variant=max(0, request.variant)
        )
    if isinstance(request, FixApp):
        errors = [*app.feed.diagnostics, *request.errors]
        errors = [error for error in errors if error.severity == "error"]
        if not errors:
            raise GenerationError("There is nothing to fix: the app has no errors, and no preview reported one.")
        places = [error.location.file for error in errors if error.location]
        path = next((place for place in places if place.endswith(("x", ".ts", ".js"))), "")
        return Wanted("fix", "Fix the errors.", "", path, errors=tuple(errors), budget=request.budget)
    asks = isinstance(request, AskModel)
    prompt = normalised(request.question if asks else request.prompt)
    return Wanted("ask" if asks else "app", prompt, "", "", context, pictures, budget=request.budget)


def _recording(named: str) -> Path | None:
    from .generation import recordings

    if not named:
        return None
    file = Path(named)
    if file.is_absolute() and file.name == "recordings":
        return file / recordings.UNNAMED
    if not file.is_absolute() or file.suffix not in {".yaml", ".yml"}:
        raise PathError(f"'{named}' is no recording: give the absolute path of a .yaml file.")
    return file


def _info(run: Run, seen: int = -2) -> GenerationInfo:
    steps = run.steps[seen + 1 :] if seen >= -1 else []
    return GenerationInfo(generation=run.generation, steps=list(steps), seen=len(run.steps) - 1)


async def _check(app: LiveApp, request: CheckFiles) -> CheckInfo:
    from .generation.open_app import OpenApp

    checked = await OpenApp(app).check(request.files, request.target)
    return CheckInfo(
        passed=checked.passed,
        export=checked.export,
        diagnostics=[*checked.errors, *checked.warnings],
        mended={file.path: file.content for file in checked.mended},
        notes=checked.notes,
        text=checked.text,
        console=checked.console,
    )
