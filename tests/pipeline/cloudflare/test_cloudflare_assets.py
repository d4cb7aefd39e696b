"""How an artefact's files get into a namespace."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest
from faulty_http import FaultyHttp, Request, Response
from small_build import Build, File, built
from small_cloudflare import TOKEN, Refused, SmallCloudflare, parts

from overskill_nb.errors import CloudflareError, DeploymentError
from overskill_nb.pipeline.cloudflare import Script, Target, assets
from overskill_nb.pipeline.cloudflare.assets import asset_hash, manifest

TIPS = Script("overskill-preview", "tips")


@pytest.fixture(autouse=True)
async def namespace(target: Target, server: FaultyHttp) -> None:
    await target.cloudflare.ensure_namespace("overskill-preview")
    server.seen.clear()


async def upload(target: Target, build: Build, app: str = "tips-1") -> str:
    return await target.upload(TIPS, build, build, app=app)


def test_a_hash_is_the_apps_own_and_tells_types_apart() -> None:
    file = File("/a.js", "0" * 64, 1, "text/javascript")
    others = [replace(file, path="/a.css"), replace(file, sha256="1" * 64), replace(file, content_type="text/plain")]
    hashes = {asset_hash("tips", file), asset_hash("other", file), *(asset_hash("tips", other) for other in others)}
    assert len(hashes) == 5
    assert all(re.fullmatch("[0-9a-f]{32}", found) for found in hashes)
    assert asset_hash("tips", file) == asset_hash("tips", replace(file, path="/sub/b.js"))


async def test_only_what_is_missing_is_brought(target: Target, small: SmallCloudflare, server: FaultyHttp) -> None:
    told: list[tuple[int, int]] = []
    build = built()
    await target.upload(TIPS, build, build, app="tips-1", on_progress=lambda *now: told.append(now))
    assert told[0] == (0, 5)
    assert told[-1] == (5, 5)
    assert server.count(r"assets/upload\?") == 3
    server.seen.clear()
    await upload(target, build)
    assert server.count("") == 1
    build.add("/new.txt", "new", "text/plain")
    server.seen.clear()
    await upload(target, build)
    assert server.count("assets/upload\\?") == 1
    server.seen.clear()
    await upload(target, build, app="other-2")
    assert server.count("assets/upload\\?") == 3, "another app refers to the files of this one"


async def test_files_arrive_with_their_bytes_and_types(target: Target, small: SmallCloudflare) -> None:
    build = built()
    await upload(target, build)
    for file in build.files:
        body, kind = small.assets["overskill-preview"][asset_hash("tips-1", file)]
        assert (body, kind) == (build.read(file.sha256), file.content_type)


async def test_the_upload_token_stands_in_for_the_apis(target: Target, server: FaultyHttp) -> None:
    await upload(target, built())
    for request in server.seen:
        if "assets/upload?" in request.target:
            assert TOKEN not in request.headers["authorization"]
            assert request.headers["authorization"].startswith("Bearer eyJ")


async def test_at_most_three_buckets_are_under_way(target: Target, server: FaultyHttp, small: SmallCloudflare) -> None:
    small.bucket_size = 1
    handler, now, most = server.handler, 0, 0

    async def watched(request: Request) -> Response:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.02)
        now -= 1
        return await handler(request)

    server.handler = watched
    build = built()
    for number in range(8):
        build.add(f"/{number}.txt", str(number), "text/plain")
    await upload(target, build)
    assert most == 3


async def test_any_answer_may_bring_the_completion_token(target: Target, server: FaultyHttp) -> None:
    handler = server.handler
    late: list[Response] = []

    async def shuffled(request: Request) -> Response:
        response = await handler(request)
        if "assets/upload?" in request.target:
            late.append(response)
            if response.status == 201:  # its answer changes places with that of another bucket, which comes earlier
                await asyncio.sleep(0.05)
        return response

    server.handler = shuffled
    build = built()
    token = await upload(target, build)
    state = await target.put(TIPS, build, build, token, app="tips-1", deployment="d")
    assert state.etag == "e1"


async def test_a_completion_token_that_never_came_is_got_by_another_session(
    target: Target, server: FaultyHttp, small: SmallCloudflare
) -> None:
    small.lost_tokens = 1
    build = built()
    token = await upload(target, build)
    assert server.count("upload-session") == 2
    assert await target.put(TIPS, build, build, token, app="tips-1", deployment="d")


async def test_files_are_brought_singly_where_the_session_says_so(
    target: Target, server: FaultyHttp, small: SmallCloudflare
) -> None:
    small.claims = {"wrangler_single_asset_uploads": True, "edge_kv_upload_concurrency": 2}
    build = built()
    await upload(target, build)
    assert server.count(r"POST .*assets/upload/[0-9a-f]{32}$") == 5
    body, kind = small.assets["overskill-preview"][asset_hash("tips-1", build.files[0])]
    assert (body, kind) == (build.read(build.files[0].sha256), "text/html")


async def test_a_session_that_ends_meanwhile_is_begun_anew_and_goes_on(
    target: Target, server: FaultyHttp, small: SmallCloudflare
) -> None:
    handler = server.handler

    async def ends(request: Request) -> Response:
        if "assets/upload?" in request.target and server.count(r"assets/upload\?") == 2:
            small._sessions.clear()
        return await handler(request)

    server.handler = ends
    build = built()
    token = await upload(target, build)
    assert server.count("upload-session") == 2
    assert await target.put(TIPS, build, build, token, app="tips-1", deployment="d")


async def test_a_session_without_a_result_is_asked_for_again(
    target: Target, server: FaultyHttp, small: SmallCloudflare
) -> None:
    small.null_sessions = 1
    assert await upload(target, built())
    small.null_sessions = 99
    with pytest.raises(CloudflareError, match="session of tips failed: Cloudflare answered without a result") as caught:
        await upload(target, built("two"))
    assert caught.value.temporary


async def test_a_token_that_ended_while_a_run_slept_is_renewed(target: Target, server: FaultyHttp) -> None:
    build = built()
    token = await upload(target, build)
    target.cloudflare.clock.passed += 3600  # type: ignore[attr-defined]
    server.seen.clear()
    await target.put(TIPS, build, build, token, app="tips-1", deployment="d")
    assert server.count("upload-session") == 1


async def test_a_refused_bucket_stops_the_others(target: Target, server: FaultyHttp, small: SmallCloudflare) -> None:
    small.bucket_size = 1
    small.refuse[r"assets/upload\?"] = Refused(413, 0, "too large")
    build = built()
    for number in range(20):
        build.add(f"/{number}.txt", str(number), "text/plain")
    with pytest.raises(CloudflareError, match="larger than Cloudflare takes"):
        await upload(target, build)
    assert server.count(r"assets/upload\?") <= 3


def test_what_cloudflare_does_not_take_is_said_before_anything_is_sent() -> None:
    build = built()
    build.files[1].size = 26 * 1024 * 1024
    with pytest.raises(DeploymentError, match=r"^/assets/main.js has 26.0 MiB and Cloudflare takes 25 MiB a file"):
        manifest("tips", build)
    build.files = build.files[2:] * (assets.MAX_FILES // 2)
    with pytest.raises(DeploymentError, match="150,000 files and Cloudflare takes 100,000"):
        manifest("tips", build)


async def test_the_requests_are_those_of_wrangler(target: Target, server: FaultyHttp) -> None:
    """Names, order and headers as read in wrangler's source: helpers/assets.ts and create-worker-upload-form.ts."""
    build = built()
    build.worker = build.keep(b"export default {}")
    token = await upload(target, build)
    await target.put(TIPS, build, build, token, app="tips-1", deployment="d")
    base = "/client/v4/accounts/acc0/workers"
    script = f"{base}/dispatch/namespaces/overskill-preview/scripts/tips"
    assert [f"{r.method} {r.target}" for r in server.seen] == [
        f"POST {script}/assets-upload-session",
        *[f"POST {base}/assets/upload?base64=true"] * 3,
        f"PUT {script}?excludeScript=true&bindings_inherit=strict",
    ]
    assert server.seen[0].headers["content-type"] == "application/json"
    name, filename, kind, _ = parts(server.seen[1])[0]
    assert name == filename
    assert "/" in kind
    form = parts(server.seen[-1])
    assert [(name, filename, kind) for name, filename, kind, _ in form] == [
        ("metadata", "", ""),
        ("index.js", "index.js", "application/javascript+module"),
        ("app.js", "app.js", "application/javascript+module"),
    ]
