"""Chunks of packages on their way from the worker: megabytes that are read from the cache, not sent by its pipe."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from .. import config
from ..protocol import Vendor

FOLDER = "bundles"
"""Below the cache's folder: what the worker keeps."""


class Chunk(msgspec.Struct):
    """A chunk as the worker names it: by its file, or with its code where it could not be kept in one."""

    id: str
    code: str | None = None
    file: str | None = None

    def vendor(self) -> Vendor:
        """The chunk with its code."""
        code = Path(self.file).read_text("utf-8") if self.file else self.code
        return Vendor(id=self.id, code=code)


def kept(name: str) -> Path | None:
    """The file of a chunk by its id; None where there is none."""
    file = config.cache_folder() / FOLDER / "vendor" / f"{name}.js"
    return file if re.fullmatch("[0-9a-f]+", name) and file.is_file() else None


_decode = msgspec.json.Decoder(list[Chunk]).decode


def read_raw(chunks: msgspec.Raw, code: bool) -> list[Vendor]:
    """The chunks of the worker's JSON, with or without their code."""
    return [chunk.vendor() if code else Vendor(id=chunk.id) for chunk in _decode(chunks)]
