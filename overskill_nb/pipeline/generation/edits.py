"""Edits by what a file holds: as written first, then whatever its blanks are."""

from __future__ import annotations

import difflib

from ...errors import EditError


def edited(text: str, old: str, new: str, path: str) -> str:
    """The text with the one place where ``old`` stands replaced. Raises EditError that says what is there instead."""
    old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
    if not old.strip():
        raise EditError(f"'{path}' was not changed: the text to replace is empty. Use write_file for a whole file.")
    count = text.count(old)
    if count == 1:
        return text.replace(old, new)
    if count > 1:
        raise EditError(
            f"'{path}' was not changed: the text stands in it {count} times; give more of its surroundings."
        )
    lines = text.split("\n")
    wanted = old.strip("\n").split("\n")
    places = list(_places(lines, wanted))
    if len(places) == 1:
        at = places[0]
        replaced = _indented(new.strip("\n").split("\n") if new.strip() else [], wanted, lines[at : at + len(wanted)])
        return "\n".join([*lines[:at], *replaced, *lines[at + len(wanted) :]])
    if places:
        raise EditError(
            f"'{path}' was not changed: the text stands in it {len(places)} times; give more of its surroundings."
        )
    raise EditError(f"'{path}' was not changed: the text does not stand in it.{_nearest(lines, wanted)}")


def _places(lines: list[str], wanted: list[str]) -> list[int]:
    """Where lines stand that differ in blanks only."""
    bare = [_bare(line) for line in lines]
    looked_for = [_bare(line) for line in wanted]
    last = len(lines) - len(wanted)
    return [n for n in range(last + 1) if bare[n : n + len(wanted)] == looked_for]


def _bare(line: str) -> str:
    return " ".join(line.split())


def _indented(new: list[str], wanted: list[str], there: list[str]) -> list[str]:
    """The new lines, as far to the right as those that they replace."""
    mine = next((line for line in wanted if line.strip()), "")
    theirs = next((line for line in there if line.strip()), "")
    given, real = len(mine) - len(mine.lstrip()), theirs[: len(theirs) - len(theirs.lstrip())]
    out = []
    for line in new:
        own = len(line) - len(line.lstrip())
        out.append(real + " " * max(0, own - given) + line.lstrip() if line.strip() else "")
    return out


def _nearest(lines: list[str], wanted: list[str]) -> str:
    """The place that was probably meant, for the next try."""
    size = min(len(wanted), len(lines))
    looked_for = "\n".join(map(_bare, wanted))[:2000]
    best, most = -1, 0.6
    for at in range(len(lines) - size + 1):
        there = "\n".join(map(_bare, lines[at : at + size]))[:2000]
        matcher = difflib.SequenceMatcher(None, looked_for, there, autojunk=False)
        if matcher.real_quick_ratio() > most and matcher.quick_ratio() > most and (ratio := matcher.ratio()) > most:
            best, most = at, ratio
    if best < 0:
        return " Read the file first."
    return " This stands there instead:\n" + "\n".join(lines[best : best + size])
