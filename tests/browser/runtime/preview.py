"""The runtime in its two frames, in a page that does what the notebook's page and the engine do."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, cast

from cache_folder import locked
from playwright.async_api import Frame, Page, expect

from overskill_nb.pipeline import process
from overskill_nb.pipeline.node import Node
from overskill_nb.pipeline.npm import QUIET

HERE = Path(__file__).resolve().parent
RUNTIME = HERE.parents[2] / "js/src/runtime"
CORE = ["react", "react-dom", "react-dom/client", "react/jsx-runtime", "react/jsx-dev-runtime"]
ADDRESS = "http://notebook.test/"
PATIENT = 60_000
"""Milliseconds that anything may take. A machine under load is slow, and only what is wrong takes so long."""

MARK = "said by the test:"

PAGE = """<!doctype html><html><head><meta charset="utf-8"></head><body style="margin:0"><script>%s</script><script>
const heard = [], acks = [];
let control, updates, element, loads = 0;
function open_(start, allow, inner, height) {
  element = document.createElement("iframe");
  element.setAttribute("sandbox", "allow-scripts allow-forms");
  element.style.cssText = `border:0;width:600px;height:${height}px;color-scheme:${start.theme}`;
  element.srcdoc = documents.outerDocument({ allow, inner });
  element.onload = () => {
    loads += 1;
    const [a, b] = [new MessageChannel(), new MessageChannel()];
    [control, updates] = [a.port1, b.port1];
    control.onmessage = ({ data }) => {
      heard.push(data);
      if (data.type === "size") element.style.height = `${data.height}px`;
    };
    updates.onmessage = ({ data }) => acks.push(data);
    element.contentWindow.postMessage(start, "*", [a.port2, b.port2]);
  };
  document.body.append(element);
}
</script></body></html>"""


class Compiler:
    """Node, with the tools. One question at a time."""

    def __init__(self, node: Node, tools: Path) -> None:
        self._process = subprocess.Popen(
            [str(node.executable), str(HERE / "compiler.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OVERSKILL_TOOLS": str(tools), "OVERSKILL_RUNTIME": str(RUNTIME)},
        )
        self._vendor: dict[tuple[Path, tuple[str, ...]], Any] = {}
        self.runtime = self.ask("runtime")

    def ask(self, action: str, **params: Any) -> Any:
        process = self._process
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps({"action": action, **params}) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert "error" not in answer, answer
        return answer["result"]

    def vendor(self, folder: Path, *specifiers: str) -> Any:
        key = (folder, specifiers)
        if key not in self._vendor:
            self._vendor[key] = self.ask("vendor", folder=str(folder), specifiers=list(specifiers))
        return self._vendor[key]

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class Preview:
    """One app in one frame. ``files`` are its sources; ``show`` starts it, ``edit`` changes it."""

    def __init__(self, page: Page, compiler: Compiler, packages: Path) -> None:
        self.page = page
        self._compiler = compiler
        self._packages = packages
        self.files: dict[str, str] = {}
        self.seq = 0
        self.build = "b1"
        self.vendor: Any = None
        self._started: dict[str, Any] = {}
        self._marks = itertools.count(1)

    async def show(
        self,
        files: dict[str, str],
        target: str = "",
        *,
        export: str = "",
        props: dict[str, Any] | None = None,
        functions: list[str] | None = None,
        theme: str = "light",
        fit: bool = False,
        entries: list[str] | None = None,
        css: list[str] | None = None,
        body: str = '<div id="root"></div>',
        head: str = "",
        allow: list[str] | None = None,
        packages: tuple[str, ...] = (),
        height: int = 300,
        wait: bool = True,
        ahead: bool = False,
    ) -> None:
        """Start the frame with a snapshot of these files; ``ahead``: the packages come before it, by themselves."""
        self.files = dict(files)
        start = {
            "target": {"module": target, "export": export},
            "props": props or {},
            "functions": functions or [],
            "theme": theme,
            "fit": fit,
        }
        await self.start(start, allow=allow, height=height)
        self.vendor = self._compiler.vendor(self._packages, *CORE, *packages)
        page = {"title": "App", "head": head, "body": body, "html_attributes": {"lang": "en"}, "body_attributes": {}}
        self._started = {"page": page, "entries": entries or ["src/main.tsx"], "globals": css or []}
        vendor = self.vendor
        if ahead:
            await self.send_chunk(vendor)
            vendor = {**vendor, "code": None}
        await self.send(self.snapshot(files, vendor=[vendor]))
        if wait:
            await self.acknowledged(self.seq)

    async def start(
        self, start: dict[str, Any] | None = None, *, allow: list[str] | None = None, height: int = 300
    ) -> None:
        """Load the page and its frames, up to where they wait for a snapshot."""
        whole = {"target": {"module": "", "export": ""}, "props": {}, "functions": [], "theme": "light", "fit": False}
        await self.page.route(ADDRESS, self._serve)
        await self.page.goto(ADDRESS)
        await self.page.evaluate(
            "([start, allow, inner, height]) => open_(start, allow, inner, height)",
            [
                {"type": "start", "client": "c1", **(start or whole)},
                allow or [],
                self._compiler.runtime["inner"],
                height,
            ],
        )
        await self.heard("ready")

    def snapshot(self, files: dict[str, str], **more: Any) -> dict[str, Any]:
        self.files = dict(files)
        return {
            "type": "snapshot",
            "app": "a1",
            "build": self.build,
            "seq": self.seq,
            **self._started,
            "modules": self.compile(files),
            "diagnostics": [],
            "allow": [],
            **more,
        }

    async def _serve(self, route: Any) -> None:
        await route.fulfill(content_type="text/html", body=PAGE % self._compiler.runtime["documents"])

    def compile(self, files: dict[str, str]) -> list[Any]:
        sources = list(files.items())
        modules = self._compiler.ask("modules", sources=sources, files=list(self.files))
        return cast("list[Any]", modules)

    async def edit(self, files: dict[str, str] | None = None, *, removed: tuple[str, ...] = (), **more: Any) -> Any:
        """Send an update with these files; gives its acknowledgement, or the request to start again."""
        self.files.update(files or {})
        self.seq += 1
        restarts = await self.page.evaluate("heard.filter(m => m.type === 'restart').length")
        await self.send(self.update(modules=self.compile(files or {}), removed=list(removed), **more))
        return await self.acknowledged(self.seq, restarts)

    def update(self, **more: Any) -> dict[str, Any]:
        return {
            "type": "update",
            "app": "a1",
            "build": self.build,
            "seq": self.seq,
            "modules": [],
            "removed": [],
            "vendor": [],
            "globals": None,
            "page": None,
            "reload": "",
            "diagnostics": [],
            "origin": "editor",
            "sent": 0,
            **more,
        }

    async def send(self, message: dict[str, Any]) -> None:
        await self.page.evaluate("message => updates.postMessage(message)", message)

    async def send_chunk(self, chunk: dict[str, str]) -> None:
        """Send a chunk of packages ahead of what names it."""
        await self.page.evaluate(
            "({id, code}) => updates.postMessage({type: 'chunk', id, code: new TextEncoder().encode(code)})", chunk
        )

    async def control(self, message: dict[str, Any]) -> None:
        await self.page.evaluate("message => control.postMessage(message)", message)

    async def acknowledged(self, seq: int, restarts: int = 0) -> Any:
        found = await self.page.wait_for_function(
            """([seq, restarts]) => acks.find(a => a.seq === seq)
              ?? heard.filter(m => m.type === 'restart')[restarts]""",
            arg=[seq, restarts],
            timeout=PATIENT,
        )
        return await found.json_value()

    async def heard(self, kind: str, count: int = 1) -> Any:
        """The latest of at least ``count`` messages of this type."""
        found = await self.page.wait_for_function(
            """([kind, count]) => { const all = heard.filter(m => m.type === kind);
              return all.length >= count && all.at(-1) }""",
            arg=[kind, count],
            timeout=PATIENT,
        )
        return await found.json_value()

    async def all(self, kind: str) -> list[Any]:
        """All messages of this type up to now: also those that are still on their way."""
        await self._caught_up()
        return cast("list[Any]", await self.page.evaluate("kind => heard.filter(m => m.type === kind)", kind))

    async def lines(self) -> list[str]:
        """What the console has said up to now."""
        lines = [line["text"] for message in await self.all("console") for line in message["lines"]]
        return [line for line in lines if not line.startswith(MARK)]

    async def _caught_up(self) -> None:
        """Wait for a line said now. It comes with the console's next batch, after all that was posted before."""
        mark = f"{MARK} {next(self._marks)}"
        await self.frame.evaluate("mark => console.debug(mark)", mark)
        await self.page.wait_for_function(
            "mark => heard.some(m => m.type === 'console' && m.lines.some(l => l.text === mark))",
            arg=mark,
            timeout=PATIENT,
        )

    @property
    def frame(self) -> Frame:
        """The inner frame."""
        return self.page.main_frame.child_frames[0].child_frames[0]

    async def text(self, selector: str = "#root") -> str:
        """The text as it is now: after an acknowledged update it is the new one already."""
        return await self.frame.locator(selector).inner_text(timeout=PATIENT)

    async def shows(self, selector: str, text: str | re.Pattern[str]) -> None:
        """Wait for a text that comes when React, or the app, gets to it: after a start, a click, a message, a timer."""
        await expect(self.frame.locator(selector)).to_have_text(text, use_inner_text=True, timeout=PATIENT)

    async def until(self, script: str, arg: Any = None) -> None:
        """Wait until something is true in the frame."""
        await self.frame.wait_for_function(script, arg=arg, timeout=PATIENT)

    async def click(self, selector: str, times: int = 1) -> None:
        for _ in range(times):
            await self.frame.locator(selector).click(timeout=PATIENT)


async def install(node: Node, folder: Path, *packages: str) -> Path:
    """A folder with these packages."""
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "lock"):
        # What npm writes last.
        if not (folder / "node_modules/.package-lock.json").is_file():
            (folder / "package.json").write_text('{"private": true}')
            command = [*node.npm, "install", "--ignore-scripts", *QUIET, *packages]
            done = await process.run(command, cwd=folder, env=node.environment)
            assert done.code == 0, done.tail
    return folder
