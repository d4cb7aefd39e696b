"""What a commit's message says: a sentence, and trailers that tell where the change came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

ORIGIN = "Overskill-Origin"
COMPILES = "Overskill-Compiles"
_TRAILER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*): (.*)")


class Said(NamedTuple):
    """A message, taken apart."""

    text: str
    trailers: dict[str, str]


def compose(text: str, origin: str, compiles: bool) -> bytes:
    """The message of a checkpoint."""
    trailers = [f"{ORIGIN}: {origin}"] if origin else []
    if not compiles:
        trailers.append(f"{COMPILES}: no")
    body = text.replace("\0", "").strip() or "Checkpoint"
    return "\n".join([body, *([""] if trailers else []), *trailers, ""]).encode("utf-8", "replace")


def take_apart(message: bytes) -> Said:
    """The text of any commit's message, and its trailers: the last paragraph, where it is nothing else."""
    text = message.decode("utf-8", "replace").replace("\r\n", "\n").strip()
    before, gap, last = text.rpartition("\n\n")
    found = [_TRAILER.fullmatch(line) for line in last.split("\n")]
    if not gap or not all(found):
        return Said(text, {})
    return Said(before.strip(), {match[1]: match[2].strip() for match in found if match})


def describe(added: Sequence[str], changed: Sequence[str], removed: Sequence[str], first: bool) -> str:
    """What a checkpoint did, for one that has no message of its own."""
    if first:
        return "Begin"
    together = [("Add", added), ("Change", changed), ("Remove", removed)]
    named = [(verb, paths) for verb, paths in together if paths]
    if len(named) == 1:
        verb, paths = named[0]
        return f"{verb} {_some(paths)}"
    return f"Change {_some(sorted([*added, *changed, *removed]))}"


def _some(paths: Sequence[str]) -> str:
    return " and ".join(paths) if len(paths) <= 2 else f"{len(paths)} files"
