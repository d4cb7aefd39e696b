"""What a step says to the runner: lines that begin with ``::``, and the files whose names it is given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_COMMAND = re.compile(r"\s*::(?P<name>[A-Za-z][\w-]*)(?:\s+(?P<properties>.*?))?::(?P<value>.*)")
_LONGEST_FILE = 1024 * 1024


class FileError(ValueError):
    """A step wrote what is not readable into one of its files."""


@dataclass(frozen=True)
class Command:
    name: str
    properties: Mapping[str, str]
    value: str


def command(line: str) -> Command | None:
    """The command that a line is; None where it is an ordinary one."""
    if "::" not in line or not (found := _COMMAND.fullmatch(line)):
        return None
    properties: dict[str, str] = {}
    for pair in (found["properties"] or "").split(","):
        name, _, value = pair.partition("=")
        if name.strip():
            properties[name.strip().lower()] = _plain(value).replace("%3A", ":").replace("%2C", ",")
    return Command(found["name"].lower(), properties, _plain(found["value"]).replace("%25", "%"))


def _plain(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n")


def assignments(file: Path) -> dict[str, str]:
    """``name=value`` lines and ``name<<end`` blocks, as GITHUB_ENV and GITHUB_OUTPUT have them. Raises FileError."""
    lines = _text(file).split("\n")
    found: dict[str, str] = {}
    at = 0
    while at < len(lines):
        line = lines[at].removesuffix("\r")
        at += 1
        if not line.strip():
            continue
        equals, block = line.find("="), line.find("<<")
        if block > 0 and (equals < 0 or block < equals):
            name, end = line[:block], line[block + 2 :]
            if not end:
                raise FileError(f"Invalid format '{line}': a delimiter is missing after '<<'.")
            begin = at
            while at < len(lines) and lines[at].removesuffix("\r") != end:
                at += 1
            if at >= len(lines):
                raise FileError(f"Invalid value. Matching delimiter not found '{end}'")
            found[name] = "\n".join(lines[begin:at])
            at += 1
        elif equals > 0:
            found[line[:equals]] = line[equals + 1 :]
        else:
            raise FileError(f"Invalid format '{line}'")
    return found


def paths(file: Path) -> list[str]:
    """What a step added to PATH."""
    return [line.strip() for line in _text(file).splitlines() if line.strip()]


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > _LONGEST_FILE:
            raise FileError(f"A step wrote more than {_LONGEST_FILE // 1024} KiB into {file.name}.")
        return file.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise FileError(f"What a step wrote into {file.name} is not UTF-8.") from None
