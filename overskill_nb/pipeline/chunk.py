"""Chunks of packages on their way from the worker: megabytes that are read from the cache, not sent by its pipe."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ..protocol import Vendor


class Chunk(msgspec.Struct):
    """A chunk as the worker names it: by its file, or with its code where it could not be kept in one."""

    id: str
    code: str | None = None
    file: str | None = None

    def vendor(self) -> Vendor:
        """The chunk with its code."""
        return Vendor(id=self.id, code=self.read().decode())

    def read(self) -> bytes:
        """Its code."""
        return Path(self.file).read_bytes() if self.file else (self.code or "").encode()


_decode = msgspec.json.Decoder(list[Chunk]).decode


def read_raw(chunks: msgspec.Raw, code: bool) -> list[Vendor]:
    """The chunks of the worker's JSON, with or without their code."""
    return [chunk.vendor() if code else Vendor(id=chunk.id) for chunk in _decode(chunks)]
