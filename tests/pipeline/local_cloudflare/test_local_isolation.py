"""A script hurts no other one: not by looping, not by eating memory, not by reading, not over the network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from local_deployer import Deployer
from tornado.httpclient import HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import websocket_connect

from overskill_nb.pipeline import local_cloudflare
from overskill_nb.pipeline.local_cloudflare import LocalCloudflare
from overskill_nb.pipeline.node import Node

GOOD = "export default { fetch: () => new Response('good') }"
LOOP = """export default { fetch(request) {
  if (new URL(request.url).pathname === "/loop") for (;;);
  return new Response("fine");
} }"""
# Array buffers live outside of the JavaScript heap, which has a limit of its own.
HUNGRY = """export default { async fetch(request) {
  if (new URL(request.url).pathname !== "/eat") return new Response("fine");
  const kept = [];
  for (;;) { kept.push(new Uint8Array(20_000_000).fill(1)); await scheduler.wait(1); }
} }"""


async def steady(deployer: Deployer, name: str, until: asyncio.Event) -> tuple[int, float]:
    """Ask again and again: how often, and the longest wait. Every answer must be right."""
    count, longest = 0, 0.0
    while not until.is_set():
        began = time.monotonic()
        answer = await deployer.visit(name)
        assert (answer.status_code, answer.text) == (200, "good")
        count, longest = count + 1, max(longest, time.monotonic() - began)
        await asyncio.sleep(0.02)
    return count, longest


@pytest.mark.slow
@pytest.mark.parametrize(("code", "path"), [(LOOP, "/loop"), (HUNGRY, "/eat")])
async def test_a_greedy_script_is_stopped_and_the_others_are_answered(deployer: Deployer, code: str, path: str) -> None:
    await deployer.put("greedy", code)
    await deployer.deploy("files", {"/index.html": b"good"})
    await deployer.put("good", GOOD)
    assert (await deployer.visit("greedy")).text == "fine"
    over = asyncio.Event()
    others = [asyncio.ensure_future(steady(deployer, name, over)) for name in ("good", "files")]
    answer = await deployer.visit("greedy", path)
    assert answer.status_code == 503
    assert "1102" in answer.text
    again = await deployer.visit("greedy")
    assert (again.status_code, "1102" in again.text) == (503, True)
    assert (await deployer.visit("good")).text == "good"
    over.set()
    for count, _ in await asyncio.gather(*others):
        assert count > 0
    [line] = await deployer.lines("greedy")
    assert "limit" in line["$metadata"]["message"]
    # A corrected version is served at once.
    await deployer.put("greedy", GOOD)
    assert (await deployer.visit("greedy")).text == "good"


@pytest.mark.slow
async def test_who_loops_after_the_answer_is_found_among_those_who_do_not(deployer: Deployer) -> None:
    late = """export default { fetch(request, env, context) {
  context.waitUntil(scheduler.wait(100).then(() => { for (;;); }));
  return new Response("fine");
} }"""
    await deployer.put("late", late)
    await deployer.put("good", GOOD)
    over = asyncio.Event()
    others = asyncio.ensure_future(steady(deployer, "good", over))
    while (answer := await deployer.visit("late")).status_code == 200:
        assert answer.text == "fine"
    assert "1102" in answer.text
    over.set()
    await others


@pytest.mark.slow
async def test_a_stopped_version_stays_stopped_after_a_restart(
    deployer: Deployer, cloudflare: LocalCloudflare, tmp_path: Path, node: Node
) -> None:
    await deployer.put("greedy", LOOP)
    assert (await deployer.visit("greedy", "/loop")).status_code == 503
    await cloudflare.close()
    again = await local_cloudflare.ensure(tmp_path / "cloudflare", node, lambda _: None)
    assert "1102" in (await deployer.visit("greedy")).text
    await again.close()


@pytest.mark.slow
async def test_code_that_loops_when_it_is_loaded_is_refused(shared: Deployer) -> None:
    await shared.put("app", GOOD)
    over = asyncio.Event()
    others = asyncio.ensure_future(steady(shared, "app", over))
    assert await shared.put("app", "for (;;); export default {}", status=400) == [10021]
    over.set()
    await others
    assert (await shared.visit("app")).text == "good"


@pytest.mark.slow
async def test_a_post_under_which_the_runtime_fell_is_not_sent_twice(deployer: Deployer) -> None:
    counting = """let count = 0; export default { async fetch(request) {
  if (request.method === "POST") { console.log("posted"); await scheduler.wait(60_000); }
  return new Response("good");
} }"""
    await deployer.put("counting", counting)
    await deployer.put("greedy", LOOP)
    posted = asyncio.ensure_future(deployer.visit("counting", method="POST", content=b"x"))
    await deployer.visit("counting")
    looped, answer = await asyncio.gather(deployer.visit("greedy", "/loop"), posted)
    assert looped.status_code == 503
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    # It was suspected beside the looping one, and is trusted again.
    assert (await deployer.visit("counting")).text == "good"
    assert (await deployer.visit("greedy")).status_code == 503


class _Secret(RequestHandler):
    def get(self) -> None:
        self.finish("internal secret")


@pytest.fixture
async def internal() -> AsyncIterator[int]:
    """Something on this machine that apps must not reach."""
    server = HTTPServer(Application([(r"/.*", _Secret)]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    yield sockets[0].getsockname()[1]
    server.stop()


async def test_nothing_on_this_machine_or_its_network_can_be_reached(shared: Deployer, internal: int) -> None:
    code = """import { connect } from "cloudflare:sockets";
export default { async fetch(request) {
  const url = new URL(request.url).searchParams.get("url");
  try {
    if (url.startsWith("tcp:")) {
      const socket = connect(url.slice(4)); await socket.opened; return new Response("reached");
    }
    return new Response("reached " + await (await fetch(url)).text());
  } catch (error) { return new Response("refused"); }
} }"""
    await shared.put("app", code)
    port = shared.cloudflare.port
    for url in (
        f"http://127.0.0.1:{internal}/",
        f"http://localhost:{internal}/",
        f"http://[::1]:{internal}/",
        f"http://0.0.0.0:{internal}/",
        f"http://2130706433:{internal}/",
        f"http://[::ffff:127.0.0.1]:{internal}/",
        f"http://127.0.0.1:{port}/client/v4/user",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://192.168.0.1/",
        f"tcp:127.0.0.1:{internal}",
        f"tcp:localhost:{internal}",
        "tcp:169.254.169.254:80",
        "file:///etc/passwd",
    ):
        answer = await shared.visit("app", "/", params={"url": url})
        assert answer.text == "refused", f"{url}: {answer.text}"


async def test_an_app_sees_nothing_of_another_app_or_of_ours(shared: Deployer) -> None:
    await shared.put(
        "victim",
        "globalThis.mark = 1; export default { fetch: (_, env) => new Response(env.KEY) }",
        bindings=[{"type": "secret_text", "name": "KEY", "text": "canary"}],
    )
    await shared.deploy("files", {"/secret.txt": b"canary file"})
    spy = """export default { async fetch(request, env, ctx) {
  const keys = (object) => JSON.stringify(Object.keys(object ?? {}));
  const found = [keys(env), typeof globalThis.mark, keys(ctx.props)];
  for (const name of ["x-overskill-key", "x-overskill-version", "authorization"]) found.push(request.headers.get(name));
  for (const url of ["http://files--preview.localhost/secret.txt", "http://blobs/", "http://host/versions/x"]) {
    found.push(await env.ASSETS.fetch(url).then((r) => r.status + " " + r.text, () => "none"));
    found.push(await fetch(url).then((r) => r.text(), () => "none"));
  }
  for (const make of [() => new Function("return 1")(), () => eval("1")]) {
    try { found.push(make()); } catch { found.push("none"); }
  }
  found.push(typeof ctx.exports?.AppAssets, typeof ctx.exports?.Tail, typeof process === "undefined" ? "" : "process");
  return new Response(found.join("\\n"));
} }"""
    await shared.deploy(
        "spy",
        {"/index.html": b"home"},
        spy,
        config={"run_worker_first": True},
        bindings=[{"type": "assets", "name": "ASSETS"}],
    )
    await shared.visit("victim")
    answer = await shared.visit("spy")
    assert answer.status_code == 200, answer.text
    assert "canary" not in answer.text
    lines = answer.text.splitlines()
    assert lines[:6] == ['["ASSETS"]', "undefined", "[]", "", "", ""]
    assert lines[12:] == ["none", "none", "undefined", "undefined"]
    forged = await shared.visit(
        "spy", headers={"X-Overskill-Key": "k", "X-Overskill-Version": "v", "X-Overskill-Probe": "1"}
    )
    assert forged.text == answer.text


async def test_each_app_has_a_host_of_its_own(shared: Deployer) -> None:
    await shared.namespace("overskill-production")
    await shared.put("one", GOOD)
    await shared.call(
        "PUT",
        shared.script("two", "overskill-production"),
        files=[
            ("metadata", (None, '{"main_module": "index.js", "compatibility_date": "2026-01-01"}')),
            ("index.js", ("index.js", GOOD.replace("good", "two"), "application/javascript+module")),
        ],
    )
    assert (await shared.visit("two", environment="")).text == "two"
    assert (await shared.visit("ONE")).text == "good"
    for name, environment in (("two", "--preview"), ("one", "--staging"), ("a.one", "--preview"), ("", "")):
        assert (await shared.visit(name, environment=environment)).status_code in {403, 404}


async def test_answers_are_streamed_and_requests_carry_their_bodies(shared: Deployer) -> None:
    code = """export default { async fetch(request) {
  if (request.method === "POST") return new Response(request.body, { headers: request.headers });
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter(); const text = new TextEncoder();
  (async () => { await writer.write(text.encode("first")); await scheduler.wait(100000); })();
  return new Response(readable, { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] });
} }"""
    await shared.put("app", code)
    body = bytes(range(256)) * 20_000
    answer = await shared.visit("app", method="POST", content=body)
    assert answer.content == body
    headers = {"Host": f"app--preview.localhost:{shared.cloudflare.port}"}
    async with shared.web.stream("GET", "/", headers=headers) as stream:
        assert stream.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert await anext(stream.aiter_bytes()) == b"first"


async def test_websockets_are_passed_on(shared: Deployer) -> None:
    code = """export default { fetch() {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.addEventListener("message", (event) => server.send("echo " + event.data));
  return new Response(null, { status: 101, webSocket: client });
} }"""
    await shared.put("app", code)
    port = shared.cloudflare.port
    request = HTTPRequest(
        f"ws://127.0.0.1:{port}/", headers={"Host": f"app--preview.localhost:{port}"}, connect_timeout=20
    )
    socket = await websocket_connect(request)
    for text in ("one", "x" * 100_000):
        await socket.write_message(text)
        assert await socket.read_message() == f"echo {text}"
    socket.close()
    assert await socket.read_message() is None


async def test_a_script_has_nodes_modules_where_it_asks_for_them(shared: Deployer) -> None:
    code = 'import { Buffer } from "node:buffer"; export default { fetch: () => new Response(Buffer.from("hi") + "") }'
    assert await shared.put("app", code, status=400) == [10021]
    await shared.put("app", code, compatibility_flags=["nodejs_compat"])
    assert (await shared.visit("app")).text == "hi"
    assert await shared.put("app", GOOD, status=400, compatibility_flags=["experimental"]) == [10021]
