"""Our requests beside those of Cloudflare's own client for the same app."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from faulty_http import FaultyHttp, Request
from small_build import Build
from small_cloudflare import ACCOUNT, TOKEN, SmallCloudflare, parts

from overskill_nb.pipeline import tools
from overskill_nb.pipeline.cloudflare import Target
from overskill_nb.pipeline.node import Node

WRANGLER = Path(__file__).parent.parent / "local_cloudflare/wrangler"
OURS_ALONE = {"tags", "keep_bindings", "annotations"}
"""What we tell besides: whose the script is, that its secrets stay, and which deployment it is."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wrangler(node: Node, cache: Path) -> Path:
    return asyncio.run(tools.ensure(node, lambda _: None, WRANGLER, "wrangler"))


def shape(requests: list[Request]) -> list[Any]:
    """What requests look like, without what differs from call to call: hashes, tokens, contents, other files."""
    seen: list[Any] = []
    for request in requests:
        kind = request.headers.get("content-type", "").partition(";")[0]
        found: list[Any] = [request.method, request.target, kind, request.headers["authorization"][:10]]
        if "upload-session" in request.target:
            found.append({(path, *sorted(entry)) for path, entry in json.loads(request.body)["manifest"].items()})
        elif "assets/upload" in request.target:
            for name, filename, kind, _ in parts(request):
                found.append((len(name), name == filename, kind.partition(";")[0]))
        elif kind == "multipart/form-data":
            (name, filename, kind, body), *modules = parts(request)
            metadata = json.loads(body)
            metadata["assets"].pop("jwt")
            metadata["assets"]["config"].pop("_headers", None)
            metadata["bindings"] = sorted(metadata.get("bindings", []), key=lambda binding: binding["name"])
            found.append((name, filename, kind, {k: v for k, v in metadata.items() if v and k not in OURS_ALONE}))
            found.append({module[2] for module in modules})
        seen.append(found)
    return seen


@pytest.mark.parametrize("code", [True, False], ids=["with code", "files only"])
async def test_requests_have_wranglers_shape(
    code: bool,
    build: Build,
    target: Target,
    server: FaultyHttp,
    small: SmallCloudflare,
    wrangler: Path,
    node: Node,
    tmp_path: Path,
) -> None:
    small.bucket_size = 100
    await target.cloudflare.ensure_namespace("overskill-preview")
    for file in build.files:
        copy = tmp_path / f"dist{file.path}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(build.read(file.sha256))
    assets: dict[str, Any] = {"directory": "dist", "not_found_handling": "single-page-application"}
    assets["html_handling"] = "auto-trailing-slash"
    configuration: dict[str, Any] = {"name": "tips", "compatibility_date": "2026-01-01", "assets": assets}
    if code:
        (tmp_path / "worker").mkdir()
        (tmp_path / "worker/index.js").write_text("export default { fetch() {} }")
        assets.update(binding="ASSETS", run_worker_first=["/api/*", "/_overskill/env.js"])
        configuration.update(
            main="worker/index.js",
            no_bundle=True,
            vars={"A": "1", "OVERSKILL_ENV": {"A": "1"}},
            limits={"cpu_ms": 50},
            observability={"enabled": True},
        )
    (tmp_path / "wrangler.json").write_text(json.dumps(configuration))
    server.seen.clear()
    process = await asyncio.create_subprocess_exec(
        str(node.executable),
        str(wrangler / "node_modules/wrangler/bin/wrangler.js"),
        "deploy",
        "--dispatch-namespace=overskill-preview",
        cwd=tmp_path,
        env={
            **os.environ,
            "CLOUDFLARE_API_BASE_URL": f"{server.url}/client/v4",
            "CLOUDFLARE_ACCOUNT_ID": ACCOUNT,
            "CLOUDFLARE_API_TOKEN": TOKEN,
            "WRANGLER_SEND_METRICS": "false",
            "HOME": str(tmp_path),
            "CI": "1",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    # wrangler asks whether a script of that name is in no namespace; we ask by name and tag before.
    theirs = shape([request for request in server.seen if request.method != "GET"])
    assert [request[0] for request in theirs] == ["POST", "POST", "PUT"]

    small.assets["overskill-preview"].clear()
    server.seen.clear()
    script = target.script("tips", "preview")
    if code:
        build.worker = build.keep(b"export default { fetch() {} }")
    token = await target.upload(script, build, build, app="tips-1")
    limits = {"cpu_ms": 50}
    await target.put(script, build, build, token, app="tips-1", deployment="d", env={"A": "1"}, limits=limits)
    ours = shape(server.seen)
    for request in [*theirs, *ours]:
        request[4:] = sorted(request[4:], key=repr) if "assets/upload" in request[1] else request[4:]
    assert ours == theirs
