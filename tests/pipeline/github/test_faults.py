"""Each call with each thing that can go wrong on its way: the right end state, once, or one clear error."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from app_world import AppWorld
from faulty_http import KINDS, FaultyHttp, Kind, Request, Response
from turned_clock import TurnedClock

from overskill_nb.errors import GithubError
from overskill_nb.pipeline.cloudflare.waiting import reporting
from overskill_nb.pipeline.github.remote import Remote

Act = Callable[[AppWorld], Awaitable[Any]]
Check = Callable[[AppWorld, Any], Awaitable[bool]]
PERMANENT: set[Kind] = {"challenge"}


async def result_is(found: Any, wanted: Any) -> bool:
    assert found == wanted
    return True


async def variables(world: AppWorld) -> dict[str, str]:
    return await world.direct.exchange.step(
        "variables", lambda client: {v.name: v.value for v in client.get_repo(world.name).get_variables()}
    )


async def pulls(world: AppWorld) -> list[str]:
    return await world.direct.exchange.step(
        "pulls", lambda client: [pull.html_url for pull in client.get_repo(world.name).get_pulls("all")]
    )


async def repositories(world: AppWorld) -> list[str]:
    return await world.direct.exchange.step(
        "repositories", lambda client: [found.full_name for found in client.get_user("me").get_repos()]
    )


async def open_pull(world: AppWorld) -> Any:
    return await world.client.pull_request(world.name, "side", "main", title="A title", body="Why")


async def made_once(world: AppWorld, found: Any) -> bool:
    return found.name == f"{world.name}-made" and (await repositories(world)).count(found.name) == 1


async def set_variable(world: AppWorld, _: Any) -> bool:
    return await variables(world) == {"OLD": "new", "NEW": "new"}


async def has_secrets(world: AppWorld, _: Any) -> bool:
    return sorted(await world.direct.secrets(world.name)) == ["A", "B", "THERE"]


async def one_pull(world: AppWorld, found: Any) -> bool:
    return await pulls(world) == [found.url]


async def pushed(world: AppWorld, found: Any) -> bool:
    return (await world.refs())["main"] == world.history.head() == found["commit"]


async def exchange(world: AppWorld) -> Any:
    world.write({"src/App.tsx": "ours\n"})
    return await world.synchroniser.exchange(world.task(), world.lines.append)


async def take(world: AppWorld) -> Any:
    return await world.synchroniser.exchange(world.task(), world.lines.append)


async def taken(world: AppWorld, found: Any) -> bool:
    return world.texts()["src/App.tsx"] == "theirs\n" and await pushed(world, found)


# What is called, which requests are spoiled, and what has to be so in the end.
CALLS: dict[str, tuple[Act, str, Check]] = {
    "account": (lambda w: w.client.account(), "GET .*/user", lambda _, found: result_is(found.login, "me")),
    "find_repository": (
        lambda w: w.client.find_repository(w.name),
        "GET .*/repos/",
        lambda w, found: result_is(found.name, w.name),
    ),
    "create_repository": (lambda w: w.client.create_repository(f"{w.name}-made"), "POST .*/repos", made_once),
    "create_repository, the look": (lambda w: w.client.create_repository(f"{w.name}-made"), "GET .*-made", made_once),
    "set_secrets": (lambda w: w.client.set_secrets(w.name, {"A": "a", "B": "b"}), "PUT .*/B", has_secrets),
    "set_secrets, the key": (lambda w: w.client.set_secrets(w.name, {"A": "a", "B": "b"}), "GET .*key", has_secrets),
    "secrets": (lambda w: w.client.secrets(w.name), "GET .*/secrets", lambda _, found: result_is(found, ["THERE"])),
    "set_variables, new": (
        lambda w: w.client.set_variables(w.name, {"OLD": "new", "NEW": "new"}),
        "POST .*/variables",
        set_variable,
    ),
    "set_variables, changed": (
        lambda w: w.client.set_variables(w.name, {"OLD": "new", "NEW": "new"}),
        "PATCH .*/variables",
        set_variable,
    ),
    "set_variables, the look": (
        lambda w: w.client.set_variables(w.name, {"OLD": "new", "NEW": "new"}),
        "GET .*/variables",
        set_variable,
    ),
    "pull_request": (open_pull, "POST .*/pulls", one_pull),
    "pull_request, the look": (open_pull, "GET .*/pulls", one_pull),
    "heads": (
        lambda w: w.synchroniser._remote(w.client, w.name).heads(),
        "GET .*refs",
        lambda _, found: result_is(sorted(found.branches), ["main", "side"]),
    ),
    "exchange, the look": (exchange, "GET .*receive-pack", pushed),
    "exchange, the push": (exchange, "POST .*receive-pack", pushed),
    "exchange, the fetch": (take, "POST .*upload-pack", taken),
}


@pytest.fixture
async def prepared(world: AppWorld, github: FaultyHttp) -> AppWorld:
    """Where an app was pushed, with another branch, a secret and a variable."""
    world.write({"src/App.tsx": "one\n"})
    await exchange(world)
    world.write({"side.txt": "side\n"})
    side = world.history.checkpoint("file")
    assert side
    remote = Remote(world.direct, world.name)
    await remote.push(world.history.repo.object_store, "side", side.id)
    remote.close()
    await world.direct.set_secrets(world.name, {"THERE": "x"})
    await world.direct.set_variables(world.name, {"OLD": "old"})
    github.seen.clear()
    return world


# What one repository bears after each other: each call finds there what it would find in a repository of its own.
TOGETHER = {
    "first": (
        *("account", "find_repository", "secrets", "heads", "create_repository"),
        *("set_secrets", "set_variables, new", "pull_request", "exchange, the look"),
    ),
    "second": (
        *("create_repository, the look", "set_secrets, the key"),
        *("set_variables, changed", "pull_request, the look", "exchange, the push"),
    ),
    "third": ("set_variables, the look", "exchange, the fetch"),
}
REPEATABLE = [name for name in CALLS if name != "exchange, the fetch"]


def test_each_call_is_among_those_that_are_spoiled() -> None:
    assert sorted(name for calls in TOGETHER.values() for name in calls) == sorted(CALLS)


def forget(world: AppWorld, github: FaultyHttp, clock: TurnedClock) -> None:
    """Begin with the next call."""
    github.faults.clear()
    github.seen.clear()
    clock.passed = 0.0
    clock.waits.clear()
    world.lines.clear()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("calls", TOGETHER.values(), ids=TOGETHER)
async def test_a_call_that_is_spoiled_once_ends_right_or_says_why(
    calls: tuple[str, ...], kind: Kind, prepared: AppWorld, github: FaultyHttp, clock: TurnedClock
) -> None:
    if kind == "timeout":
        short(prepared)
    for call in calls:
        forget(prepared, github, clock)
        await spoiled_once(call, kind, prepared, github, clock)


async def spoiled_once(call: str, kind: Kind, world: AppWorld, github: FaultyHttp, clock: TurnedClock) -> None:
    act, spoiled, right = CALLS[call]
    if call == "exchange, the fetch":
        await world.they_push({"src/App.tsx": "theirs\n"})
    github.fail(kind, spoiled)
    told: list[str] = []
    with reporting(told.append):
        if kind in PERMANENT:
            with pytest.raises(GithubError) as caught:
                await act(world)
            assert not caught.value.temporary, call
            assert not clock.waits, call
            assert github.faults[0].times == 0, f"{call}: nothing was spoiled"
            assert github.count(spoiled) == 1, call
            return
        found = await act(world)
    assert github.faults[0].times == 0, f"{call}: nothing was spoiled"
    assert await right(world, found), call
    told += [line for line in world.lines if "is tried again" in line]
    if kind == "slow":
        assert not clock.waits, call
    elif kind == "429 with Retry-After":
        assert clock.passed == 2, call
        assert any("is tried again in 2 s (attempt 2)" in line for line in told), call
    elif call == "set_variables, changed" and kind in {"cut body", "bad JSON"}:
        assert clock.passed < 2  # its answer is empty: there is nothing to spoil but the connection
    else:
        assert 0 < clock.passed < 2, call
        assert len(told) == 1, call
    # A second time nothing changes.
    if call in REPEATABLE:
        again = await act(world)
        assert await right(world, again), call


def short(world: AppWorld) -> None:
    """Do not wait long for what does not answer."""
    world.client.exchange.timeout = 1
    while not world.client.exchange._idle.empty():
        world.client.exchange._idle.get().close()
    for remote in world.synchroniser._remotes.values():
        remote.close()
    world.synchroniser._remotes.clear()


@pytest.mark.parametrize("call", ["secrets", "heads"])
async def test_a_fault_that_stays_is_given_up_and_told(
    call: str, prepared: AppWorld, github: FaultyHttp, clock: TurnedClock
) -> None:
    for kind in (kind for kind in KINDS if kind not in {"slow", "timeout", *PERMANENT}):
        forget(prepared, github, clock)
        github.fail(kind, times=99)
        with pytest.raises(GithubError) as caught:
            await CALLS[call][0](prepared)
        assert caught.value.temporary, kind
        assert " failed: " in str(caught.value)
        assert prepared.name in str(caught.value)
        assert len(github.seen) == 6, kind
        assert clock.passed < 30, kind
        assert caught.value.retry_after == (2 if kind == "429 with Retry-After" else None), kind


@pytest.mark.parametrize("calls", TOGETHER.values(), ids=TOGETHER)
async def test_a_long_wait_is_left_to_the_durable_run(
    calls: tuple[str, ...], prepared: AppWorld, github: FaultyHttp, clock: TurnedClock
) -> None:
    github.retry_after = "240"
    for call in calls:
        if call not in REPEATABLE:
            continue
        act, spoiled, right = CALLS[call]
        forget(prepared, github, clock)
        github.fail("429 with Retry-After", spoiled)
        with pytest.raises(GithubError, match="GitHub limits the calls") as caught:
            await act(prepared)
        assert caught.value.retry_after == 240, call
        assert clock.passed == 0, call
        assert await right(prepared, await act(prepared)), call


@pytest.mark.parametrize("status", [401, 403, 404, 422])
@pytest.mark.parametrize("calls", TOGETHER.values(), ids=TOGETHER)
async def test_a_permanent_error_is_met_once(
    calls: tuple[str, ...], status: int, prepared: AppWorld, github: FaultyHttp, clock: TurnedClock
) -> None:
    answer = github.handler
    spoiled = ""
    met: list[str] = []

    async def refuse(request: Request) -> Response:
        if not re.search(spoiled, f"{request.method} {request.target}"):
            return await answer(request)
        met.append(request.target)
        return Response(status, b'{"message": "no"}', {"Content-Type": "application/json"})

    github.handler = refuse
    for call in calls:
        if call not in REPEATABLE:
            continue
        if status == 404 and call in {"find_repository", "create_repository, the look"}:
            continue  # the answer to whether it is there
        act, spoiled, _ = CALLS[call]
        met.clear()
        with pytest.raises(GithubError) as caught:
            await act(prepared)
        assert caught.value.status == status, call
        assert not caught.value.temporary, call
        assert not clock.waits, call
        assert len(met) == 1, call
    github.handler = answer
