"""Samples of every message, made from the classes themselves: none can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from overskill_nb import (
    events,
    protocol,
    protocol_deployments,
    protocol_diagnostics,
    protocol_editor,
    protocol_generation,
    protocol_github,
    protocol_history,
    protocol_looking,
    protocol_metrics,
    protocol_trials,
)
from overskill_nb.message import Message

TEXT = 'Grüße, 世界 "quoted" \\ \n </script> 🎉'


MODULES = (
    events,
    protocol,
    protocol_deployments,
    protocol_diagnostics,
    protocol_editor,
    protocol_generation,
    protocol_github,
    protocol_history,
    protocol_looking,
    protocol_metrics,
    protocol_trials,
)


def classes() -> list[type[Message]]:
    """Every message class."""
    return [
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Message) and kind.__module__ == module.__name__
    ]


def samples(kind: type[Message]) -> Iterator[Message]:
    """The message with only what it must have; with all fields set; and with each form that a field can take."""
    yield from (msgspec.json.decode(msgspec.json.encode(data), type=kind) for data in _objects(kind))


def _objects(kind: type[Message]) -> Iterator[dict[str, Any]]:
    struct = inspect.type_info(kind)
    assert isinstance(struct, inspect.StructType)
    tag = {struct.tag_field: struct.tag} if struct.tag_field else {}
    required = {field.name: _first(field.type) for field in struct.fields if field.required}
    full = {field.name: _first(field.type) for field in struct.fields}
    yield tag | required
    if full != required:
        yield tag | full
    for field in struct.fields:
        for value in list(_forms(field.type))[1:]:
            yield tag | full | {field.name: value}


def _first(form: inspect.Type) -> Any:
    return next(_forms(form))


def _forms(form: inspect.Type) -> Iterator[Any]:
    """Values of a type; the first one differs from every default."""
    if isinstance(form, inspect.UnionType):
        some = [item for item in form.types if not isinstance(item, inspect.NoneType)]
        for item in some:
            yield from _forms(item)
        if len(some) < len(form.types):
            yield None
    elif isinstance(form, inspect.StructType):
        yield from reversed(list(_objects(form.cls))[:2])
        yield from list(_objects(form.cls))[2:]
    elif isinstance(form, inspect.LiteralType):
        yield from reversed(form.values)
    elif isinstance(form, inspect.ListType):
        yield list(_forms(form.item_type))
        yield []
    elif isinstance(form, inspect.DictType):
        yield {TEXT: _first(form.value_type)}
        yield {}
    elif isinstance(form, inspect.StrType):
        yield TEXT
        yield ""
    elif isinstance(form, inspect.BoolType):
        yield True
        yield False
    elif isinstance(form, inspect.IntType):
        yield from (7, -1)
    elif isinstance(form, inspect.FloatType):
        yield from (12.5, 0.0)
    elif isinstance(form, inspect.Metadata):
        yield from _forms(form.type)
    elif isinstance(form, inspect.AnyType):
        yield {"root": {"props": {}}, "content": [{"type": "Card", "props": {"id": "Card-1", "title": TEXT}}]}
        yield from ([1.5, None, True], TEXT, None)
    else:
        assert isinstance(form, inspect.RawType), f"samples.py does not know {form}"
        yield {"type": "gone", "app": "tips-0", "reason": TEXT}
