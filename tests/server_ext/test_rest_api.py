"""rest-api.yml describes what the handlers do: addresses, verbs, bodies and answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator
from scripted_deployments import ScriptedDeployments

import overskill_nb
from overskill_nb import (
    protocol,
    protocol_deployments,
    protocol_editor,
    protocol_generation,
    protocol_github,
    protocol_history,
)
from overskill_nb.server_ext import (
    api_handlers,
    deployment_handlers,
    editor_handlers,
    generation_handlers,
    github_handlers,
    history_handlers,
)
from overskill_nb.server_ext.app import OverskillExtension

FILE = Path(overskill_nb.__file__).parent / "server_ext/rest-api.yml"
VERBS = ("get", "put", "post", "patch", "delete")
API: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
SCHEMAS: dict[str, Any] = API["components"]["schemas"]
BODIES = {
    "Open": api_handlers._Open,
    "Source": api_handlers._Source,
    "Content": api_handlers._Content,
    "Rename": api_handlers._Rename,
    "Target": api_handlers._Target,
    "NewDeployment": deployment_handlers._Deploy,
    "Promotion": deployment_handlers._Promote,
    "ReturnTo": deployment_handlers._Rollback,
    "Nothing": api_handlers.Nothing,
    "Values": deployment_handlers._Values,
    "SecretValue": deployment_handlers._Secret,
    "NewCheckpoint": history_handlers._Checkpoint,
    "Connection": github_handlers._Connection,
    "Exchange": github_handlers._Exchange,
    "NewPage": editor_handlers._NewPage,
    "PageData": editor_handlers._PageData,
    "NewGeneration": generation_handlers._Generate,
    "Budget": protocol_generation.Budget,
}
HANDLERS = [
    *api_handlers.handlers,
    *deployment_handlers.handlers,
    *generation_handlers.handlers,
    *history_handlers.handlers,
    *github_handlers.handlers,
    *editor_handlers.handlers,
]
WORDS = {"Error", "Origin", "Environment", "DeploymentStatus", "SyncStatus", "GenerationTask", "GenerationStatus"}
PROTOCOL = (protocol_editor, protocol_generation, protocol_deployments, protocol_history, protocol_github, protocol)


def own_verbs(handler: type) -> set[str]:
    return {verb for verb in VERBS if verb in vars(handler)}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in API["paths"].items():
        for verb in VERBS:
            if verb in item:
                yield path, verb, item[verb]


def validator(name: str) -> Draft202012Validator:
    """A checker for one of the schemas. OpenAPI 3.0 says ``nullable`` where JSON Schema has a type of its own."""

    def translated(value: Any) -> Any:
        if isinstance(value, list):
            return [translated(item) for item in value]
        if not isinstance(value, dict):
            return value
        made = {key: translated(item) for key, item in value.items() if key not in {"nullable", "description"}}
        if "$ref" in made:
            made["$ref"] = made["$ref"].replace("#/components/schemas/", "#/$defs/")
        return {"anyOf": [made, {"type": "null"}]} if value.get("nullable") is True else made

    definitions = {key: {**translated(item)} for key, item in SCHEMAS.items()}
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": definitions})


def test_it_is_openapi_and_every_reference_leads_somewhere() -> None:
    assert API["openapi"] == "3.0.1"
    assert set(API["info"]) >= {"title", "version"}
    for reference in re.findall(r'"(#/[\w/]+)"', FILE.read_text("utf-8")):
        at: Any = API
        for part in reference.removeprefix("#/").split("/"):
            assert part in at, reference
            at = at[part]


def test_every_address_and_verb_of_the_handlers_is_described_and_no_other() -> None:
    handled = {re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", address): own_verbs(handler) for address, handler in HANDLERS}
    described = {path: {verb for verb in VERBS if verb in item} for path, item in API["paths"].items()}
    assert described == handled


def test_every_part_of_an_address_is_a_parameter() -> None:
    for path, item in API["paths"].items():
        named = [reference["$ref"].rpartition("/")[2] for reference in item.get("parameters", [])]
        assert named == re.findall(r"\{(\w+)\}", path)


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len({*names}) == len(names)
    assert all(operation["summary"] and "403" in operation["responses"] for _, _, operation in operations())


def test_what_changes_something_has_a_body_and_what_reads_has_none() -> None:
    for path, verb, operation in operations():
        assert ("requestBody" in operation) == (verb in {"post", "put", "patch"}), path


@pytest.mark.parametrize("name", [*BODIES, *sorted(SCHEMAS.keys() - BODIES.keys() - WORDS)])
def test_every_schema_has_the_fields_of_its_class(name: str) -> None:
    kind: Any = BODIES.get(name) or next(getattr(part, name) for part in PROTOCOL if hasattr(part, name))
    fields = msgspec.structs.fields(kind)
    tag = kind.__struct_config__.tag_field
    schema = SCHEMAS[name]
    assert list(schema["properties"]) == [*([tag] if tag else []), *(field.encode_name for field in fields)]
    assert schema["additionalProperties"] is False
    always = name not in BODIES  # what we send is complete; what we take has defaults
    assert schema.get("required", []) == [
        *([tag] if tag else []),
        *(field.encode_name for field in fields if field.required or always),
    ]


def test_the_lists_of_words_are_those_of_the_protocol() -> None:
    assert SCHEMAS["Origin"]["enum"] == [*protocol.Origin.__args__]  # type: ignore[attr-defined]
    assert SCHEMAS["Environment"]["enum"] == [*protocol_deployments.Environment.__args__]  # type: ignore[attr-defined]
    statuses = [*protocol_deployments.DeploymentStatus.__args__]  # type: ignore[attr-defined]
    assert SCHEMAS["DeploymentStatus"]["enum"] == statuses
    assert SCHEMAS["GenerationTask"]["enum"] == [*protocol_generation.GenerationTask.__args__]  # type: ignore[attr-defined]
    outcomes = [*protocol_generation.GenerationStatus.__args__]  # type: ignore[attr-defined]
    assert SCHEMAS["GenerationStatus"]["enum"] == outcomes
    assert SCHEMAS["SyncStatus"]["enum"] == [*protocol_github.SyncStatus.__args__]  # type: ignore[attr-defined]
    assert SCHEMAS["Sync"]["properties"]["reason"]["enum"] == [*protocol_github.SyncReason.__args__]  # type: ignore[attr-defined]
    assert SCHEMAS["Diagnostic"]["properties"]["kind"]["enum"] == [*protocol.Kind.__args__]  # type: ignore[attr-defined]


def test_the_codes_are_those_that_errors_are_answered_with() -> None:
    codes = {str(code) for _, code in api_handlers.STATUS}
    described = {code for _, _, operation in operations() for code in operation["responses"]}
    assert described <= codes | {"200", "202", "400", "403"}


@pytest.mark.usefixtures("tools")
async def test_what_is_answered_is_what_is_described(jp_fetch: Any, extension: OverskillExtension) -> None:
    async def ask(verb: str, described: str, address: str, body: Any = None, code: int = 200) -> Any:
        sent = None if body is None else json.dumps(body)
        response = await jp_fetch(
            *address.strip("/").split("/"),
            method=verb.upper(),
            body=sent,
            raise_error=False,
            allow_nonstandard_methods=True,
        )
        assert response.code == code, response.body
        operation = API["paths"][described][verb]
        answer = operation["responses"][str(code)]
        if "$ref" in answer:
            answer = API["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        schema = answer["content"]["application/json"]["schema"]
        if body is not None and code in (200, 202):
            asked = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            validator(asked).validate(body)
        assert response.headers["Content-Type"].startswith("application/json")
        content = json.loads(response.body)
        names = [part["$ref"].rpartition("/")[2] for part in schema.get("oneOf", [schema])]
        assert any(validator(name).is_valid(content) for name in names), content
        return content

    api = "/overskill-nb/api"
    app = (await ask("post", f"{api}/apps", f"{api}/apps", {"folder": "tips", "create": True}))["app"]
    one, files = f"{api}/apps/{{app}}", f"{api}/apps/{app}/files"
    await ask("get", f"{api}/status", f"{api}/status")
    await ask("get", f"{one}/files", files)
    await ask("post", f"{one}/files", files, {"path": "src/App.tsx", "source": "export default ("})
    await ask("get", f"{one}/files/{{path}}", f"{files}/src/App.tsx")
    await ask("put", f"{one}/files/{{path}}", f"{files}/src/a.ts", {"content": "export {}", "origin": "editor"})
    await ask("post", f"{one}/rename", f"{api}/apps/{app}/rename", {"path": "src/a.ts", "to": "src/b.ts"})
    await ask("delete", f"{one}/files/{{path}}", f"{files}/src/b.ts")
    await ask("post", f"{one}/target", f"{api}/apps/{app}/target", {"target": "Nope"})
    await ask("post", f"{one}/target", f"{api}/apps/{app}/target", {})
    await ask("post", f"{api}/apps", f"{api}/apps", {"folder": "tips", "surprise": 1}, 400)
    await ask("get", f"{one}/files", f"{api}/apps/nope/files", code=404)
    await ask("get", f"{one}/files/{{path}}", f"{files}/src/b.ts", code=404)
    await ask("get", f"{one}/files/{{path}}", f"{files}/src/con", code=400)

    page, pages = f"{one}/pages/{{path}}", f"{api}/apps/{app}/pages"
    assert (await ask("post", f"{one}/pages", pages, {"path": "src/pages/About.tsx"}))["written"]
    await ask("post", f"{one}/pages", pages, {"path": "src/pages/About.tsx"}, 404)
    await ask("post", f"{one}/pages", pages, {"path": "src/con/About.tsx"}, 400)
    view = await ask("get", page, f"{pages}/src/pages/About.tsx")
    view["data"]["content"].append({"type": "hr", "props": {"id": "hr-1"}})
    changed = {"data": view["data"], "base": view["hash"]}
    assert (await ask("put", page, f"{pages}/src/pages/About.tsx", changed))["written"]
    assert (await ask("put", page, f"{pages}/src/pages/About.tsx", changed))["conflict"]
    await ask("put", page, f"{pages}/src/pages/About.tsx", {"data": {}, "base": view["hash"]}, 422)
    await ask("put", page, f"{pages}/src/pages/About.tsx", {"data": {}}, 400)
    assert (await ask("get", page, f"{pages}/src/pages/Gone.tsx"))["problems"]
    await ask("get", f"{one}/palette", f"{api}/apps/{app}/palette")
    await ask("get", f"{one}/palette", f"{api}/apps/nope/palette", code=404)

    checkpoint, history = f"{one}/history/{{checkpoint}}", f"{api}/apps/{app}/history"
    made = (await ask("post", f"{one}/history", history, {"message": "Begin"}))["checkpoint"]
    await ask("put", f"{one}/files/{{path}}", f"{files}/src/a.ts", {"content": "export {}"})
    assert len((await ask("get", f"{one}/history", history))["checkpoints"]) > 1
    await ask("get", f"{checkpoint}/diff", f"{history}/{made['id']}/diff")
    await ask("get", f"{checkpoint}/diff", f"{history}/0000000/diff", code=404)
    await ask("post", f"{checkpoint}/restore", f"{history}/{made['id'][:7]}/restore", {})
    await ask("post", f"{checkpoint}/restore", f"{history}/0000000/restore", {}, 404)
    await ask("post", f"{checkpoint}/restore", f"{api}/apps/nope/history/0000000/restore", {}, 404)
    await ask("get", f"{one}/export", f"{api}/apps/nope/export", code=404)

    written, each = f"{api}/apps/{app}/generations", f"{one}/generations/{{generation}}"
    card = {"name": "Card", "prompt": "A card.", "model": "http://127.0.0.1:9/v1#none", "budget": {"attempts": 1}}
    begun = (await ask("post", f"{one}/generations", written, card, 202))["generation"]
    await ask("get", each, f"{written}/{begun['id']}")
    await ask("post", f"{each}/cancel", f"{written}/{begun['id']}/cancel", {})
    await ask("post", f"{each}/keep", f"{written}/{begun['id']}/keep", {}, 422)
    await ask("post", f"{each}/undo", f"{written}/{begun['id']}/undo", {}, 422)
    await ask("post", f"{each}/retry", f"{written}/{begun['id']}/retry", {}, 202)
    await ask("post", f"{one}/generations", written, {"name": "card", "prompt": "A card."}, 422)
    await ask("post", f"{one}/generations", written, {"task": "poem"}, 400)
    await ask("get", each, f"{written}/g0", code=404)
    await ask("post", f"{each}/undo", f"{written}/g0/undo", {}, 404)

    scripted = ScriptedDeployments()
    scripted.use_in(extension.engine)
    here, preview = f"{api}/apps/{app}", f"{api}/apps/{app}/environments/preview"
    environment = f"{one}/environments/{{environment}}"
    made = (await ask("post", f"{one}/deployments", f"{here}/deployments", {"environment": "preview"}))["deployment"]
    each, this = f"{one}/deployments/{{deployment}}", f"{here}/deployments/{made['id']}"
    await ask("get", each, f"{this}")
    await ask("post", f"{each}/cancel", f"{this}/cancel", {})
    await ask("get", each, f"{here}/deployments/nope", code=422)
    await ask("get", f"{one}/deployments", f"{here}/deployments")
    await ask("post", f"{one}/promote", f"{here}/promote", {"to": "staging"}, 422)
    await ask("post", f"{one}/rollback", f"{here}/rollback", {"environment": "nowhere"}, 400)
    await ask("delete", environment, preview, code=422)
    await ask("get", f"{environment}/logs", f"{preview}/logs")
    await ask("get", f"{environment}/logs", f"{here}/environments/nowhere/logs", code=400)
    await ask("patch", f"{environment}/variables", f"{preview}/variables", {"values": {"A": "1", "B": None}})
    assert (await ask("get", f"{environment}/variables", f"{preview}/variables"))["values"] == {"A": "1"}
    await ask("put", f"{environment}/secrets/{{name}}", f"{preview}/secrets/KEY", {"value": "v"})
    assert (await ask("get", f"{environment}/secrets", f"{preview}/secrets"))["names"] == ["KEY"]
    await ask("delete", f"{environment}/secrets/{{name}}", f"{preview}/secrets/KEY")
