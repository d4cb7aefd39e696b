"""Writes what the reference pages list from the package itself: a hook of mkdocs.

A line such as ``<!-- reference: cli -->`` in a page stands for the list of that name.
"""

from __future__ import annotations

import argparse
import ast
import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
BELOW = "/overskill-nb/api"
MARK = re.compile(r"^<!-- reference: (\w+) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the lists where a page has their marks."""
    return MARK.sub(lambda mark: LISTS[mark[1]](), markdown)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return "\n".join([_row(*head), _row(*("---" for _ in head)), *(_row(*row) for row in rows)]) + "\n"


# --------------------------------------------------------------------------------------------------- commands


def _commands() -> str:
    from overskill_nb.cli import parser

    return "\n".join(_command(parser(), "", 2))


def _command(parser: argparse.ArgumentParser, help_text: str, level: int) -> Iterator[str]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001
    if level > 2:
        yield f"{'#' * (level - 1)} `{parser.prog}`\n"
        yield f"{_sentence(help_text)}\n"
    if not groups:
        usage = parser.format_usage().removeprefix("usage: ").replace("[-h] ", "")
        usage = re.sub(r"\n\s+", "\n    ", usage.strip())
        yield f"```text\n{usage}\n```\n"
        rows = [(_flags(action), _sentence(action.help or "")) for action in parser._actions if action.dest != "help"]  # noqa: SLF001
        if rows:
            yield _table(("argument", "means"), rows)
    for group in groups:
        said = {choice.dest: choice.help or "" for choice in group._choices_actions}  # noqa: SLF001
        for name, command in group.choices.items():
            yield from _command(command, said.get(name, ""), level + 1)


def _flags(action: argparse.Action) -> str:
    if action.option_strings:
        value = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
        return f"`{', '.join(action.option_strings)}{value}`"
    return f"`{action.metavar or action.dest}`"


def _sentence(text: str) -> str:
    text = html.escape(text.strip().replace("%%", "%"), quote=False)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", ":")) or not text else ".")


# ----------------------------------------------------------------------------------------------------- magics


def _magics() -> str:
    from overskill_nb.magics import OverskillMagics

    parts = []
    for kind, sign in (("cell", "%%"), ("line", "%")):
        for name in OverskillMagics.magics[kind]:
            method = getattr(OverskillMagics, name)
            parser = getattr(method, "parser", None)
            parts.append(f"## `{sign}{name}`\n")
            # The text of IPython's own usage stands before what the method says.
            told = (method.__doc__ or "").strip()
            said = told if parser is None else parser.description or ""
            parts.append(f"{_paragraphs(said)}\n")
            if parser is not None:
                rows = [(_flags(one), _sentence(one.help or "")) for one in parser._actions if one.dest != "help"]  # noqa: SLF001
                parts.append(_table(("argument", "means"), rows))
    return "\n".join(parts)


def _paragraphs(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


# ------------------------------------------------------------------------------------------------ environment


def _environment() -> str:
    rows = []
    tree = ast.parse((ROOT / "overskill_nb/config.py").read_text("utf-8"))
    for one, following in zip(tree.body, tree.body[1:], strict=False):
        told = following.value.value if _is_text(following) else ""  # type: ignore[attr-defined]
        if told and isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant):
            name = one.value.value
            if isinstance(name, str) and re.fullmatch(r"[A-Z][A-Z_]+", name):
                rows.append((f"`{name}`", " ".join(str(told).split())))
    return _table(("variable", "means"), rows)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


# ----------------------------------------------------------------------------------------------------- errors


def _errors() -> str:
    from overskill_nb import errors

    def branch(kind: type[Exception], depth: int) -> Iterator[str]:
        first = re.split(r"(?<=\.)\s", (kind.__doc__ or "").strip())[0].replace("\n", " ")
        yield f"{'    ' * depth}- [`{kind.__name__}`][overskill_nb.errors.{kind.__name__}]: {first}"
        for name in errors.__all__:
            below = getattr(errors, name)
            if below.__bases__[0] is kind:
                yield from branch(below, depth + 1)

    return "\n".join(branch(errors.OverskillError, 0)) + "\n"


# ------------------------------------------------------------------------------------------------------- REST


def _rest() -> str:
    described: dict[str, Any] = yaml.safe_load((ROOT / "overskill_nb/server_ext/rest-api.yml").read_text("utf-8"))
    by_tag: dict[str, list[str]] = {tag["name"]: [] for tag in described["tags"]}
    for path, methods in described["paths"].items():
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method != "parameters":
                text = "\n".join(_operation(described, path, method, operation, shared))
                by_tag[operation["tags"][0]].append(text)
    parts = [
        " ".join(described["info"]["description"].split()) + "\n",
        f"All addresses begin with `{BELOW}`, below the server's own. As OpenAPI: `server_ext/rest-api.yml`.\n",
    ]
    for tag, operations in by_tag.items():
        parts += [f"## {tag.capitalize()}\n", *operations]
    parts.append("## Data\n")
    parts += [_schema(name, schema) for name, schema in described["components"]["schemas"].items()]
    return "\n".join(parts)


def _operation(
    described: dict[str, Any], path: str, method: str, operation: dict[str, Any], shared: list[Any]
) -> Iterator[str]:
    yield f"### `{method.upper()} {path.removeprefix(BELOW)}` {{ #{operation['operationId']} }}\n"
    yield f"{operation['summary']} {' '.join(operation.get('description', '').split())}\n"
    rows = []
    for one in [*shared, *operation.get("parameters", [])]:
        known = _looked_up(described, one)
        rows.append((f"`{known['name']}`, {known['in']}", known.get("description", "")))
    body = operation.get("requestBody")
    if body:
        rows.append(("body", ", ".join(_content(_looked_up(described, body)))))
    for status, answer in operation["responses"].items():
        known = _looked_up(described, answer)
        told = " ".join(known.get("description", "").split())
        rows.append((f"`{status}`", " ".join([told, *_content(known)])))
    yield _table(("parameter, status", "means"), rows)


def _looked_up(described: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in one:
        return one
    found: Any = described
    for part in one["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _content(one: dict[str, Any]) -> list[str]:
    return [_type(content.get("schema", {})) for content in one.get("content", {}).values()]


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[`{name}`](#data-{name.lower()})"
    if "allOf" in schema:
        return " and ".join(_type(one) for one in schema["allOf"])
    if "oneOf" in schema or "anyOf" in schema:
        return " or ".join(_type(one) for one in schema.get("oneOf") or schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"{_type(schema['additionalProperties'])} by name"
    return str(schema.get("type", "any"))


def _schema(name: str, schema: dict[str, Any]) -> str:
    head = f"### `{name}` {{ #data-{name.lower()} }}\n"
    told = " ".join(schema.get("description", "").split())
    if "properties" not in schema:
        return f"{head}\n{told}\n\n{_type(schema)}\n"
    needed = schema.get("required", [])
    rows = [
        (f"`{field}`" + ("" if field in needed else "?"), _type(one), " ".join(one.get("description", "").split()))
        for field, one in schema["properties"].items()
    ]
    return f"{head}\n{told}\n\n{_table(('field', 'type', ''), rows)}"


LISTS: dict[str, Callable[[], str]] = {
    "cli": _commands,
    "magics": _magics,
    "environment": _environment,
    "errors": _errors,
    "rest": _rest,
}
