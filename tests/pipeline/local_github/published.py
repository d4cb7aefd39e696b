"""GitHub's published OpenAPI description, and a client that holds every answer against it."""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

FILE = "node_modules/@octokit/openapi/generated/api.github.com.json"
_MANY = {"ref", "path", "basehead", "branch"}
"""Parameters that may hold slashes."""


class Published:
    """The description, by path and method."""

    def __init__(self, packages: Path) -> None:
        self._document = _plain(json.loads((packages / FILE).read_text()))
        self._registry: Registry[Any] = Registry().with_resource("urn:github", Resource(self._document, DRAFT4))
        self.checked: set[tuple[str, str, int]] = set()

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        def pattern(path: str) -> str:
            parts = re.split(r"\{(\w+)\}", path)
            return "".join(
                re.escape(part) if index % 2 == 0 else (".*" if part in _MANY else "[^/]+")
                for index, part in enumerate(parts)
            )

        # what is spelt out comes before what a parameter takes in
        paths = sorted(self._document["paths"], key=lambda path: (path.count("{"), -len(path)))
        return [(re.compile(pattern(path)), path) for path in paths]

    def check(self, method: str, path: str, answer: httpx.Response) -> None:
        """Raises where the answer is none that GitHub could have given."""
        found = next((known for shape, known in self._paths if shape.fullmatch(path)), None)
        assert found, f"GitHub has no path {path}"
        call = self._document["paths"][found].get(method.lower())
        assert call, f"GitHub has no {method} {found}"
        status = answer.status_code
        described = call["responses"].get(str(status))
        if described is None:
            # what every call may answer, described for some
            assert status in {304, 400, 401, 404, 405, 409, 422}, f"{method} {found} never answers {status}"
            schema: dict[str, Any] = {"$ref": "urn:github#/components/schemas/basic-error"}
        else:
            described = self._followed(described)
            content = described.get("content", {})
            kind = next((kind for kind in content if kind.endswith("json")), None)
            if kind is None and status < 400:
                assert not answer.content or 300 <= status < 400, f"{method} {found} answers {status} without a body"
                self.checked.add((method, found, status))
                return
            schema = content[kind]["schema"] if kind else {"$ref": "urn:github#/components/schemas/basic-error"}
        validator = jsonschema.Draft4Validator(
            schema, registry=self._registry, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER
        )
        problem = jsonschema.exceptions.best_match(validator.iter_errors(answer.json()))
        if problem is not None:
            where = "/".join(map(str, problem.absolute_path))
            raise AssertionError(f"{method} {found} {status}: {where}: {problem.message[:600]}")
        self.checked.add((method, found, status))

    def _followed(self, found: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in found:
            place: Any = self._document
            for part in found["$ref"].partition("#/")[2].split("/"):
                place = place[part]
            found = place
        return found


def _plain(found: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema has it: ``nullable`` becomes a type."""
    if isinstance(found, list):
        return [_plain(item) for item in found]
    if not isinstance(found, dict):
        return found
    made = {name: _plain(value) for name, value in found.items()}
    if isinstance(made.get("$ref"), str) and made["$ref"].startswith("#"):
        made["$ref"] = f"urn:github{made['$ref']}"
    if made.pop("nullable", False) is True:
        if isinstance(made.get("enum"), list):
            made["enum"] = [*made["enum"], None]
        return {"anyOf": [made, {"type": "null"}]}
    return made


class CheckedClient(httpx.AsyncClient):
    """Holds what it is answered against the description."""

    def __init__(self, api_url: str, token: str, published: Published) -> None:
        super().__init__(base_url=api_url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        self._published = published

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        answer = await super().send(request, **options)
        prefix = self.base_url.path.rstrip("/")
        if request.url.path.startswith(prefix) and not answer.is_redirect:
            self._published.check(request.method, request.url.path.removeprefix(prefix) or "/", answer)
        return answer
