"""wrangler, Cloudflare's own command, deploys here; what it deployed is served by workerd."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from local_deployer import NAMESPACE, Deployer

from overskill_nb.pipeline import process, tools
from overskill_nb.pipeline.local_cloudflare import LocalCloudflare
from overskill_nb.pipeline.node import Node

HERE = Path(__file__).parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def wrangler(cache: Path, node: Node) -> Path:
    """wrangler, installed once."""
    del cache
    installed = asyncio.run(tools.ensure(node, lambda _: None, HERE / "wrangler", "wrangler"))
    return installed / "node_modules/wrangler/bin/wrangler.js"


class Wrangler:
    def __init__(self, node: Node, script: Path, cloudflare: LocalCloudflare, folder: Path) -> None:
        self._command = (node.executable, script)
        self._folder = folder
        self._environment = {
            **node.environment,
            "CLOUDFLARE_API_BASE_URL": cloudflare.api_url,
            "CLOUDFLARE_API_TOKEN": cloudflare.token,
            "WRANGLER_SEND_METRICS": "false",
            "WRANGLER_LOG_PATH": str(folder / "logs"),
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "CI": "true",
            "NO_PROXY": "127.0.0.1,localhost",
            "NODE_OPTIONS": "",
        }

    async def __call__(self, *arguments: str, fails: bool = False) -> str:
        done = await process.run([*self._command, *arguments], cwd=self._folder, env=self._environment)
        assert (done.code != 0) is fails, done.tail
        return done.tail


@pytest.fixture
def run(node: Node, wrangler: Path, shared_cloudflare: LocalCloudflare, tmp_path: Path) -> Wrangler:
    folder = tmp_path / "project"
    (folder / "public/docs").mkdir(parents=True)
    (folder / "src").mkdir()
    (folder / "public/index.html").write_text("<h1>by wrangler</h1>")
    (folder / "public/docs/a b.txt").write_text("text")
    (folder / "public/_headers").write_text("/*\n  X-Made-By: wrangler\n")
    (folder / "public/_redirects").write_text("/old / 301\n")
    for number in range(120):
        (folder / f"public/{number}.txt").write_text(str(number))
    (folder / "src/index.ts").write_text(
        "interface Env { MODE: string; ASSETS: { fetch(r: Request): Promise<Response> } }\n"
        "export default { async fetch(request: Request, env: Env): Promise<Response> {\n"
        "  const home = await env.ASSETS.fetch(new Request(new URL('/', request.url)));\n"
        "  return new Response(`${env.MODE} ${await home.text()}`);\n"
        "} };\n"
    )
    (folder / "wrangler.json").write_text(
        json.dumps(
            {
                "name": "tips",
                "main": "src/index.ts",
                "compatibility_date": "2026-01-01",
                "account_id": shared_cloudflare.account,
                "vars": {"MODE": "preview"},
                "assets": {
                    "directory": "public",
                    "binding": "ASSETS",
                    "not_found_handling": "single-page-application",
                    "run_worker_first": ["/api"],
                },
            }
        )
    )
    return Wrangler(node, wrangler, shared_cloudflare, folder)


async def test_wrangler_deploys_with_assets_and_deletes(run: Wrangler, shared: Deployer, tmp_path: Path) -> None:
    said = await run("deploy", "--dispatch-namespace", NAMESPACE, "--tag", "v1", "--message", "why", "--keep-vars")
    assert "Uploaded 122" in said, said
    home = await shared.visit("tips")
    assert (home.text, home.headers["x-made-by"]) == ("<h1>by wrangler</h1>", "wrangler")
    assert home.headers["content-type"] == "text/html; charset=utf-8"
    assert (await shared.visit("tips", "/api")).text == "preview <h1>by wrangler</h1>"
    assert (await shared.visit("tips", "/docs/a%20b.txt")).text == "text"
    assert (await shared.visit("tips", "/old")).headers["location"] == "/"
    assert [(await shared.visit("tips", f"/{number}.txt")).text for number in range(120)] == [
        str(number) for number in range(120)
    ]

    (tmp_path / "project/public/index.html").write_text("<h1>again</h1>")
    said = await run("deploy", "--dispatch-namespace", NAMESPACE)
    assert "already uploaded" in said, said
    assert (await shared.visit("tips")).text == "<h1>again</h1>"

    (tmp_path / "project/src/index.ts").write_text("throw new Error('at the start'); export default {}")
    said = await run("deploy", "--dispatch-namespace", NAMESPACE, fails=True)
    assert "10021" in said
    assert "at the start" in said
    assert (await shared.visit("tips")).text == "<h1>again</h1>"

    await run("dispatch-namespace", "delete", NAMESPACE)  # `wrangler delete` knows no namespaces
    assert (await shared.visit("tips")).status_code == 404


async def test_wrangler_makes_lists_and_deletes_namespaces(run: Wrangler, shared: Deployer) -> None:
    await run("dispatch-namespace", "create", "by-wrangler")
    assert "by-wrangler" in await run("dispatch-namespace", "list")
    await run("dispatch-namespace", "rename", "by-wrangler", "renamed")
    assert "renamed" in await run("dispatch-namespace", "get", "renamed")
    await run("dispatch-namespace", "delete", "renamed")
    assert [space["namespace_name"] for space in await shared.call("GET", shared.spaces)] == [NAMESPACE]


async def test_wrangler_finds_out_who_it_is(run: Wrangler, shared_cloudflare: LocalCloudflare) -> None:
    assert shared_cloudflare.account in await run("whoami")
