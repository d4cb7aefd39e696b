"""Steps: what a person does to an app, by the roles and names of what they use; one line of text each.

::

    click button "Add"
    click button "Delete" (2nd)
    type "Milk" into textbox "New task"
    select "Large" in combobox "Size"
    press Enter in textbox "New task"
    see "3 items left"
    wait 2 s
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal, get_args

import msgspec

from .errors import CheckError

Verb = Literal["click", "double-click", "type", "select", "press", "see", "wait"]
VERBS: tuple[str, ...] = get_args(Verb)
TEXT = "text"
"""Stands for a role where a text is clicked that has none."""
HIDDEN = "••••••••"
"""Stands for what is typed into a field for passwords."""
FIELD = "field"
"""Stands for the role of a field that has none, such as one for passwords."""

_QUOTED = r'"(?:[^"\\]|\\.)*"'
ROLE = r"[a-z]+(?:-[a-z]+)*"
_CONTROL = rf"(?P<role>{ROLE})(?: (?P<name>{_QUOTED}))?(?: \((?P<nth>\d+)(?:st|nd|rd|th)\))?"
_FORMS = (
    re.compile(rf"(?P<do>click|double-click) {_CONTROL}"),
    re.compile(rf"(?P<do>type) (?P<value>{_QUOTED}) into {_CONTROL}"),
    re.compile(rf"(?P<do>select) (?P<value>{_QUOTED}) in {_CONTROL}"),
    re.compile(rf"(?P<do>press) (?P<key>\S+)(?: in {_CONTROL})?"),
    re.compile(rf"(?P<do>see) (?P<value>{_QUOTED})"),
    re.compile(r"(?P<do>wait) (?P<seconds>\d+(?:\.\d+)?) s"),
)
_KEY = re.compile(r"(?:(?:Alt|Control|Meta|Shift|ControlOrMeta)\+)*(?:[A-Z][A-Za-z0-9]+|[!-~])")
LONGEST_WAIT = 3600.0


class Step(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing that is done, or seen."""

    do: Verb
    role: str = ""
    """Of what it is done to; ``text`` and ``field`` stand for none."""
    name: str = ""
    """Its accessible name."""
    nth: int = 0
    """Which of those with this role and name, from 1; 0 where there is just one."""
    value: str = ""
    """What is typed, selected or seen, or the key."""
    seconds: float = 0.0
    """How long to wait."""

    def __str__(self) -> str:
        if self.do == "see":
            return f"see {_quoted(self.value)}"
        if self.do == "wait":
            return f"wait {self.seconds:g} s"
        if self.do == "type":
            return f"type {_quoted(self.value)} into {self.control}"
        if self.do == "select":
            return f"select {_quoted(self.value)} in {self.control}"
        if self.do == "press":
            return f"press {self.value} in {self.control}" if self.role else f"press {self.value}"
        return f"{self.do} {self.control}"

    @property
    def control(self) -> str:
        """What it is done to, in words."""
        named = f"{self.role} {_quoted(self.name)}" if self.name else self.role
        return f"{named} ({self.nth}{_ending(self.nth)})" if self.nth else named


def parse(text: str) -> Step:
    """The step that a line says. Raises CheckError."""
    for form in _FORMS:
        found = form.fullmatch(text.strip())
        if found:
            return checked(_fields(found.groupdict()))
    verbs = ", ".join(VERBS)
    raise CheckError(f"'{text}' is no step: one begins with {verbs}, such as: click button \"Add\".")


def _fields(groups: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {"do": groups["do"]}
    for name in ("role", "name", "value"):
        if given := groups.get(name):
            fields[name] = json.loads(given) if given.startswith('"') else given
    if groups.get("key"):
        fields["value"] = groups["key"]
    if groups.get("nth"):
        fields["nth"] = int(groups["nth"])
    if groups.get("seconds"):
        fields["seconds"] = float(groups["seconds"])
    return fields


def checked(fields: Any) -> Step:
    """A step from data, which a page may have sent. Raises CheckError."""
    try:
        step = msgspec.convert(fields, Step)
    except msgspec.ValidationError as error:
        raise CheckError(f"This is no step: {error}.") from error
    if step.do == "press" and not _KEY.fullmatch(step.value):
        raise CheckError(f"'{step.value}' is no key: give one such as Enter, Escape, ArrowDown or Control+a.")
    if step.role and not re.fullmatch(ROLE, step.role):
        raise CheckError(f"'{step.role}' is no role.")
    if not step.role and step.do in {"click", "double-click", "type", "select"}:
        raise CheckError(f"The step '{step.do}' says nothing of what it is done to.")
    if not 0 <= step.nth < 10_000 or not 0 <= step.seconds <= LONGEST_WAIT:
        raise CheckError(f"'{step}' is out of range.")
    return step


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _ending(number: int) -> str:
    if number % 100 in {11, 12, 13}:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
