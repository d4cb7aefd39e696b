"""The numbered updates of one app, kept so that a client which missed some gets just those."""

from __future__ import annotations

from collections import deque

import msgspec

KEEP = 200
KEEP_BYTES = 32 * 1024 * 1024


class UpdateLog:
    """The last updates, encoded. Numbers run without gaps."""

    def __init__(self, keep: int = KEEP, keep_bytes: int = KEEP_BYTES) -> None:
        self.seq = 0
        """Number of the newest update; 0 before the first."""
        self._kept: deque[tuple[int, msgspec.Raw, int]] = deque()
        self._keep = keep
        self._keep_bytes = keep_bytes
        self._bytes = 0

    def append(self, seq: int, update: msgspec.Raw, size: int) -> None:
        """Add the update that follows the newest one."""
        if seq != self.seq + 1:
            raise ValueError(f"update {seq} does not follow {self.seq}")
        self.seq = seq
        self._kept.append((seq, update, size))
        self._bytes += size
        while len(self._kept) > self._keep or (self._bytes > self._keep_bytes and len(self._kept) > 1):
            self._bytes -= self._kept.popleft()[2]

    def since(self, seq: int) -> list[msgspec.Raw] | None:
        """The updates after ``seq``; None where the log does not reach back so far, or the number is not ours."""
        if seq == self.seq:
            return []
        if seq > self.seq or seq < 0 or not self._kept or self._kept[0][0] > seq + 1:
            return None
        return [update for number, update, _ in self._kept if number > seq]
