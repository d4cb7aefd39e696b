"""A deployment's steps, from its files to its removal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from faulty_http import FaultyHttp, Request, Response
from small_build import Build, built
from small_cloudflare import Refused, SmallCloudflare
from turned_clock import TurnedClock

from overskill_nb.errors import CloudflareError, DeploymentError, NameTaken, VerificationError
from overskill_nb.pipeline.cloudflare import LogLine, Target
from overskill_nb.pipeline.cloudflare.verification import Visitor
from overskill_nb.pipeline.deployments.effects import Effects, Task


async def deploy(target: Target, build: Build, name: str = "tips", app: str = "tips-0a1b", **rest: Any) -> str:
    script = target.script(name, "preview")
    await target.check(name, "preview", app)
    token = await target.upload(script, build, build, app=app)
    await target.put(script, build, build, token, app=app, deployment="d1", **rest)
    return target.url(name, "preview")


async def test_what_was_deployed_is_served_and_removed_again(target: Target, build: Build) -> None:
    url = await deploy(target, build)
    await target.verify(url, build, deadline=5)
    state = await target.find(target.script("tips", "preview"))
    assert state
    assert state.tags == ["app-tips-0a1b", "environment-preview", "deployment-d1", f"artefact-{build.id[:16]}"]
    assert state.etag == "e1"
    await target.delete(target.script("tips", "preview"))
    await target.delete(target.script("tips", "preview"))
    assert await target.find(target.script("tips", "preview")) is None
    with pytest.raises(VerificationError, match='HTTP 404, which reads "No such app"'):
        await target.verify(url, build, deadline=5)


async def test_a_name_that_another_app_has_is_refused_before_anything_changes(
    target: Target, build: Build, small: SmallCloudflare, server: FaultyHttp
) -> None:
    await deploy(target, build)
    server.seen.clear()
    with pytest.raises(NameTaken, match="'tips' is taken in preview: the app tips-0a1b is deployed there"):
        await target.check("tips", "preview", "tips-ffff")
    assert all(request.method == "GET" for request in server.seen)
    await target.check("tips", "preview", "tips-0a1b")
    await target.check("tips", "staging", "tips-ffff")
    small.namespaces["overskill-preview"]["tips"].metadata["tags"] = ["other"]
    with pytest.raises(NameTaken, match="a script that overskill_nb did not make"):
        await target.check("tips", "preview", "tips-0a1b")


async def test_an_apps_id_may_hold_what_a_tag_may_not(target: Target, build: Build, small: SmallCloudflare) -> None:
    app = "Tips, tricks & más:yes-0a1b2c"
    await deploy(target, build, app=app)
    await target.check("tips", "preview", app)
    await target.delete_app(app)
    assert not small.namespaces["overskill-preview"]


async def test_a_step_may_be_repeated(target: Target, build: Build, small: SmallCloudflare) -> None:
    url = await deploy(target, build)
    before = small.namespaces["overskill-preview"]["tips"].metadata
    await deploy(target, build)
    after = small.namespaces["overskill-preview"]["tips"].metadata
    before["assets"].pop("jwt")
    after["assets"].pop("jwt")
    assert before == after
    await target.verify(url, build, deadline=5)


async def test_an_app_without_code_has_no_module(target: Target, build: Build, small: SmallCloudflare) -> None:
    build.headers = "/assets/*\n  cache-control: immutable"
    build.redirects = "/old /new 301\n"
    await deploy(target, build, limits={"cpu_ms": 50})
    worker = small.namespaces["overskill-preview"]["tips"]
    assert worker.modules == {}
    assert "main_module" not in worker.metadata
    assert "limits" not in worker.metadata
    assert worker.metadata["compatibility_date"] == "2026-01-01"
    assert worker.metadata["assets"]["config"] == {
        "html_handling": "auto-trailing-slash",
        "not_found_handling": "single-page-application",
        "_headers": f"/assets/*\n  cache-control: immutable\n/*\n  x-overskill-artefact: {build.id}\n",
        "_redirects": "/old /new 301\n",
    }


async def test_an_app_with_code_is_given_its_values(target: Target, build: Build, small: SmallCloudflare) -> None:
    build.worker = build.keep(b"export default { fetch() {} }")
    await deploy(target, build, env={"B": "2", "A": "1"}, limits={"cpu_ms": 50})
    metadata = small.namespaces["overskill-preview"]["tips"].metadata
    assert metadata["main_module"] == "index.js"
    assert metadata["keep_bindings"] == ["secret_text"]
    assert metadata["limits"] == {"cpu_ms": 50}
    assert metadata["observability"] == {"enabled": True}
    assert metadata["assets"]["config"]["run_worker_first"] == ["/api/*", "/_overskill/env.js"]
    assert metadata["bindings"] == [
        {"type": "assets", "name": "ASSETS"},
        {"type": "json", "name": "OVERSKILL_ENV", "json": {"B": "2", "A": "1"}},
        {"type": "plain_text", "name": "A", "text": "1"},
        {"type": "plain_text", "name": "B", "text": "2"},
    ]
    with pytest.raises(DeploymentError, match="A variable cannot be named ASSETS"):
        await deploy(target, build, env={"ASSETS": "x"})


@pytest.mark.parametrize("name", ["", "Tips", "-tips", "tips-", "a--b", "a.b", "a_b", "ü", "a/b", "tips\n", "x" * 55])
def test_a_name_that_cannot_be_an_address_is_refused(name: str, target: Target) -> None:
    with pytest.raises(DeploymentError, match="An app cannot be deployed as "):
        target.script(name, "preview")


@pytest.mark.parametrize("prefix", ["a/../b", "A", "a b", "-", "x" * 64])
def test_a_prefix_that_cannot_be_a_namespaces_is_refused(prefix: str, target: Target) -> None:
    other = Target.local(target.cloudflare, 1, prefix)
    with pytest.raises(DeploymentError, match="OVERSKILL_NAMESPACE_PREFIX is "):
        other.script("tips", "preview")


async def test_a_proxy_for_the_internet_is_not_asked_for_this_machine(
    target: Target, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    await target.verify(await deploy(target, build), build, deadline=0)


def test_addresses(target: Target) -> None:
    assert target.url("tips", "production") == f"http://tips.localhost:{target.addresses.port}/"
    assert target.url("tips", "preview") == f"http://tips--preview.localhost:{target.addresses.port}/"
    assert target.script("x" * 54, "staging").namespace == "overskill-staging"
    with pytest.raises(DeploymentError, match="There is no environment 'test'; there are preview, staging, production"):
        target.url("tips", "test")


async def test_what_is_served_instead_is_told(
    target: Target, build: Build, small: SmallCloudflare, server: FaultyHttp, clock: TurnedClock
) -> None:
    url = await deploy(target, build)
    other = built("other")
    with pytest.raises(VerificationError, match=f"/ gave another build \\({build.id[:12]} instead of {other.id[:12]}"):
        await target.verify(url, other, deadline=3)
    assert 2 < clock.passed <= 3
    worker = small.namespaces["overskill-preview"]["tips"]
    index = worker.files["/index.html"]
    worker.files["/index.html"] = (index[0] + b"<script>", "text/html")
    with pytest.raises(VerificationError, match=r"this build's file in changed form .* a setting of the zone rewrites"):
        await target.verify(url, build, deadline=0)
    worker.files["/index.html"] = index
    script = worker.files.pop("/assets/main.js")
    with pytest.raises(VerificationError, match=r"/assets/main\.js gave this build's file in changed form"):
        await target.verify(url, build, deadline=0)
    worker.files["/assets/main.js"] = script
    worker.metadata["assets"]["config"]["_headers"] = "/*\n  x-other: 1"
    with pytest.raises(VerificationError, match="/ is right, but came without the header x-overskill-artefact"):
        await target.verify(url, build, deadline=0)
    server.fail("challenge")
    with pytest.raises(VerificationError, match="a challenge page of the zone's firewall"):
        await target.verify(url, build, deadline=0)
    server.fail("drop before")
    with pytest.raises(VerificationError, match="/ does not answer"):
        await target.verify(url, build, deadline=0)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            "<h1>Error 1101</h1> <p>Worker threw exception</p>",
            r"The Worker threw an exception; see `app.logs\(…\)` \(code",
        ),
        ("error code: 1027", r"daily limit of requests is used up.* \(code 1027\)"),
        ("<style>p{}</style><p>Something else</p>", 'HTTP 500, which reads "Something else"'),
    ],
)
async def test_a_page_of_the_runtime_is_told_in_its_meaning(page: str, said: str, build: Build) -> None:
    async def answer(_: Request) -> Response:
        return Response(500, page.encode(), {"Content-Type": "text/html"})

    async with FaultyHttp.over(answer) as server:
        visitor = Visitor()
        with pytest.raises(VerificationError, match=said):
            await visitor.verify(server.url, build, deadline=0)
        await visitor.close()


async def test_verification_waits_for_the_edge_to_know(
    target: Target, build: Build, server: FaultyHttp, clock: TurnedClock
) -> None:
    url = await deploy(target, build)
    server.fail("500", "GET /", times=4)
    await target.verify(url, build, deadline=30)
    assert clock.waits == [0.02, 0.04, 0.08, 0.16]


async def test_an_app_below_a_path_is_verified_as_it_was_built(build: Build) -> None:
    prefix = "/preview/tips"

    async def dispatcher(request: Request) -> Response:
        path = request.path.removeprefix(prefix)
        file = next(file for file in build.files if file.path == ("/index.html" if path == "/" else path))
        body = build.read(file.sha256)
        if path == "/":
            body = body.replace(b'src="/', f'src="{prefix}/'.encode())
        return Response(200, body, {"x-overskill-artefact": build.id})

    async with FaultyHttp.over(dispatcher) as server:
        visitor = Visitor()
        await visitor.verify(f"{server.url}{prefix}/", build, deadline=5)
        await visitor.close()
    assert {request.path for request in server.seen} == {
        f"{prefix}/",
        *(prefix + path for path in build.first_load[1:]),
    }


async def test_logs_are_in_order_and_of_one_environment(
    target: Target, small: SmallCloudflare, server: FaultyHttp
) -> None:
    def event(at: int, text: Any, request: str, namespace: str = "", level: str = "log") -> dict[str, Any]:
        worker = {"scriptName": "tips", "requestId": request}
        if namespace:
            worker["dispatchNamespace"] = namespace
        return {"timestamp": at, "source": text, "$metadata": {"level": level}, "$workers": worker}

    small.logs = [
        event(4000, "GET /", "r1", "overskill-preview"),
        event(2000, {"a": 1}, "r1", level="error"),
        event(1000, "first", ""),
        event(3000, "GET /", "r2", "overskill-production"),
        event(2500, "printed in production", "r2"),
        {"odd": 1},
    ]
    lines = await target.logs(target.script("tips", "preview"), 0.5)
    assert lines == [
        LogLine(0.0, "log", ""),
        LogLine(1.0, "log", "first"),
        LogLine(2.0, "error", '{"a":1}'),
        LogLine(4.0, "log", "GET /"),
    ]
    asked = json.loads(server.seen[-1].body)
    assert asked["timeframe"]["from"] == 500
    assert [told["value"] for told in asked["parameters"]["filters"]] == ["tips"]


async def test_logs_need_a_permission_of_their_own(target: Target, small: SmallCloudflare) -> None:
    small.refuse["telemetry"] = Refused(403, 10000, "Authentication error")
    with pytest.raises(CloudflareError, match="lacks `Workers Observability: Read`; add it"):
        await target.logs(target.script("tips", "preview"), 0)


async def test_secrets_of_what_is_not_deployed_are_none(target: Target) -> None:
    await target.check("tips", "preview", "tips-1")
    assert await target.secrets(target.script("tips", "preview")) == []


async def test_a_deployments_log_says_what_it_waits_for(target: Target, build: Build, server: FaultyHttp) -> None:
    class Store:
        def get(self, _: str) -> Build:
            return build

        def read(self, sha256: str) -> bytes:
            return build.read(sha256)

    async def found() -> Target:
        return target

    await target.check("tips", "preview", "tips-1")
    effects = Effects(None, Store(), found)
    places = {"name": "tips", "environment": "preview", "root": "", "before": "", "before_artefact": ""}
    task = Task(id="d1", app="tips-1", kind="deploy", artefact=build.id, env={}, **places)
    server.fail("429 with Retry-After", "upload-session")
    log: list[str] = []
    await effects.publish(task, log.append)
    assert log[0] == "The upload session of tips is tried again in 2 s (attempt 2)."
    assert "Waiting 2 s" not in "".join(log), "told twice"
