"""Two users of one JupyterHub: each has all that a preview promises, and neither reaches what is the other's."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from .hub import USERS, Hub, proxy
from .jupyter import Notebook, new_context, write_notebook
from .test_hosts import CELLS, promises, still_there

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

FETCH = """async (name) => {
    const headers = {"X-XSRFToken": /_xsrf=([^;]*)/.exec(document.cookie)[1]};
    return (await fetch(`/user/${name}/overskill-nb/api/status`, {headers})).status;
}"""
OPEN = """() => new Promise((done) => {
    const socket = new WebSocket(`ws://${location.host}/user/NAME/overskill-nb/api/socket`);
    socket.onopen = () => done(true);
    socket.onclose = () => done(false);
})"""


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path, tools: Path, workerd: Path) -> AsyncIterator[Hub]:
    if importlib.util.find_spec("jupyterhub") is None:
        pytest.skip("jupyterhub is not installed: run `scripts/hosts`")
    if proxy() is None:
        pytest.skip("configurable-http-proxy is not installed: run `scripts/hosts`")
    async with Hub.start(tmp_path) as started:
        yield started


async def logged_in(hub: Hub, user: str, browser: Browser) -> Notebook:
    """A user's notebook in the JupyterLab of their own server."""
    write_notebook(hub.home(user) / "nb.ipynb", *CELLS)
    context = await new_context(browser, viewport={"width": 1200, "height": 1000})
    page = await context.new_page()
    await page.goto(f"{hub.url}/hub/login?next=/hub/spawn")
    await page.fill("#username_input", user)
    await page.fill("#password_input", hub.password)
    await page.click("#login_submit")
    await page.wait_for_url(f"**/user/{user}/lab**")
    await page.goto(f"{hub.url}/user/{user}/lab/tree/nb.ipynb")
    notebook = Notebook(page)
    await notebook.connected()
    return notebook


async def test_each_has_their_own_and_reaches_nothing_of_the_other(hub: Hub, browser: Browser) -> None:
    notebooks = {user: await logged_in(hub, user, browser) for user in USERS}
    addresses = {}
    for user, notebook in notebooks.items():
        for number in range(len(CELLS)):
            assert (await notebook.run_cell(number)).ok
        frame = await promises(notebook, hub.home(user))
        assert (await notebook.run_cell(1)).ok
        await still_there(notebook, frame, hub.home(user))
        outcome = await notebook.run(
            "report = ov.doctor()\nprint(report.engine, report.info.workspace, demo.deploy().wait().url)"
        )
        engine, workspace, addresses[user] = outcome.text.split()[-3:]
        assert (engine, workspace) == ("server", str(hub.home(user)))

    tokens = {user: hub.ask("POST", f"/hub/api/users/{user}/tokens", json={}).json()["token"] for user in USERS}
    pages = ("overskill-nb/api/status", "overskill-nb/tab/demo", "overskill-nb/static/chunk-0", "metrics", "lab")
    for user, other in (("ada", "bob"), ("bob", "ada")):
        assert hub.ask("GET", f"/user/{user}/overskill-nb/api/status", tokens[user]).status_code == 200
        for path in pages:
            assert hub.ask("GET", f"/user/{other}/{path}", tokens[user]).status_code == 403, path
            strange = hub.ask("GET", f"/user/{other}/{path}", "0" * 32)
            assert strange.status_code in (302, 403), path
        page = notebooks[user].page
        assert await page.evaluate(FETCH, user) == 200
        assert await page.evaluate(FETCH, other) == 403
        assert await page.evaluate(OPEN.replace("NAME", user))
        assert not await page.evaluate(OPEN.replace("NAME", other))

    # Nothing came a longer way than in any other JupyterLab.
    log = (hub.folder / "log.txt").read_text()
    for user in USERS:
        assert re.search(rf" 200 GET /user/{user}/overskill-nb/static/preview-", log)
        assert re.search(rf" 200 GET /user/{user}/overskill-nb/static/chunk-", log)

    # What is deployed is public on this machine, and each user's from a runtime of their own; only who has its token
    # deploys there.
    ports = {user: re.search(r":(\d+)/", address)[1] for user, address in addresses.items()}  # type: ignore[index]
    assert ports["ada"] != ports["bob"]
    for port in ports.values():
        for headers in ({}, {"Authorization": f"Bearer {tokens['ada']}"}):
            answer = httpx.get(f"http://127.0.0.1:{port}/client/v4/user/tokens/verify", headers=headers)
            assert answer.status_code in (400, 401, 403)
