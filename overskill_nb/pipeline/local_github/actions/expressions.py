"""Works out expressions by GitHub's rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import values
from .hash_files import hash_files
from .syntax import Binary, Call, ExpressionError, Literal, Member, Named, Node, Not, parse
from .values import Value

STATUS = frozenset({"success", "failure", "always", "cancelled"})
_CONTEXTS = frozenset(
    {"github", "inputs", "secrets", "vars", "env", "steps", "job", "jobs", "runner", "needs", "strategy", "matrix"}
)
_PIECE = re.compile(r"\$\{\{((?:'(?:[^']|'')*'|[^'])*?)\}\}", re.DOTALL)


@dataclass(frozen=True)
class Scope:
    """What an expression may name."""

    contexts: Mapping[str, Value]
    status: Mapping[str, bool] = field(default_factory=dict)
    """What success(), failure(), always() and cancelled() give."""
    workspace: Path | None = None
    """Where hashFiles looks."""


def evaluate(source: str, scope: Scope) -> Value:
    """An expression without its braces. Raises ExpressionError."""
    return _value(parse(source), scope)


def interpolate(template: Any, scope: Scope) -> Value:
    """A scalar of the workflow with its expressions worked out: a lone one keeps its kind."""
    if not isinstance(template, str):
        return template
    found = list(_PIECE.finditer(template))
    if template.count("${{") > len(found):
        raise ExpressionError(f"An expression does not end with '}}}}': {template.strip()[:120]}")
    if len(found) == 1 and found[0].span() == (0, len(template)):
        return evaluate(found[0][1], scope)
    return _PIECE.sub(lambda piece: values.text(evaluate(piece[1], scope)), template)


def text(template: Any, scope: Scope) -> str:
    return values.text(interpolate(template, scope))


def condition(source: Any, scope: Scope) -> bool:
    """What an ``if:`` says. Where it asks for no status, only after success."""
    if source is None or source == "":
        return scope.status["success"]
    if not isinstance(source, str):
        return scope.status["success"] and values.truthy(source)
    if "${{" not in source:
        node = parse(source)
        found = _value(node, scope)
        asks = _asks(node)
    else:
        asks = any(_asks(parse(piece[1])) for piece in _PIECE.finditer(source))
        found = interpolate(source.strip(), scope)
    return values.truthy(found) and (asks or scope.status["success"])


def check(template: Any) -> None:
    """Raises ExpressionError where an expression of the scalar cannot be read."""
    if isinstance(template, str) and "${{" in template:
        found = list(_PIECE.finditer(template))
        if template.count("${{") > len(found):
            raise ExpressionError(f"An expression does not end with '}}}}': {template.strip()[:120]}")
        for piece in found:
            _check(parse(piece[1]))


def check_condition(source: Any) -> None:
    if isinstance(source, str) and source.strip() and "${{" not in source:
        _check(parse(source))
    check(source)


def _check(node: Node) -> None:
    for part in _parts(node):
        if isinstance(part, Named) and part.name.lower() not in _CONTEXTS:
            raise ExpressionError(f"Unrecognized named-value: '{part.name}'.")
        if isinstance(part, Call):
            known = next(
                (name for name in (*_FUNCTIONS, "hashFiles", *STATUS) if name.lower() == part.name.lower()), ""
            )
            if not known:
                raise ExpressionError(f"Unrecognized function: '{part.name}'.")
            least, most = _ARGUMENTS[known]
            if not least <= len(part.arguments) <= most:
                raise ExpressionError(f"The function {part.name} was given {len(part.arguments)} arguments.")


def _asks(node: Node) -> bool:
    return any(isinstance(part, Call) and part.name.lower() in STATUS for part in _parts(node))


def _parts(node: Node) -> Iterator[Node]:
    yield node
    below: tuple[Node, ...] = ()
    if isinstance(node, Binary):
        below = (node.left, node.right)
    elif isinstance(node, Not):
        below = (node.of,)
    elif isinstance(node, Member):
        below = (node.of, node.key) if node.key is not None else (node.of,)
    elif isinstance(node, Call):
        below = node.arguments
    for part in below:
        yield from _parts(part)


class _Filtered(list[Any]):
    """What ``.*`` gave: a member of it is the member of each."""


def _value(node: Node, scope: Scope) -> Value:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Named):
        name = node.name.lower()
        if name not in _CONTEXTS:
            raise ExpressionError(f"Unrecognized named-value: '{node.name}'.")
        return scope.contexts.get(name)
    if isinstance(node, Member):
        return _member(node, scope)
    if isinstance(node, Not):
        return not values.truthy(_value(node.of, scope))
    if isinstance(node, Binary):
        return _binary(node, scope)
    return _call(node, scope)


def _member(node: Member, scope: Scope) -> Value:
    of = _value(node.of, scope)
    if node.key is None:
        within = list(of.values()) if isinstance(of, dict) else of if isinstance(of, list) else []
        return _Filtered(within)
    key = _value(node.key, scope)
    if isinstance(of, _Filtered):
        found = (values.member(each, key) for each in of)
        return _Filtered(each for each in found if each is not None)
    return values.member(of, key)


def _binary(node: Binary, scope: Scope) -> Value:
    left = _value(node.left, scope)
    if node.operator == "&&":
        return _value(node.right, scope) if values.truthy(left) else left
    if node.operator == "||":
        return left if values.truthy(left) else _value(node.right, scope)
    right = _value(node.right, scope)
    if node.operator == "==":
        return values.equal(left, right)
    if node.operator == "!=":
        return not values.equal(left, right)
    if node.operator[0] == "<":
        return values.less(left, right, or_equal=node.operator == "<=")
    return values.less(right, left, or_equal=node.operator == ">=")


def _call(node: Call, scope: Scope) -> Value:
    _check(Call(node.name, node.arguments))
    name = node.name.lower()
    if name in STATUS:
        if name not in scope.status:
            raise ExpressionError(f"The function {node.name} can only be used in an 'if'.")
        return scope.status[name]
    given = [_value(argument, scope) for argument in node.arguments]
    if name == "hashfiles":
        if scope.workspace is None:
            raise ExpressionError("The function hashFiles can only be used in a step.")
        return hash_files(scope.workspace, [values.text(pattern) for pattern in given])
    return next(work for known, work in _FUNCTIONS.items() if known.lower() == name)(*given)


def _contains(within: Value, item: Value) -> bool:
    if isinstance(within, list):
        return any(values.equal(each, item) for each in within)
    if isinstance(within, dict):
        return False
    return values.text(item).upper() in values.text(within).upper()


def _format(template: Value, *given: Value) -> str:
    def piece(found: re.Match[str]) -> str:
        if found[0] in {"{{", "}}"}:
            return found[0][0]
        if found[1] is None or int(found[1]) >= len(given):
            raise ExpressionError(f"The text for format() is wrong at '{found[0]}': {values.text(template)[:80]}")
        return values.text(given[int(found[1])])

    return re.sub(r"\{\{|\}\}|\{(\d+)\}|[{}]", piece, values.text(template))


def _join(of: Value, separator: Value = ",") -> str:
    return values.text(separator).join(map(values.text, of)) if isinstance(of, list) else values.text(of)


def _from_json(source: Value) -> Value:
    try:
        return json.loads(values.text(source))
    except json.JSONDecodeError as error:
        raise ExpressionError(f"fromJSON() was given a text that is not JSON: {error.msg}.") from None


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "contains": _contains,
    "startsWith": lambda text, start: values.text(text).upper().startswith(values.text(start).upper()),
    "endsWith": lambda text, end: values.text(text).upper().endswith(values.text(end).upper()),
    "format": _format,
    "join": _join,
    "toJSON": values.as_json,
    "fromJSON": _from_json,
}
_ARGUMENTS = {
    "contains": (2, 2),
    "startsWith": (2, 2),
    "endsWith": (2, 2),
    "format": (1, 255),
    "join": (1, 2),
    "toJSON": (1, 1),
    "fromJSON": (1, 1),
    "hashFiles": (1, 255),
    **dict.fromkeys(STATUS, (0, 0)),
}
