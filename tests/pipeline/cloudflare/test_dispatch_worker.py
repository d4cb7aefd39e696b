"""The dispatch Worker in Cloudflare's real runtime."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from overskill_nb.pipeline import cloudflare as package
from overskill_nb.pipeline.cloudflare.setup import COMPATIBILITY_DATE
from overskill_nb.pipeline.cloudflare.verification import without_prefix
from overskill_nb.pipeline.local_cloudflare.workerd import executable

DISPATCH = Path(package.__file__).parent / "dispatch/worker.js"
HARNESS = Path(__file__).parent / "harness.js"
INDEX = (
    '<!doctype html><link rel="icon" href="/logo.svg"><link href=\'//cdn.example/a.css\'>'
    '<script type="module" src="/assets/main.js"></script><a href="https://example.org/x">x</a>'
)
APP = f"""
export default {{
  async fetch(request, env) {{
    const url = new URL(request.url);
    if (url.pathname === "/echo") {{
      return Response.json({{
        who: env.WHO, url: request.url, method: request.method, body: await request.text(),
        headers: Object.fromEntries(request.headers),
      }});
    }}
    if (url.pathname === "/index.html") return new Response(null, {{ status: 307, headers: {{ location: "/" }} }});
    if (url.pathname === "/away") return Response.redirect(new URL("/there?a=1", url), 302);
    if (url.pathname === "/framed") return new Response("x", {{ headers: {{ "referrer-policy": "no-referrer" }} }});
    if (url.pathname === "/throw") return new Response("secret detail of the app", {{ status: 599 }});
    if (url.pathname === "/socket") {{
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener("message", (event) => server.send("echo " + event.data));
      return new Response(null, {{ status: 101, webSocket: client }});
    }}
    if (url.pathname === "/assets/main.js") {{
      return new Response('fetch("/api")', {{ headers: {{ "content-type": "text/javascript" }} }});
    }}
    return new Response({json.dumps(INDEX)}, {{ headers: {{ "content-type": "text/html", etag: '"1"' }} }});
  }},
}};
"""
SCRIPTS = ["preview_tips", "staging_tips", "production_tips", "production_busy", "production_a_b"]


@pytest.fixture(scope="module")
def ports(workerd: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """Where the dispatch Worker listens, with a few apps behind it: once with a domain, and once by path."""
    tmp_path = tmp_path_factory.mktemp("dispatch")
    bindings = "".join(f'(name = "{name}", service = "{name}"),' for name in SCRIPTS)
    apps = "".join(
        f"""(name = "{name}", worker = (compatibilityDate = "2026-01-01",
          modules = [(name = "app.js", esModule = embed "app.js")],
          bindings = [(name = "WHO", text = "{name}")])),"""
        for name in SCRIPTS
    )
    dispatchers = "".join(
        f"""(name = "{name}", worker = (compatibilityDate = "{COMPATIBILITY_DATE}",
          modules = [
            (name = "harness.js", esModule = embed "harness.js"),
            (name = "worker.js", esModule = embed "worker.js"),
          ],
          bindings = [
            (name = "DOMAIN", text = "{domain}"),
            (name = "LIMITS", json = "{{\\"cpuMs\\": 50, \\"subRequests\\": 50}}"),
            {bindings}
          ])),"""
        for name, domain in {"domain": "apps.example.com", "path": ""}.items()
    )
    (tmp_path / "app.js").write_text(APP)
    (tmp_path / "worker.js").write_text(DISPATCH.read_text())
    (tmp_path / "harness.js").write_text(HARNESS.read_text())
    (tmp_path / "config.capnp").write_text(f"""using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    {dispatchers}
    {apps}
  ],
  sockets = [
    (name = "domain", address = "127.0.0.1:0", http = (), service = "domain"),
    (name = "path", address = "127.0.0.1:0", http = (), service = "path"),
  ],
);""")
    command = [str(executable(workerd)), "serve", "--control-fd=1", str(tmp_path / "config.capnp")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        listening = [json.loads(process.stdout.readline()) for _ in range(2)]
        yield {told["socket"]: told["port"] for told in listening}
        process.kill()


@pytest.fixture
async def visitor(ports: dict[str, int]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports['domain']}", verify=False) as client:
        yield client


@pytest.fixture
async def by_path(ports: dict[str, int]) -> AsyncIterator[httpx.AsyncClient]:
    address, headers = f"http://127.0.0.1:{ports['path']}", {"Host": "d.me.workers.dev"}
    async with httpx.AsyncClient(base_url=address, headers=headers, verify=False) as client:
        yield client


def at(host: str, **more: str) -> dict[str, str]:
    return {"Host": f"{host}.apps.example.com", **more}


@pytest.mark.parametrize(
    ("host", "script"),
    [
        ("tips", "production_tips"),
        ("tips--staging", "staging_tips"),
        ("tips--preview", "preview_tips"),
        ("a-b", "production_a_b"),
    ],
)
async def test_a_host_leads_to_its_app(visitor: httpx.AsyncClient, host: str, script: str) -> None:
    answer = (await visitor.get("/echo?a=1", headers=at(host))).json()
    assert answer["who"] == script
    assert answer["url"] == f"http://{host}.apps.example.com/echo?a=1"


@pytest.mark.parametrize("environment", ["production", "staging", "preview"])
async def test_a_path_leads_to_its_app_and_is_stripped(by_path: httpx.AsyncClient, environment: str) -> None:
    sent = await by_path.post(f"/{environment}/tips/echo?a=1", content=b"body")
    answer = sent.json()
    assert answer["who"] == f"{environment}_tips"
    assert answer["url"] == "http://d.me.workers.dev/echo?a=1"
    assert (answer["method"], answer["body"]) == ("POST", "body")


async def test_an_app_by_path_has_its_addresses_below_its_path(by_path: httpx.AsyncClient) -> None:
    index = await by_path.get("/preview/tips/")
    assert 'src="/preview/tips/assets/main.js"' in index.text
    assert 'href="/preview/tips/logo.svg"' in index.text
    assert "href='//cdn.example/a.css'" in index.text
    assert 'href="https://example.org/x"' in index.text
    assert without_prefix(index.content, "/preview/tips") == INDEX.encode()
    script = await by_path.get("/preview/tips/assets/main.js")
    assert script.text == 'fetch("/api")'


async def test_redirects_stay_below_an_apps_path(by_path: httpx.AsyncClient, visitor: httpx.AsyncClient) -> None:
    bare = await by_path.get("/preview/tips?a=1")
    assert (bare.status_code, bare.headers["location"]) == (308, "http://d.me.workers.dev/preview/tips/?a=1")
    inner = await by_path.get("/preview/tips/index.html")
    assert (inner.status_code, inner.headers["location"]) == (307, "/preview/tips/")
    whole = await by_path.get("/preview/tips/away")
    assert (whole.status_code, whole.headers["location"]) == (302, "/preview/tips/there?a=1")
    by_host = await visitor.get("/index.html", headers=at("tips"))
    assert (by_host.status_code, by_host.headers["location"]) == (307, "/")


async def test_what_an_app_serves_is_not_changed_at_its_own_host(visitor: httpx.AsyncClient) -> None:
    index = await visitor.get("/", headers=at("tips"))
    assert index.text == INDEX
    assert index.headers["etag"] == '"1"'


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("nobody.apps.example.com", "/"),
        ("tips--nowhere.apps.example.com", "/"),
        ("a.tips.apps.example.com", "/"),
        ("-tips.apps.example.com", "/"),
        ("__proto__.apps.example.com", "/"),
        ("apps.example.com", "/"),
        ("a.tips.apps.example.com", "/preview/tips/"),
        ("d.me.workers.dev", "/preview/tips/"),
        ("tipsapps.example.com", "/"),
    ],
)
async def test_a_host_of_no_app_says_so(visitor: httpx.AsyncClient, host: str, path: str) -> None:
    _is_nobody(await visitor.get(path, headers={"Host": host}))


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/preview",
        "/preview/nobody/",
        "/constructor/tips/",
        "/preview/<script>/",
        "/preview/__proto__/",
        "/assets/main.js",
    ],
)
async def test_a_path_of_no_app_says_so(by_path: httpx.AsyncClient, path: str) -> None:
    _is_nobody(await by_path.get(path))


def _is_nobody(answer: httpx.Response) -> None:
    assert answer.status_code == 404
    assert "There is no app at this address." in answer.text
    assert "<script" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_an_app_over_its_limit_is_told_from_one_that_fails(visitor: httpx.AsyncClient) -> None:
    busy = await visitor.get("/", headers=at("busy"))
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "10")
    broken = await visitor.get("/throw", headers=at("tips"))
    assert broken.status_code == 500
    assert "secret detail" not in broken.text


async def test_a_visitor_cannot_choose_an_apps_version(visitor: httpx.AsyncClient) -> None:
    headers = at("tips", **{"Cloudflare-Workers-Version-Overrides": 'tips="other"', "X-Mine": "kept"})
    seen = (await visitor.get("/echo", headers=headers)).json()["headers"]
    assert "cloudflare-workers-version-overrides" not in seen
    assert seen["x-mine"] == "kept"


async def test_answers_carry_security_headers_unless_the_app_has_its_own(visitor: httpx.AsyncClient) -> None:
    plain = await visitor.get("/", headers=at("tips"))
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert plain.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "x-robots-tag" not in plain.headers
    own = await visitor.get("/framed", headers=at("tips--preview"))
    assert own.headers["referrer-policy"] == "no-referrer"
    assert own.headers["x-robots-tag"] == "noindex"


async def test_a_web_socket_reaches_its_app(ports: dict[str, int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", ports["domain"])
    writer.write(
        b"GET /socket HTTP/1.1\r\nHost: tips.apps.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert b" 101 " in (await reader.readuntil(b"\r\n\r\n"))
    writer.write(b"\x81\x82\x00\x00\x00\x00hi")
    assert await reader.readexactly(9) == b"\x81\x07echo hi"
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
