"""Who is not let in, and what is not taken."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from pathlib import Path

import httpx
import pytest

from overskill_nb.pipeline.local_github import LocalGithub


@pytest.fixture
async def client(github: LocalGithub) -> httpx.AsyncClient:
    async with httpx.AsyncClient(
        base_url=github.api_url,
        headers={"Authorization": f"Bearer {github.token}"},
        timeout=30,
        verify=False,
    ) as made:
        yield made


async def raw(github: LocalGithub, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", github.port)
    writer.write(request)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(100_000), 20)
    writer.close()
    return answer


async def test_a_token_is_wanted_in_one_of_three_ways(github: LocalGithub) -> None:
    basic = base64.b64encode(f"x-access-token:{github.token}".encode()).decode()
    other = base64.b64encode(f"{github.token}:x-oauth-basic".encode()).decode()
    async with httpx.AsyncClient(base_url=github.api_url, verify=False) as plain:
        for header in (f"Bearer {github.token}", f"token {github.token}", f"Basic {basic}", f"Basic {other}"):
            assert (await plain.get("/user", headers={"Authorization": header})).status_code == 200
        missing = await plain.get("/user")
        assert (missing.status_code, missing.json()["message"]) == (401, "Requires authentication")
        for header in ("Bearer no", "Basic no", "Basic bm8=", "token", f"Digest {github.token}", "Bearer \xe9"):
            wrong = await plain.get("/user", headers={"Authorization": header.encode("latin-1")})
            assert (wrong.status_code, wrong.json()["message"]) == (401, "Bad credentials")
        assert (await plain.get("/nowhere")).status_code == 401
        assert (await plain.post(f"{github.web_url}/api/graphql", json={"query": "{viewer{login}}"})).status_code == 401


async def test_other_hosts_are_refused(github: LocalGithub) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "github.com", "192.168.0.1", ""):
        answer = await raw(github, f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert answer.startswith((b"HTTP/1.1 403", b"HTTP/1.1 400")), host
    for host in ("localhost", f"127.0.0.1:{github.port}", "[::1]:80", "github.localhost"):
        answer = await raw(github, f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 200"), host
    answer = await raw(github, b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 403")


async def test_no_other_origin_may_read(github: LocalGithub, client: httpx.AsyncClient) -> None:
    for address in (f"{github.api_url}/user", f"{github.web_url}/"):
        answer = await client.get(address, headers={"Origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        preflight = await client.options(address, headers={"Origin": "https://evil.example"})
        assert preflight.status_code >= 400
    page = await client.get(f"{github.web_url}/")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.skipif(os.getuid() != 0 or sys.platform != "linux", reason="only root can become somebody else")
async def test_pages_are_for_this_user_alone(github: LocalGithub) -> None:
    program = (
        "import socket, sys\n"
        "s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
        "s.sendall(b'GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n')\n"
        "sys.stdout.write(s.recv(12).decode())\n"
    )
    for user, status in ((0, "HTTP/1.1 200"), (65534, "HTTP/1.1 403")):
        running = await asyncio.create_subprocess_exec(
            "/usr/bin/env",
            "python3",
            "-c",
            program,
            str(github.port),
            stdout=asyncio.subprocess.PIPE,
            user=user,
            cwd="/",
        )
        assert (await running.communicate())[0].decode() == status


async def test_names_that_lead_elsewhere_are_none(
    github: LocalGithub, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    for name in ("..", ".", "../../x", "a/b", "/etc", "..%2f..", "x" * 101, "", " ", "\0"):
        answer = await client.post("/user/repos", json={"name": name})
        assert answer.status_code == 422 or "/" not in answer.json()["name"], name
    for owner in ("..", "%2e%2e", "a--b", "-a", "a b", "api"):
        assert (await client.post(f"/orgs/{owner}/repos", json={"name": "x"})).status_code == 404, owner
    token = github.token.encode()
    for path in (b"/../../etc/passwd", b"/%2e%2e/%2e%2e/x.git/info/refs?service=git-upload-pack", b"/me/..%2f..%2fx"):
        request = b"GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
        assert b" 404 " in (await raw(github, request % (path, token))).splitlines()[0]
    there = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*.git")}
    assert there <= {"github"}


async def test_bodies_and_addresses_that_are_none_are_told_so(github: LocalGithub, client: httpx.AsyncClient) -> None:
    malformed = await client.post("/user/repos", content=b"{")
    assert (malformed.status_code, malformed.json()["message"]) == (400, "Problems parsing JSON")
    assert (await client.post("/user/repos", content=b"[]")).status_code == 400
    assert (await client.post("/user/repos", content=b"[" * 5000)).status_code == 400
    assert (await client.post("/user/repos", json={})).status_code == 422
    assert (await client.post("/user/repos", json={"name": 3})).status_code == 422
    unknown = await client.get("/nowhere")
    assert (unknown.status_code, unknown.json()["message"]) == (404, "Not Found")
    assert (await client.put("/user")).status_code == 404
    await client.post("/user/repos", json={"name": "tips"})
    assert (await client.get("/repos/me/tips/actions/runs/99999999999999999999")).status_code == 404
    assert (await client.get("/repos/me/tips/actions/jobs/1")).status_code == 404
    assert (await client.get("/repos/me/tips/git/commits/" + "0" * 40)).status_code == 404
    assert (await client.get("/repos/me/tips/contents/../../x")).status_code == 404
    for text in ("", "{", "{viewer{nothing}}", "query {" + "a{" * 200, "mutation{x}", 'query{repository(owner:"x'):
        answer = await client.post(f"{github.web_url}/api/graphql", json={"query": text})
        assert answer.json()["errors"][0]["message"], text


async def test_a_body_that_is_too_large_is_not_taken(github: LocalGithub) -> None:
    head = "POST /api/v3/user/repos HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n"
    assert await raw(github, head.encode()) in {b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"}
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {github.token}"}, verify=False) as client:
        assert (await client.get(f"{github.api_url}/user")).status_code == 200
