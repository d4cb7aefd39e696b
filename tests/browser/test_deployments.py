"""What a notebook shows of deployments: the timeline of one, and the table of all."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator

from .conftest import Host, StartHost
from .jupyter import Notebook

pytestmark = pytest.mark.asyncio(loop_scope="module")

TESTS = Path(__file__).parents[1]
SCRIPTED = f"""
import sys; sys.path.insert(0, {str(TESTS)!r})
import overskill_nb as ov
from overskill_nb import session
from scripted_deployments import ScriptedDeployments
scripted = ScriptedDeployments()
app = ov.App('tips')
scripted.use_in(session.current()._engine)
def step(status, **fields):
    # On the engine's own loop, as real deployments are.
    async def go(): return scripted.step(d.id, status, **fields)
    session.current()._background.run(go())
"""
LIVE = "artefact='3f2a91c0d4e5' + '0' * 52, files=7, first_load_gzip=61234"


@pytest_asyncio.fixture(loop_scope="module")
async def kernel_host(start_host: StartHost) -> AsyncIterator[Host]:
    """JupyterLab with the engine in the kernel, where a cell can decide what its deployments do."""
    started = await start_host("comm")
    yield started
    await started.close_pages()


async def notebook_of(host: Host, folder: str, theme: str = "") -> Notebook:
    notebook = await host.open(folder, SCRIPTED, theme=theme)
    outcome = await notebook.run_cell(0)
    assert outcome.ok, outcome.error
    return notebook


async def ran(notebook: Notebook, source: str) -> None:
    outcome = await notebook.run(source)
    assert outcome.ok, outcome.error


def timeline(notebook: Notebook) -> Locator:
    return notebook.page.locator(".overskill-deployments .deployment").last


async def says(part: Locator, text: str) -> None:
    """Wait until a part of a timeline has a text."""
    await part.filter(has_text=re.compile(text)).wait_for(timeout=20_000)


async def step_states(shown: Locator) -> list[str | None]:
    return [await step.get_attribute("data-state") for step in await shown.locator(".step").all()]


async def test_the_timeline_follows_each_step_to_the_address(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "follows")
    await ran(notebook, "d = app.deploy()")
    shown = timeline(notebook)
    await says(shown.get_by_role("status"), "Waiting")
    assert await step_states(shown) == ["todo", "todo", "todo"]
    await ran(notebook, "step('building', log=['vite: 12 modules'])")
    await says(shown.get_by_role("status"), "Building")
    assert await step_states(shown) == ["current", "todo", "todo"]
    assert await shown.locator("[aria-current=step] .label").text_content() == "Build"
    took = await shown.locator(".took").text_content()
    await shown.locator(".took").filter(has_not_text=str(took)).wait_for()  # its clock runs
    await ran(notebook, f"step('uploading', {LIVE}); step('verifying')")
    await says(shown.get_by_role("status"), "Verifying")
    assert await step_states(shown) == ["done", "done", "current"]
    assert await shown.get_by_role("link").count() == 0  # an address is shown once it serves what was built
    await ran(notebook, "step('deployed', timings={'upload': 120.0, 'put': 80.0, 'total': 912.0})")
    await says(shown.get_by_role("status"), "Live")
    assert await step_states(shown) == ["done", "done", "done"]
    link = shown.get_by_role("link")
    assert await link.get_attribute("href") == "http://tips--preview.localhost:8787/"
    assert await link.get_attribute("rel") == "noopener noreferrer"
    assert await shown.locator(".took").text_content() == "912 ms"
    assert await shown.locator(".facts").inner_text() == "61.2 kB first load\n7 files\n3f2a91c0d4e5\nLog, 1 line"
    assert await shown.get_by_role("button", name="Cancel").count() == 0
    assert notebook.errors == []


async def test_the_log_opens_on_demand_and_the_address_is_copied(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "log")
    await notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ran(notebook, f"d = app.deploy()\nstep('building', log=['one', 'two'])\nstep('deployed', {LIVE})")
    shown = timeline(notebook)
    button = shown.get_by_role("button", name="Log, 2 lines")
    assert await shown.get_by_role("log").count() == 0
    await button.click()
    assert await shown.get_by_role("log").inner_text() == "one\ntwo"
    assert await shown.get_by_role("button", name="Hide log").get_attribute("aria-expanded") == "true"
    await shown.get_by_role("button", name="Copy the address").click()
    await shown.get_by_role("button", name="Copied").wait_for()
    copied = await notebook.page.evaluate("navigator.clipboard.readText()")
    assert copied == "http://tips--preview.localhost:8787/"


async def test_a_failure_is_told_in_one_sentence_with_what_to_do(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "fails")
    await ran(
        notebook,
        "d = app.deploy()\nstep('building')\n"
        "step('failed', error='src/App.tsx:3:7: Unexpected token.', hint='Mend the line and deploy again.')",
    )
    shown = timeline(notebook)
    await says(shown.get_by_role("status"), "Failed")
    assert await step_states(shown) == ["failed", "skipped", "skipped"]
    alert = await shown.get_by_role("alert").inner_text()
    assert alert.split("\n")[0] == "src/App.tsx:3:7: Unexpected token."
    assert "Mend the line" in alert
    outcome = await notebook.run("d.wait()")
    assert outcome.error == "DeploymentError: src/App.tsx:3:7: Unexpected token. Mend the line and deploy again."


async def test_the_cancel_button_stops_it(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "cancels")
    await ran(notebook, "d = app.deploy()\nstep('building')")
    shown = timeline(notebook)
    await shown.get_by_role("button", name="Cancel").click()
    await says(shown.get_by_role("status"), "Cancelled")
    assert await step_states(shown) == ["stopped", "skipped", "skipped"]
    assert (await notebook.run("print(d.status)")).text.strip() == "cancelled"


async def test_steps_show_while_the_cell_that_waits_for_them_runs(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "waits")
    # The page has the widgets' code already: a kernel that is busy could not send it.
    await ran(notebook, "app.deployments")
    await says(timeline(notebook), "not deployed yet")
    running = asyncio.ensure_future(
        notebook.run(
            "import threading, time\nd = app.deploy()\n"
            "def later():\n"
            "    for status in ('building', 'uploading', 'verifying'): time.sleep(1); step(status)\n"
            "    go.wait(20); step('deployed')\n"
            "go = threading.Event()\nthreading.Thread(target=later).start()\n"
            "import os\n"
            "def let():\n"
            "    while not os.path.exists('seen'): time.sleep(.05)\n"
            "    go.set()\n"
            "threading.Thread(target=let).start()\n"
            "d.wait()"
        )
    )
    await says(timeline(notebook).get_by_role("status"), "Verifying")
    assert not running.done()
    (kernel_host.root / "waits" / "seen").touch()
    outcome = await running
    assert outcome.ok, outcome.error
    await says(timeline(notebook).get_by_role("status"), "Live")
    # The cell made the timeline and ends in the deployment: it is there once.
    assert await notebook.page.locator(".overskill-deployments").count() == 2


async def test_the_page_loaded_anew_shows_what_became_of_it(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "again")
    await ran(notebook, "d = app.deploy()\nstep('building')")
    await says(timeline(notebook).get_by_role("status"), "Building")
    await notebook.command("docmanager:save")
    await notebook.page.reload()
    await notebook.connected()
    await ran(notebook, f"step('deployed', {LIVE})")
    await says(timeline(notebook).get_by_role("status"), "Live")


async def test_nothing_volatile_is_saved_with_the_notebook(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "saved")
    await ran(notebook, f"d = app.deploy()\nstep('building')\nstep('deployed', {LIVE})")
    await ran(notebook, "app.deployments")
    await says(timeline(notebook), "Live")
    # As somebody has it who asks for widgets to be saved.
    await notebook.command("@jupyter-widgets/jupyterlab-manager:saveWidgetState")
    await notebook.command("docmanager:save")
    written = json.loads((kernel_host.root / "saved" / "nb.ipynb").read_text())
    saved = json.dumps([cell["outputs"] for cell in written["cells"]])
    state = json.dumps(written["metadata"]["widgets"])
    assert '"view": "deployment"' in state
    for text in (saved, state):
        assert not re.search(r"8787|3f2a91c0|61234|\bd1\b", text), text[:2000]
    assert "Deployment(tips to preview)" in saved
    assert "Deployments(tips: preview live)" in saved


async def test_an_app_is_deployed_from_a_cell_and_opened_by_its_link(host: Host) -> None:
    """All of it real: where the engine is in the server, the page has a connection of its own."""
    notebook = await host.open("real", "import overskill_nb as ov\napp = ov.App('tips')")
    outcome = await notebook.run_cell(0)
    assert outcome.ok, outcome.error
    source = "export default function App() { return <h1>Deployed</h1>; }"
    await ran(notebook, f"app.write('src/App.tsx', {source!r})")
    await ran(notebook, "app.deploy().wait()")
    shown = timeline(notebook)
    await says(shown.get_by_role("status"), "Live")
    assert await notebook.page.locator(".overskill-deployments").count() == 1
    assert await step_states(shown) == ["done", "done", "done"]
    async with notebook.page.context.expect_page() as opened:
        await shown.get_by_role("link").click()
    site = await opened.value
    await site.get_by_role("heading", name="Deployed").wait_for()
    await site.close()
    broken = source.replace("</h1>", "")
    outcome = await notebook.run(f"_ = (app.folder / 'src/App.tsx').write_text({broken!r})\napp.deploy().wait()")
    assert outcome.error.startswith("DeploymentError: src/App.tsx:1:"), outcome.error
    await says(timeline(notebook).get_by_role("alert"), r"src/App\.tsx:1:")
    outcome = await notebook.run("app.deployments")
    await says(timeline(notebook).locator("tbody tr").first, "Failed")
    assert notebook.errors == []


async def test_the_table_shows_each_deployment_and_follows(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "table")
    await ran(notebook, "app.deployments")
    shown = timeline(notebook)
    await says(shown, "tips was not deployed yet")
    await ran(notebook, f"d = app.deploy()\nstep('deployed', {LIVE}); first = d.id")
    table = notebook.page.locator(".overskill-deployments table")
    await table.wait_for()
    await ran(notebook, f"d = app.deploy()\nstep('deployed', {LIVE})\nnew = d.id")
    await ran(
        notebook,
        "async def gave(): scripted.step(first, 'superseded', superseded_by=new)\n"
        "session.current()._background.run(gave())",
    )
    await says(table, "Superseded")
    await ran(notebook, f"d = app.promote('staging')\nstep('deployed', {LIVE})")
    rows = table.locator("tbody tr")
    await says(rows.first, "promoted from #2")
    cells = [
        [" ".join(text.split()) for text in await row.locator("th, td").all_inner_texts()] for row in await rows.all()
    ]
    assert [row[:4] for row in cells] == [
        ["3", "staging promoted from #2", "Live", "3f2a91c0"],
        ["2", "preview", "Live", "3f2a91c0"],
        ["1", "preview", "Superseded", "3f2a91c0"],
    ]
    assert [row[7] for row in cells] == ["", "", "#2"]
    assert await table.get_by_role("link").count() == 2
