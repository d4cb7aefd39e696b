"""The rate limit that all calls of a token share."""

from __future__ import annotations

import asyncio

import pytest
from turned_clock import TurnedClock

from overskill_nb.errors import CloudflareError
from overskill_nb.pipeline.cloudflare import rate, reporting


async def test_no_window_has_more_calls_than_allowed(clock: TurnedClock) -> None:
    limit = rate.RateLimit(10, 60, clock)
    made: list[float] = []
    for _ in range(100):
        await limit.take(1000)
        made.append(clock.now())
        clock.passed += 0.5
    for start in made:
        assert sum(start <= at < start + 60 for at in made) <= 10
    assert made[-1] < 10 * 60


async def test_many_at_once_are_spread_over_the_windows() -> None:
    limit = rate.RateLimit(5, 0.2)
    loop = asyncio.get_running_loop()
    made: list[float] = []

    async def call() -> None:
        await limit.take(10)
        made.append(loop.time())

    start = loop.time()
    await asyncio.gather(*(call() for _ in range(12)))
    assert sum(at - start < 0.19 for at in made) <= 5
    assert sum(at - start < 0.39 for at in made) <= 10
    assert len(made) == 12


async def test_a_wait_is_reported_and_one_beyond_the_budget_takes_no_place(clock: TurnedClock) -> None:
    limit = rate.RateLimit(1, 300, clock)
    await limit.take(0)
    with pytest.raises(CloudflareError, match="takes no more calls of this token for 300 s") as caught:
        await limit.take(60)
    assert caught.value.retry_after == 300
    assert caught.value.temporary
    clock.passed = 250
    told: list[str] = []
    with reporting(told.append):
        assert await limit.take(60) == 50
    assert told == ["Waiting 50 s for Cloudflare's rate limit."]


async def test_whoever_gives_up_waiting_leaves_its_place() -> None:
    limit = rate.RateLimit(1, 0.3)
    await limit.take(0)
    gone = asyncio.ensure_future(limit.take(10))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    assert await limit.take(10) <= 0.35


async def test_those_who_wait_already_wait_on_when_the_token_is_blocked(clock: TurnedClock) -> None:
    limit = rate.RateLimit(1, 10, clock)
    await limit.take(0)
    sleeping = clock.sleep

    async def blocked_meanwhile(seconds: float) -> None:
        clock.sleep = sleeping  # type: ignore[method-assign]
        limit.hold(100)
        await sleeping(seconds)

    clock.sleep = blocked_meanwhile  # type: ignore[method-assign]
    assert await limit.take(1000) == 100


def test_all_clients_of_a_token_share_a_limit() -> None:
    assert rate.shared("https://a", "t") is rate.shared("https://a", "t")
    assert rate.shared("https://a", "t") is not rate.shared("https://a", "u")
    assert not any("t" in key and len(key) < 64 for key in rate._limits)
    assert rate.shared("https://a", "t")._calls == rate.CALLS < 1200
    assert rate.WINDOW == 300


async def test_the_stand_in_on_this_machine_has_no_limit() -> None:
    limit = rate.shared("http://127.0.0.1:1234/client/v4", "t")
    assert [await limit.take(0) for _ in range(3 * rate.CALLS)] == [0] * 3 * rate.CALLS
