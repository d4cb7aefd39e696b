"""One open app: its project, its numbered updates, and the previews that follow it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from ..errors import EngineError, FileError, OverskillError, PackageError
from ..file_text import as_bytes
from ..protocol import (
    Diagnostic,
    FileChange,
    Gone,
    Likely,
    Location,
    Origin,
    Prepared,
    Progress,
    Traced,
    TraceError,
    Written,
)
from . import paths, watch
from .built import Built, Kept, Shown
from .chunk import read_raw
from .follower import Follower, Followers
from .likely import LikelyChunks
from .packages import Packages
from .project import Project, digest
from .unread import UnreadSnapshot, UnreadUpdate
from .updates import UpdateLog
from .watchdog import WorkerStalled
from .worker import Ask, Worker

CATCH_UP_BYTES = 1024 * 1024
"""Updates of more than this together are not sent one by one to a preview that missed them: a snapshot is less."""
MAX_INSTALLS = 4
"""Rounds of installing what the sources import, before what is missing is an error."""

PROMPT_SECONDS = 0.1
"""A build that takes longer does not hold back the files."""

_Change = tuple[str, Path, bytes | None]
"""Path in the app, file, and new content; None to delete it."""

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode


class _Resolved(msgspec.Struct):
    module: str
    export: str
    diagnostics: list[Diagnostic]


_built = msgspec.json.Decoder(Built).decode
_resolved = msgspec.json.Decoder(_Resolved).decode
_kept = msgspec.json.Decoder(Kept).decode
_traced = msgspec.json.Decoder(Diagnostic).decode


class LiveApp:
    """An app that is open in the engine. Changes go through ``change``, one at a time and in order."""

    def __init__(
        self, project: Project, packages: Packages, worker: Worker, progress: Callable[[Progress], None]
    ) -> None:
        self.project = project
        self.packages = packages
        self.allow: list[str] = []
        self.build = secrets.token_hex(6)
        self.log = UpdateLog()
        self.diagnostics: list[Diagnostic] = []
        self.followers = Followers()
        self._worker = worker
        self._report = progress
        self._roots: list[str] = []
        self._shown = Shown()
        self._likely = LikelyChunks(project.id)
        self._torn = False
        """Whether an answer of the worker was not waited for: previews may lack what it held."""
        self._mending: asyncio.Task[None] | None = None
        self._known = False
        """Whether the worker was told of the app."""
        self._unbuilt = False
        """Whether the worker knows no more than the folder: building made it stand still."""
        self._unfinished = False
        """Whether a request was stopped between compiling and sending: packages may be missing, modules held back."""
        self._installed: Diagnostic | None = None
        self._digests: dict[str, str | None] = {}
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
        await self._install(self.packages.ensure)
        self._introducing = asyncio.create_task(self._introduce_soon())
        self._watching = asyncio.create_task(watch.follow(self.project.root, self._stop, self._take_in))

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
        await ask("build", {"app": self.project.id, "roots": self._roots, "files": []})
        kept = _kept(await ask("snapshot", {"app": self.project.id}))
        self._publish(self._shown.missed(kept), "file", started)
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

    async def discard(self, reason: str) -> None:
        """Forget all of it: the previews are told, the worker too."""
        self.followers.tell(Gone(app=self.project.id, reason=reason))
        self.followers.clear()
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

    async def edit(self, path: str, old: str, new: str, origin: Origin) -> Written:
        """Replace the one place where ``old`` stands. Raises EditError unless there is just one."""
        async with self._in_turn():
            return await self._change([FileChange(path=path, content=self.project.edited(path, old, new))], origin)

    async def _change(self, files: Sequence[FileChange], origin: Origin) -> Written:
        started = time.time() * 1000
        paths.check_together(item.path for item in files if item.content is not None)
        work: list[_Change] = []
        for item in files:
            file = self.project.locate(item.path)
            data = None if item.content is None else as_bytes(item.path, item.content)
            if data is None and not file.exists():
                raise FileError(f"There is no file '{item.path}' in {self.project.name}.")
            if data is None or not self.project.holds(file, data):
                work.append((item.path, file, data))
        if not work:
            again = [item.path for item in files] if await self._finish() else []
            return Written(
                seq=self.log.seq, changed=again, diagnostics=self.diagnostics, ms=time.time() * 1000 - started
            )
        handed_in = {item.path: item.content for item in files}
        changed = [path for path, _, _ in work]
        self._digests.update((path, None if data is None else digest(data)) for path, _, data in work)
        # A build that takes long must not keep the files from the disk.
        late = asyncio.get_running_loop().call_later(PROMPT_SECONDS, self._write_late, work)
        try:
            try:
                built = await self._build(files=[{"path": path, "content": handed_in[path]} for path in changed])
                # Previews do not wait for the disk, unless packages have to be installed first.
                sent = not built.missing and "package.json" not in changed
                if sent:
                    self._deliver(built, origin, started)
            finally:
                late.cancel()
                self._write(work)
        except FileError:
            # Previews show what the disk holds.
            self._deliver(await self._build(files=[{"path": path} for path in changed]), origin, started)
            raise
        if not sent:
            self._deliver(await self._settle(built, changed), origin, started)
        return Written(seq=self.log.seq, changed=changed, diagnostics=self.diagnostics, ms=time.time() * 1000 - started)

    def _write(self, work: list[_Change]) -> None:
        while work:
            path, file, data = work[0]
            if data is None:
                self.project.delete(path)
            else:
                self.project.write(file, data)
            del work[0]

    def _write_late(self, work: list[_Change]) -> None:
        # What fails is told when it is tried again, at the end of the build.
        with contextlib.suppress(FileError):
            self._write(work)

    async def rename(self, path: str, to: str, origin: Origin) -> Written:
        """Move a file, of text or not, to a path where none stands yet."""
        started = time.time() * 1000
        async with self._in_turn():
            self.project.rename(path, to)
            self._digests[path] = None
            self._digests[to] = self.project.digest(to)
            files = [{"path": to}, {"path": path, "content": None}]
            self._deliver(await self._settle(await self._build(files=files), [path, to]), origin, started)
            return Written(
                seq=self.log.seq, changed=[path, to], diagnostics=self.diagnostics, ms=time.time() * 1000 - started
            )

    async def prepare(self, target: str) -> Prepared:
        """Compile a component, or the whole app, with all that it reaches."""
        async with self._in_turn():
            module = export = ""
            if target:
                found = _resolved(await self._worker.call("resolve", app=self.project.id, target=target))
                if not found.module:
                    return Prepared(module="", export="", seq=self.log.seq, diagnostics=found.diagnostics)
                module, export = found.module, found.export
            await self._add_root(module)
            return Prepared(module=module, export=export, seq=self.log.seq, diagnostics=self.diagnostics)

    def expect(self, module: str) -> None:
        """Start to compile what a preview is about to subscribe to. The subscription says what is wrong with it."""

        async def begin() -> None:
            async with self._in_turn():
                with contextlib.suppress(OverskillError):
                    await self._add_root(module)

        if module not in self._roots and (self._expecting is None or self._expecting.done()):
            self._expecting = asyncio.create_task(begin())

    async def _add_root(self, module: str) -> None:
        await self._mend()
        await self._finish()
        if module in self._roots:
            return
        started = time.time() * 1000
        built = await self._settle(await self._build(roots=[module]), [])
        self._deliver(built, "file", started)
        # Only now: where the work was stopped before, the next one who asks starts it again.
        self._roots.append(module)

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

    async def _build(self, **params: Any) -> Built:
        self._unfinished = True
        if self._unbuilt:
            params["roots"] = [*self._roots, *params.get("roots", [])]
        try:
            built = _built(
                await self._worker.call("build", **{"app": self.project.id, "roots": [], "files": [], **params})
            )
        except WorkerStalled as error:
            self._unbuilt = True
            self._publish(Built(diagnostics=[_diagnostic("config", str(error))]), "file", time.time() * 1000)
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
        if "package.json" in changed and await self._install(self.packages.ensure):
            built = built.then(await self._use_packages())
        unavailable: dict[str, str] = {}
        for _ in range(MAX_INSTALLS):
            wanted = sorted({missing.package for missing in built.missing} - unavailable.keys())
            if not wanted:
                break
            try:
                await self.packages.add(wanted)
            except PackageError as error:
                if len(wanted) == 1:
                    unavailable[wanted[0]] = str(error)
                for name in wanted if len(wanted) > 1 else ():
                    try:
                        await self.packages.add([name])
                    except PackageError as fault:
                        unavailable[name] = str(fault)
            finally:
                self._told("packages", "", done=True)
            built = built.then(await self._use_packages(unavailable))
        return built

    async def _use_packages(self, unavailable: dict[str, str] | None = None) -> Built:
        await self._worker.call("modules", app=self.project.id, folder=self._modules)
        return await self._build(installed=True, unavailable=unavailable or {})

    async def _install(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Run an installation; whether the packages changed. Its failure becomes a diagnostic of the app."""
        before = self._modules
        failed_before = self._installed is not None
        try:
            await work()
            self._installed = None
        except PackageError as error:
            location = Location(file="package.json", line=1, column=1)
            self._installed = _diagnostic("install", str(error), location)
        finally:
            self._told("packages", "", done=True)
        return self._modules != before or failed_before

    # ---------------------------------------------------------------------------------------------- telling

    def _publish(self, built: Built, origin: Origin, started: float) -> None:
        """Number what was built and send it to every preview, unless nothing changed."""
        diagnostics = [*([self._installed] if self._installed else []), *built.diagnostics]
        if built.empty and diagnostics == self.diagnostics:
            return
        self._shown.note(built)
        self.diagnostics = diagnostics
        update = msgspec.Raw(
            _encode(
                UnreadUpdate(
                    app=self.project.id,
                    build=self.build,
                    seq=self.log.seq + 1,
                    modules=built.modules,
                    removed=built.removed,
                    # Who is not there yet gets a snapshot, or asks for one where the log has a chunk that it lacks.
                    vendor=read_raw(built.vendor, code=bool(self.followers)),
                    globals=built.globals,
                    page=built.page,
                    reload=built.reload,
                    diagnostics=diagnostics,
                    origin=origin,
                    sent=started,
                )
            )
        )
        self.log.append(self.log.seq + 1, update, len(bytes(update)))
        self.followers.publish(self.project.id, self.log.seq, update)

    def _told(self, stage: Literal["packages", "bundle"], text: str, done: bool = False) -> None:
        self.progress(Progress(app=self.project.id, stage=stage, text=text, done=done))

    def progress(self, progress: Progress) -> None:
        """Tell previews, and the engine's other clients, what is going on."""
        self._report(progress)
        self.followers.tell(progress)

    # ---------------------------------------------------------------------------------------------- following

    async def follow(self, key: tuple[int, str], follower: Follower, build: str, seq: int, module: str) -> None:
        """Send what a preview missed, or a snapshot, and everything after it."""
        if follower.fetches and seq < 0 and (likely := self._likely.of(module)):
            # It reads the packages while the app is compiled.
            follower.send(msgspec.Raw(_encode(Likely(app=self.project.id, chunks=likely))))
        async with self._in_turn():
            await self._add_root(module)
            if build == self.build:
                follower.sent = seq
            await self._bring_up(follower, module)
            self.followers[key] = follower

    async def catch_up(self, key: tuple[int, str]) -> None:
        """Send what was kept from a preview while its connection was congested."""
        async with self._in_turn():
            if follower := self.followers.get(key):
                follower.behind = False
                await self._bring_up(follower)

    async def _bring_up(self, follower: Follower, opened: str | None = None) -> None:
        missed = self.log.since(follower.sent)
        if missed is None or sum(len(bytes(update)) for update in missed) > CATCH_UP_BYTES:
            kept = _kept(await self._worker.call("snapshot", app=self.project.id))
            follower.snapshot(self.log.seq, self._snapshot(kept, follower))
            if opened is not None:
                self._likely.note(opened, kept.vendor)
            return
        for seq, update in enumerate(missed, follower.sent + 1):
            follower.update(seq, update)

    def _snapshot(self, kept: Kept, follower: Follower) -> msgspec.Raw:
        self._shown.note_snapshot(kept)
        snapshot = UnreadSnapshot(
            app=self.project.id,
            build=self.build,
            seq=self.log.seq,
            page=kept.page,
            entries=kept.entries,
            globals=kept.globals,
            vendor=follower.give(kept.vendor),
            modules=kept.modules,
            diagnostics=self.diagnostics,
        )
        return msgspec.Raw(_encode(snapshot))

    async def trace(self, error: TraceError) -> Traced:
        """Map an error from a preview back to the sources."""
        raw = await self._worker.call(
            "trace", app=self.project.id, kind=error.kind, message=error.message, stack=error.stack
        )
        return Traced(diagnostic=_traced(raw))

    # ---------------------------------------------------------------------------------------------- watching

    async def _take_in(self, changed: set[str]) -> None:
        """Take in files that another program changed; echoes of our own writes are dropped by their content."""
        started = time.time() * 1000
        async with self._in_turn():
            files: list[dict[str, Any]] = []
            seen: dict[str, str | None] = {}
            for path in sorted(changed):
                try:
                    content = self.project.digest(path)
                except FileNotFoundError:
                    content = None
                except (OSError, OverskillError):  # a folder, a link out of the app, a file that vanished meanwhile
                    continue
                if path in self._digests and self._digests[path] == content:
                    continue
                seen[path] = content
                files.append({"path": path, "content": None} if content is None else {"path": path})
            if not files:
                return
            built = await self._settle(await self._build(files=files), [file["path"] for file in files])
            self._deliver(built, "file", started)
            # Only now: a change that could not be taken in is tried again with the next one.
            self._digests.update(seen)


def _diagnostic(kind: Literal["install", "config"], message: str, location: Location | None = None) -> Diagnostic:
    return Diagnostic(severity="error", kind=kind, message=message, location=location)
