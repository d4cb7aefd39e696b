"""A preview in a notebook survives what happens to its kernel, its socket and its page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Frame
from proxy import Proxy

from .conftest import Host
from .jupyter import PATIENT, Notebook, Server, new_context, until, write_notebook

pytestmark = pytest.mark.asyncio(loop_scope="session")
OWN_SERVERS = ("lab",)

OPEN = "import overskill_nb as ov\napp = ov.App('demo')"
SOCKET = b"/overskill-nb/api/socket"


def counter(label: str) -> str:
    return f"""import {{ useState }} from "react";
export default function Counter() {{
  const [count, setCount] = useState(0);
  const more = () => setCount(count + 1);
  return <main><b id="label">{label}</b><button id="count" onClick={{more}}>{{count}}</button></main>;
}}
"""


def edit(host: Host, folder: str, label: str) -> None:
    """As another program does it: no kernel and no server is needed."""
    (host.root / folder / "demo/src/components/Counter.tsx").write_text(counter(label))


async def start(notebook: Notebook) -> Frame:
    """Shows the counter, at 3."""
    for number in (0, 1):
        outcome = await notebook.run_cell(number)
        assert outcome.ok, outcome.error
    frame = await notebook.frame_with("#count")
    for _ in range(3):
        await frame.click("#count")
    await notebook.wait_text(frame, "#count", "3")
    await frame.evaluate("window.first = true")
    return frame


async def kept(notebook: Notebook, frame: Frame, label: str, seconds: float = PATIENT) -> None:
    """The label comes, in the frame that was there from the beginning, with its state."""
    await notebook.wait_text(frame, "#label", label, seconds)
    assert await frame.text_content("#count") == "3"
    assert await frame.evaluate("window.first")


async def previews(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await asyncio.to_thread(server.get, "/overskill-nb/api/status"))[
        "previews"
    ]
    return found


async def followers(server: Server, count: int) -> None:
    """Wait until so many previews follow; what an earlier page left goes with its socket."""

    async def followed() -> bool:
        return len({preview["client"] for preview in await previews(server)}) == count

    await until(followed)


async def says(notebook: Notebook, status: str, seconds: float = PATIENT) -> None:
    await notebook.page.locator(f"[data-status={status}]").first.wait_for(state="attached", timeout=seconds * 1000)


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(lab: Host) -> AsyncIterator[Proxy]:
    async with Proxy.to(lab.server.port) as made:
        yield made


async def notebook_through(host: Host, proxy: Proxy, folder: str) -> Notebook:
    """A notebook whose page reaches the server through the proxy."""
    (host.root / folder).mkdir(parents=True, exist_ok=True)
    write_notebook(host.root / folder / "nb.ipynb", OPEN, "%%component Counter\n" + counter("v1"))
    context = await new_context(host.browser, viewport={"width": 1200, "height": 1000})
    host.contexts.append(context)
    return await Notebook.open(await context.new_page(), host.server, host.path(f"{folder}/nb.ipynb"), port=proxy.port)


async def test_the_kernel_restarted(lab: Host) -> None:
    notebook = await lab.open("restarted", OPEN, "%%component Counter\n" + counter("v1"))
    frame = await start(notebook)
    await notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    edit(lab, "restarted", "v2")
    await kept(notebook, frame, "v2")
    await notebook.connected()
    await notebook.set_cell(1, "%%component Counter\n" + counter("v3"))
    for number in (0, 1):
        assert (await notebook.run_cell(number)).ok
    await kept(notebook, frame, "v3")
    assert len(await notebook.frames()) == 1


async def test_a_socket_that_is_refused_is_replaced_by_the_comm_and_taken_again(lab: Host, proxy: Proxy) -> None:
    notebook = await notebook_through(lab, proxy, "refused")
    frame = await start(notebook)
    proxy.refused = SOCKET
    proxy.cut()
    before = len(proxy.passed)
    edit(lab, "refused", "v2")
    await kept(notebook, frame, "v2")
    await followers(lab.server, 1)
    assert not any(SOCKET in request for request in proxy.passed[before:])
    edit(lab, "refused", "v3")
    await kept(notebook, frame, "v3")
    proxy.refused = b""
    edit(lab, "refused", "v4")
    await kept(notebook, frame, "v4")

    async def tried_again() -> bool:
        return any(SOCKET in request for request in proxy.passed[before:])

    await until(tried_again)
    # The comm is left.
    await followers(lab.server, 1)
    edit(lab, "refused", "v5")
    await kept(notebook, frame, "v5")


async def test_the_server_killed_and_started_again_under_a_notebook(lab: Host) -> None:
    notebook = await lab.open("killed", OPEN, "%%component Counter\n" + counter("v1"))
    frame = await start(notebook)
    lab.server.kill()
    edit(lab, "killed", "v2")
    await says(notebook, "disconnected")
    lab.server.launch()
    await lab.server.ready()
    await kept(notebook, frame, "v2")
    await says(notebook, "live")
    edit(lab, "killed", "v3")
    await kept(notebook, frame, "v3")


async def test_two_notebooks_on_one_app(lab: Host) -> None:
    first = await lab.open("shared", OPEN, "%%component Counter\n" + counter("v1"))
    one = await start(first)
    second = await lab.open("shared", OPEN, "app.preview('Counter')")
    two = await start(second)
    assert (await second.run("app.edit('src/components/Counter.tsx', 'v1', 'v2')")).ok
    await asyncio.gather(kept(first, one, "v2"), kept(second, two, "v2"))
    edit(lab, "shared", "v3")
    await asyncio.gather(kept(first, one, "v3"), kept(second, two, "v3"))
    await followers(lab.server, 2)


async def test_the_kernel_restarted_with_the_engine_in_it_and_its_cells_run_again(
    start_host: Any,
) -> None:
    host: Host = await start_host("comm")
    notebook = await host.open("engine", OPEN, "%%component Counter\n" + counter("v1"))
    frame = await start(notebook)
    await notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    edit(host, "engine", "v2")
    await says(notebook, "disconnected")
    await notebook.connected()
    await notebook.set_cell(1, "app.preview('Counter')")
    for number in (0, 1):
        assert (await notebook.run_cell(number)).ok
    await kept(notebook, frame, "v2")
    await says(notebook, "live")


async def test_a_page_that_is_loaded_anew_leaves_no_follower_behind_in_the_kernel(start_host: Any) -> None:
    host: Host = await start_host("comm")
    notebook = await host.open("reload", OPEN, "%%component Counter\n" + counter("v1"))
    await start(notebook)
    clients = (
        "from overskill_nb import protocol, session\n"
        "print(*(p.client for p in session.current().call(protocol.Inspect(), protocol.EngineInfo).previews))"
    )
    (before,) = (await notebook.run(clients)).text.split()
    await notebook.command("docmanager:save")
    await notebook.page.reload()
    await notebook.connected()

    # The kernel has the widget still: JupyterLab may show it again by itself, as a preview of its own.
    async def left() -> bool:
        return before not in (await notebook.run(clients, 2)).text.split()

    await until(left)
    assert (await notebook.run_cell(1)).ok
    await notebook.frame_with("#count")

    async def alone() -> bool:
        now = (await notebook.run(clients, 2)).text.split()
        return len(now) == 1 and before not in now

    await until(alone)
