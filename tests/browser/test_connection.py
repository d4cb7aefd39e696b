"""A preview survives what happens between it and the server. In all of this its frame is not loaded anew."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from proxy import Proxy

from .conftest import Host
from .jupyter import free_port, until
from .tab import OpenApp, Tab

pytestmark = pytest.mark.asyncio(loop_scope="session")
OWN_SERVERS = ("lab",)

NOTICED = 30
"""Seconds in which a page notices that nobody is at the other end: it asks after 4, and waits 6 for the answer.
The rest is for a busy machine."""


class Network:
    """The host's server behind a proxy, and the tabs that a test opens."""

    def __init__(self, host: Host, proxy: Proxy) -> None:
        self.host = host
        self.proxy = proxy
        self.tabs: list[Tab] = []

    async def app(self, name: str) -> OpenApp:
        return await OpenApp.make(self.host, name)

    async def open(self, app: OpenApp, proxy: Proxy | None = None) -> Tab:
        self.tabs.append(await Tab.open(self.host.browser, app, (proxy or self.proxy).port))
        return self.tabs[-1]


@pytest_asyncio.fixture(loop_scope="session")
async def network(lab: Host) -> AsyncIterator[Network]:
    async with Proxy.to(lab.server.port) as proxy:
        made = Network(lab, proxy)
        yield made
        for tab in made.tabs:
            await tab.close()


# ---------------------------------------------------------------------------------------------------- the network


async def test_a_cut_of_a_second(network: Network) -> None:
    app = await network.app("cut")
    tab = await network.open(app)
    network.proxy.frozen = True
    network.proxy.cut()
    app.write("v2")
    await asyncio.sleep(1)
    app.write("v3")
    network.proxy.frozen = False
    await tab.shows("v3")
    await tab.says("live")


@pytest.mark.slow
async def test_a_network_that_goes_silent_is_noticed_and_what_was_missed_comes(network: Network) -> None:
    app = await network.app("silent")
    tab = await network.open(app)
    network.proxy.frozen = True
    await app.hand_in("v2")
    await tab.says("disconnected", NOTICED)
    await app.hand_in("v3")
    network.proxy.frozen = False
    await tab.shows("v3")
    await tab.says("live")


@pytest.mark.slow
async def test_a_minute_of_silence_is_noticed_by_both_sides(network: Network) -> None:
    app = await network.app("minute")
    tab = await network.open(app)
    network.proxy.frozen = True

    async def forgotten() -> bool:
        return not await app.previews()

    await asyncio.gather(until(forgotten, 60), tab.says("disconnected", NOTICED), asyncio.sleep(60))
    await app.hand_in("v2")
    network.proxy.frozen = False
    await tab.shows("v2")
    await tab.says("live")

    async def alone() -> bool:
        return len(await app.previews()) == 1

    await until(alone)


@pytest.mark.slow
async def test_a_proxy_that_drops_quiet_connections_finds_none(network: Network) -> None:
    app = await network.app("quiet")
    tab = await network.open(app)
    # The page says something every 4 seconds; a busy machine is late with that.
    network.proxy.idle = 9
    opened = network.proxy.opened
    await asyncio.sleep(19)
    assert network.proxy.opened == opened
    await app.hand_in("v2")
    await tab.shows("v2")
    assert network.proxy.opened == opened


async def test_a_proxy_that_drops_connections_all_the_time(network: Network) -> None:
    app = await network.app("dropping")
    tab = await network.open(app)
    network.proxy.idle = 0.5
    for number in range(2, 8):
        await app.hand_in(f"v{number}")
        await tab.shows(f"v{number}")
        await asyncio.sleep(0.7)


@pytest.mark.slow
async def test_a_slow_client_holds_nobody_up_and_gets_the_last_edit(network: Network) -> None:
    app = await network.app("slow")
    quick = await network.open(app)
    async with Proxy.to(network.host.server.port) as line:
        slow = await network.open(app, line)
        line.rate = 200_000
        for number in range(2, 42):
            # 300 kB each, 12 MB in all: more than the system's buffers hold, and than that line takes in the time.
            await app.hand_in(f"v{number}", f'const big = "{str(number) * 150_000}";')
        await quick.shows("v41")
        await app.hand_in("last")
        await quick.shows("last")
        previews = await app.previews()
        assert sorted(preview["sent"] == max(p["sent"] for p in previews) for preview in previews) == [False, True]
        assert await slow.frame.text_content("#label") != "last"
        await slow.shows("last")


# -------------------------------------------------------------------------------------------- server and worker


async def test_a_server_that_is_killed_and_started_again(network: Network) -> None:
    app = await network.app("killed")
    tab, other = await network.open(app), await network.open(app)
    network.host.server.kill()
    app.write("v2")
    await tab.says("disconnected")
    network.host.server.launch()
    await network.host.server.ready()
    app.write("v3")
    for each in (tab, other):
        await each.shows("v3")
        await each.says("live")
    app.write("v4")
    for each in (tab, other):
        await each.shows("v4")


async def test_a_server_that_comes_back_behind_the_same_address_with_another_port_and_token(
    network: Network,
) -> None:
    app = await network.app("moved")
    tab = await network.open(app)
    network.host.server.kill()
    app.write("v2")
    # Jupyter makes a token at each start; the page's cookie stays good.
    network.host.server.launch(free_port(), secrets.token_hex(16))
    await network.host.server.ready()
    network.proxy.target = network.host.server.port
    await tab.shows("v2")
    app.write("v3")
    await tab.shows("v3")


@pytest.mark.slow
async def test_a_server_that_stands_still_for_a_while_as_on_a_laptop_asleep(network: Network) -> None:
    app = await network.app("asleep")
    tab = await network.open(app)
    process = network.host.server.process.pid
    os.kill(process, signal.SIGSTOP)
    try:
        app.write("v2")
        await tab.says("disconnected", NOTICED)
        app.write("v3")
    finally:
        os.kill(process, signal.SIGCONT)
    await tab.shows("v3")
    await tab.says("live")


async def test_a_worker_that_is_killed_in_the_middle_of_an_update(network: Network) -> None:
    app = await network.app("worker")
    tab = await network.open(app)
    for number in range(2, 6):
        await app.hand_in(f"before {number}")
        worker = (await app.status())["worker_pid"]
        handing_in = asyncio.ensure_future(app.hand_in(f"v{number}"))
        await asyncio.sleep(0.002 * number)
        os.kill(worker, signal.SIGKILL)
        await handing_in
        await tab.shows(f"v{number}")
    await app.hand_in("last")
    await tab.shows("last")
    assert (await app.status())["worker_pid"] != worker


async def test_an_app_whose_folder_was_removed_and_made_anew_is_followed_again(network: Network) -> None:
    app = await network.app("anew")
    tab = await network.open(app)
    shutil.rmtree(app.folder)
    again = await OpenApp.make(network.host, "anew")
    assert again.id == app.id
    again.write("v2")
    await tab.shows("v2")
    await tab.says("live")


async def test_an_app_that_cannot_be_had_is_said_to_be_so_and_comes_back(network: Network) -> None:
    app = await network.app("away")
    tab = await network.open(app)
    elsewhere = app.folder.with_name("elsewhere")
    network.host.server.kill()
    app.folder.rename(elsewhere)
    network.host.server.launch()
    await network.host.server.ready()
    await tab.page.get_by_role("alert").filter(has_text="No app").wait_for()
    elsewhere.rename(app.folder)
    app.write("v2")
    await tab.shows("v2")
    await tab.says("live")


async def test_two_tabs_on_one_app_show_the_same_and_the_engine_knows_it(network: Network) -> None:
    app = await network.app("two")
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(Proxy.to(network.host.server.port))
        first, second = await network.open(app), await network.open(app, line)
        line.cut()
        await app.hand_in("v2")
        await asyncio.gather(first.shows("v2"), second.shows("v2"))

        async def known() -> bool:
            seen = await app.previews()
            return len(seen) == 2 and all(p["seq"] == p["sent"] and p["at"] > 0 and p["outcome"] for p in seen)

        await until(known)
