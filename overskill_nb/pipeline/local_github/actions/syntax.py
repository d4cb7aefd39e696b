"""Reads expressions, what stands between ``${{`` and ``}}``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .values import Value, number


class ExpressionError(ValueError):
    """An expression cannot be read or worked out; one sentence."""


@dataclass(frozen=True)
class Literal:
    value: Value


@dataclass(frozen=True)
class Named:
    """A context, such as ``github``."""

    name: str


@dataclass(frozen=True)
class Member:
    """``of.key`` or ``of[key]``; without a key it is ``of.*``."""

    of: Node
    key: Node | None


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    of: Node


@dataclass(frozen=True)
class Binary:
    operator: str
    left: Node
    right: Node


Node = Literal | Named | Member | Call | Not | Binary

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>0x[0-9a-fA-F]+|0o[0-7]+|[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w]))"
    r"|(?P<operator>==|!=|<=|>=|&&|\|\||[!<>().,*]|\[|\])"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*))"
)
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))
_WORDS = {"null": None, "true": True, "false": False}
_DEEPEST = 50


def parse(source: str) -> Node:
    """Raises ExpressionError."""
    return _Parser(source).whole()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source.strip()
        self._tokens = self._read()
        self._at = 0
        self._depth = 0

    def _read(self) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(self._source):
            found = _TOKEN.match(self._source, at)
            if not found or not found.lastgroup:
                rest = self._source[at:].lstrip()
                raise ExpressionError(f"Unexpected symbol: '{rest[:20]}' in the expression: {self._source}")
            tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        return tokens

    def whole(self) -> Node:
        if not self._tokens:
            raise ExpressionError("An expression was expected between '${{' and '}}'.")
        node = self._level(0)
        if self._at < len(self._tokens):
            raise ExpressionError(f"Unexpected symbol: '{self._tokens[self._at][1]}' in: {self._source}")
        return node

    def _peek(self) -> str:
        if self._at < len(self._tokens) and self._tokens[self._at][0] == "operator":
            return self._tokens[self._at][1]
        return ""

    def _take(self, operator: str) -> None:
        if self._peek() != operator:
            found = self._tokens[self._at][1] if self._at < len(self._tokens) else "the end"
            raise ExpressionError(f"'{operator}' was expected, not {found}, in the expression: {self._source}")
        self._at += 1

    def _level(self, level: int) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST * (len(_LEVELS) + 2):
            raise ExpressionError(f"The expression is nested deeper than {_DEEPEST} levels: {self._source[:80]}")
        try:
            if level == len(_LEVELS):
                return self._unary()
            node = self._level(level + 1)
            while (operator := self._peek()) in _LEVELS[level]:
                self._at += 1
                node = Binary(operator, node, self._level(level + 1))
            return node
        finally:
            self._depth -= 1

    def _unary(self) -> Node:
        if self._peek() == "!":
            self._at += 1
            return Not(self._level(len(_LEVELS)))
        node = self._primary()
        while (operator := self._peek()) in {".", "["}:
            self._at += 1
            if operator == "[":
                key: Node | None = None
                if self._peek() == "*":
                    self._at += 1
                else:
                    key = self._level(0)
                self._take("]")
                node = Member(node, key)
            elif self._peek() == "*":
                self._at += 1
                node = Member(node, None)
            else:
                kind, name = self._next()
                if kind != "name":
                    raise ExpressionError(f"A name was expected after '.', not '{name}', in: {self._source}")
                node = Member(node, Literal(name))
        return node

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise ExpressionError(f"Unexpected end of the expression: {self._source}")
        self._at += 1
        return self._tokens[self._at - 1]

    def _primary(self) -> Node:
        kind, found = self._next()
        if kind == "text":
            return Literal(found[1:-1].replace("''", "'"))
        if kind == "number":
            return Literal(number(found))
        if kind == "name":
            if self._peek() == "(":
                self._at += 1
                return Call(found, self._arguments())
            if found in _WORDS:
                return Literal(_WORDS[found])
            return Named(found)
        if found == "(":
            node = self._level(0)
            self._take(")")
            return node
        raise ExpressionError(f"Unexpected symbol: '{found}' in the expression: {self._source}")

    def _arguments(self) -> tuple[Node, ...]:
        given: list[Node] = []
        while self._peek() != ")":
            if given:
                self._take(",")
            given.append(self._level(0))
        self._take(")")
        return tuple(given)
