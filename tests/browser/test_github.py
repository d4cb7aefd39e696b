"""What a notebook shows of an app's repository: the exchanges with the GitHub on this machine, and what follows
deployments."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from dulwich import porcelain
from playwright.async_api import Locator, expect

from overskill_nb import config
from overskill_nb.pipeline.local_github.address import Address

from .conftest import Host
from .jupyter import PATIENT, Notebook

pytestmark = pytest.mark.asyncio(loop_scope="session")
IN_HOSTS = ("comm",)

PATIENCE = PATIENT * 1000
"""The same in milliseconds."""
PAGE = "export default function App() {\n  return <h1>One</h1>;\n}\n"
STEPS = ["Send to GitHub", "Build on GitHub", "Check the address"]
BEGIN = f"""
import overskill_nb as ov
app = ov.App('tips')
app.write('src/App.tsx', {PAGE!r})
_ = app.history[0]
"""


async def ran(notebook: Notebook, source: str) -> None:
    outcome = await notebook.run(source)
    assert outcome.ok, outcome.error


async def begun(host: Host, folder: str, *sources: str) -> tuple[Notebook, Locator]:
    """A notebook with an app, and where it shows its repository."""
    notebook = await host.open(folder, BEGIN)
    outcome = await notebook.run_cell(0)
    assert outcome.ok, outcome.error
    for source in sources:
        await ran(notebook, source)
    return notebook, notebook.page.get_by_role("region", name="GitHub of tips")


async def says(part: Locator, text: str) -> None:
    """Wait until a part has a text."""
    await part.filter(has_text=re.compile(text)).wait_for()


def they_push(root: Path, repository: str, text: str) -> None:
    """Somebody else, with a clone of their own, changes the page."""
    state = next(root.rglob(f"{config.STATE_FOLDER}/github"))
    found = Address.load(state)
    url = f"http://127.0.0.1:{found.port}/{repository}.git"
    who, there = "x-access-token", root / "elsewhere"
    with (root / "git.log").open("wb") as said:
        clone = porcelain.clone(url, str(there), errstream=said, username=who, password=found.token)
        (there / "src/App.tsx").write_text(text)
        porcelain.add(clone, [str(there / "src/App.tsx")])
        porcelain.commit(clone, message=b"Theirs", author=b"Bob <bob@x>", committer=b"Bob <bob@x>")
        porcelain.push(clone, url, b"main", outstream=said, errstream=said, username=who, password=found.token)
        clone.close()


async def test_it_says_how_to_connect_and_follows_once_it_is(host: Host) -> None:
    """Where the engine is in the server the page has a connection of its own."""
    notebook, shown = await begun(host, "connects", "app.github")
    await says(shown.get_by_role("status"), "Not connected")
    assert 'app.github.connect("owner/tips")' in await shown.inner_text()
    assert await shown.get_by_role("button").count() == 0
    await ran(notebook, f"_ = app.github.connect('me/{host.name}')")
    await says(shown.get_by_role("status"), "In step with GitHub")
    assert "on this machine" in await shown.inner_text()
    link = shown.get_by_role("link", name=f"me/{host.name}")
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/me/{host.name}", str(await link.get_attribute("href")))
    assert await link.get_attribute("rel") == "noopener noreferrer"
    assert re.search(r"after connecting.* commits pushed", await shown.locator(".facts").inner_text(), re.DOTALL)
    assert notebook.errors == []


async def test_what_github_lacks_is_counted_and_sent_and_what_it_has_more_is_taken(kernel_host: Host) -> None:
    connect = "_ = app.github.connect('me/tips')"
    notebook, shown = await begun(kernel_host, "exchanges", connect, "app.preview()", "app.github")
    await says(shown.get_by_role("status"), "In step with GitHub")
    await ran(notebook, "app.write('src/more.ts', 'export const more = 1;\\n'); _ = app.history[0]")
    await says(shown.get_by_role("status"), "1 checkpoint ahead of GitHub")
    await shown.get_by_role("button", name="Sync").click()
    await says(shown.get_by_role("status"), "In step with GitHub")
    await says(shown.locator(".facts"), "1 commit pushed")
    they_push(kernel_host.root / "exchanges", "me/tips", PAGE.replace("One", "Theirs"))
    await shown.get_by_role("button", name="Pull").click()
    await says(shown.locator(".facts"), "1 commit received")
    frame = await notebook.frame_with("h1")
    await notebook.wait_text(frame, "h1", "Theirs")
    assert notebook.errors == []


async def test_a_conflict_shows_both_versions_and_the_way_out(kernel_host: Host) -> None:
    notebook, shown = await begun(kernel_host, "conflicts", "app.github.connect('me/tips')")
    await says(shown.get_by_role("status"), "In step with GitHub")
    they_push(kernel_host.root / "conflicts", "me/tips", PAGE.replace("One", "Theirs"))
    await ran(notebook, f"app.write('src/App.tsx', {PAGE.replace('One', 'Ours')!r}); _ = app.history[0]")
    await shown.get_by_role("button", name="Sync").click()
    await says(shown.get_by_role("status"), "Conflict")
    alert = await shown.get_by_role("alert").inner_text()
    assert "src/App.tsx was changed here and on GitHub in the same place. Neither side was touched." in alert
    assert "Merge the pull request" in alert
    request = shown.get_by_role("link", name="Open the pull request")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/me/tips/pull/\d+", str(await request.get_attribute("href")))
    table = shown.get_by_role("table")
    assert await table.get_by_role("columnheader").all_inner_texts() == ["Here", "On GitHub"]
    differing = table.locator("[data-differs] code")
    assert [re.sub(r"differs:\s*", "", text) for text in await differing.all_inner_texts()] == [
        "return <h1>Ours</h1>;",
        "return <h1>Theirs</h1>;",
    ]
    assert await table.locator("tr:not([data-differs]) code").count() >= 4
    # What follows a deployment meets it too, and the preview's address serves all the same.
    await ran(notebook, "app.deploy()")
    timeline = notebook.page.get_by_role("region", name="Deployment of tips")
    await says(timeline.get_by_role("status").first, "Live")
    await says(timeline.locator(".sync"), "Conflict.*Open the pull request")
    assert notebook.errors == []


async def test_a_deployment_tells_of_the_exchange_that_followed_it(kernel_host: Host) -> None:
    notebook, _ = await begun(kernel_host, "follows", "_ = app.github.connect('me/tips')")
    await ran(notebook, f"app.write('src/App.tsx', {PAGE.replace('One', 'Two')!r})\nd = app.deploy()")
    row = notebook.page.get_by_role("region", name="Deployment of tips").locator(".sync")
    await says(row, r"GitHub\s*Synced")
    outcome = await notebook.run("print(app.github.status.sync.commit[:8])")
    assert await row.locator(".hash").inner_text() == outcome.text.strip()
    assert notebook.errors == []


async def promoted(host: Host, folder: str, *sources: str) -> tuple[Notebook, Locator]:
    """A notebook whose app goes to production, and the timeline of that."""
    notebook, _ = await begun(host, folder, *sources, "_ = app.github.connect('me/tips')")
    await ran(notebook, "app.github.sync().wait(60); app.deploy().wait(60); app.promote('staging').wait(60)")
    await ran(notebook, "app.promote('production')")
    shown = notebook.page.get_by_role("region", name="Deployment of tips").filter(has_text="→ production")
    await shown.locator(".step").first.wait_for()
    return notebook, shown


@pytest.mark.slow
async def test_production_is_followed_through_the_workflow_to_its_address(kernel_host: Host) -> None:
    notebook, shown = await promoted(kernel_host, "production")
    assert await shown.locator(".step .label").all_inner_texts() == STEPS
    run = shown.locator(".step").nth(1).get_by_role("link")
    await run.wait_for()
    assert "/me/tips/actions/runs/" in str(await run.get_attribute("href"))
    await expect(shown.get_by_role("status").first).to_have_text(re.compile("Live|Failed"), timeout=2 * PATIENCE)
    assert await shown.locator('.step[data-state="done"]').count() == 3, await shown.inner_text()
    assert "Built by the workflow of me/tips." in await shown.inner_text()
    assert await shown.get_by_role("log").count() == 0
    assert notebook.errors == []


@pytest.mark.slow
async def test_a_workflow_that_failed_shows_the_failing_steps_lines(kernel_host: Host) -> None:
    breaks = (
        "import json; known = json.loads(app.read('package.json')); "
        "known['scripts']['build'] = 'echo no such luck && exit 7'; app.write('package.json', json.dumps(known))"
    )
    notebook, shown = await promoted(kernel_host, "fails", breaks)
    await expect(shown.get_by_role("status").first).to_have_text(re.compile("Live|Failed"), timeout=2 * PATIENCE)
    states = [await step.get_attribute("data-state") for step in await shown.locator(".step").all()]
    assert states == ["done", "failed", "skipped"], await shown.inner_text()
    assert "The workflow of me/tips failed" in await shown.get_by_role("alert").inner_text()
    lines = (await shown.get_by_role("log").inner_text()).splitlines()
    assert "no such luck" in lines
    assert any("exit code 7" in line for line in lines[-3:]), lines
    assert notebook.errors == []


async def test_nothing_volatile_is_saved_with_the_notebook(kernel_host: Host) -> None:
    notebook, shown = await begun(kernel_host, "saved", "app.github.connect('me/secretive')")
    await says(shown.get_by_role("status"), "In step with GitHub")
    async with notebook.saved_with_widgets(kernel_host.root / "saved" / "nb.ipynb") as written:
        saved = json.dumps([cell["outputs"] for cell in written["cells"]])
        state = json.dumps(written["metadata"]["widgets"])
        assert '"view": "github"' in state
        assert "Github(tips)" in saved
        assert not re.search(r"secretive|127\.0\.0\.1|In step", saved + state)
        await notebook.page.reload()
        await notebook.connected()
        await says(shown.get_by_role("status"), "In step with GitHub")
