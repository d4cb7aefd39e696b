"""The ``cloudflare`` package, Cloudflare's own client in Python, deploys here; its types check the answers' shapes."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cloudflare import AsyncCloudflare, NotFoundError
from local_deployer import Deployer, hash_of

from overskill_nb.pipeline.local_cloudflare import LocalCloudflare

SPACE = "overskill-preview"
CODE = b"export default { fetch: (request, env) => env.ASSETS.fetch(request) }"


@pytest.fixture
async def sdk(shared_cloudflare: LocalCloudflare) -> AsyncIterator[AsyncCloudflare]:
    # Strict: an answer that does not fit the types is an error.
    async with AsyncCloudflare(
        api_token=shared_cloudflare.token,
        base_url=shared_cloudflare.api_url,
        max_retries=0,
        _strict_response_validation=True,
    ) as client:
        yield client


async def test_the_sdk_deploys_lists_and_deletes(
    shared_cloudflare: LocalCloudflare, shared: Deployer, sdk: AsyncCloudflare
) -> None:
    spaces = sdk.workers_for_platforms.dispatch.namespaces
    everywhere: dict[str, Any] = {"account_id": shared_cloudflare.account}
    here = {**everywhere, "dispatch_namespace": SPACE}

    created = await spaces.create(**everywhere, name="sdk-made")
    assert created is not None
    assert created.namespace_name == "sdk-made"
    assert {space.namespace_name async for space in spaces.list(**everywhere)} == {SPACE, "sdk-made"}
    got = await spaces.get("sdk-made", **everywhere)
    assert got is not None
    assert got.created_on == created.created_on
    await spaces.delete("sdk-made", **everywhere)
    with pytest.raises(NotFoundError):
        await spaces.get("sdk-made", **everywhere)

    page = b"<h1>from the SDK</h1>"
    name = hash_of("/index.html", page)
    session = await spaces.scripts.asset_upload.create(
        "app", **here, manifest={"/index.html": {"hash": name, "size": len(page)}}
    )
    assert session is not None
    assert session.buckets == [[name]]
    # The SDK has no way to give the file's type; its upload is a field per file.
    uploaded = await sdk.workers.assets.upload.create(
        **everywhere,
        base64=True,
        body={name: base64.b64encode(page).decode()},
        extra_headers={"Authorization": f"Bearer {session.jwt}"},
    )
    assert uploaded is not None
    made = await spaces.scripts.update(
        "app",
        **here,
        metadata={
            "main_module": "index.js",
            "compatibility_date": "2026-01-01",
            "bindings": [{"type": "assets", "name": "ASSETS"}, {"type": "plain_text", "name": "A", "text": "1"}],
            "tags": ["app-1"],
            "assets": {"jwt": uploaded.jwt or "", "config": {"html_handling": "auto-trailing-slash"}},
        },
        files=[("index.js", CODE, "application/javascript+module")],
    )
    assert (made.has_assets, made.handlers) == (True, ["fetch"])
    assert (await shared.visit("app")).content == page

    scripts = spaces.scripts
    about = await scripts.get("app", **here)
    assert about is not None
    assert about.script is not None
    assert about.script.etag == made.etag
    settings = await scripts.settings.get("app", **here)
    assert settings is not None
    assert settings.tags == ["app-1"]
    assert {binding.name async for binding in scripts.bindings.get("app", **here)} == {"ASSETS", "A"}
    secret = await scripts.secrets.update("app", **here, name="KEY", text="k", type="secret_text")
    assert secret is not None
    assert [found.name async for found in scripts.secrets.list("app", **here)] == ["KEY"]
    found = await scripts.secrets.get("KEY", **here, script_name="app")
    assert found is not None
    await scripts.secrets.delete("KEY", **here, script_name="app")
    assert [tag async for tag in scripts.tags.list("app", **here)] == ["app-1"]
    assert [tag async for tag in await scripts.tags.update("app", **here, body=["x", "y"])] == ["x", "y"]
    await scripts.tags.delete("x", **here, script_name="app")
    content = await scripts.content.get("app", **here)
    assert CODE in await content.read()
    await scripts.delete("app", **here, force=True)
    assert (await shared.visit("app")).status_code == 404


async def test_the_sdk_reads_logs(shared_cloudflare: LocalCloudflare, shared: Deployer, sdk: AsyncCloudflare) -> None:
    await shared.put("app", "export default { fetch() { console.log('heard'); return new Response() } }")
    await shared.visit("app")
    while not await shared.lines("app"):
        pass
    found = await sdk.workers.observability.telemetry.query(
        account_id=shared_cloudflare.account,
        query_id="q",
        timeframe={"from_": 0, "to": 9_000_000_000_000},
        view="events",
        parameters={
            "filters": [{"key": "$workers.scriptName", "operation": "eq", "type": "string", "value": "app"}],
        },
    )
    assert found is not None
    assert found.events is not None
    assert found.events.events is not None
    assert [event.metadata.message for event in found.events.events] == ["heard"]


async def test_the_sdk_finds_out_who_it_is(shared_cloudflare: LocalCloudflare, sdk: AsyncCloudflare) -> None:
    verified = await sdk.user.tokens.verify()
    assert verified is not None
    assert verified.status == "active"
    assert [membership.account.id async for membership in sdk.memberships.list() if membership.account] == [
        shared_cloudflare.account
    ]
    assert [account.id async for account in sdk.accounts.list()] == [shared_cloudflare.account]
    subdomain = await sdk.workers.subdomains.get(account_id=shared_cloudflare.account)
    assert subdomain is not None
    assert [zone.id async for zone in sdk.zones.list()] == []
