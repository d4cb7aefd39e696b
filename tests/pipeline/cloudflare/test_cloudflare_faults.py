"""Each call of the client with each thing that can go wrong on its way: the right end state, or one clear error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from faulty_http import KINDS, FaultyHttp, Kind
from small_build import Build, built
from small_cloudflare import ACCOUNT, TOKEN, Refused, SmallCloudflare, Worker
from turned_clock import TurnedClock

from overskill_nb.errors import CloudflareError
from overskill_nb.pipeline.cloudflare import Cloudflare, Target, reporting
from overskill_nb.pipeline.cloudflare.rate import RateLimit
from overskill_nb.pipeline.cloudflare.script import Script, Upload

TIPS = Script("overskill-preview", "tips")
MODULE = b"export default { fetch() { return new Response('hi') } }"
Act = Callable[[Target], Awaitable[Any]]
Check = Callable[[SmallCloudflare, Any], bool]


def workers(small: SmallCloudflare) -> dict[str, Any]:
    return small.namespaces["overskill-preview"]


async def upload(target: Target) -> Any:
    build = built("two")
    return await target.upload(TIPS, build, build, app="tips-1")


async def put(target: Target) -> Any:
    build = built("two")
    token = await target.upload(TIPS, build, build, app="tips-1")
    return await target.put(TIPS, build, build, token, app="tips-1", deployment="d2")


def account_script(target: Target) -> Awaitable[None]:
    return target.cloudflare.put_account_script("d", Upload("2026-01-01", modules={"index.js": MODULE}))


# What is called, which requests are spoiled, and what has to be so in the end.
CALLS: dict[str, tuple[Act, str, Check]] = {
    "ensure_namespace": (
        lambda t: t.cloudflare.ensure_namespace("new"),
        "POST .*/namespaces",
        lambda s, made: "new" in s.namespaces and made is True,
    ),
    "namespaces": (
        lambda t: t.cloudflare.namespaces(),
        "GET .*/namespaces",
        lambda _, found: found == ["overskill-preview"],
    ),
    "session": (upload, "POST .*upload-session", lambda s, _: len(s.assets["overskill-preview"]) == 10),
    "bucket": (upload, "POST .*assets/upload", lambda s, _: len(s.assets["overskill-preview"]) == 10),
    "put": (
        put,
        "PUT .*/scripts/tips",
        lambda s, _: (
            workers(s)["tips"].metadata["tags"][2] == "deployment-d2" and workers(s)["tips"].secrets == {"A": "b"}
        ),
    ),
    "find": (lambda t: t.find(TIPS), "GET", lambda _, found: found.tag("app") == "tips-1"),
    "list": (lambda t: t.cloudflare.list_scripts(TIPS.namespace), "GET", lambda _, found: found == ["tips"]),
    "delete": (lambda t: t.delete(TIPS), "DELETE", lambda s, _: not workers(s)),
    "delete_tagged": (
        lambda t: t.cloudflare.delete_tagged(TIPS.namespace, {"app-tips-1": True}),
        "DELETE",
        lambda s, _: not workers(s),
    ),
    "settings": (lambda t: t.cloudflare.settings(TIPS), "GET", lambda _, found: found["tags"][0] == "app-tips-1"),
    "bindings": (lambda t: t.cloudflare.bindings(TIPS), "GET", lambda _, found: found == {}),
    "tags": (lambda t: t.cloudflare.tags(TIPS), "GET", lambda _, found: found[0] == "app-tips-1"),
    "set_tags": (
        lambda t: t.cloudflare.set_tags(TIPS, ["x"]),
        "PUT",
        lambda s, _: workers(s)["tips"].metadata["tags"] == ["x"],
    ),
    "secrets": (lambda t: t.cloudflare.secrets(TIPS), "GET", lambda _, found: found == ["A"]),
    "set_secret": (
        lambda t: t.set_secret(TIPS, "B", "c", app="tips-1"),
        "PUT",
        lambda s, _: workers(s)["tips"].secrets == {"A": "b", "B": "c"},
    ),
    "set_secret before the first deployment": (
        lambda t: t.set_secret(Script(TIPS.namespace, "new"), "B", "c", app="new-1"),
        "PUT",
        lambda s, _: workers(s)["new"].secrets == {"B": "c"} and workers(s)["new"].metadata["tags"][0] == "app-new-1",
    ),
    "delete_secret": (
        lambda t: t.delete_secret(TIPS, "A"),
        "DELETE",
        lambda s, _: workers(s)["tips"].secrets == {},
    ),
    "logs": (lambda t: t.logs(TIPS, 0), "POST", lambda _, found: found == []),
    "token_status": (lambda t: t.cloudflare.token_status(), "GET", lambda _, found: found == "active"),
    "subdomain": (lambda t: t.cloudflare.subdomain(), "GET", lambda _, found: found == "me"),
    "zone": (lambda t: t.cloudflare.zone("apps.example.com"), "GET", lambda _, found: found.id == "zone0"),
    "dns_names": (
        lambda t: t.cloudflare.dns_names("zone0", "*.apps.example.com"),
        "GET",
        lambda _, found: found == ["AAAA"],
    ),
    "routes": (lambda t: t.cloudflare.routes("zone0"), "GET", lambda _, found: found == {}),
    "add_route": (
        lambda t: t.cloudflare.add_route("zone0", "*.example.com/*", "d"),
        "POST",
        lambda s, _: s.routes == {"*.example.com/*": "d"},
    ),
    "account_scripts": (lambda t: t.cloudflare.account_scripts(), "GET", lambda _, found: found == ["there"]),
    "account_script_tags": (
        lambda t: t.cloudflare.account_script_tags("there"),
        "GET",
        lambda _, found: found == ["overskill"],
    ),
    "put_account_script": (account_script, "PUT", lambda s, _: s.account_scripts["d"].modules == {"index.js": MODULE}),
    "enable_subdomain": (
        lambda t: t.cloudflare.enable_subdomain("tips"),
        "POST",
        lambda *_: True,
    ),
}
PERMANENT: set[Kind] = {"challenge"}


@pytest.fixture
async def deployed(target: Target, server: FaultyHttp, small: SmallCloudflare, build: Build) -> Target:
    """Where an app with a secret is deployed already."""
    await target.check("tips", "preview", "tips-1")
    token = await target.upload(TIPS, build, build, app="tips-1")
    await target.put(TIPS, build, build, token, app="tips-1", deployment="d1")
    await target.set_secret(TIPS, "A", "b", app="tips-1")
    small.account_scripts["there"] = Worker({"tags": ["overskill"]}, {}, {})
    server.seen.clear()
    return target


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", CALLS)
async def test_a_call_that_is_spoiled_once_ends_right_or_says_why(
    call: str, kind: Kind, deployed: Target, server: FaultyHttp, small: SmallCloudflare, clock: TurnedClock
) -> None:
    act, spoiled, right = CALLS[call]
    server.fail(kind, spoiled)
    if kind == "timeout":
        deployed.cloudflare._exchange._http().timeout = httpx.Timeout(0.25)
    told: list[str] = []
    with reporting(told.append):
        if kind in PERMANENT:
            before = {name: worker.puts for name, worker in workers(small).items()}
            with pytest.raises(CloudflareError, match="firewall answered with a challenge page") as caught:
                await act(deployed)
            assert not caught.value.temporary
            assert {name: worker.puts for name, worker in workers(small).items()} == before
            assert not clock.waits
            return
        found = await act(deployed)
    assert right(small, found)
    assert server.faults[0].times == 0, "nothing was spoiled"
    if kind == "slow":
        assert not clock.waits
    elif kind == "429 with Retry-After":
        assert clock.passed >= 2
        assert any("is tried again in 2 s (attempt 2)" in line for line in told)
    else:
        assert 0 < clock.passed < 2
        assert len(told) == 1


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"slow", "timeout", *PERMANENT}])
async def test_a_fault_that_stays_is_given_up_and_told(
    kind: Kind, deployed: Target, server: FaultyHttp, clock: TurnedClock
) -> None:
    server.fail(kind, times=99)
    with pytest.raises(CloudflareError) as caught:
        await deployed.find(TIPS)
    assert caught.value.temporary
    assert str(caught.value).startswith("The look for tips failed: ")
    assert len(server.seen) == 6
    assert clock.passed < 90
    if kind.startswith("429"):
        assert caught.value.retry_after == (2 if "with" in kind else 300)


async def test_a_wait_beyond_the_budget_is_left_to_the_durable_run(
    deployed: Target, server: FaultyHttp, clock: TurnedClock
) -> None:
    server.retry_after = "240"
    server.fail("429 with Retry-After")
    with pytest.raises(CloudflareError, match="blocks it for up to 5 minutes") as caught:
        await deployed.find(TIPS)
    assert caught.value.retry_after == 240
    assert clock.passed == 0
    assert len(server.seen) == 1
    # The token is blocked for everybody: another call does not even try.
    with pytest.raises(CloudflareError) as caught:
        await deployed.cloudflare.namespaces()
    assert caught.value.retry_after == pytest.approx(240)
    assert len(server.seen) == 1
    clock.passed += 240
    assert await deployed.find(TIPS)


async def test_a_date_in_retry_after_is_understood(deployed: Target, server: FaultyHttp, clock: TurnedClock) -> None:
    import email.utils

    server.retry_after = email.utils.formatdate(clock.wall() + 20, usegmt=True)
    server.fail("429 with Retry-After")
    assert await deployed.find(TIPS)
    assert 18 <= clock.passed <= 21


async def test_retry_after_is_honoured_on_other_answers_than_429(
    deployed: Target, server: FaultyHttp, small: SmallCloudflare, clock: TurnedClock
) -> None:
    before = server.handler
    answers = 0

    async def busy(request: Any) -> Any:
        nonlocal answers
        answers += 1
        response = await before(request)
        if answers == 1:
            response.status, response.headers["Retry-After"] = 503, "7"
        return response

    server.handler = busy
    assert await deployed.find(TIPS)
    assert clock.waits == [7]


async def test_a_cloudflare_that_is_not_there_is_named(clock: TurnedClock) -> None:
    nobody = Cloudflare(ACCOUNT, TOKEN, "http://127.0.0.1:9", limit=RateLimit(clock=clock), clock=clock)
    with pytest.raises(CloudflareError, match=r"^The look for namespaces failed: 127.0.0.1 cannot be reached"):
        await nobody.namespaces()
    await nobody.close()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 422])
async def test_a_permanent_error_fails_at_its_first_attempt(
    status: int, deployed: Target, server: FaultyHttp, small: SmallCloudflare, clock: TurnedClock
) -> None:
    small.refuse["PUT"] = Refused(status, 0, "no")
    with pytest.raises(CloudflareError, match=f"The tags of tips failed: .*HTTP {status}") as caught:
        await deployed.cloudflare.set_tags(TIPS, ["x"])
    assert caught.value.status == status
    assert not caught.value.temporary
    assert len(server.seen) == 1
    assert not clock.waits


async def test_cancelling_stops_a_call_at_once(deployed: Target, server: FaultyHttp) -> None:
    server.fail("timeout")
    task = asyncio.ensure_future(deployed.find(TIPS))
    while not server.seen:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await deployed.find(TIPS)
