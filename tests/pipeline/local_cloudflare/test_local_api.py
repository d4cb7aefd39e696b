"""The API's answers, errors and refusals."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import httpx
import pytest
from local_deployer import NAMESPACE, Deployer, hash_of

from overskill_nb.pipeline.local_cloudflare import LocalCloudflare
from overskill_nb.pipeline.local_cloudflare.tokens import sign

HELLO = "export default { fetch: () => new Response('hello') }"


async def test_the_token_is_needed(shared_cloudflare: LocalCloudflare, shared: Deployer) -> None:
    url = f"{shared_cloudflare.api_url}{shared.spaces}"
    async with httpx.AsyncClient(verify=False) as client:
        without = await client.get(url)
        wrong = await client.get(url, headers={"Authorization": "Bearer wrong"})
    assert (without.status_code, without.json()["errors"][0]["code"]) == (400, 9106)
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (401, 10000)
    assert await shared.call("GET", "/accounts/other/workers/dispatch/namespaces", 403) == [10000]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""])
async def test_the_api_answers_its_own_host_names_only(shared: Deployer, host: str) -> None:
    answer = await shared.api.get(shared.spaces, headers={"Host": host})
    assert answer.status_code in {400, 403}
    assert "namespace" not in answer.text


async def test_an_apps_host_has_no_api(shared: Deployer) -> None:
    await shared.deploy("app", {"/index.html": b"home"}, config={"not_found_handling": "single-page-application"})
    answer = await shared.visit(
        "app", f"/client/v4{shared.spaces}", headers={"Authorization": f"Bearer {shared.cloudflare.token}"}
    )
    assert answer.text == "home"


async def test_an_unknown_address_is_an_error_in_the_envelope(shared: Deployer) -> None:
    assert await shared.call("GET", "/nowhere", 404) == [7003]
    assert await shared.call("PUT", shared.spaces, 405) == [10405]
    assert await shared.call("POST", shared.spaces, 400, content=b"{") == [10026]


async def test_namespaces_are_made_renamed_and_deleted_with_their_scripts(shared: Deployer) -> None:
    made = await shared.call("POST", shared.spaces, json={"name": "second"})
    assert await shared.call("POST", shared.spaces, 409, json={"name": "second"})
    assert await shared.call("GET", f"{shared.spaces}/{made['namespace_id']}") == made
    names = [space["namespace_name"] for space in await shared.call("GET", shared.spaces)]
    assert names == [NAMESPACE, "second"]
    await shared.put("app", HELLO)
    renamed = await shared.call("PUT", f"{shared.spaces}/{NAMESPACE}", json={"name": "overskill-staging"})
    assert renamed["script_count"] == 1
    assert (await shared.visit("app", environment="--staging")).text == "hello"
    assert (await shared.visit("app")).status_code == 404
    await shared.call("DELETE", f"{shared.spaces}/overskill-staging")
    assert (await shared.visit("app", environment="--staging")).status_code == 404
    assert await shared.call("GET", f"{shared.spaces}/overskill-staging", 404) == [100119]


async def test_a_script_is_replaced_described_and_deleted(shared: Deployer) -> None:
    first = await shared.put("app", HELLO, tags=["app-1", "environment-preview"])
    assert (first["handlers"], first["has_modules"], first["has_assets"]) == (["fetch"], True, False)
    assert (await shared.visit("app")).text == "hello"
    second = await shared.put("app", HELLO.replace("hello", "second"))
    assert second["etag"] != first["etag"]
    assert (await shared.visit("app")).text == "second"
    about = await shared.call("GET", shared.script("app"))
    assert about["script"]["tags"] == ["app-1", "environment-preview"]
    assert about["dispatch_namespace"] == NAMESPACE
    await shared.call("DELETE", f"{shared.script('app')}?force=true")
    assert await shared.call("GET", shared.script("app"), 404) == [10007]
    assert await shared.call("DELETE", shared.script("app"), 404) == [10007]
    assert (await shared.visit("app")).status_code == 404


@pytest.mark.parametrize(
    ("code", "metadata", "error"),
    [
        ("export default {{", {}, 10021),
        ("throw new Error('at the start')", {}, 10021),
        ("import './missing.js'", {}, 10021),
        ("export const a = 1", {}, 10021),
        ("const a = 1", {}, 10068),
        (HELLO, {"main_module": "other.js"}, 10021),
        (HELLO, {"compatibility_date": "yesterday"}, 10021),
        (HELLO, {"compatibility_flags": ["no_such_flag"]}, 10021),
        (HELLO, {"bindings": [{"type": "plain_text", "text": "x"}]}, 10052),
        (HELLO, {"bindings": [{"type": "plain_text", "name": "A", "text": "x" * 6000}]}, 10054),
        (HELLO, {"bindings": [{"type": "plain_text", "name": f"A{i}", "text": "x"} for i in range(129)]}, 10055),
        (HELLO, {"bindings": [{"type": "kv_namespace", "name": "KV", "namespace_id": "x"}]}, 10021),
        (HELLO, {"tags": ["a,b"]}, 10021),
        (HELLO, {"tags": [str(i) for i in range(9)]}, 10021),
        (HELLO, {"assets": {"jwt": "forged.forged.forged"}}, 10000),
        ("", {}, 10021),
    ],
)
async def test_a_faulty_upload_changes_nothing(
    shared: Deployer, code: str, metadata: dict[str, Any], error: int
) -> None:
    before = await shared.put("app", HELLO)
    status = 401 if error == 10000 else 400
    assert await shared.put("app", code, status=status, **metadata) == [error]
    assert (await shared.visit("app")).text == "hello"
    assert (await shared.call("GET", shared.script("app")))["script"]["etag"] == before["etag"]


ODD: list[Any] = [None, 7, -1.5, "text", [], ["a", 1], {}, {"a": None}, [None], [{}], [[]], True, {"config": 3}]


async def test_odd_values_are_errors_that_say_so(shared: Deployer) -> None:
    """Whatever stands where: an answer in the envelope, and never our own fault."""
    await shared.put("app", HELLO)
    await shared.namespace("renamed")
    names = ("main_module", "bindings", "tags", "assets", "keep_bindings", "keep_assets", "compatibility_date")
    names += ("compatibility_flags", "body_part", "limits")
    script = shared.script("app")
    asked = []
    for value in ODD:
        text = json.dumps(value)
        for name in names:
            meta = {"main_module": "index.js", "compatibility_date": "2026-01-01", name: value}
            code = ("index.js", ("index.js", HELLO, "application/javascript+module"))
            asked.append(("PUT", script, {"files": [("metadata", (None, json.dumps(meta))), code]}))
            asked.append(("PATCH", f"{script}/settings", {"json": {name: value}}))
        for name in ("html_handling", "not_found_handling", "run_worker_first", "_headers", "_redirects"):
            meta = {"assets": {"config": {name: value}}}
            asked.append(("PUT", script, {"files": [("metadata", (None, json.dumps(meta)))]}))
        for method, path in (
            ("POST", shared.spaces),
            ("PUT", f"{shared.spaces}/renamed"),
            ("POST", f"{script}/assets-upload-session"),
            ("PUT", f"{script}/tags"),
            ("PUT", f"{script}/secrets"),
            ("PATCH", f"{script}/secrets-bulk"),
            ("POST", f"{shared.account}/observability/telemetry/query"),
        ):
            asked.append((method, path, {"content": text}))
            asked.append((method, path, {"json": {"name": value, "text": value, "manifest": value}}))
        manifest = {"/a": value, "/b": {"hash": value, "size": 1}}
        asked.append(("POST", f"{script}/assets-upload-session", {"json": {"manifest": manifest}}))
        query = {"parameters": {"filters": value}, "timeframe": value, "limit": value}
        asked.append(("POST", f"{shared.account}/observability/telemetry/query", {"json": query}))
        asked.append(("GET", f"{shared.spaces}/{NAMESPACE}/scripts?limit={text}&tags={text}", {}))
        asked.append(("GET", f"/memberships?page={text}", {}))
    asked.append(("PUT", script, {"content": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=y"}}))
    for method, path, rest in asked:
        answer = await shared.api.request(method, path, **rest)
        assert answer.status_code < 500, f"{method} {path} {rest}: {answer.text}"
        assert answer.json()["success"] is (answer.status_code < 400)
    assert (await shared.call("GET", script))["script"]["id"] == "app"


async def test_a_failure_to_start_says_where(shared: Deployer) -> None:
    answer = await shared.api.put(
        shared.script("app"),
        files=[
            ("metadata", (None, json.dumps({"main_module": "index.js"}))),
            ("index.js", ("index.js", "\n\nnot code", "application/javascript+module")),
        ],
    )
    assert "index.js:3" in answer.json()["errors"][0]["message"]


async def test_names_follow_the_rule_of_cloudflare(shared: Deployer) -> None:
    for name in ("Upper", "-dash", "a.b", "a%20b", "x" * 256):
        assert await shared.put(name, HELLO, status=400) == [10016]


async def test_modules_of_every_kind_are_loaded(shared: Deployer) -> None:
    wasm = base64.b64decode("AGFzbQEAAAABBQFgAAF/AwIBAAcFAQFmAAAKBgEEAEEqCw==")  # exports f, which gives 42
    code = """
import text from "./a.txt"; import data from "./b.bin"; import { plus } from "./lib/c.js"; import wasm from "./d.wasm";
import json from "./e.json";
export default { async fetch() {
  const { exports } = await WebAssembly.instantiate(wasm);
  return Response.json([text, data.byteLength, plus(1, 2), exports.f(), json.a]);
} }"""
    parts = [
        ("metadata", (None, json.dumps({"main_module": "index.js", "compatibility_date": "2026-01-01"}))),
        ("index.js", ("index.js", code, "application/javascript+module")),
        ("a.txt", ("a.txt", "text", "text/plain")),
        ("b.bin", ("b.bin", b"\0\1\2", "application/octet-stream")),
        ("lib/c.js", ("lib/c.js", "export const plus = (a, b) => a + b", "application/javascript+module")),
        ("d.wasm", ("d.wasm", wasm, "application/wasm")),
        ("e.json", ("e.json", '{"a": 5}', "application/json")),
        ("index.js.map", ("index.js.map", "{}", "application/source-map")),
    ]
    await shared.call("PUT", shared.script("app"), files=parts)
    assert (await shared.visit("app")).json() == ["text", 3, 3, 42, 5]


ENV = "export default { fetch: (_, env) => Response.json(env) }"


async def test_bindings_reach_the_code_and_secrets_only_the_code(shared: Deployer) -> None:
    bindings = [
        {"type": "plain_text", "name": "MODE", "text": "preview"},
        {"type": "json", "name": "CONFIG", "json": {"a": [1]}},
        {"type": "secret_text", "name": "KEY", "text": "canary-1"},
    ]
    await shared.put("app", ENV, bindings=bindings)
    assert (await shared.visit("app")).json() == {"MODE": "preview", "CONFIG": {"a": [1]}, "KEY": "canary-1"}
    await shared.call("PUT", f"{shared.script('app')}/secrets", json={"name": "MORE", "text": "canary-2"})
    assert (await shared.visit("app")).json()["MORE"] == "canary-2"
    # The next upload keeps secrets where it says so, and inherits what it names.
    await shared.put("app", ENV, keep_bindings=["secret_text"], bindings=[{"type": "inherit", "name": "MODE"}])
    assert (await shared.visit("app")).json() == {"MODE": "preview", "KEY": "canary-1", "MORE": "canary-2"}
    for part in ("", "/settings", "/bindings", "/secrets", "/secrets/KEY", "/content", "/tags"):
        assert "canary" not in (await shared.api.get(f"{shared.script('app')}{part}")).text
    named = await shared.call("GET", f"{shared.script('app')}/secrets")
    assert named == [{"type": "secret_text", "name": name} for name in ("KEY", "MORE")]
    await shared.call("DELETE", f"{shared.script('app')}/secrets/KEY")
    assert await shared.call("DELETE", f"{shared.script('app')}/secrets/KEY", 404) == [10056]
    assert (await shared.visit("app")).json() == {"MODE": "preview", "MORE": "canary-2"}
    await shared.put("app", ENV)
    assert (await shared.visit("app")).json() == {}


async def test_settings_change_without_an_upload(shared: Deployer) -> None:
    await shared.put("app", ENV, bindings=[{"type": "secret_text", "name": "KEY", "text": "k"}])
    given = {"bindings": [{"type": "plain_text", "name": "A", "text": "1"}], "tags": ["one"]}
    await shared.call("PATCH", f"{shared.script('app')}/settings", files=[("settings", (None, json.dumps(given)))])
    assert (await shared.visit("app")).json() == {"A": "1", "KEY": "k"}
    assert (await shared.call("GET", f"{shared.script('app')}/settings"))["tags"] == ["one"]


async def test_content_is_given_back_and_replaced(shared: Deployer) -> None:
    await shared.put("app", ENV, bindings=[{"type": "plain_text", "name": "A", "text": "1"}])
    content = await shared.api.get(f"{shared.script('app')}/content")
    assert ENV in content.text
    assert content.headers["cf-entrypoint"] == "index.js"
    await shared.call(
        "PUT",
        f"{shared.script('app')}/content",
        headers={"CF-WORKER-MAIN-MODULE-PART": "new.js"},
        files=[("new.js", ("new.js", ENV.replace("json(env)", "json([env.A])"), "application/javascript+module"))],
    )
    assert (await shared.visit("app")).json() == ["1"]


async def test_scripts_are_found_and_deleted_by_tag(shared: Deployer) -> None:
    for number in range(5):
        await shared.put(f"app{number}", HELLO, tags=["all", f"even-{number % 2 == 0}"])
    listed = f"{shared.spaces}/{NAMESPACE}/scripts"
    found = await shared.call("GET", f"{listed}?tags=all:yes,even-True:no")
    assert [script["id"] for script in found] == ["app1", "app3"]
    page = (await shared.api.get(f"{listed}?limit=2")).json()
    rest = (await shared.api.get(f"{listed}?limit=9&cursor={page['result_info']['cursor']}")).json()
    assert [script["id"] for script in page["result"] + rest["result"]] == [f"app{n}" for n in range(5)]
    assert rest["result_info"]["cursor"] == ""
    assert await shared.call("DELETE", listed, 400) == [10021]
    await shared.call("DELETE", f"{listed}?tags=even-True:yes")
    assert [script["id"] for script in await shared.call("GET", listed)] == ["app1", "app3"]


async def test_tags_change_one_by_one(shared: Deployer) -> None:
    await shared.put("app", HELLO, tags=["a"])
    tags = f"{shared.script('app')}/tags"
    await shared.call("PUT", f"{tags}/b")
    assert await shared.call("GET", tags) == ["a", "b"]
    await shared.call("DELETE", f"{tags}/a")
    await shared.call("PUT", tags, json=["c", "d"])
    assert await shared.call("GET", tags) == ["c", "d"]
    assert await shared.call("PUT", tags, 400, json=["x"] * 9) == [10021]


async def test_files_are_asked_for_once(shared: Deployer) -> None:
    files = {f"/{n}.txt": f"file {n}".encode() for n in range(120)}
    manifest = {path: {"hash": hash_of(path, data), "size": len(data)} for path, data in files.items()}
    call = (f"{shared.script('app')}/assets-upload-session", 201)
    session = await shared.call("POST", *call, json={"manifest": manifest})
    assert sorted(hash_ for bucket in session["buckets"] for hash_ in bucket) == sorted(
        entry["hash"] for entry in manifest.values()
    )
    await shared.deploy("app", files)
    again = await shared.call("POST", *call, json={"manifest": manifest})
    assert again["buckets"] == []
    await shared.put("app", assets={"jwt": again["jwt"]})
    assert (await shared.visit("app", "/77.txt")).text == "file 77"


async def test_an_upload_is_checked(shared_cloudflare: LocalCloudflare, shared: Deployer) -> None:
    session_of = f"{shared.script('app')}/assets-upload-session"
    good = {"hash": "a" * 32, "size": 1}
    for manifest, error in (
        ({"no-slash": good}, 10021),
        ({"/a": {**good, "hash": "short"}}, 10021),
        ({"/a": {"hash": "a" * 32}}, 10021),
        ({"/a": {**good, "size": 26 * 1024 * 1024}}, 10027),
    ):
        answer = await shared.api.post(session_of, json={"manifest": manifest})
        assert answer.json()["errors"][0]["code"] == error
    session = await shared.call("POST", session_of, 201, json={"manifest": {"/a": good}})

    async def upload(token: str, name: str, body: bytes) -> int:
        answer = await shared.api.post(
            f"{shared.account}/assets/upload?base64=true",
            files={name: (name, body, "text/plain")},
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.status_code

    assert await upload(shared_cloudflare.token, "a" * 32, b"eA==") == 401
    assert await upload(sign({"session": "x"}, b"another key"), "a" * 32, b"eA==") == 401
    assert await upload(session["jwt"], "b" * 32, b"eA==") == 400
    assert await upload(session["jwt"], "a" * 32, b"not base64") == 400
    assert await shared.put("app", status=400, assets={"jwt": session["jwt"]}) == [10021]
    assert await upload(session["jwt"], "a" * 32, b"eA==") == 201


async def test_assets_of_another_scripts_session_are_refused(shared: Deployer) -> None:
    token = await shared.upload("mine", {"/index.html": b"mine"})
    assert await shared.put("yours", status=400, assets={"jwt": token}) == [10021]


async def test_assets_can_stay_while_code_changes(shared: Deployer) -> None:
    await shared.deploy("app", {"/index.html": b"home"}, HELLO)
    await shared.put("app", HELLO.replace("hello", "new"), keep_assets=True)
    assert (await shared.visit("app")).text == "home"
    assert (await shared.visit("app", "/api")).text == "new"
    await shared.put("app", HELLO)
    assert (await shared.visit("app")).text == "hello"


async def test_what_code_logs_and_throws_is_kept_with_its_time(shared: Deployer) -> None:
    code = """export default { fetch(request) {
  console.log("seen", { path: new URL(request.url).pathname }); console.warn("careful");
  if (request.url.endsWith("/boom")) throw new TypeError("it broke");
  return new Response("ok");
} }"""
    began = time.time() * 1000
    await shared.put("app", code)
    await shared.put("other", code)
    await shared.visit("app", "/a")
    answer = await shared.visit("app", "/boom")
    assert (answer.status_code, "it broke" in answer.text, "1101" in answer.text) == (500, True, True)
    lines: list[dict[str, Any]] = []
    while len(lines) < 5:  # they come after the answers
        lines = await shared.lines("app", began)
    shown = [(line["$metadata"]["level"], line["$metadata"]["message"].splitlines()[0]) for line in lines]
    assert sorted(shown) == sorted(
        [
            ("log", 'seen {"path":"/a"}'),
            ("warn", "careful"),
            ("log", 'seen {"path":"/boom"}'),
            ("warn", "careful"),
            ("error", "TypeError: it broke"),
        ]
    )
    assert all(began - 1000 <= line["timestamp"] <= time.time() * 1000 + 1000 for line in lines)
    assert await shared.lines("other") == []


async def test_a_talkative_script_has_a_log_that_ends(shared: Deployer) -> None:
    code = "export default { fetch() { for (let i = 0; i < 400; i++) console.log('line', i); return new Response() } }"
    await shared.put("app", code)
    for _ in range(5):
        await shared.visit("app")
    query = {
        "parameters": {"filters": [{"key": "$workers.scriptName", "operation": "eq", "value": "app"}]},
        "limit": 2000,
    }
    count = 0
    while count < 1000:
        found = await shared.call("POST", f"{shared.account}/observability/telemetry/query", json=query)
        count = found["events"]["count"]
    assert count == 1000
