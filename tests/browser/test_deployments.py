"""What a notebook shows of deployments: the timeline of one, and the table of all."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Locator

from .conftest import Host
from .jupyter import Notebook

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_HOSTS = ("lab",)

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
EXCHANGE = """
import time
from overskill_nb.protocol_github import Conflict, Sync, SyncTransition
def exchange(*statuses, **fields):
    # What the engine is told by a sync that followed the deployment.
    now = time.time() * 1000
    steps = [SyncTransition(status=status, at=now + at) for at, status in enumerate(statuses)]
    sync = Sync(
        id='s1', app=app.id, repository='me/tips', deployment=d.id, status=statuses[-1], transitions=steps, **fields
    )
    async def go(): scripted.rows[d.id].sync = sync; session.current()._engine._sync_changed(sync)
    session.current()._background.run(go())
"""
LIVE = "artefact='3f2a91c0d4e5' + '0' * 52, files=7, first_load_gzip=61234"


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


async def test_the_exchange_that_follows_has_a_row_of_its_own(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "exchanges")
    await ran(notebook, f"{EXCHANGE}\nd = app.deploy()\nstep('deployed', {LIVE})\nexchange('pending')")
    shown = timeline(notebook)
    await says(shown.get_by_role("status").first, "Live")
    row = shown.locator(".sync")
    await says(row, "GitHub.*About to sync")
    await ran(notebook, "exchange('pending', 'syncing', log=['Pushing 3 commits'])")
    await says(row, "Syncing.*Pushing 3 commits")
    await ran(notebook, "exchange('pending', 'syncing', 'syncing', waits_until=time.time() * 1000 + 45 * 60_000)")
    await says(row, r"Waiting for GitHub until \d\d:\d\d")
    await ran(notebook, "exchange('pending', 'syncing', 'syncing', 'synced', pushed=3, commit='abc1234' + '0' * 33)")
    await says(row, "Synced.*3 commits pushed.*abc1234")
    # What is older than that and late changes nothing.
    await ran(notebook, "exchange('pending', 'syncing')")
    await ran(notebook, "step('superseded', superseded_by='d9')")
    await says(shown.get_by_role("status").first, "Superseded")
    await says(row, "Synced")
    assert notebook.errors == []


async def test_an_exchange_that_failed_says_why_and_a_conflict_where_to_go(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "apart")
    await ran(notebook, f"{EXCHANGE}\nd = app.deploy()\nstep('deployed', {LIVE})")
    shown = timeline(notebook)
    await ran(notebook, "exchange('pending', 'syncing', 'failed', error='It may not push.', hint='See https://a.b/c.')")
    row = shown.locator(".sync")
    await says(row, "Sync failed.*It may not push. See https://a.b/c.")
    assert await row.get_by_role("link").get_attribute("href") == "https://a.b/c"
    await says(shown.get_by_role("status").first, "Live")  # nobody waited for GitHub
    assert await shown.get_by_role("alert").count() == 0
    await ran(
        notebook,
        "d = app.deploy(); step('deployed'); exchange('pending', 'syncing', 'conflict', pull_request='https://x/pull/1',"
        " conflicts=[Conflict(path='src/App.tsx', ours='a', theirs='b')], hint='Merge it.')",
    )
    row = timeline(notebook).locator(".sync")
    await says(row, "Conflict.*src/App.tsx was changed here and on GitHub.*Merge it")
    assert await row.get_by_role("link").get_attribute("href") == "https://x/pull/1"


async def test_what_a_workflow_deploys_has_its_steps_and_shows_its_log_where_it_fails(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "workflow")
    await ran(
        notebook,
        f"d = app.deploy(); step('deployed', {LIVE}); d = app.promote('staging'); step('deployed', {LIVE})\n"
        "d = app.promote('production'); step('building', repository='me/tips', commit='abc12345' + '0' * 32)",
    )
    shown = timeline(notebook)
    await shown.locator(".step .label").filter(has_text="Build on GitHub").wait_for()
    assert await step_states(shown) == ["current", "todo", "todo"]
    await ran(
        notebook, "step('building', timings={'prepare': 40.0}, run_url='https://github.com/me/tips/actions/runs/7')"
    )
    link = shown.locator(".steps").get_by_role("link", name="Build on GitHub")
    assert await link.get_attribute("href") == "https://github.com/me/tips/actions/runs/7"
    assert await step_states(shown) == ["done", "current", "todo"]
    assert await shown.get_by_role("log").count() == 0
    await ran(notebook, "step('failed', error='Its step Build failed.', log=['npm run build', 'no such luck'])")
    await says(shown.get_by_role("alert"), "Its step Build failed")
    assert await step_states(shown) == ["done", "failed", "skipped"]
    assert await shown.get_by_role("log").inner_text() == "npm run build\nno such luck"
    await shown.get_by_role("button", name="Hide log").click()
    assert await shown.get_by_role("log").count() == 0
    assert "checkpoint abc12345" in await shown.locator(".facts").inner_text()


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


async def test_github_is_told_of_below_the_address_and_never_waited_for(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "github")
    await ran(
        notebook,
        "import time\nfrom overskill_nb.protocol_github import Sync, SyncTransition\n"
        "def told(status, **more):\n"
        "    steps = [SyncTransition(status='pending', at=1.0), SyncTransition(status='syncing', at=2.0)]\n"
        "    steps += [SyncTransition(status=status, at=3.0)]\n"
        "    shown = Sync(id='s1', app=app.id, repository='me/tips', deployment=d.id, status=status,\n"
        "                 transitions=steps, log=['.'] * len(more), **more)\n"
        f"    step('deployed', sync=shown, {LIVE})",
    )
    await ran(notebook, "d = app.deploy()\nstep('building')")
    shown = timeline(notebook)
    await says(shown.get_by_role("status"), "Building")
    assert await shown.locator(".sync").count() == 0
    await ran(notebook, "told('syncing')")
    await says(shown.get_by_role("status").first, "Live")
    await says(shown.locator(".sync"), r"GitHub\s*Syncing")
    await ran(notebook, "told('syncing', waits_until=time.time() * 1000 + 3_600_000)")
    await says(shown.locator(".sync"), r"Waiting for GitHub until \d+:\d\d")
    error = "The push to me/tips failed: the token may not write there."
    await ran(notebook, f"told('failed', error={error!r}, hint='Give it Contents: write.')")
    await says(shown.locator(".sync"), re.escape(f"{error} Give it Contents: write."))
    assert await shown.get_by_role("status").first.inner_text() == "Live"
    await ran(notebook, "told('synced', commit='abc1234d' * 5, pushed=2, received=1)")
    await says(shown.locator(".sync"), r"Synced.*2 commits pushed, 1 commit received.*abc1234d")
    assert notebook.errors == []


async def test_nothing_volatile_is_saved_with_the_notebook(kernel_host: Host) -> None:
    notebook = await notebook_of(kernel_host, "saved")
    await ran(notebook, f"d = app.deploy()\nstep('building')\nstep('deployed', {LIVE})")
    await ran(notebook, "app.deployments")
    await says(timeline(notebook), "Live")
    # As somebody has it who asks for widgets to be saved.
    async with notebook.saved_with_widgets(kernel_host.root / "saved" / "nb.ipynb") as written:
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
