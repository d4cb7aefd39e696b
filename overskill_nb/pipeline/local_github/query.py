"""The part of GraphQL's language that clients use: operations, fragments, arguments, variables; and answering it from
a tree of values, in which a function stands for what depends on arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

_TOKEN = re.compile(
    r'[\s,]+|#[^\n]*|(?P<block>"""(?:.|\n)*?""")|(?P<text>"(?:\\.|[^"\\\n])*")|(?P<spread>\.\.\.)|'
    r"(?P<name>[A-Za-z_]\w*)|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<mark>[!$(){}\[\]:=@|&])"
)
MAX_DEPTH = 40


class QueryError(ValueError):
    """The query is none, or asks for what there is not."""


class Variable(msgspec.Struct):
    name: str


class Field(msgspec.Struct):
    name: str
    alias: str
    arguments: dict[str, Any]
    inner: list[Any]


class Spread(msgspec.Struct):
    """A fragment: one that has a name, or one that is written in place."""

    name: str
    inner: list[Any]
    on: str = ""


class Document(msgspec.Struct):
    fields: list[Any] = []
    fragments: dict[str, Spread] = {}
    defaults: dict[str, Any] = {}
    kind: str = "query"


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if not found:
                raise QueryError(f"Parse error on {text[at : at + 10]!r}")
            if found.lastgroup:
                self._tokens.append((found.lastgroup, found.group()))
            at = found.end()
        self._at = 0

    def document(self) -> Document:
        made = Document()
        while self._at < len(self._tokens):
            if self._next_is("fragment"):
                self._take()
                name = self._name()
                self._want("on")
                on = self._name()
                self._directives()
                made.fragments[name] = Spread(name, self._selection(0), on)
                continue
            if not self._next_is("{"):
                made.kind = self._name()
                if self._at < len(self._tokens) and self._tokens[self._at][0] == "name":
                    self._take()
                if self._next_is("("):
                    made.defaults = self._definitions()
                self._directives()
            made.fields = self._selection(0)
        if not made.fields:
            raise QueryError("Unexpected end of document")
        return made

    def _definitions(self) -> dict[str, Any]:
        self._want("(")
        defaults: dict[str, Any] = {}
        while not self._next_is(")"):
            self._want("$")
            name = self._name()
            self._want(":")
            while self._tokens[self._at][1] in {"[", "]", "!"} or self._tokens[self._at][0] == "name":
                self._take()
            if self._next_is("="):
                self._take()
                defaults[name] = self._value(0)
        self._want(")")
        return defaults

    def _selection(self, depth: int) -> list[Any]:
        if depth > MAX_DEPTH:
            raise QueryError("The query is nested too deeply")
        self._want("{")
        found: list[Any] = []
        while not self._next_is("}"):
            if self._next_is("..."):
                self._take()
                if self._next_is("{") or self._next_is("on") or self._next_is("@"):
                    on = ""
                    if self._next_is("on"):
                        self._take()
                        on = self._name()
                    self._directives()
                    found.append(Spread("", self._selection(depth + 1), on))
                else:
                    found.append(Spread(self._name(), []))
                    self._directives()
                continue
            alias = name = self._name()
            if self._next_is(":"):
                self._take()
                name = self._name()
            arguments = self._arguments(depth) if self._next_is("(") else {}
            self._directives()
            found.append(Field(name, alias, arguments, self._selection(depth + 1) if self._next_is("{") else []))
        self._want("}")
        return found

    def _arguments(self, depth: int) -> dict[str, Any]:
        self._want("(")
        found = {}
        while not self._next_is(")"):
            name = self._name()
            self._want(":")
            found[name] = self._value(depth + 1)
        self._want(")")
        return found

    def _directives(self) -> None:
        while self._next_is("@"):
            self._take()
            self._name()
            if self._next_is("("):
                self._arguments(0)

    def _value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise QueryError("The query is nested too deeply")
        kind, text = self._take()
        if kind == "text":
            return msgspec.json.decode(text.encode())
        if kind == "block":
            return text[3:-3]
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "name":
            return {"true": True, "false": False, "null": None}.get(text, text)
        if text == "$":
            return Variable(self._name())
        if text == "[":
            items = []
            while not self._next_is("]"):
                items.append(self._value(depth + 1))
            self._take()
            return items
        if text == "{":
            fields = {}
            while not self._next_is("}"):
                name = self._name()
                self._want(":")
                fields[name] = self._value(depth + 1)
            self._take()
            return fields
        raise QueryError(f"Parse error on {text!r}")

    def _next_is(self, text: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at][1] == text

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise QueryError("Unexpected end of document")
        self._at += 1
        return self._tokens[self._at - 1]

    def _name(self) -> str:
        kind, text = self._take()
        if kind != "name":
            raise QueryError(f"Parse error on {text!r}")
        return text

    def _want(self, text: str) -> None:
        found = self._take()[1]
        if found != text:
            raise QueryError(f"Parse error on {found!r}")


def parse(text: str) -> Document:
    """Raises QueryError."""
    try:
        return _Parser(text).document()
    except msgspec.DecodeError as error:
        raise QueryError(str(error)) from error


def answer(document: Document, root: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the document asks of ``root``."""
    given = {**document.defaults, **variables}
    return _Answering(document, given).select(document.fields, root, "Query", set())


class _Answering:
    def __init__(self, document: Document, variables: Mapping[str, Any]) -> None:
        self._document = document
        self._variables = variables

    def select(self, fields: list[Any], value: Mapping[str, Any], what: str, within: set[str]) -> dict[str, Any]:
        kind = str(value.get("__typename", what))
        made: dict[str, Any] = {}
        for field in fields:
            if isinstance(field, Spread):
                if field.name in within:
                    raise QueryError(f"Fragment {field.name} is part of itself")
                spread = self._document.fragments.get(field.name) if field.name else field
                if spread is None:
                    raise QueryError(f"Fragment {field.name} was used, but not defined")
                if not spread.on or not value.get("__typename") or spread.on in {kind, *value.get("__also", ())}:
                    made.update(self.select(spread.inner, value, what, within | ({field.name} - {""})))
                continue
            if field.name not in value:
                raise QueryError(f"Field '{field.name}' doesn't exist on type '{kind}'")
            found = value[field.name]
            if callable(found):
                found = found(**{name: self._bound(argument) for name, argument in field.arguments.items()})
            made[field.alias] = self._shown(field, found, within)
        return made

    def _shown(self, field: Field, found: Any, within: set[str]) -> Any:
        if isinstance(found, list):
            return [self._shown(field, item, within) for item in found]
        if isinstance(found, Mapping):
            if not field.inner:
                raise QueryError(f"Field must have selections (field '{field.name}')")
            return self.select(field.inner, found, field.name, within)
        return found

    def _bound(self, argument: Any) -> Any:
        if isinstance(argument, Variable):
            return self._variables.get(argument.name)
        if isinstance(argument, list):
            return [self._bound(item) for item in argument]
        if isinstance(argument, dict):
            return {name: self._bound(item) for name, item in argument.items()}
        return argument
