"""What the browser's developer tools get to see: the sources, at their lines, also of an edit."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from typing import Any

import pytest
from playwright.async_api import CDPSession, Error

from .live import LivePreview
from .test_live_sources import FILES, engine, live

__all__ = ["engine", "live"]
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("tools")]

COUNTER = """import { useState } from "react";

type Props = { label?: string };

export function Counter({ label = "count" }: Props) {
  const [n, setN] = useState<number>(0);
  const add = () => {
    const next = n + 1;
    setN(next);
  };
  return <button onClick={add}>{label}: {n}</button>;
}
"""


class Scripts:
    """The scripts of the frame that the debugger has seen, by the file that they were made of."""

    def __init__(self, session: CDPSession) -> None:
        self.session = session
        self.parsed: list[dict[str, Any]] = []
        self.came = asyncio.Event()
        session.on("Debugger.scriptParsed", self._parsed)

    def _parsed(self, script: dict[str, Any]) -> None:
        self.parsed.append(script)
        self.came.set()

    async def of(self, path: str, count: int) -> dict[str, Any]:
        while True:
            self.came.clear()
            found = [script for script in self.parsed if script["url"].endswith(f"/{path}")]
            if len(found) >= count:
                return found[-1]
            await asyncio.wait_for(self.came.wait(), 60)


def read(script: dict[str, Any]) -> dict[str, Any]:
    head, data = script["sourceMapURL"].split(",", 1)
    assert head == "data:application/json;base64"
    return dict(json.loads(base64.b64decode(data)))


def generated_line(source_map: dict[str, Any], line: int) -> int:
    """The first line of the script that comes from a line of the source; both from 0."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    at = 0
    for number, segments in enumerate(source_map["mappings"].split(";")):
        for segment in filter(None, segments.split(",")):
            values, value, shift = [], 0, 0
            for digit in map(digits.index, segment):
                value |= (digit & 31) << shift
                shift += 5
                if not digit & 32:
                    values.append(-(value >> 1) if value & 1 else value >> 1)
                    value = shift = 0
            at += values[2]
            if at == line:
                return number
    raise AssertionError(f"nothing comes from line {line}")


async def stopped_at(scripts: Scripts, live: LivePreview, script: dict[str, Any], line: int) -> dict[str, Any]:
    """What ``next`` is where the debugger stops after a click, at a breakpoint on a line of the source."""
    paused: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def pause(event: dict[str, Any]) -> None:
        paused.set_result(event)

    scripts.session.once("Debugger.paused", pause)
    location = {"scriptId": script["scriptId"], "lineNumber": generated_line(read(script), line - 1)}
    set_ = await scripts.session.send("Debugger.setBreakpoint", {"location": location})
    click = asyncio.create_task(live.click("button"))
    frame = (await asyncio.wait_for(paused, 60))["callFrames"][0]
    assert frame["location"]["lineNumber"] == location["lineNumber"]
    value = await scripts.session.send(
        "Debugger.evaluateOnCallFrame", {"callFrameId": frame["callFrameId"], "expression": "next"}
    )
    await scripts.session.send("Debugger.removeBreakpoint", {"breakpointId": set_["breakpointId"]})
    await scripts.session.send("Debugger.resume")
    await click
    return dict(value["result"])


async def session_of(live: LivePreview) -> CDPSession:
    """Of the process that runs the inner frame: its own, or that of a frame around it."""
    for target in (live.frame, live.frame.parent_frame, live.page):
        with contextlib.suppress(Error):
            return await live.page.context.new_cdp_session(target)
    raise AssertionError("no session")


async def test_a_breakpoint_in_the_source_stops_there_also_after_an_edit(live: LivePreview) -> None:
    await live.open("tools", {**FILES, "src/Counter.tsx": COUNTER})
    session = await session_of(live)
    scripts = Scripts(session)
    await session.send("Debugger.enable")
    script = await scripts.of("src/Counter.tsx", 1)
    found = read(script)
    assert found["sources"] == ["overskill:///src/Counter.tsx"]
    assert found["sourcesContent"] == [COUNTER]
    assert (await stopped_at(scripts, live, script, 9))["value"] == 1

    edited = COUNTER.replace("type Props", "// One line more.\n\ntype Props").replace("n + 1", "n + 10")
    await live.write({"src/Counter.tsx": edited})
    script = await scripts.of("src/Counter.tsx", 2)
    assert read(script)["sourcesContent"] == [edited]
    assert (await stopped_at(scripts, live, script, 11))["value"] == 11
    await live.shows("button", "count: 11")
