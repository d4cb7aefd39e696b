"""What generated code can reach from its frame: nothing. The matrix of attempts, each made for real in JupyterLab."""

from __future__ import annotations

import pytest

from .conftest import Host
from .jupyter import Notebook

pytestmark = pytest.mark.asyncio(loop_scope="module")

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
    "a pop-up": "if (!window.open(BASE + '/api/status?leak')) throw new Error('blocked')",
    "an image from elsewhere": """await new Promise((done, fail) => {
        const image = new Image(); image.onload = done; image.onerror = () => fail(new Error('refused'));
        image.src = BASE + '/static/favicons/favicon.ico?leak'; })""",
    "a script from elsewhere": """await new Promise((done, fail) => {
        const script = document.createElement('script'); script.onload = done; script.onerror = () => fail(new Error('refused'));
        script.src = BASE + '/static/lab/index.js?leak'; document.head.append(script); })""",
    "a frame within": """await new Promise((done, fail) => {
        const frame = document.createElement('iframe'); frame.src = BASE + '/api/status?leak';
        document.addEventListener('securitypolicyviolation', () => fail(new Error('refused')));
        frame.onload = () => done(); document.body.append(frame); setTimeout(() => fail(new Error('nothing')), 1500); })""",
    "a beacon": "if (!navigator.sendBeacon(BASE + '/api/status?leak', 'x')) throw new Error('refused'); throw new Error('sent?')",
    "WebRTC": "new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:1'}]})",
    "a form sent away": """const form = document.createElement('form'); form.action = BASE + '/api/status?leak';
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


async def test_no_attempt_reaches_anything(lab: Host) -> None:
    notebook = await opened(lab, "matrix")
    requests: list[str] = []
    notebook.page.context.on("request", lambda request: requests.append(request.url))
    reached = []
    for name, attempt in ATTEMPTS.items():
        frame = await notebook.frame_with("#victim")
        code = f"async () => {{ const BASE = {lab.server.url!r}; try {{ {attempt} }} catch (error) {{ return 'no' }} return 'yes' }}"
        if await frame.evaluate(code) != "no":
            reached.append(name)
    assert not reached
    frame = await notebook.frame_with("#victim")
    assert await frame.evaluate("self.origin") == "null"
    assert not [url for url in requests if "leak" in url], requests
    assert len(notebook.page.context.pages) == 1


async def test_a_frame_that_navigates_itself_sends_nothing(lab: Host) -> None:
    notebook = await opened(lab, "navigate")
    requests: list[str] = []
    notebook.page.context.on("request", lambda request: requests.append(request.url))
    frame = await notebook.frame_with("#victim")
    await frame.evaluate(f"() => {{ setTimeout(() => {{ location.href = '{lab.server.url}/api/status?leak=1' }}, 0) }}")
    await notebook.page.wait_for_timeout(1500)
    assert not [url for url in requests if "leak" in url]


async def test_an_origin_on_the_list_is_reached_and_no_other(lab: Host) -> None:
    notebook = await opened(lab, "allowed")
    assert (await notebook.run(f"app.allow({lab.server.url!r})")).ok
    frame = await notebook.frame_with("#victim")
    await notebook.page.wait_for_timeout(1500)
    frame = await notebook.frame_with("#victim")
    requests: list[str] = []
    notebook.page.context.on("request", lambda request: requests.append(request.url))
    # Another origin's answer is unreadable without CORS, but the policy lets the request out.
    await frame.evaluate(f"() => fetch('{lab.server.url}/api/status?allowed', {{mode: 'no-cors'}}).catch(() => null)")
    await frame.evaluate("() => fetch('http://127.0.0.1:9/?refused', {mode: 'no-cors'}).catch(() => null)")
    assert any("allowed" in url for url in requests)
    assert not any("refused" in url for url in requests)
