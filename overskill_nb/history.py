"""History: an app's checkpoints, what each changed, and the way back to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, overload

from . import protocol_history as wire
from .errors import HistoryError
from .protocol_history import FileDiff

if TYPE_CHECKING:
    from .session import Session
    from .widgets.history import HistoryView

PAGE = 100
"""How many checkpoints the engine is asked for at a time."""
SHOWN = 50
"""How many rows ``str()`` prints."""
BACK_TO = re.compile(r"^Back to [0-9a-f]{8}: ")


class Checkpoint:
    """A state of an app's files that can be gone back to."""

    def __init__(self, session: Session, app: str, known: wire.Checkpoint) -> None:
        self._session = session
        self._app = app
        self._known = known

    @property
    def id(self) -> str:
        """The commit's hash."""
        return self._known.id

    @property
    def at(self) -> datetime:
        """When it was made."""
        return datetime.fromtimestamp(self._known.at / 1000, timezone.utc)

    @property
    def origin(self) -> str:
        """What the change came from: ``cell``, ``python``, ``file``, ``editor``, ``prompt``, ``history`` or
        ``github``; empty for commits that were made with git."""
        return self._known.origin

    @property
    def author(self) -> str:
        """Who made it, as git knows them."""
        return self._known.author

    @property
    def message(self) -> str:
        """The commit's message."""
        return self._known.message

    @property
    def files(self) -> list[str]:
        """Paths that differ from the checkpoint before."""
        return list(self._known.files)

    @property
    def compiles(self) -> bool:
        """False where the app had errors."""
        return self._known.compiles

    def diff(self, since: str | Checkpoint | None = None) -> Diff:
        """What it changed, or what lies between another checkpoint and this one."""
        before = since.id if isinstance(since, Checkpoint) else since or ""
        request = wire.ReadDiff(app=self._app, checkpoint=self.id, since=before)
        return Diff(self._session.call(request, wire.Diff).files)

    def restore(self) -> Checkpoint:
        """Make the files what they were; previews follow. That is a new checkpoint, which is given."""
        request = wire.RestoreCheckpoint(app=self._app, checkpoint=self.id)
        return Checkpoint(self._session, self._app, self._session.call(request, wire.CheckpointInfo).checkpoint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Checkpoint) and (self._app, self.id) == (other._app, other.id)

    def __hash__(self) -> int:
        return hash((self._app, self.id))

    def __repr__(self) -> str:
        # The same whenever a notebook runs: no times, no ids.
        return f"Checkpoint({BACK_TO.sub('Back to: ', _title(self._known))!r})"


class Diff(Sequence[FileDiff]):
    """What became of each file; each has ``path``, ``status`` and ``text``. Prints as a unified diff."""

    def __init__(self, files: Sequence[FileDiff]) -> None:
        self._files = list(files)

    @overload
    def __getitem__(self, index: int) -> FileDiff: ...
    @overload
    def __getitem__(self, index: slice) -> Diff: ...
    def __getitem__(self, index: int | slice) -> FileDiff | Diff:
        return Diff(self._files[index]) if isinstance(index, slice) else self._files[index]

    def __len__(self) -> int:
        return len(self._files)

    def __repr__(self) -> str:
        parts = (file.text.rstrip("\n") or f"{file.path}: {file.status}" for file in self._files)
        return "\n".join(parts) or "(no difference)"


class History(Sequence[Checkpoint]):
    """An app's checkpoints, newest first. Prints as a table; a notebook shows one that follows.

    ``history["3f2c"]`` is the checkpoint whose id begins so; ``records()`` is what ``pandas.DataFrame`` takes.
    """

    def __init__(self, session: Session, app: str, name: str) -> None:
        self._session = session
        self._app = app
        self._name = name
        self._known: list[wire.Checkpoint] = []
        self._whole = False
        self._view: HistoryView | None = None

    def _load(self, count: int | None) -> list[wire.Checkpoint]:
        """The newest ``count`` of them, or all, as of the moment when they were first asked for."""
        while not self._whole and (count is None or len(self._known) < count):
            before = self._known[-1].id if self._known else ""
            request = wire.ListCheckpoints(app=self._app, limit=PAGE, before=before)
            page = self._session.call(request, wire.Checkpoints).checkpoints
            self._known.extend(page)
            self._whole = len(page) < PAGE
        return self._known

    @overload
    def __getitem__(self, index: int | str) -> Checkpoint: ...
    @overload
    def __getitem__(self, index: slice) -> list[Checkpoint]: ...
    def __getitem__(self, index: int | str | slice) -> Checkpoint | list[Checkpoint]:
        if isinstance(index, str):
            return self._made(self._find(index))
        if isinstance(index, slice):
            stop = index.stop
            ahead = stop is not None and stop >= 0 and (index.start or 0) >= 0 and (index.step or 1) > 0
            return [self._made(known) for known in self._load(stop if ahead else None)[index]]
        return self._made(self._load(index + 1 if index >= 0 else None)[index])

    def __iter__(self) -> Iterator[Checkpoint]:
        number = 0
        while len(self._load(number + 1)) > number:
            yield self._made(self._known[number])
            number += 1

    def __len__(self) -> int:
        return len(self._load(None))

    def _made(self, known: wire.Checkpoint) -> Checkpoint:
        return Checkpoint(self._session, self._app, known)

    def _find(self, prefix: str) -> wire.Checkpoint:
        found = [known for known in self._load(None) if prefix and known.id.startswith(prefix.lower())]
        if not found:
            raise HistoryError(f"'{self._name}' has no checkpoint '{prefix}'; print(app.history) lists them.")
        if len(found) > 1:
            raise HistoryError(f"'{prefix}' begins the ids of {len(found)} checkpoints; give more of its digits.")
        return found[0]

    def records(self) -> list[dict[str, Any]]:
        """One dict a checkpoint."""
        return [
            {
                "id": one.id,
                "at": one.at,
                "origin": one.origin,
                "author": one.author,
                "message": one.message,
                "files": one.files,
                "compiles": one.compiles,
            }
            for one in self
        ]

    def __str__(self) -> str:
        known = self._load(SHOWN + 1)
        if not known:
            return f"{self._name} has no checkpoint yet."
        rows = [("id", "when", "by", "files", "what")]
        for one in known[:SHOWN]:
            when = datetime.fromtimestamp(one.at / 1000, timezone.utc).astimezone()
            what = _title(one) if one.compiles else f"{_title(one)} (does not compile)"
            rows.append((one.id[:8], f"{when:%Y-%m-%d %H:%M:%S}", one.origin or "git", str(len(one.files)), what))
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([*lines, "… and older ones"] if len(known) > SHOWN else lines)

    def __repr__(self) -> str:
        # The same whenever a notebook runs: no times, no ids.
        return f"History({self._name})"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if self._view is None:
            from .widgets.history import HistoryView

            self._view = HistoryView(self._session, self._app, self._name, repr(self))
        display(self._view)  # type: ignore[no-untyped-call]


def _title(known: wire.Checkpoint) -> str:
    return known.message.partition("\n")[0]


__all__ = ["Checkpoint", "Diff", "FileDiff", "History"]
