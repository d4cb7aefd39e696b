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
from .redaction import of_environment, redacted
from .steps import Step, parse
from .trees import Tree

VERSION = 1
SUFFIX = ".yaml"
PICTURE = ".png"
LONGEST_SLUG = 60
LONGEST_BYTES = 180
"""Of a file's name, which may be 255 with what is added to it."""


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

    def files(self) -> list[Path]:
        """Those of its interactions."""
        return sorted(self.folder.glob(f"*{SUFFIX}")) if self.folder.is_dir() else []

    def names(self) -> list[str]:
        """Names of the interactions in it."""
        return [one.name for one in self.all()]

    def all(self) -> list[Interaction]:
        """Them all, by their files' names. Raises ReplayError where one cannot be read."""
        return [read(file) for file in self.files()]

    def everywhere(self, app: str) -> list[tuple[Shelf, Interaction]]:
        """Those of an app, each with where it is: here, or, where the notebook's name is not known, beside it."""
        return [(shelf, one) for shelf in self._shelves() for one in shelf.all() if one.app == app]

    def find(self, name: str, app: str = "") -> tuple[Shelf, Interaction]:
        """The interaction of this name, and where it is; of any app where none is named. Raises ReplayError.

        A notebook whose name is not known finds those of the others beside it.
        """
        others = []
        for shelf in self._shelves():
            found = shelf.known(name)
            if found is not None and app in {"", found.app}:
                return shelf, found
            if found is not None:
                others.append(found.app)
        if others:
            raise ReplayError(f"{name!r} is recorded of the app {others[0]!r}, and not of {app!r}.")
        known = self.names()
        there = f"; there is {', '.join(repr(one) for one in known)}" if known else ""
        raise ReplayError(
            f"No interaction {name!r} is recorded in '{self.folder.name}'{there}. To record it: app.record({name!r})"
        )

    def known(self, name: str) -> Interaction | None:
        """The interaction of this name, where there is one."""
        file = self.file(name)
        return read(file) if file.is_file() else None

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
        if there is not None and there.app != interaction.app:
            raise CheckError(
                f"{interaction.name!r} is recorded of the app {there.app!r} already: give that of {interaction.app!r} "
                "another name."
            )
        write(file, _text(interaction, self.folder.name).encode())
        return file

    def _shelves(self) -> Iterator[Shelf]:
        yield self
        if notebook.path() is None and self.folder.parent.is_dir():
            for folder in sorted(self.folder.parent.iterdir()):
                if folder.is_dir() and folder != self.folder:
                    yield Shelf(folder)


def slug(name: str) -> str:
    """A file's name for a name, on every system. Raises CheckError where nothing in it can be in one."""
    parts = unicodedata.normalize("NFKD", name).lower()
    folded = unicodedata.normalize("NFKC", re.sub(r"(?<=[a-z])[\u0300-\u036f]+", "", parts))
    kept = ""
    for character in folded:
        # In many scripts vowels are marks on the letter before.
        is_mark = unicodedata.category(character) in {"Mn", "Mc"} and not "\ufe00" <= character <= "\ufe0f"
        kept += character if character.isalnum() or (is_mark and kept[-1:] not in {"", "-"}) else "-"
    short = re.sub(r"-+", "-", kept).strip("-")[:LONGEST_SLUG]
    made = short.encode()[:LONGEST_BYTES].decode(errors="ignore").strip("-")
    if not made:
        raise CheckError(f"{name!r} cannot be a name here: give it letters or digits.")
    # Windows has devices of these names, whatever the ending.
    return f"{made}-" if re.fullmatch(r"con|prn|aux|nul|(?:com|lpt)\d", made) else made


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
    fields = redacted(fields, of_environment())
    head = f"# What a person does in {where}, and what is there then. To take it anew: overskill refresh\n"
    return head + yaml.dump(fields, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=10**9)


def _block(tree: Tree) -> str:
    return f"{tree}\n"


def read(file: Path) -> Interaction:
    """The interaction in a file. Raises ReplayError."""
    import yaml

    try:
        text = file.read_text("utf-8")
        said = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe one
    except (OSError, UnicodeDecodeError) as error:
        raise ReplayError(f"The recording '{file.name}' cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        at = getattr(error, "problem_mark", None)
        where = f" (line {at.line + 1})" if at else ""
        raise ReplayError(f"The recording '{file.name}' is not YAML{where}; was it merged by hand?") from error
    if not isinstance(said, dict) or said.get("version") != VERSION:
        raise ReplayError(f"The recording '{file.name}' is of a version that is not known here.")
    try:
        return _interaction(said)
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError, CheckError) as error:
        raise ReplayError(f"The recording '{file.name}' cannot be read: {error}.") from error


def _interaction(said: dict[str, Any]) -> Interaction:
    start = Tree(str(said["start"])) if "start" in said else None
    steps: list[Taken] = []
    before = start
    for one in said.get("steps") or []:
        before = Tree(str(one["tree"])) if "tree" in one else before
        steps.append(Taken(parse(str(one["step"])), before))
    return Interaction(
        name=str(said["name"]),
        app=str(said["app"]),
        shows=str(said.get("shows") or ""),
        props=dict(said.get("props") or {}),
        functions=[str(name) for name in said.get("functions") or []],
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
