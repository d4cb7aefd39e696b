"""Recorded interactions beside the notebook: one file each, which a person can read and git can merge.

``recordings/<notebook>/adds-a-task.yaml`` holds what was done, step by step, and what a screen reader found after each;
a step after which the same is found as before it has no tree of its own. Nothing in it depends on when or where.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from . import notebook
from .errors import CheckError, ReplayError
from .steps import Step, parse
from .trees import Tree

VERSION = 1
SUFFIX = ".yaml"
PICTURE = ".png"
LONGEST_SLUG = 60


class Taken(msgspec.Struct):
    """A step, and what is there after it; None where that was not looked at yet."""

    step: Step
    tree: Tree | None = None


class Interaction(msgspec.Struct):
    """What a person does to an app, and what is there then."""

    name: str
    app: str
    """The app's name."""
    shows: str = ""
    """The component; empty for the whole app."""
    props: dict[str, Any] = {}
    functions: list[str] = []
    start: Tree | None = None
    """What is there before the first step; None where no browser has looked yet."""
    steps: list[Taken] = []

    @property
    def looked_at(self) -> bool:
        """Whether there is something to compare with."""
        return self.start is not None

    def __str__(self) -> str:
        return "\n".join([str(taken.step) for taken in self.steps])


class Shelf:
    """Where one notebook's interactions are kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def here(cls, app: str) -> Shelf:
        """The one of the notebook that runs this; where its name is not known, the app's."""
        file = notebook.path()
        base = file.parent if file else Path.cwd()
        return cls(base / notebook.RECORDINGS / (file.stem if file else app))

    def names(self) -> list[str]:
        """Names of the interactions in it."""
        return [one.name for one in self.all()]

    def all(self) -> list[Interaction]:
        """Them all, by their files' names. Raises ReplayError where one cannot be read."""
        return [_read(file) for file in self._files()]

    def everywhere(self) -> list[Interaction]:
        """Those in it, and, where the notebook's name is not known, those of the others beside it."""
        return [one for shelf in self._shelves() for one in shelf.all()]

    def find(self, name: str) -> Interaction:
        """The interaction of this name. Raises ReplayError.

        A notebook whose name is not known finds those of the others beside it.
        """
        for shelf in self._shelves():
            file = shelf.file(name)
            if file.is_file():
                return _read(file)
        known = self.names()
        there = f"; there is {', '.join(repr(one) for one in known)}" if known else ""
        raise ReplayError(
            f"No interaction {name!r} is recorded in '{self.folder.name}'{there}. To record it: app.record({name!r})"
        )

    def known(self, name: str) -> Interaction | None:
        """The interaction of this name, where there is one."""
        file = self.file(name)
        return _read(file) if file.is_file() else None

    def file(self, name: str) -> Path:
        """The file of an interaction."""
        return self.folder / f"{slug(name)}{SUFFIX}"

    def picture(self, name: str) -> Path:
        """The file of a picture."""
        return self.folder / f"{slug(name)}{PICTURE}"

    def keep(self, interaction: Interaction) -> Path:
        """Write an interaction, in place of one of the same name."""
        file = self.file(interaction.name)
        there = self.known(interaction.name)
        if there is not None and there.name != interaction.name:
            raise CheckError(
                f"'{interaction.name}' would be kept in the same file as '{there.name}': give it a name that differs "
                "in its letters."
            )
        write(file, _text(interaction, self.folder.name).encode())
        return file

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{SUFFIX}")) if self.folder.is_dir() else []

    def _shelves(self) -> Iterator[Shelf]:
        yield self
        if notebook.path() is None and self.folder.parent.is_dir():
            for folder in sorted(self.folder.parent.iterdir()):
                if folder.is_dir() and folder != self.folder:
                    yield Shelf(folder)


def slug(name: str) -> str:
    """A file's name for a name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-")
    if not made:
        raise CheckError(f"{name!r} cannot be a name here: give it letters or digits.")
    return made


def write(file: Path, data: bytes) -> None:
    """Whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    scratch.write_bytes(data)
    os.replace(scratch, file)


def _text(interaction: Interaction, where: str) -> str:
    import yaml

    fields: dict[str, Any] = {"version": VERSION, "name": interaction.name, "app": interaction.app}
    if interaction.shows:
        fields["shows"] = interaction.shows
    if interaction.props:
        fields["props"] = interaction.props
    if interaction.functions:
        fields["functions"] = interaction.functions
    if interaction.start is not None:
        fields["start"] = _block(interaction.start)
    before = interaction.start
    steps = fields["steps"] = []
    for taken in interaction.steps:
        one: dict[str, Any] = {"step": str(taken.step)}
        if taken.tree is not None and (before is None or str(taken.tree) != str(before)):
            one["tree"] = _block(taken.tree)
        before = taken.tree or before
        steps.append(one)
    head = f"# What a person does in {where}, and what is there then. To take it anew: overskill refresh\n"
    return head + yaml.dump(fields, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=10**9)


def _block(tree: Tree) -> str:
    return f"{tree}\n"


def _read(file: Path) -> Interaction:
    import yaml

    try:
        text = file.read_text("utf-8")
        read = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe one
    except (OSError, UnicodeDecodeError) as error:
        raise ReplayError(f"The recording '{file.name}' cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        at = getattr(error, "problem_mark", None)
        where = f" (line {at.line + 1})" if at else ""
        raise ReplayError(f"The recording '{file.name}' is not YAML{where}; was it merged by hand?") from error
    if not isinstance(read, dict) or read.get("version") != VERSION:
        raise ReplayError(f"The recording '{file.name}' is of a version that is not known here.")
    try:
        return _interaction(read)
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError, CheckError) as error:
        raise ReplayError(f"The recording '{file.name}' cannot be read: {error}.") from error


def _interaction(read: dict[str, Any]) -> Interaction:
    start = Tree(str(read["start"])) if "start" in read else None
    steps: list[Taken] = []
    before = start
    for one in read.get("steps") or []:
        before = Tree(str(one["tree"])) if "tree" in one else before
        steps.append(Taken(parse(str(one["step"])), before))
    return Interaction(
        name=str(read["name"]),
        app=str(read["app"]),
        shows=str(read.get("shows") or ""),
        props=dict(read.get("props") or {}),
        functions=[str(name) for name in read.get("functions") or []],
        start=start,
        steps=steps,
    )


def _dumper() -> Any:
    """Trees as blocks, so that they can be read."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
            return super().increase_indent(flow, False)

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if "\n" in value and not re.search(r"[ \t]+$", value, re.MULTILINE) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return Dumper
