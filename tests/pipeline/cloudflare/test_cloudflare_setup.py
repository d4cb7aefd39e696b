"""`overskill cloudflare setup` and `check`: what an account lacks, in plain words."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from faulty_http import FaultyHttp
from small_cloudflare import ACCOUNT, TOKEN, Refused, SmallCloudflare

from overskill_nb.cli import main
from overskill_nb.errors import DeploymentError
from overskill_nb.pipeline.cloudflare import Settings, connect
from overskill_nb.pipeline.cloudflare.setup import WORKER, check, dispatcher, setup


@pytest.fixture
def settings(server: FaultyHttp) -> Settings:
    return Settings(ACCOUNT, TOKEN, f"{server.url}/client/v4")


def of_domain(settings: Settings, domain: str) -> Settings:
    return Settings(settings.account, settings.token, settings.base_url, domain)


async def test_check_changes_nothing_and_setup_makes_all(settings: Settings, small: SmallCloudflare) -> None:
    before = await check(settings)
    assert not before.ready
    assert "overskill-preview, overskill-staging, overskill-production not there; `overskill cloudflare setup`" in str(
        before
    )
    assert not small.namespaces
    made = await setup(settings)
    assert made.ready, str(made)
    assert set(small.namespaces) == {"overskill-preview", "overskill-staging", "overskill-production"}
    worker = small.account_scripts["overskill-dispatch"]
    assert worker.modules == {"worker.js": WORKER.read_bytes()}
    assert {b["name"]: b.get("namespace") for b in worker.metadata["bindings"]} == {
        "PREVIEW": "overskill-preview",
        "STAGING": "overskill-staging",
        "PRODUCTION": "overskill-production",
        "DOMAIN": None,
        "LIMITS": None,
    }
    assert (await check(settings)).ready
    assert (await setup(settings)).ready
    assert "https://overskill-dispatch.me.workers.dev/<environment>/<app>/" in str(made)
    assert "all apps share one origin" in str(made)


async def test_a_domain_gets_its_route(settings: Settings, small: SmallCloudflare) -> None:
    settings = of_domain(settings, "apps.example.com")
    await setup(of_domain(settings, ""))
    assert "overskill-dispatch is of another version or for another domain" in str(await check(settings))
    small.account_scripts["overskill-dispatch"].metadata["tags"] = dispatcher(settings).tags
    assert "*.apps.example.com/* leads nowhere" in str(await check(settings))
    report = await setup(settings)
    assert report.ready, str(report)
    assert small.routes == {"*.apps.example.com/*": "overskill-dispatch"}
    assert "the free one covers *.example.com and not *.apps.example.com" in str(report)
    assert (await setup(settings)).ready
    small.dns.clear()
    assert "*.apps.example.com has no record; add a proxied AAAA record" in str(await check(settings))


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ({"verify": Refused(401, 1000, "Invalid API Token")}, "The check of the token failed: The token is wrong"),
        (
            {"namespaces": Refused(403, 10015, "not entitled")},
            "Workers for Platforms: The look for namespaces failed: The account has no Workers for Platforms; subs",
        ),
        ({"PUT .*scripts/": Refused(403, 10000, "no")}, "lacks `Workers Scripts: Edit`"),
        (
            {"GET .*workers/subdomain": Refused(403, 9109, "no")},
            "address: The look for the workers.dev subdomain failed",
        ),
    ],
)
async def test_what_the_account_lacks_is_named(
    refused: dict[str, Refused], said: str, settings: Settings, small: SmallCloudflare
) -> None:
    small.refuse = refused
    report = await setup(settings)
    assert not report.ready
    assert said in str(report)
    assert TOKEN not in str(report)


async def test_a_token_that_may_not_read_logs_is_good_enough(settings: Settings, small: SmallCloudflare) -> None:
    small.refuse = {"telemetry": Refused(403, 10000, "Authentication error")}
    report = await setup(settings)
    assert report.ready
    assert "note  logs: The logs of overskill cannot be read: the token lacks `Workers Observability: Read`" in str(
        report
    )


async def test_an_account_without_addresses_is_told_how_to_get_one(settings: Settings, small: SmallCloudflare) -> None:
    small.subdomain = ""
    assert "no workers.dev subdomain; open Workers & Pages in the dashboard once" in str(await setup(settings))
    assert "other.org is in no zone that this token sees" in str(await setup(of_domain(settings, "other.org")))
    with pytest.raises(DeploymentError, match="There is no address for apps: set OVERSKILL_DOMAIN"):
        await connect(settings)


async def test_a_route_of_somebody_else_is_left_alone(settings: Settings, small: SmallCloudflare) -> None:
    small.routes["*.example.com/*"] = "theirs"
    report = await setup(of_domain(settings, "example.com"))
    assert not report.ready
    assert "the route *.example.com/* leads to the Worker theirs" in str(report)
    assert small.routes == {"*.example.com/*": "theirs"}


async def test_apps_are_below_the_domain_or_the_workers_dev_address(settings: Settings) -> None:
    below = await connect(of_domain(settings, "apps.example.com"))
    assert below.url("tips", "preview") == "https://tips--preview.apps.example.com/"
    assert below.url("tips", "production") == "https://tips.apps.example.com/"
    await below.close()
    by_path = await connect(settings)
    assert by_path.url("tips", "staging") == "https://overskill-dispatch.me.workers.dev/staging/tips/"
    await by_path.close()


@pytest.fixture
def served(small: SmallCloudflare) -> Iterator[str]:
    """The API in a thread of its own, for a command that has a loop of its own."""
    loop = asyncio.new_event_loop()
    started, url, end = threading.Event(), "", asyncio.Event()

    async def serve() -> None:
        nonlocal url
        async with FaultyHttp.over(small) as server:
            url = server.url
            started.set()
            await end.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    started.wait(10)
    yield f"{url}/client/v4"
    loop.call_soon_threadsafe(end.set)
    thread.join()
    loop.close()


def test_the_command_says_what_it_found(
    served: str, small: SmallCloudflare, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CLOUDFLARE_ACCOUNT_ID", raising=False)
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)
    assert main(["cloudflare", "check"]) == 1
    assert "no account is configured; set CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN" in capsys.readouterr().out
    monkeypatch.setenv("CLOUDFLARE_ACCOUNT_ID", ACCOUNT)
    assert main(["cloudflare", "check"]) == 1
    assert "CLOUDFLARE_ACCOUNT_ID is set and CLOUDFLARE_API_TOKEN is not" in capsys.readouterr().err
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", TOKEN)
    monkeypatch.setenv("CLOUDFLARE_API_BASE_URL", served)
    assert main(["cloudflare", "setup"]) == 0
    out = capsys.readouterr()
    assert "ok  namespaces: made overskill-preview, overskill-staging, overskill-production." in out.out
    assert TOKEN not in out.out + out.err
    assert main(["cloudflare", "check"]) == 0
