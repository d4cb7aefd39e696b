"""One generation from its start to what became of its files."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from ...errors import EditError, FileError, GenerationError, OverskillError
from ...protocol import Diagnostic, FileChange
from ...protocol_generation import (
    AttemptChecked,
    AttemptStarted,
    CostChanged,
    GeneratedFile,
    Generation,
    GenerationEnded,
    GenerationStep,
    Mode,
    TextWritten,
)
from . import recordings as recording
from .diffs import unified
from .draft import Draft
from .generator import Generator
from .model_spec import ModelSpec
from .ports import AppPort, BrowserPort
from .recordings import Asked, Recorded, Recordings
from .request import Wanted
from .watch import Watch

log = logging.getLogger(__name__)

PAUSE = 0.04
"""Seconds for which text is gathered before it is told: a message for every token would be thousands."""


class How(NamedTuple):
    """What is done with an answer, and where one may come from."""

    keep: bool
    mode: Mode
    recordings: Recordings | None
    model: str
    """As the request names it; empty where the environment's is meant."""
    environment: Mapping[str, str]
    """Where keys and addresses of models are."""


class Run:
    """A generation under way, or over. Its state is ``generation``."""

    def __init__(
        self,
        generation: Generation,
        app: AppPort,
        wanted: Wanted,
        how: How,
        tell: Callable[[int, GenerationStep], None],
        browser: BrowserPort | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.generation = generation
        self.steps: list[GenerationStep] = []
        self.app = app
        self._wanted = wanted
        self._how = how
        self._tell = tell
        self._browser = browser
        self._watch = watch
        self._more = asyncio.Event()
        self._pending = TextWritten(text="")
        self._since = 0.0
        self._keeping = False
        self._stopped = False
        self._tried: list[GeneratedFile] = []
        """Written to be looked at, and not kept yet."""
        self.task: asyncio.Task[None] | None = None

    def begin(self, spec: Callable[[], ModelSpec]) -> None:
        """Start. ``spec`` is the model, which a replay does not need."""
        self.task = asyncio.create_task(self._run(spec))

    @property
    def over(self) -> bool:
        return self.generation.status != "running"

    async def more(self, seen: int, seconds: float) -> None:
        """Wait for more steps than were seen."""
        deadline = time.monotonic() + seconds
        while len(self.steps) - 1 <= seen and not self.over and (left := deadline - time.monotonic()) > 0:
            self._more.clear()
            try:
                await asyncio.wait_for(self._more.wait(), left)
            except asyncio.TimeoutError:
                return

    async def cancel(self) -> None:
        """Stop at once. Files that are being written are written to their end: half of them would be neither state."""
        self._stopped = True
        if self.task is not None and not self.task.done() and not self._keeping:
            self.task.cancel()
        if self.task is not None:
            await asyncio.wait([self.task])

    # --------------------------------------------------------------------------------------------------- telling

    def _step(self, step: GenerationStep) -> None:
        if isinstance(step, TextWritten):
            if self._pending.text and self._pending.path != step.path:
                self._flush()
            if not self._pending.text:
                self._since = time.monotonic()
            self._pending = TextWritten(text=self._pending.text + step.text, path=step.path)
            if time.monotonic() - self._since < PAUSE:
                return
            self._flush()
            return
        self._flush()
        self._add(step)

    def _flush(self) -> None:
        pending, self._pending = self._pending, TextWritten(text="")
        if pending.text:
            self._add(pending)

    def _add(self, step: GenerationStep) -> None:
        self.steps.append(step)
        if isinstance(step, AttemptChecked):
            self._set(attempts=[*self.generation.attempts, step.attempt])
        elif isinstance(step, CostChanged):
            self._set(cost=step.cost)
        self._tell(len(self.steps) - 1, step)
        self._more.set()

    def _set(self, **changes: object) -> None:
        self.generation = msgspec.structs.replace(self.generation, **changes)

    # --------------------------------------------------------------------------------------------------- running

    async def _run(self, spec: Callable[[], ModelSpec]) -> None:
        try:
            await self._answered(spec)
        except asyncio.CancelledError:
            self._set(status="cancelled", error="The generation was stopped.", error_kind="Cancelled")
        except OverskillError as error:
            self._set(status="failed", error=str(error), error_kind=type(error).__name__)
        except Exception as error:
            log.exception("A generation failed")
            self._set(status="failed", error=f"The generation failed: {error}", error_kind="EngineError")
        finally:
            await self._take_back()
            self.end()

    def end(self) -> None:
        """Tell how it ended; once more where that changed afterwards."""
        self._flush()
        now = self.generation
        self._add(GenerationEnded(status=now.status, error=now.error, error_kind=now.error_kind))

    async def _answered(self, spec: Callable[[], ModelSpec]) -> None:
        how, recordings = self._how, self._how.recordings
        asked: Asked | None = None
        if recordings is not None and how.mode != "live":
            asked = recording.asked(self._wanted, how.model, self._current())
            found = recordings.find(asked, strict=how.mode == "auto") if how.mode in {"auto", "replay"} else None
            # What failed once need not again: only where nothing may be asked is the failure all there is.
            if found is not None and (not found.error or how.mode == "replay"):
                await self._replay(found)
                return
            if how.mode == "replay":
                raise recordings.missing(asked)
        elif how.mode == "replay":
            raise GenerationError("Nothing can be replayed: the request names no recording.")
        model = spec()
        self._set(model=model.shown)
        trial = self._try if how.keep else None
        generator = Generator(self.app, self._wanted, model, self._browser, how.environment, trial)
        try:
            async for step in generator.run():
                self._step(step)
        finally:
            self._set(cost=generator.spending.cost, answer=generator.answer)
        files = self._tried or _files(generator.draft)
        recorded = Recorded(
            generator.draft.changes, generator.attempts, generator.answer, self.generation.cost, model=model.shown
        )
        error = "" if generator.passed else f"Nothing was kept: {generator.reason or 'no version passed'}"
        if asked is not None and recordings is not None:
            await asyncio.to_thread(recordings.keep, asked, recorded._replace(error=error))
        await self._settle(files, error)

    def _current(self) -> dict[str, str]:
        """What the request works on: for one component its file, else all sources."""
        draft = Draft(self.app.project)
        wanted = self._wanted
        paths: Sequence[str] = [wanted.path] if wanted.task == "component" else draft.paths()
        if wanted.task != "component":
            paths = [path for path in paths if path.startswith("src/")]
        out = {}
        for path in paths:
            try:
                out[path] = draft.read(path)
            except OverskillError:
                continue
        return out

    async def _replay(self, found: Recorded) -> None:
        """What was recorded, as if it came now. The last version is checked again: the app around it may be another."""
        draft = Draft(self.app.project)
        self._set(replayed=True, answer=found.answer, model=found.model)
        for path, content in found.files.items():
            if content is None:
                draft.delete(path)
            else:
                draft.write(path, content)
        reason = ""
        for attempt in found.attempts:
            self._step(AttemptStarted(number=attempt.number, reason=reason))
            reason = next((d.message for d in attempt.diagnostics if d.severity == "error"), "")
            if attempt is found.attempts[-1]:
                for path, content in found.files.items():
                    self._step(TextWritten(text=content or "", path=path))
            self._step(AttemptChecked(attempt=attempt))
        if found.answer and not found.files:
            self._step(TextWritten(text=found.answer))
        self._step(CostChanged(cost=found.cost))
        error = found.error
        if not error and found.files:
            checked = await self.app.check(draft.changes, self._wanted.target, bare=False, mend=False)
            if draft.changes and not checked.passed:
                first = checked.errors[0].message if checked.errors else "it does not render"
                error = f"What was recorded fails in the app as it is now: {first}"
        await self._settle(_files(draft), error)

    async def _settle(self, files: list[GeneratedFile], error: str) -> None:
        self._set(files=files, diff=unified(files))
        if error:
            raise GenerationError(error)
        if self._wanted.task == "ask":
            self._set(status="answered")
        elif self._how.keep:
            await self.keep()
        else:
            self._set(status="proposed")

    # --------------------------------------------------------------------------------------------------- keeping

    async def _try(self, draft: Draft) -> list[Diagnostic]:
        """Write what passed the check, and see what the open previews make of it; what breaks them is taken back."""
        watch = self._watch
        if watch is None or not watch.open:
            return []
        await self._take_back()
        await watch.begin()
        self._tried = _files(draft)
        await self._write(self._tried)
        if self._stopped:
            raise asyncio.CancelledError
        broken = await watch.broken(draft.changes)
        if broken:
            await self._take_back()
        return broken

    async def _take_back(self) -> None:
        """Put back what was tried. A file that was changed since is left as it is."""
        tried, self._tried = self._tried, []
        same = [file for file in tried if self._now(file.path) == file.after]
        try:
            await self._write([GeneratedFile(path=file.path, before=file.after, after=file.before) for file in same])
        except Exception:
            log.exception("What was tried could not be taken back")

    async def _write(self, files: Sequence[GeneratedFile]) -> None:
        self._keeping = True
        try:
            if files:
                await self.app.change([FileChange(path=file.path, content=file.after) for file in files], "prompt")
        finally:
            self._keeping = False

    def _now(self, path: str) -> str | None:
        try:
            return self.app.project.read(path)
        except FileError:
            return None

    async def keep(self) -> None:
        """Write the files to the app."""
        await self._write(self.generation.files)
        self._tried = []
        self._set(status="kept", error="", error_kind="")

    async def undo(self) -> None:
        """Put back what was there. Raises EditError where a file was changed since."""
        if self.generation.status != "kept":
            raise GenerationError("This generation changed nothing that could be undone.")
        for file in self.generation.files:
            if self._now(file.path) != file.after:
                raise EditError(f"'{file.path}' was changed since, and is left as it is; nothing was undone.")
        changes = [FileChange(path=file.path, content=file.before) for file in self.generation.files]
        await self.app.change(changes, "prompt")
        self._set(status="undone")


def _files(draft: Draft) -> list[GeneratedFile]:
    before = draft.before()
    return [GeneratedFile(path=path, before=before[path], after=after) for path, after in sorted(draft.changes.items())]
