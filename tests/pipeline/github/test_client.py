"""Who the client calls as, and how."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

import pytest
from app_world import AppWorld
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from faulty_http import FaultyHttp, Request, Response
from turned_clock import TurnedClock

from overskill_nb.errors import GithubError
from overskill_nb.pipeline.github import GithubClient, Settings


def test_nothing_heavy_is_loaded_before_it_is_used() -> None:
    heavy = {"github", "dulwich.objects", "dulwich.client", "requests", "nacl"}
    code = f"import sys, overskill_nb.pipeline.github; print(sorted(sys.modules.keys() & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_an_app_gets_a_token_for_its_installation_and_the_next_one_in_time(clock: TurnedClock) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
    issued: list[str] = []
    seen: list[tuple[str, str]] = []

    async def answer(request: Request) -> Response:
        said = request.headers.get("authorization", "")
        seen.append((request.path, said))
        if request.path.endswith("/access_tokens"):
            claims = json.loads(base64.urlsafe_b64decode(said.split(".")[1] + "=="))
            assert str(claims["iss"]) == "12"
            issued.append(f"ghs_{len(issued)}")
            lasts = timedelta(seconds=10 if len(issued) == 1 else 3600)
            expires = (datetime.now(timezone.utc) + lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
            body = {"token": issued[-1], "expires_at": expires, "permissions": {}, "repository_selection": "all"}
            return Response(201, json.dumps(body).encode())
        if request.path.endswith("/app/installations/34"):
            body = {"id": 34, "account": {"login": "org"}, "target_type": "Organization"}
            return Response(200, json.dumps(body).encode())
        return Response(200, b'{"total_count": 0, "secrets": []}')

    async with FaultyHttp.over(answer) as server:
        settings = Settings(app="12", installation="34", key=pem, base_url=f"{server.url}/api/v3")
        client = GithubClient(settings, clock=clock)
        assert (await client.account()).login == "org"
        assert (await client.account()).organization
        await client.secrets("org/tips")
        assert seen[-1] == ("/api/v3/repos/org/tips/actions/secrets", f"token {issued[-1]}")
        # The first one was about to expire.
        assert await client.token() == issued[-1] == "ghs_1"
        assert await client.token() == "ghs_1"
        assert len(issued) == 2
        await client.close()


async def test_the_stand_in_is_behind_no_proxy(world: AppWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert (await world.direct.account()).login == "me"
    assert (await world.synchroniser._remote(world.direct, world.name).heads()).empty


async def test_calls_at_the_same_time_do_not_mix(world: AppWorld) -> None:
    names = [f"{world.name}-{at}" for at in range(8)]
    await asyncio.gather(*(world.direct.create_repository(name) for name in names))
    found = await asyncio.gather(*(world.direct.find_repository(name) for name in names * 3))
    assert [one.name for one in found if one] == names * 3


async def test_a_name_that_is_taken_and_not_seen_is_told(world: AppWorld, github: FaultyHttp) -> None:
    found = await world.client.find_repository(world.name)
    assert found
    assert await world.client.create_repository(world.name) == found
    answer = github.handler

    async def hidden(request: Request) -> Response:
        if request.method == "GET" and request.path.endswith(world.name):
            return Response(404, b'{"message": "Not Found"}')
        return await answer(request)

    github.handler = hidden
    with pytest.raises(GithubError, match="A repository of this name is there already, and the token does not see it"):
        await world.client.create_repository(world.name)


async def test_cancelling_ends_waiting_at_once(client: GithubClient, github: FaultyHttp) -> None:
    github.fail("timeout")
    task = asyncio.ensure_future(client.secrets("me/tips"))
    while not github.seen:
        await asyncio.sleep(0.01)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 0.5
    github.released.set()
