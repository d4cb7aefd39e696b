"""The client against the local Cloudflare: the same steps, and the code that comes out runs in workerd."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from faulty_http import FaultyHttp
from small_build import Build, built

from overskill_nb.errors import NameTaken, VerificationError
from overskill_nb.pipeline import local_cloudflare
from overskill_nb.pipeline.artefacts import ArtefactStore, BuiltFile, BuiltFiles
from overskill_nb.pipeline.cloudflare import Cloudflare, Settings, Target, connect
from overskill_nb.pipeline.cloudflare.script import Upload
from overskill_nb.pipeline.cloudflare.setup import setup
from overskill_nb.pipeline.cloudflare.verification import reachable
from overskill_nb.pipeline.local_cloudflare import LocalCloudflare
from overskill_nb.pipeline.node import Node

WORKER = b"""
export default {
  async fetch(request, env) {
    const path = new URL(request.url).pathname;
    if (path === "/api/print") console.log("printed by tips");
    return Response.json({ path, name: env.API_URL ?? null, secret: env.KEY ?? null, all: env.OVERSKILL_ENV });
  },
};
"""


@pytest.fixture
async def local(node: Node, tmp_path: Path, workerd: Path) -> AsyncIterator[LocalCloudflare]:
    running = await local_cloudflare.ensure(tmp_path / "cloudflare", node, lambda _: None)
    yield running
    await running.close()


@pytest.fixture
async def target(local: LocalCloudflare) -> AsyncIterator[Target]:
    target = Target.local(Cloudflare(local.account, local.token, local.api_url), local.port)
    yield target
    await target.close()


async def deploy(target: Target, build: Build, deployment: str = "d1", **env: str) -> str:
    script = target.script("tips", "preview")
    await target.check("tips", "preview", "tips-1")
    token = await target.upload(script, build, build, app="tips-1")
    await target.put(script, build, build, token, app="tips-1", deployment=deployment, env=env)
    url = target.url("tips", "preview")
    await target.verify(url, build, deadline=20)
    return url


async def get(url: str) -> httpx.Response:
    address, headers = reachable(url)
    async with httpx.AsyncClient(verify=False) as client:
        return await client.get(address, headers=headers)


async def test_an_app_is_served_replaced_and_removed(target: Target) -> None:
    script = target.script("tips", "preview")
    url = await deploy(target, built("one"))
    assert "<p>one" in (await get(url)).text
    await deploy(target, built("two"), "d2")
    assert "<p>two" in (await get(f"{url}some/route")).text
    state = await target.find(script)
    assert state
    assert state.tag("deployment") == "d2"
    assert await target.cloudflare.list_scripts(script.namespace, {"app-tips-1": True}) == ["tips"]
    with pytest.raises(VerificationError, match="gave another build"):
        await target.verify(url, built("one"), deadline=0.1)
    await target.delete(script)
    assert await target.find(script) is None
    assert (await get(url)).status_code == 404


async def test_a_local_cloudflare_may_be_configured_as_if_it_were_an_account(local: LocalCloudflare) -> None:
    settings = Settings(local.account, local.token, local.api_url)
    target = await connect(settings)
    assert target.kind == "local"
    assert (await get(await deploy(target, built("shared")))).status_code == 200
    await target.close()
    assert str(await setup(settings)).endswith("account: the local Cloudflare, which needs no setup.")


async def test_values_of_the_environment_reach_the_page_and_the_workers_code(target: Target) -> None:
    build = built()
    build.uses_env = True
    url = await deploy(target, build, API_URL="https://a.example/<x>")
    env = await get(f"{url}_overskill/env.js")
    assert env.text == 'globalThis.__overskill_env = {"API_URL":"https://a.example/<x>"};\n'
    assert env.headers["content-type"].startswith("text/javascript")
    build.worker = build.keep(WORKER)
    script = target.script("tips", "preview")
    await deploy(target, build, "d2", API_URL="b")
    await target.set_secret(script, "KEY", "s3cret", app="tips-1")
    assert (await get(f"{url}api/x")).json() == {
        "path": "/api/x",
        "name": "b",
        "secret": "s3cret",
        "all": {"API_URL": "b"},
    }
    await deploy(target, build, "d3")
    after = (await get(f"{url}api")).json()
    assert (after["secret"], after["name"]) == ("s3cret", None)
    assert await target.secrets(script) == ["KEY"]
    await target.delete_secret(script, "KEY")
    assert (await get(f"{url}api")).json()["secret"] is None
    assert "<p>one" in (await get(f"{url}apiary")).text


async def test_a_stored_artefact_is_served(target: Target, tmp_path: Path) -> None:
    store = ArtefactStore(tmp_path / "artefacts")
    artefact = store.put(_files(tmp_path, {"/index.html": "text/html", "/assets/a-1.js": "text/javascript"}))
    script = target.script("stored", "production")
    for deployment in ("d1", "d2"):
        await target.check("stored", "production", "stored-1")
        token = await target.upload(script, artefact, store, app="stored-1")
        await target.put(script, artefact, store, token, app="stored-1", deployment=deployment, env={}, limits={})
        await target.verify(target.url("stored", "production"), artefact, deadline=20)
    state = await target.find(script)
    assert state
    assert state.tag("artefact") == artefact.id[:16]


def _files(folder: Path, types: dict[str, str]) -> BuiltFiles:
    files = []
    for path, content_type in types.items():
        source = folder / path.rpartition("/")[2]
        source.write_text(f"content of {path}")
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        files.append(BuiltFile(path, digest, source.stat().st_size, str(source), content_type))
    return BuiltFiles(files, first_load=list(types))


async def test_a_script_that_somebody_else_put_can_be_taken_over(target: Target) -> None:
    script = target.script("tips", "production")
    await target.cloudflare.ensure_namespace(script.namespace)
    upload = Upload(compatibility_date="2026-01-01", modules={"index.js": WORKER})
    await target.cloudflare.put_script(script, upload)
    with pytest.raises(NameTaken):
        await target.check("tips", "production", "tips-1")
    for _ in range(2):
        await target.adopt(script, app="tips-1", deployment="d1")
    await target.check("tips", "production", "tips-1")
    state = await target.find(script)
    assert state
    assert (state.tag("deployment"), state.tag("environment")) == ("d1", "production")


async def test_a_secret_may_come_before_the_first_deployment(target: Target) -> None:
    script = target.script("tips", "preview")
    await target.set_secret(script, "KEY", "early", app="tips-1")
    assert (await get(target.url("tips", "preview"))).status_code == 404
    build = built()
    build.worker = build.keep(WORKER)
    url = await deploy(target, build)
    assert (await get(f"{url}api")).json()["secret"] == "early"


async def test_what_a_worker_prints_can_be_read(target: Target) -> None:
    build = built()
    build.worker = build.keep(WORKER)
    url = await deploy(target, build)
    since = target.cloudflare.clock.wall() - 1
    await get(f"{url}api/print")
    for _ in range(50):
        lines = await target.logs(target.script("tips", "preview"), since)
        if any(line.text == "printed by tips" for line in lines):
            break
        await asyncio.sleep(0.1)
    assert [line.level for line in lines if line.text == "printed by tips"] == ["log"]


async def test_a_deployment_through_a_network_that_fails_ends_right(local: LocalCloudflare) -> None:
    async with FaultyHttp.before(local.port) as proxy:
        client = Cloudflare(local.account, local.token, f"{proxy.url}/client/v4")
        target = Target.local(client, local.port)
        proxy.fail("502 after", "POST .*/namespaces$")
        proxy.fail("cut body", "upload-session")
        proxy.fail("drop after", "POST .*assets/upload")
        proxy.fail("520", "PUT")
        await deploy(target, built("through"))
        assert all(fault.times == 0 for fault in proxy.faults)
        assert [name async for name in client._listed("overskill-preview", None)] == ["tips"]
        await target.close()
