"""What the previews of one app are sent: numbered updates, and snapshots for those that lack too many."""

from __future__ import annotations

import secrets

import msgspec

from ..protocol import Diagnostic, Likely, Origin
from .built import Built, Kept, Shown
from .chunk import read_raw
from .follower import Follower, Followers
from .likely import LikelyChunks
from .unread import UnreadSnapshot, UnreadUpdate
from .updates import UpdateLog
from .worker import Worker

CATCH_UP_BYTES = 1024 * 1024
"""Updates of more than this together are not sent one by one to a preview that missed them: a snapshot is less."""

_encode = msgspec.json.Encoder().encode
_kept = msgspec.json.Decoder(Kept).decode


class Feed:
    """The updates of one app, and who follows them."""

    def __init__(self, app: str, worker: Worker) -> None:
        self.app = app
        self.build = secrets.token_hex(6)
        self.log = UpdateLog()
        self.diagnostics: list[Diagnostic] = []
        """The problems of the sources as of the last update."""
        self.followers = Followers()
        self._worker = worker
        self._shown = Shown()
        self._likely = LikelyChunks(app)

    @property
    def seq(self) -> int:
        """Number of the last update."""
        return self.log.seq

    @property
    def compiles(self) -> bool:
        """Whether the sources had no errors as of the last update."""
        return not any(problem.severity == "error" for problem in self.diagnostics)

    def publish(self, built: Built, diagnostics: list[Diagnostic], origin: Origin, started: float) -> None:
        """Number what was built and send it to every preview, unless nothing changed."""
        if built.empty and diagnostics == self.diagnostics:
            return
        self._shown.note(built)
        self.diagnostics = diagnostics
        update = msgspec.Raw(
            _encode(
                UnreadUpdate(
                    app=self.app,
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
        # What does not compile is on no screen, and takes no time to get there.
        self.followers.publish(self.app, self.log.seq, update, started if self.compiles else 0.0)

    def missed(self, kept: msgspec.Raw) -> Built:
        """What previews lack of all that the worker has."""
        return self._shown.missed(_kept(kept))

    def announce(self, follower: Follower, module: str) -> None:
        """Name the chunks that a preview of this module will need: it reads them while the app is compiled."""
        if follower.fetches and (likely := self._likely.of(module)):
            follower.send(msgspec.Raw(_encode(Likely(app=self.app, chunks=likely))))

    async def bring_up(self, follower: Follower, opened: str | None = None) -> None:
        """Send what a preview lacks: the updates that it missed, or a snapshot. ``opened`` is its target at first."""
        missed = self.log.since(follower.sent)
        if missed is None or sum(len(bytes(update)) for update in missed) > CATCH_UP_BYTES:
            kept = _kept(await self._worker.call("snapshot", app=self.app))
            follower.snapshot(self.log.seq, self._snapshot(kept, follower))
            if opened is not None:
                self._likely.note(opened, kept.vendor)
            return
        for seq, update in enumerate(missed, follower.sent + 1):
            follower.update(seq, update)

    def _snapshot(self, kept: Kept, follower: Follower) -> msgspec.Raw:
        self._shown.note_snapshot(kept)
        snapshot = UnreadSnapshot(
            app=self.app,
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
