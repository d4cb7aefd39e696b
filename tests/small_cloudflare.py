"""Just enough of Cloudflare, in memory, for tests of its client: state, strict checks, and the apps' addresses.

It checks what a client must send; it does not run Workers. ``overskill_nb.pipeline.local_cloudflare`` does.
"""

from __future__ import annotations

import base64
import email.parser
import email.policy
import hashlib
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from faulty_http import Request, Response

ACCOUNT = "acc0"
TOKEN = "tok-0123456789-canary"


class Refused(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Worker:
    metadata: dict[str, Any]
    modules: dict[str, bytes]
    files: dict[str, tuple[bytes, str]]
    secrets: dict[str, str] = field(default_factory=dict)
    puts: int = 1
    modified_on: str = ""


class SmallCloudflare:
    def __init__(self) -> None:
        self.namespaces: dict[str, dict[str, Worker]] = {}
        self.account_scripts: dict[str, Worker] = {}
        self.assets: dict[str, dict[str, tuple[bytes, str]]] = {}
        self.routes: dict[str, str] = {}
        self.zones = {"example.com": "zone0"}
        self.dns = {"*.apps.example.com": "AAAA"}
        self.subdomain = "me"
        self.bucket_size = 2
        self.claims: dict[str, Any] = {}
        self.session_seconds = 3600.0
        self.null_sessions = 0
        self.refuse: dict[str, Refused] = {}
        self.logs: list[dict[str, Any]] = []
        self.lost_tokens = 0
        """How many completion tokens are still to be left out of the answer that should bring them."""
        self._complete: dict[str, dict[str, Any]] = {}
        self._sessions: dict[str, tuple[str, dict[str, Any], set[str]]] = {}
        self._count = 0

    # -- HTTP ---------------------------------------------------------------------------------------------------------

    async def __call__(self, request: Request) -> Response:
        host = request.headers.get("host", "")
        if ".localhost" in host:
            return self._visit(host, request)
        try:
            for pattern, refused in self.refuse.items():
                if re.search(pattern, f"{request.method} {request.target}"):
                    raise refused
            status, result = self._route(request)
        except AssertionError as wrong:
            errors = [{"code": 10026, "message": f"the client sent what it must not: {wrong!r}"}]
            return _json(400, {"success": False, "errors": errors, "messages": [], "result": None})
        except Refused as refused:
            errors = [{"code": refused.code, "message": refused.message}]
            return _json(refused.status, {"success": False, "errors": errors, "messages": [], "result": None})
        return _json(status, {"success": True, "errors": [], "messages": [], "result": result})

    def _route(self, request: Request) -> tuple[int, Any]:
        path = request.path.removeprefix("/client/v4")
        if upload := re.fullmatch(rf"/accounts/{ACCOUNT}/workers/assets/upload(?:/(\w+))?", path):
            return self._upload(request, upload[1])
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refused(401, 10000, f"Authentication error: {request.headers.get('authorization')}")
        if path == "/user/tokens/verify":
            return 200, {"id": "t", "status": "active"}
        if path == "/zones":
            name = request.query["name"]
            return 200, [{"id": self.zones[name], "name": name}] if name in self.zones else []
        if path.startswith("/zones/zone0/"):
            return self._zone(request, path.removeprefix("/zones/zone0/"))
        base = f"/accounts/{ACCOUNT}/workers"
        if not path.startswith(base):
            raise Refused(404, 7003, "Could not route")
        return self._workers(request, path.removeprefix(base))

    def _zone(self, request: Request, path: str) -> tuple[int, Any]:
        if path == "dns_records":
            name = request.query["name"]
            return 200, [{"name": name, "type": self.dns[name]}] if name in self.dns else []
        assert path == "workers/routes", path
        if request.method == "POST":
            body = json.loads(request.body)
            if body["pattern"] in self.routes:
                raise Refused(409, 10020, "A route with the same pattern already exists")
            self.routes[body["pattern"]] = body["script"]
        return 200, [{"id": p, "pattern": p, "script": s} for p, s in self.routes.items()]

    def _workers(self, request: Request, path: str) -> tuple[int, Any]:
        if path == "/subdomain":
            if not self.subdomain:
                raise Refused(404, 10007, "workers.dev subdomain not found")
            return 200, {"subdomain": self.subdomain}
        if path == "/observability/telemetry/query":
            return 200, {"events": {"events": self.logs}}
        if path == "/dispatch/namespaces":
            if request.method == "POST":
                name = json.loads(request.body)["name"]
                if name in self.namespaces:
                    raise Refused(409, 100121, "a namespace with this name already exists")
                self.namespaces[name] = {}
                self.assets.setdefault(name, {})
            return 200, [{"namespace_id": name, "namespace_name": name} for name in self.namespaces]
        if path == "/scripts":
            return 200, [{"id": name} for name in self.account_scripts]
        if match := re.fullmatch(r"/scripts/([\w-]+)/settings", path):
            if match[1] not in self.account_scripts:
                raise Refused(404, 10007, "This Worker does not exist on your account.")
            return 200, {"tags": self.account_scripts[match[1]].metadata.get("tags")}
        if match := re.fullmatch(r"/scripts/([\w-]+)(/subdomain)?", path):
            if not match[2]:
                self.account_scripts[match[1]] = self._read(request, {})
            return 200, {"id": match[1]}
        match = re.fullmatch(r"/dispatch/namespaces/([\w-]+)/scripts(?:/([\w-]+)(/.*)?)?", path)
        assert match, path
        if match[1] not in self.namespaces:
            raise Refused(404, 10119, "dispatch namespace not found")
        if not match[2]:
            return self._listed(request, match[1])
        return self._script(request, match[1], match[2], match[3] or "")

    def _listed(self, request: Request, space: str) -> tuple[int, Any]:
        wanted = [pair.rsplit(":", 1) for pair in request.query.get("tags", "").split(",") if pair]
        found = {
            name: worker
            for name, worker in self.namespaces[space].items()
            if all((tag in worker.metadata.get("tags", [])) == (yes == "yes") for tag, yes in wanted)
        }
        listed = [{"id": name, **self._about(space, name)} for name in found]
        if request.method == "DELETE":
            for name in found:
                del self.namespaces[space][name]
        return 200, listed

    def _about(self, space: str, name: str) -> dict[str, Any]:
        worker = self.namespaces[space][name]
        script = {"id": name, "etag": f"e{worker.puts}", "modified_on": worker.modified_on}
        script["tags"] = worker.metadata.get("tags", [])
        return {"dispatch_namespace": space, "modified_on": worker.modified_on, "script": script}

    def _script(self, request: Request, space: str, name: str, below: str) -> tuple[int, Any]:
        scripts = self.namespaces[space]
        if below == "/assets-upload-session":
            return self._session(json.loads(request.body)["manifest"], space)
        if request.method == "PUT" and not below:
            return self._put(request, space, name)
        if name not in scripts:
            raise Refused(404, 10007, "This Worker does not exist on your account.")
        worker = scripts[name]
        if below == "/tags":
            if request.method == "PUT":
                worker.metadata["tags"] = json.loads(request.body)
            return 200, worker.metadata.get("tags", [])
        if below == "/settings":
            return 200, {key: worker.metadata.get(key) for key in ("bindings", "compatibility_date", "tags", "limits")}
        if below == "/bindings":
            return 200, worker.metadata.get("bindings", [])
        if below == "/secrets":
            if request.method == "PUT":
                body = json.loads(request.body)
                assert body["type"] == "secret_text"
                worker.secrets[body["name"]] = body["text"]
                return 200, {"name": body["name"], "type": "secret_text"}
            return 200, [{"name": secret, "type": "secret_text"} for secret in worker.secrets]
        if secret := re.fullmatch(r"/secrets/(.+)", below):
            if worker.secrets.pop(secret[1], None) is None:
                raise Refused(404, 10056, "secret not found")
            return 200, None
        if request.method == "DELETE":
            assert request.query == {"force": "true"}
            del scripts[name]
            return 200, None
        return 200, self._about(space, name)

    # -- assets -------------------------------------------------------------------------------------------------------

    def _session(self, manifest: dict[str, Any], space: str) -> tuple[int, Any]:
        if self.null_sessions:
            self.null_sessions -= 1
            return 200, None
        for path, entry in manifest.items():
            assert path.startswith("/"), path
            assert re.fullmatch(r"[0-9a-f]{32}", entry["hash"]), entry
        missing = sorted({entry["hash"] for entry in manifest.values()} - self.assets[space].keys())
        self._count += 1
        jwt = self._jwt(self.session_seconds)
        self._sessions[jwt] = (space, manifest, set(missing))
        if not missing:
            self._complete[jwt] = manifest
        size = self.bucket_size
        return 201, {"jwt": jwt, "buckets": [missing[at : at + size] for at in range(0, len(missing), size)]}

    def _jwt(self, seconds: float) -> str:
        self._count += 1
        claims = {"exp": time.time() + seconds, "n": self._count, **self.claims}
        return f"eyJ.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.sig"

    def _upload(self, request: Request, single: str | None) -> tuple[int, Any]:
        jwt = request.headers.get("authorization", "").removeprefix("Bearer ")
        if jwt not in self._sessions:
            raise Refused(401, 10000, f"Bad upload token {jwt}")
        payload = jwt.split(".")[1]
        if json.loads(base64.urlsafe_b64decode(payload + "==="))["exp"] < time.time():
            raise Refused(403, 10000, "The upload token has expired")
        space, manifest, missing = self._sessions[jwt]
        if single:
            files = {single: (request.body, request.headers.get("content-type", ""))}
        else:
            assert request.query == {"base64": "true"}
            files = {name: (base64.b64decode(body), kind) for name, _, kind, body in parts(request)}
        sizes = {entry["hash"]: entry["size"] for entry in manifest.values()}
        for name, (body, kind) in files.items():
            assert len(body) == sizes[name], name
            self.assets[space][name] = (body, "" if kind == "application/null" else kind)
            missing.discard(name)
        if missing:
            return 202, {}
        if self.lost_tokens:
            self.lost_tokens -= 1
            return 201, {}
        done = self._jwt(3600)
        self._complete[done] = manifest
        return 201, {"jwt": done}

    # -- scripts ------------------------------------------------------------------------------------------------------

    def _put(self, request: Request, space: str, name: str) -> tuple[int, Any]:
        assert request.query == {"excludeScript": "true", "bindings_inherit": "strict"}
        before = self.namespaces[space].get(name)
        worker = self._read(request, self.assets[space])
        if before:
            worker.puts = before.puts + 1
            if "secret_text" in worker.metadata.get("keep_bindings", []):
                worker.secrets = before.secrets
        worker.modified_on = f"2026-11-24T00:00:{worker.puts:02d}Z"
        self.namespaces[space][name] = worker
        return 200, {"id": name, "etag": f"e{worker.puts}", "modified_on": worker.modified_on, "startup_time_ms": 1}

    def _read(self, request: Request, assets: dict[str, tuple[bytes, str]]) -> Worker:
        found = {name: (filename, kind, body) for name, filename, kind, body in parts(request)}
        filename, kind, text = found.pop("metadata")
        assert (filename, kind) == ("", ""), "metadata is a plain field"
        metadata = json.loads(text)
        for name, (filename, kind, _) in found.items():
            assert filename == name
            assert kind == "application/javascript+module"
        if found and metadata.get("main_module") not in found:
            raise Refused(400, 10021, "No such module: main_module")
        assert len(metadata.get("tags", [])) <= 8
        assert not any(set(",&") & set(tag) for tag in metadata.get("tags", []))
        files = {}
        if told := metadata.get("assets"):
            if told["jwt"] not in self._complete:
                raise Refused(400, 10021, "assets.jwt is no completion token")
            files = {path: assets[entry["hash"]] for path, entry in self._complete[told["jwt"]].items()}
        return Worker(metadata, {name: body for name, (_, _, body) in found.items()}, files)

    def _visit(self, host: str, request: Request) -> Response:
        """What an app's address gives: files, or index.html, with the headers of the rule for all paths."""
        name, _, environment = host.split(".", maxsplit=1)[0].partition("--")
        worker = self.namespaces.get(f"overskill-{environment or 'production'}", {}).get(name)
        if not worker:
            return Response(404, b"No such app")
        headers = {}
        for line in worker.metadata["assets"]["config"]["_headers"].partition("/*\n")[2].splitlines():
            key, _, value = line.strip().partition(": ")
            headers[key] = value
        body, kind = worker.files.get(request.path) or worker.files["/index.html"]
        headers["Content-Type"] = kind
        return Response(200, body, headers | {"ETag": hashlib.sha256(body).hexdigest()})


def parts(request: Request) -> list[tuple[str, str, str, bytes]]:
    """A multipart body: name, filename, content type and body of each part."""
    kind = request.headers["content-type"]
    assert kind.startswith("multipart/form-data; boundary="), kind
    boundary = b"--" + kind.partition("boundary=")[2].encode()
    *found, end = request.body.split(boundary)[1:]
    assert end == b"--\r\n"
    read = []
    for part in found:
        head, _, body = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + b"\r\n\r\n", headersonly=True)
        name = str(headers.get_param("name", header="content-disposition"))
        read.append((name, headers.get_filename() or "", headers.get("content-type") or "", body.removesuffix(b"\r\n")))
    return read


def _json(status: int, body: Any) -> Response:
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json"})
