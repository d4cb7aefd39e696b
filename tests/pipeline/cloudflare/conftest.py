"""A small Cloudflare behind a server that can spoil its answers, a client for it, and something to deploy."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from faulty_http import FaultyHttp
from small_build import Build, built
from small_cloudflare import ACCOUNT, TOKEN, SmallCloudflare
from turned_clock import TurnedClock

from overskill_nb.pipeline.cloudflare import Cloudflare, Target
from overskill_nb.pipeline.cloudflare.rate import RateLimit


@pytest.fixture
def build() -> Build:
    return built()


@pytest.fixture
def small() -> SmallCloudflare:
    return SmallCloudflare()


@pytest.fixture
async def server(small: SmallCloudflare) -> AsyncIterator[FaultyHttp]:
    async with FaultyHttp.over(small) as server:
        yield server


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def cloudflare(server: FaultyHttp, clock: TurnedClock) -> AsyncIterator[Cloudflare]:
    client = Cloudflare(
        ACCOUNT,
        TOKEN,
        f"{server.url}/client/v4",
        limit=RateLimit(clock=clock),
        clock=clock,
        timeout=httpx.Timeout(5.0),
    )
    yield client
    await client.close()


@pytest.fixture
async def target(cloudflare: Cloudflare, server: FaultyHttp) -> AsyncIterator[Target]:
    target = Target.local(cloudflare, server.port)
    yield target
    await target.close()
