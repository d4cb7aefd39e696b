"""Deploys to a local Cloudflare with plain HTTP, and visits what it serves."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import httpx

from overskill_nb.pipeline.local_cloudflare import LocalCloudflare

NAMESPACE = "overskill-preview"


def hash_of(path: str, content: bytes) -> str:
    return hashlib.sha256(path.encode() + b"\0" + content).hexdigest()[:32]


class Deployer:
    def __init__(self, cloudflare: LocalCloudflare) -> None:
        self.cloudflare = cloudflare
        self.account = f"/accounts/{cloudflare.account}/workers"
        self.spaces = f"{self.account}/dispatch/namespaces"
        self.api = httpx.AsyncClient(
            base_url=cloudflare.api_url,
            headers={"Authorization": f"Bearer {cloudflare.token}"},
            timeout=60,
            verify=False,
        )
        self.web = httpx.AsyncClient(base_url=f"http://127.0.0.1:{cloudflare.port}", timeout=60, verify=False)

    async def close(self) -> None:
        await self.api.aclose()
        await self.web.aclose()

    def script(self, name: str, namespace: str = NAMESPACE) -> str:
        return f"{self.spaces}/{namespace}/scripts/{name}"

    async def call(self, method: str, path: str, status: int = 200, **rest: Any) -> Any:
        answer = await self.api.request(method, path, **rest)
        assert answer.status_code == status, answer.text
        body = answer.json()
        assert body["success"] is (status < 400)
        return body["result"] if body["success"] else [error["code"] for error in body["errors"]]

    async def namespace(self, name: str = NAMESPACE) -> None:
        await self.call("POST", self.spaces, json={"name": name})

    async def upload(self, name: str, files: dict[str, bytes], types: dict[str, str] | None = None) -> str:
        """The completion token."""
        manifest = {path: {"hash": hash_of(path, data), "size": len(data)} for path, data in files.items()}
        session = await self.call(
            "POST", f"{self.script(name)}/assets-upload-session", 201, json={"manifest": manifest}
        )
        token = session["jwt"]
        by_hash = {manifest[path]["hash"]: path for path in files}
        for bucket in session["buckets"]:
            parts = {
                hash_: (
                    hash_,
                    base64.b64encode(files[by_hash[hash_]]),
                    (types or {}).get(by_hash[hash_], "text/html; charset=utf-8"),
                )
                for hash_ in bucket
            }
            answer = await self.api.post(
                f"{self.account}/assets/upload?base64=true",
                files=parts,
                headers={"Authorization": f"Bearer {session['jwt']}"},
            )
            assert answer.status_code in {201, 202}, answer.text
            token = (answer.json()["result"] or {}).get("jwt", token)
        return token

    async def put(
        self, name: str, code: str = "", *, status: int = 200, modules: dict[str, str] | None = None, **metadata: Any
    ) -> Any:
        given = {"index.js": code} if code else {}
        given |= modules or {}
        meta = {"compatibility_date": "2026-01-01", **({"main_module": "index.js"} if given else {}), **metadata}
        parts: list[tuple[str, Any]] = [("metadata", (None, json.dumps(meta), "application/json"))]
        parts += [(file, (file, text, "application/javascript+module")) for file, text in given.items()]
        return await self.call("PUT", self.script(name), status, files=parts)

    async def deploy(
        self,
        name: str,
        files: dict[str, bytes] | None = None,
        code: str = "",
        *,
        config: dict[str, Any] | None = None,
        types: dict[str, str] | None = None,
        **metadata: Any,
    ) -> Any:
        if files is not None:
            metadata["assets"] = {"jwt": await self.upload(name, files, types), "config": config or {}}
        return await self.put(name, code, **metadata)

    async def visit(
        self, name: str, path: str = "/", *, method: str = "GET", environment: str = "--preview", **rest: Any
    ) -> httpx.Response:
        headers = {"Host": f"{name}{environment}.localhost:{self.cloudflare.port}", **rest.pop("headers", {})}
        return await self.web.request(method, path, headers=headers, **rest)

    async def lines(self, name: str, since: float = 0) -> list[dict[str, Any]]:
        filters = [{"key": "$workers.scriptName", "operation": "eq", "type": "string", "value": name}]
        query = {"queryId": "q", "timeframe": {"from": since, "to": 9e15}, "parameters": {"filters": filters}}
        found = await self.call("POST", f"{self.account}/observability/telemetry/query", json=query)
        return list(found["events"]["events"])
