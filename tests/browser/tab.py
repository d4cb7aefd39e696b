"""A preview in a browser tab of its own, reached through a proxy, of an app that is edited on disk."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Error, Frame, Page

from .conftest import Host
from .jupyter import PATIENT, Server, new_context

SOURCE = """import {{ useState }} from "react";
export default function App() {{
  const [count, setCount] = useState(0);
  const more = () => setCount(count + 1);
  return <main><b id="label">{label}</b><button id="count" onClick={{more}}>{{count}}</button></main>;
}}
{more}"""


class OpenApp:
    """An app that a server has open."""

    def __init__(self, server: Server, root: Path, name: str) -> None:
        self.server = server
        self.folder = root / name
        self.id = ""

    @classmethod
    async def make(cls, host: Host, name: str) -> OpenApp:
        """Made from the template."""
        app = cls(host.server, host.root, name)
        asked = {"folder": host.path(name), "create": True}
        answer = await asyncio.to_thread(host.server.get, "/overskill-nb/api/apps", asked)
        app.id = json.loads(answer)["app"]
        app.write("v1")
        return app

    def write(self, label: str, more: str = "") -> None:
        """Write the file as another program does: that needs no server."""
        (self.folder / "src/App.tsx").write_text(SOURCE.format(label=label, more=more))

    async def hand_in(self, label: str, more: str = "") -> None:
        """Hand the source in to the server; it is sent out when this returns."""
        body = {"path": "src/App.tsx", "source": SOURCE.format(label=label, more=more)}
        await asyncio.to_thread(self.server.get, f"/overskill-nb/api/apps/{self.id}/files", body)

    async def status(self) -> dict[str, Any]:
        """What the engine says of itself."""
        found: dict[str, Any] = json.loads(await asyncio.to_thread(self.server.get, "/overskill-nb/api/status"))
        return found

    async def previews(self) -> list[dict[str, Any]]:
        """What each preview of this app shows."""
        return [preview for preview in (await self.status())["previews"] if preview["app"] == self.id]


class Tab:
    """A page whose counter stands at 3: a frame that is loaded anew would lose that."""

    def __init__(self, page: Page, frame: Frame) -> None:
        self.page = page
        self.frame = frame

    @classmethod
    async def open(cls, browser: Browser, app: OpenApp, port: int) -> Tab:
        """Open the app's tab at a port, and click three times."""
        context = await new_context(browser)
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{port}/overskill-nb/tab/{app.id}?token={app.server.token}")
        tab = cls(page, await _inner(page))
        for _ in range(3):
            await tab.frame.click("#count")
        await tab.frame.wait_for_function("document.querySelector('#count').textContent === '3'")
        await tab.frame.evaluate("window.first = true")
        return tab

    async def shows(self, label: str, seconds: float = PATIENT) -> None:
        """Wait for a label in the frame that was there from the beginning, with its state."""
        await self.frame.wait_for_function(
            "label => document.querySelector('#label')?.textContent === label",
            arg=label,
            timeout=seconds * 1000,
            polling=50,
        )
        assert await self.frame.text_content("#count") == "3"
        assert await self.frame.evaluate("window.first")

    async def says(self, status: str, seconds: float = PATIENT) -> None:
        """Wait for the word that the page says of its state."""
        await self.page.locator(f"[data-status={status}]").wait_for(state="attached", timeout=seconds * 1000)

    async def close(self) -> None:
        await self.page.context.close()


async def _inner(page: Page) -> Frame:
    end = time.monotonic() + PATIENT
    while time.monotonic() < end:
        for frame in page.frames:
            if frame.parent_frame is None or frame.parent_frame.parent_frame is None:
                continue
            # A frame whose document is just being replaced may not answer at all.
            with contextlib.suppress(Error, asyncio.TimeoutError):
                if await asyncio.wait_for(frame.query_selector("#count"), 5):
                    return frame
        await asyncio.sleep(0.05)
    raise AssertionError("the tab shows no preview")
