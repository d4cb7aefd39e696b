"""YAML as workflows are written in it: ``on`` is a word, and everything knows its line."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import yaml

LONGEST = 512 * 1024
_BOOLEAN = "tag:yaml.org,2002:bool"


class WorkflowError(ValueError):
    """The file is no workflow that this runner can run; one sentence, with the line where it is known."""


class Mapping(dict[str, Any]):
    """A mapping, and the lines that its keys are on."""

    line: int = 0
    lines: dict[str, int]


class _Loader(yaml.SafeLoader):
    """YAML 1.2's idea of what is true and false; no dates."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag not in {_BOOLEAN, "tag:yaml.org,2002:timestamp"}]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOLEAN, re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF"))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Mapping:
    made = Mapping()
    made.line = node.start_mark.line + 1
    made.lines = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            key = str(key_node.value)
        if key in made:
            raise WorkflowError(f"(Line: {line}): '{key}' is already defined")
        made[key] = loader.construct_object(value_node, deep=True)
        made.lines[key] = line
    return made


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


class Document:
    """A workflow file, and what is said where it is wrong."""

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        if len(text) > LONGEST:
            raise WorkflowError(f"{path} is longer than {LONGEST // 1024} KiB.")
        try:
            root = yaml.load(text, _Loader)  # noqa: S506 (a SafeLoader)
        except WorkflowError as error:
            raise WorkflowError(f"{path} {error}") from None
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            at = f" (Line: {mark.line + 1}, Col: {mark.column + 1})" if mark else ""
            raise WorkflowError(f"{path}{at}: {getattr(error, 'problem', None) or 'is not YAML'}") from None
        if not isinstance(root, Mapping):
            raise WorkflowError(f"{path}: a workflow is a mapping with the keys 'on' and 'jobs'.")
        self.root = root

    def wrong(self, message: str, line: int) -> WorkflowError:
        return WorkflowError(f"{self.path} (Line: {line}): {message}")

    def mapping(self, of: Mapping, key: str) -> Mapping:
        """The mapping at a key, an empty one where there is none."""
        found = of.get(key)
        if found is None:
            found = Mapping()
            found.line, found.lines = of.lines.get(key, of.line), {}
        if not isinstance(found, Mapping):
            raise self.wrong(f"'{key}' is not a mapping", of.lines[key])
        return found

    def known(self, of: Mapping, keys: Collection[str], unsupported: Collection[str] = ()) -> None:
        """Raises for a key that GitHub does not know, or that this runner does not do."""
        for key in of:
            if key in unsupported:
                raise self.wrong(f"this machine's runner does not know '{key}'", of.lines[key])
            if key not in keys:
                raise self.wrong(f"Unexpected value '{key}'", of.lines[key])
