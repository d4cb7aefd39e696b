"""The indicators, as a notebook with a real preview has them."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from .conftest import Host
from .jupyter import new_context

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_HOSTS = ("comm",)

OPEN = "import overskill_nb as ov\napp = ov.App('demo')"
COMPONENT = "%%component Word\nexport default function Word() {{ return <b id='word'>{word}</b>; }}"


async def test_updates_are_measured_until_they_are_on_screen(host: Host) -> None:
    notebook = await host.open("measured", OPEN, COMPONENT.format(word="none"))
    for number in range(2):
        assert (await notebook.run_cell(number)).ok
    await notebook.frame_with("#word")
    for word in ("one", "two", "three"):
        await notebook.set_cell(1, COMPONENT.format(word=word))
        assert (await notebook.run_cell(1)).ok
        await expect((await notebook.frame_with("#word")).locator("#word")).to_have_text(word)
    await notebook.prints("len([ms for ms in ov.metrics().update_ms if 0 < ms < 30_000])", "3")
    await notebook.prints("print(repr(ov.metrics()))", "3 updates, 0 of 1 connection dropped")
    shown = await notebook.run("ov.metrics()")
    assert "ms" not in shown.text
    table = notebook.page.locator(".jp-OutputArea table").last
    await expect(table).to_contain_text("P95")
    await notebook.run("ov.metrics().plot()")
    plot = await notebook.frame_with("[aria-label^='Updates: ']")
    await expect(plot.locator("svg rect")).not_to_have_count(0)


async def test_the_server_tells_prometheus(lab: Host) -> None:
    notebook = await lab.open("told", OPEN, COMPONENT.format(word="none"))
    for number in range(2):
        assert (await notebook.run_cell(number)).ok
    await notebook.frame_with("#word")
    await notebook.prints("ov.metrics().connections > 0", "True")
    answer = await notebook.page.context.request.get(f"{lab.server.url}/metrics")
    text = await answer.text()
    assert "overskill_nb_connections_total" in text
    assert "overskill_nb_update_seconds_bucket" in text
    anonymous = await new_context(lab.browser)
    try:
        assert (await anonymous.request.get(f"{lab.server.url}/metrics")).status == 403
    finally:
        await anonymous.close()
