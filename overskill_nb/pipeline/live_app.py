"""One open app: what happens to a change, from the files to the update that previews are sent."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from ..errors import EngineError, FileError, OverskillError, PackageError
from ..protocol import (
    ComponentWritten,
    Diagnostic,
    FileChange,
    Gone,
    Origin,
    Prepared,
    Progress,
    Traced,
    TraceError,
    WriteComponent,
    Written,
)
from . import watch
from .built import Built, Resolved
from .changes import Changes
from .echoes import Echoes, sources
from .feed import Feed
from .follower import Follower
from .history import Histories
from .installing import Installing
from .packages import Packages
from .project import Project
from .replacement import Replacement
from .roots import Roots
from .watchdog import WorkerStalled
from .worker import Ask, Worker

MAX_INSTALLS = 4
"""Rounds of installing what the sources import, before what is missing is an error."""

PROMPT_SECONDS = 0.1
"""A build that takes longer does not hold back the files."""


_built = msgspec.json.Decoder(Built).decode
_resolved = msgspec.json.Decoder(Resolved).decode
_traced = msgspec.json.Decoder(Diagnostic).decode


class LiveApp:
    """An app that is open in the engine. Changes go through ``change``, one at a time and in order."""

    def __init__(
        self,
        project: Project,
        packages: Packages,
        worker: Worker,
        progress: Callable[[Progress], None],
        histories: Histories,
    ) -> None:
        self.project = project
        self.packages = packages
        self.allow: list[str] = []
        self.feed = Feed(project.id, worker)
        self.recorder = histories.recorder(self)
        self._worker = worker
        self._report = progress
        self._roots = Roots()
        self._torn = False
        """Whether an answer of the worker was not waited for: previews may lack what it held."""
        self._mending: asyncio.Task[None] | None = None
        self._known = False
        """Whether the worker was told of the app."""
        self._unbuilt = False
        """Whether the worker knows no more than the folder: building made it stand still."""
        self._unfinished = False
        """Whether a request was stopped between compiling and sending: packages may be missing, modules held back."""
        self._installing = Installing(packages, self._installed)
        self._echoes = Echoes(project)
        self._turn = asyncio.Lock()
        self._stop = asyncio.Event()
        self._introducing: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._expecting: asyncio.Task[None] | None = None

    # ---------------------------------------------------------------------------------------------- opening

    async def open(self) -> None:
        """Install the packages. A failed installation is a diagnostic: the files can be mended.

        The worker starts meanwhile and is not waited for: whoever opens an app makes a place for its preview next.
        """
        self.recorder.begin()
        await self._installing.ensure()
        self._introducing = asyncio.create_task(self._introduce_soon())
        self._watching = asyncio.create_task(watch.follow(self.project.root, self._stop, self.take_in))

    async def _introduce_soon(self) -> None:
        # What fails is told to the first who wants something of the worker.
        with contextlib.suppress(EngineError):
            async with self._in_turn():
                pass

    @contextlib.asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """One at a time, and none before the worker knows the app."""
        async with self._turn:
            if not self._known:
                folder, modules = str(self.project.root), self._modules
                await self._worker.call("open", app=self.project.id, root=folder, modules=modules)
                self._known = True
            yield

    async def restore(self, ask: Ask, build: bool = True) -> None:
        """Tell a new worker process what the old one knew, from disk, and previews what it did not live to send."""
        if not self._known:
            return
        await ask("open", {"app": self.project.id, "root": str(self.project.root), "modules": self._modules})
        self._unbuilt = not build
        if self._roots and build:
            await self._catch_up(ask)

    async def _catch_up(self, ask: Ask) -> None:
        started = time.time() * 1000
        await ask("build", {"app": self.project.id, "roots": [*self._roots], "files": []})
        missed = self.feed.missed(await ask("snapshot", {"app": self.project.id}))
        self._publish(missed, "file", started)
        self._torn = False

    async def _mend(self) -> None:
        """Send previews what a cancelled request left behind in the worker. Needs the turn."""
        if self._torn:
            await self._catch_up(lambda method, params: self._worker.call(method, **params))

    async def _mend_soon(self) -> None:
        async with self._in_turn():
            with contextlib.suppress(EngineError):
                await self._mend()

    async def close(self) -> None:
        """Stop watching. Files stay as they are."""
        self._stop.set()
        for task in (self._introducing, self._watching, self._mending, self._expecting):
            if task is not None:
                task.cancel()
                await asyncio.wait([task], timeout=2)
        await self.recorder.close()

    async def discard(self, reason: str) -> None:
        """Forget all of it: the previews are told, the worker too."""
        self.feed.followers.tell(Gone(app=self.project.id, reason=reason))
        self.feed.followers.clear()
        await self.close()
        async with self._turn:
            if self._known:
                await self._worker.call("close", app=self.project.id)

    @property
    def _modules(self) -> str:
        return str(self.packages.folder)

    # ---------------------------------------------------------------------------------------------- changing

    async def change(self, files: Sequence[FileChange], origin: Origin) -> Written:
        """Write files and send out what changed as one update. Nothing is written where one of the paths is refused."""
        async with self._in_turn():
            return await self._change(files, origin)

    async def write_component(self, request: WriteComponent) -> ComponentWritten:
        """Write a component where it is, or goes, and compile it with all that it reaches."""
        path = request.path or self.project.place_of(request.name)
        written = await self.change([FileChange(path=path, content=request.source)], request.origin)
        prepared = await self.prepare(f"{path}#{request.export}" if request.export else path)
        return ComponentWritten(path=path, written=written, prepared=prepared)

    async def edit(self, path: str, old: str, new: str, origin: Origin) -> Written:
        """Replace the one place where ``old`` stands. Raises EditError unless there is just one."""
        async with self._in_turn():
            return await self._change([FileChange(path=path, content=self.project.edited(path, old, new))], origin)

    async def _change(self, files: Sequence[FileChange], origin: Origin) -> Written:
        started = time.time() * 1000
        changes = Changes(self.project, files)
        changed = changes.paths
        if not changed:
            return self._written([item.path for item in files] if await self._finish() else [], started)
        await self.recorder.begun()
        self._echoes.know(changes.digests)
        self.recorder.note(origin, changed)
        # A build that takes long must not keep the files from the disk.
        late = asyncio.get_running_loop().call_later(PROMPT_SECONDS, changes.write_early)
        try:
            try:
                if changes.run_while_building:
                    changes.write()
                built = await self._build(origin, files=changes.sources)
                # Previews do not wait for the disk, unless packages have to be installed first.
                sent = not built.missing and "package.json" not in changed
                if sent:
                    self._deliver(built, origin, started)
            finally:
                late.cancel()
                changes.write()
        except FileError:
            # Previews show what the disk holds.
            self._deliver(await self._build(files=[{"path": path} for path in changed]), origin, started)
            raise
        if not sent:
            self._deliver(await self._settle(built, changed), origin, started)
        return self._written(changed, started)

    async def rewrite(self, path: str, text: Callable[[Ask], Awaitable[str | None]], origin: Origin) -> bool:
        """Give a file the text that ``text`` has of the worker, with no change in between; None leaves it as it is.

        Whether it was changed.
        """
        async with self._in_turn():
            await self._notice(self._echoes.outdated([path]), time.time() * 1000)
            found = await text(lambda method, params: self._worker.call(method, **params))
            if found is None:
                return False
            return bool((await self._change([FileChange(path=path, content=found)], origin)).changed)

    @property
    def settled(self) -> bool:
        """Whether no change is under way: none is compiled, or waits for packages."""
        return not self._unfinished

    async def replace(self, files: Mapping[str, bytes | None], origin: Origin, since: str = "") -> Written:
        """Write files byte by byte, all of them or none, and send out what changed as one update; None removes one.

        What is on disk becomes a checkpoint before. Where that is not ``since``, nothing is written and HistoryError is
        raised. What is written becomes none by this: who calls knows which commit it is of.
        """
        started = time.time() * 1000
        async with self._in_turn():
            await self.recorder.flush_to(since)
            replacement = await asyncio.to_thread(Replacement, self.project, files)
            changed = replacement.paths
            if not changed:
                return self._written([], started)
            await asyncio.to_thread(replacement.write)
            seen = replacement.sources()
            self._echoes.know(seen)
            self._deliver(await self._settle(await self._build(files=sources(seen)), changed), origin, started)
            return self._written(changed, started)

    def _written(self, changed: list[str], started: float) -> Written:
        took = time.time() * 1000 - started
        return Written(seq=self.feed.seq, changed=changed, diagnostics=self.feed.diagnostics, ms=took)

    async def rename(self, path: str, to: str, origin: Origin) -> Written:
        """Move a file, of text or not, to a path where none stands yet."""
        started = time.time() * 1000
        async with self._in_turn():
            await self.recorder.begun()
            self.project.rename(path, to)
            self._echoes.know({path: None, to: self.project.digest(to)})
            files = [{"path": to}, {"path": path, "content": None}]
            self.recorder.note(origin, [path, to])
            self._deliver(await self._settle(await self._build(files=files), [path, to]), origin, started)
            return self._written([path, to], started)

    async def prepare(self, target: str) -> Prepared:
        """Compile a component, or the whole app, with all that it reaches."""
        async with self._in_turn():
            module = export = ""
            if target:
                found = _resolved(await self._worker.call("resolve", app=self.project.id, target=target))
                if not found.module:
                    return Prepared(module="", export="", seq=self.feed.seq, diagnostics=found.diagnostics)
                module, export = found.module, found.export
            await self._add_roots([module])
            return Prepared(module=module, export=export, seq=self.feed.seq, diagnostics=self.feed.diagnostics)

    def expect(self, module: str) -> None:
        """Start to compile what a preview is about to subscribe to. The subscription says what is wrong with it."""

        async def begin() -> None:
            async with self._in_turn():
                with contextlib.suppress(OverskillError):
                    await self._add_roots([module])

        if module not in self._roots and (self._expecting is None or self._expecting.done()):
            self._expecting = asyncio.create_task(begin())

    async def offer(self, modules: Sequence[str]) -> None:
        """Compile what the editor may show. That a file of these is gone some day is no error of the app."""
        if self._roots.new(modules):
            async with self._in_turn():
                await self._add_roots(modules, offered=True)

    async def _add_roots(self, modules: Sequence[str], offered: bool = False) -> None:
        await self._mend()
        await self._finish()
        if new := self._roots.new(modules):
            started = time.time() * 1000
            built = await self._settle(await self._build(roots=new), [])
            self._deliver(built, "file", started)
        # Only now: where the work was stopped before, the next one who asks starts it again.
        self._roots.add(modules, offered)

    async def _finish(self) -> bool:
        """Do what a stopped request left undone; whether there was anything."""
        if not self._unfinished:
            return False
        started = time.time() * 1000
        self._deliver(await self._settle(await self._build(installed=True), []), "file", started)
        return True

    def _deliver(self, built: Built, origin: Origin, started: float) -> None:
        self._publish(built, origin, started)
        self._unfinished = False

    async def _build(self, origin: Origin = "file", **params: Any) -> Built:
        self._unfinished = True
        params["forget"] = self._roots.forget(params.get("files", []), origin)
        if self._unbuilt:
            params["roots"] = [*self._roots, *params.get("roots", [])]
        try:
            built = _built(
                await self._worker.call("build", **{"app": self.project.id, "roots": [], "files": [], **params})
            )
        except WorkerStalled as error:
            self._unbuilt = True
            self._publish(
                Built(diagnostics=[Diagnostic(severity="error", kind="config", message=str(error))]),
                "file",
                time.time() * 1000,
            )
            raise
        except asyncio.CancelledError:
            self._torn = True
            self._mending = asyncio.create_task(self._mend_soon())
            raise
        else:
            self._unbuilt = False
            return built

    async def _settle(self, built: Built, changed: Sequence[str]) -> Built:
        """Install what the sources import and the app lacks, until nothing is missing or it cannot be had."""
        if "package.json" in changed and await self._installing.ensure():
            built = built.then(await self._use_packages())
        unavailable: dict[str, str] = {}
        for _ in range(MAX_INSTALLS):
            wanted = sorted({missing.package for missing in built.missing} - unavailable.keys())
            if not wanted:
                break
            unavailable |= await self._installing.add(wanted)
            self._note_packages()
            built = built.then(await self._use_packages(unavailable))
        return built

    def _note_packages(self) -> None:
        """What npm wrote belongs to the change that wanted packages, and is no other program's."""
        self._echoes.know_disk(["package.json", "package-lock.json"])
        self.recorder.note_more(["package.json", "package-lock.json"])

    async def _use_packages(self, unavailable: dict[str, str] | None = None) -> Built:
        await self._worker.call("modules", app=self.project.id, folder=self._modules)
        return await self._build(installed=True, unavailable=unavailable or {})

    # ---------------------------------------------------------------------------------------------- telling

    def _publish(self, built: Built, origin: Origin, started: float) -> None:
        installed = [self._installing.problem] if self._installing.problem else []
        # An editor offers what no preview has: it looks at every change.
        always = self._roots.has_canvas
        self.feed.publish(built, [*installed, *built.diagnostics], origin, started, always)

    def _installed(self) -> None:
        self.progress(Progress(app=self.project.id, stage="packages", text="", done=True))

    def progress(self, progress: Progress) -> None:
        """Tell previews, and the engine's other clients, what is going on."""
        self._report(progress)
        self.feed.followers.tell(progress)

    # ---------------------------------------------------------------------------------------------- following

    async def follow(self, key: tuple[int, str], follower: Follower, build: str, seq: int, module: str) -> None:
        """Send what a preview missed, or a snapshot, and everything after it."""
        if seq < 0:
            self.feed.announce(follower, module)
        async with self._in_turn():
            await self._add_roots([module])
            if build == self.feed.build:
                follower.sent = seq
            await self.feed.bring_up(follower, module)
            self.feed.followers[key] = follower

    async def catch_up(self, key: tuple[int, str]) -> None:
        """Send what was kept from a preview while its connection was congested."""
        async with self._in_turn():
            if follower := self.feed.followers.get(key):
                follower.behind = False
                await self.feed.bring_up(follower)

    async def ask(self, method: str, **params: Any) -> msgspec.Raw:
        """Ask the worker something that changes nothing, once it took in what was handed in before."""
        async with self._in_turn():
            pass
        return await self._worker.call(method, app=self.project.id, **params)

    def expect_types(self) -> None:
        """Have the type checker installed where it is not: generated code will come."""
        self._worker.type_tools.begin()

    async def add_package(self, name: str) -> None:
        """Install a package that no source imports yet. Raises PackageError."""
        started = time.time() * 1000
        async with self._in_turn():
            for reason in (await self._installing.add([name])).values():
                raise PackageError(reason)
            self._note_packages()
            self._deliver(await self._use_packages(), "prompt", started)

    async def trace(self, error: TraceError) -> Traced:
        """Map an error from a preview back to the sources."""
        raw = await self._worker.call(
            "trace", app=self.project.id, kind=error.kind, message=error.message, stack=error.stack
        )
        return Traced(diagnostic=_traced(raw))

    # ---------------------------------------------------------------------------------------------- watching

    async def take_in(self, changed: set[str]) -> None:
        """Take in files that another program changed; echoes of our own writes are dropped by their content."""
        started = time.time() * 1000
        async with self._in_turn():
            await self._notice(self._echoes.unknown(changed), started)

    async def look_at(self, path: str) -> None:
        """Take in a file that another program may have changed a moment ago."""
        if self._echoes.outdated([path]):
            await self.take_in({path})

    async def _notice(self, seen: dict[str, str | None], started: float) -> None:
        if not seen:
            return
        self.recorder.note("file", list(seen))
        built = await self._settle(await self._build(files=sources(seen)), list(seen))
        self._deliver(built, "file", started)
        # Only now: a change that could not be taken in is tried again with the next one.
        self._echoes.know(seen)
