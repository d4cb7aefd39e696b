"""Who may do what. Every handler is asked, so that one which is added later cannot be forgotten."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_server.auth import Authorizer
from jupyter_server.base.handlers import JupyterHandler
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketHandler, websocket_connect
from traitlets.config import Config

from overskill_nb.server_ext import (
    api_handlers,
    deployment_handlers,
    generation_handlers,
    github_handlers,
    history_handlers,
    page_handlers,
    socket,
)
from overskill_nb.server_ext.app import OverskillExtension

VERBS = ("get", "head", "options", "post", "put", "patch", "delete")
HANDLERS: list[tuple[str, type[JupyterHandler]]] = [
    *api_handlers.handlers,
    *deployment_handlers.handlers,
    *generation_handlers.handlers,
    *history_handlers.handlers,
    *github_handlers.handlers,
    *page_handlers.handlers,
    *socket.handlers,
]

# Address, verb, the action that the authorizer is asked for, a body.
ENDPOINTS = [
    ("overskill-nb/api/status", "GET", "read", None),
    ("overskill-nb/api/apps", "POST", "execute", {"folder": "nope"}),
    ("overskill-nb/api/apps/nope/files", "GET", "read", None),
    ("overskill-nb/api/apps/nope/files", "POST", "execute", {"path": "src/a.ts", "source": ""}),
    ("overskill-nb/api/apps/nope/files/src/a.ts", "GET", "read", None),
    ("overskill-nb/api/apps/nope/files/src/a.ts", "PUT", "execute", {"content": ""}),
    ("overskill-nb/api/apps/nope/files/src/a.ts", "DELETE", "execute", None),
    ("overskill-nb/api/apps/nope/rename", "POST", "execute", {"path": "a", "to": "b"}),
    ("overskill-nb/api/apps/nope/pages", "POST", "execute", {"path": "src/A.tsx"}),
    ("overskill-nb/api/apps/nope/pages/src/A.tsx", "GET", "read", None),
    ("overskill-nb/api/apps/nope/pages/src/A.tsx", "PUT", "execute", {"data": {}, "base": ""}),
    ("overskill-nb/api/apps/nope/palette", "GET", "read", None),
    ("overskill-nb/api/apps/nope/target", "POST", "execute", {"target": ""}),
    ("overskill-nb/api/apps/nope/deployments", "GET", "read", None),
    ("overskill-nb/api/apps/nope/deployments", "POST", "execute", {}),
    ("overskill-nb/api/apps/nope/deployments/d1", "GET", "read", None),
    ("overskill-nb/api/apps/nope/deployments/d1/cancel", "POST", "execute", {}),
    ("overskill-nb/api/apps/nope/promote", "POST", "execute", {"to": "staging"}),
    ("overskill-nb/api/apps/nope/rollback", "POST", "execute", {"environment": "preview"}),
    ("overskill-nb/api/apps/nope/environments/preview", "DELETE", "execute", None),
    ("overskill-nb/api/apps/nope/environments/preview/logs", "GET", "read", None),
    ("overskill-nb/api/apps/nope/environments/preview/variables", "GET", "read", None),
    ("overskill-nb/api/apps/nope/environments/preview/variables", "PATCH", "execute", {"values": {}}),
    ("overskill-nb/api/apps/nope/environments/preview/secrets", "GET", "read", None),
    ("overskill-nb/api/apps/nope/environments/preview/secrets/KEY", "PUT", "execute", {"value": "v"}),
    ("overskill-nb/api/apps/nope/environments/preview/secrets/KEY", "DELETE", "execute", None),
    ("overskill-nb/api/apps/nope/generations", "POST", "execute", {"name": "Card", "prompt": "A card."}),
    ("overskill-nb/api/apps/nope/generations/g1", "GET", "read", None),
    ("overskill-nb/api/apps/nope/generations/g1/cancel", "POST", "execute", {}),
    ("overskill-nb/api/apps/nope/generations/g1/keep", "POST", "execute", {}),
    ("overskill-nb/api/apps/nope/generations/g1/undo", "POST", "execute", {}),
    ("overskill-nb/api/apps/nope/generations/g1/retry", "POST", "execute", {}),
    ("overskill-nb/api/apps/nope/history", "GET", "read", None),
    ("overskill-nb/api/apps/nope/history", "POST", "execute", {}),
    ("overskill-nb/api/apps/nope/history/3f2c/diff", "GET", "read", None),
    ("overskill-nb/api/apps/nope/history/3f2c/restore", "POST", "execute", {}),
    ("overskill-nb/api/apps/nope/export", "GET", "execute", None),
    ("overskill-nb/api/apps/nope/github", "GET", "read", None),
    ("overskill-nb/api/apps/nope/github", "PUT", "execute", {"name": "me/nope"}),
    ("overskill-nb/api/apps/nope/github", "DELETE", "execute", None),
    ("overskill-nb/api/apps/nope/github/syncs", "POST", "execute", {}),
    ("overskill-nb/api/apps/nope/github/syncs/s1", "GET", "read", None),
    ("overskill-nb/static/preview-0123456789abcdef.js", "GET", "read", None),
    ("overskill-nb/static/editor-0123456789abcdef.js", "GET", "read", None),
    ("overskill-nb/static/chunk-0123456789abcdef", "GET", "execute", None),
    ("overskill-nb/tab/nope", "GET", "execute", None),
]
API = [endpoint for endpoint in ENDPOINTS if "/api/" in endpoint[0]]
PAGES = [endpoint for endpoint in ENDPOINTS if "/api/" not in endpoint[0]]


def handled() -> Iterator[tuple[str, type[JupyterHandler], str]]:
    for address, handler in HANDLERS:
        for verb in VERBS:
            if any(verb in vars(base) for base in handler.__mro__ if base.__module__.startswith("overskill_nb")):
                yield address, handler, verb


class Asked(Authorizer):
    """Notes what it is asked, and refuses what the test says."""

    questions: list[tuple[str, str]]
    refuse = False

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        type(self).questions.append((action, resource))
        return not type(self).refuse


@pytest.fixture
def authorizer() -> type[Asked]:
    Asked.questions = []
    Asked.refuse = False
    return Asked


@pytest.fixture
def jp_server_config(authorizer: type[Asked]) -> Config:
    return Config({"ServerApp": {"jpserver_extensions": {"overskill_nb": True}, "authorizer_class": authorizer}})


@pytest.fixture
def ask(jp_fetch: Any) -> Any:
    """One request; its status code."""

    async def fetch(address: str, verb: str, body: Any = None, headers: dict[str, str] | None = None) -> int:
        response = await jp_fetch(
            address,
            method=verb,
            body=None if body is None else json.dumps(body),
            headers=headers,
            raise_error=False,
            follow_redirects=False,
            allow_nonstandard_methods=True,
        )
        return response.code

    return fetch


def test_the_list_above_has_every_address_and_verb() -> None:
    listed = {
        (address, verb.lower())
        for path, verb, _, _ in ENDPOINTS
        for address, _ in HANDLERS
        if re.fullmatch(address, f"/{path}")
    }
    ours = {(address, verb) for address, handler, verb in handled() if not issubclass(handler, WebSocketHandler)}
    assert listed == ours


# ---------------------------------------------------------------------------------------------------- authentication


async def test_without_a_login_the_api_is_403(ask: Any, authorizer: type[Asked], anonymous: dict[str, str]) -> None:
    for address, verb, _, body in API:
        assert await ask(address, verb, body, anonymous) == 403, (verb, address)
        for wrong in ("token wrong", "token ", "Bearer x", "Basic eDp5", "token \u00fc"):
            assert await ask(address, verb, body, {"Authorization": wrong}) == 403, (verb, address, wrong)
    assert authorizer.questions == []


async def test_without_a_login_a_page_leads_to_the_login(
    jp_fetch: Any, authorizer: type[Asked], anonymous: dict[str, str]
) -> None:
    for address, _, _, _ in PAGES:
        response = await jp_fetch(address, headers=anonymous, raise_error=False, follow_redirects=False)
        assert response.code == 302, address
        assert response.headers["Location"].startswith("/a%40b/login?next=")
        assert response.body == b""
    assert authorizer.questions == []


async def test_verbs_that_a_handler_does_not_have_do_nothing(ask: Any, authorizer: type[Asked]) -> None:
    for address in {address for address, _, _, _ in ENDPOINTS}:
        ours = {verb for other, verb, _, _ in ENDPOINTS if other == address}
        for verb in {"POST", "PUT", "PATCH", "DELETE"} - ours:
            assert await ask(address, verb, {}) == 405, (verb, address)
    assert authorizer.questions == []


async def test_without_a_login_there_is_no_socket(socket: Any, anonymous: dict[str, str]) -> None:
    for headers in (anonymous, {"Authorization": "token wrong"}):
        with pytest.raises(HTTPClientError) as refused:
            await socket(headers=headers)
        assert refused.value.code == 403


async def test_a_plain_request_to_the_socket_gets_nothing(ask: Any, anonymous: dict[str, str]) -> None:
    assert await ask("overskill-nb/api/socket", "GET", None, anonymous) == 403
    assert await ask("overskill-nb/api/socket", "GET") == 400


# ----------------------------------------------------------------------------------------------------- authorization


async def test_the_authorizer_is_asked_and_obeyed(ask: Any, authorizer: type[Asked], kernel: dict[str, str]) -> None:
    for address, verb, action, body in ENDPOINTS:
        for headers in (None, kernel):
            authorizer.refuse, authorizer.questions = False, []
            assert await ask(address, verb, body, headers) in (200, 404), (verb, address)
            assert authorizer.questions == [(action, "overskill_nb")], (verb, address)
            authorizer.refuse = True
            assert await ask(address, verb, body, headers) == 403, (verb, address)


async def test_the_authorizer_is_asked_for_the_socket(socket: Any, authorizer: type[Asked]) -> None:
    await socket()
    assert authorizer.questions == [("execute", "overskill_nb")]
    authorizer.refuse = True
    with pytest.raises(HTTPClientError) as refused:
        await socket()
    assert refused.value.code == 403


# -------------------------------------------------------------------------------------------------------- capability


async def test_the_capability_opens_our_endpoints_and_no_others(
    ask: Any, kernel: dict[str, str], jp_serverapp: Any
) -> None:
    assert await ask("overskill-nb/api/status", "GET", None, kernel) == 200
    for address, verb, body in (
        ("api/contents", "GET", None),
        ("api/contents/x.txt", "PUT", {"type": "file", "format": "text", "content": "x"}),
        ("api/kernels", "GET", None),
        ("api/kernels", "POST", {}),
        ("api/sessions", "GET", None),
        ("api/terminals", "POST", {}),
        ("api/config/notebook", "GET", None),
        ("api/me", "GET", None),
        ("api/shutdown", "POST", {}),
    ):
        assert await ask(address, verb, body, kernel) in (401, 403), address
    assert not any(jp_serverapp.kernel_manager.list_kernels())


async def test_the_capability_is_nothing_but_the_whole_of_it(ask: Any, extension: OverskillExtension) -> None:
    capability = extension.capability
    for wrong in (capability[:-1], f"{capability}x", capability.swapcase(), "", f"{capability} {capability}"):
        assert await ask("overskill-nb/api/status", "GET", None, {"Authorization": f"token {wrong}"}) == 403
    assert await ask("overskill-nb/api/status", "GET", None, {"Authorization": f"Bearer {capability}"}) == 403


async def test_the_capability_in_an_address_opens_nothing(jp_fetch: Any, extension: OverskillExtension) -> None:
    response = await jp_fetch(
        "overskill-nb",
        "api",
        "status",
        params={"token": extension.capability},
        headers={"Authorization": ""},
        raise_error=False,
    )
    assert response.code == 403


async def test_the_capability_leaves_no_login_behind(jp_fetch: Any, kernel: dict[str, str]) -> None:
    response = await jp_fetch("overskill-nb", "api", "status", headers=kernel)
    assert not [cookie for cookie in response.headers.get_list("Set-Cookie") if cookie.startswith("username")]


# ------------------------------------------------------------------------------------------------- other people's pages


@pytest.fixture
def browser(jp_serverapp: Any, jp_fetch: Any, jp_auth_header: dict[str, str]) -> Any:
    """The cookies of a browser that is logged in."""

    async def log_in() -> dict[str, str]:
        cookies = []
        for params in ({}, {"token": jp_serverapp.identity_provider.token}):
            response = await jp_fetch(
                "login", params=params, headers={"Authorization": ""}, follow_redirects=False, raise_error=False
            )
            cookies += [cookie.split(";")[0] for cookie in response.headers.get_list("Set-Cookie")]
        assert {cookie.partition("=")[0].split("-")[0] for cookie in cookies} == {"_xsrf", "username"}
        return {"Authorization": "", "Cookie": "; ".join(cookies)}

    return log_in


async def test_a_cookie_alone_changes_nothing(ask: Any, browser: Any, authorizer: type[Asked]) -> None:
    headers = await browser()
    cookies = dict(cookie.split("=", 1) for cookie in headers["Cookie"].split("; "))
    for address, verb, _, body in ENDPOINTS:
        if verb == "GET":
            continue
        authorizer.questions = []
        assert await ask(address, verb, body, headers) == 403, (verb, address)
        assert await ask(address, verb, body, {**headers, "X-XSRFToken": "made-up"}) == 403
        assert authorizer.questions == []
        assert await ask(address, verb, body, {**headers, "X-XSRFToken": cookies["_xsrf"]}) == 404


async def test_another_pages_socket_is_refused(browser: Any, jp_http_port: int, http_server: Any) -> None:
    headers = await browser()
    url = f"ws://127.0.0.1:{jp_http_port}/a%40b/overskill-nb/api/socket"
    for origin in ("https://evil.example", "null", "http://localhost:1", "http://127.0.0.1.evil.example"):
        with pytest.raises(HTTPClientError) as refused:
            await websocket_connect(HTTPRequest(url, headers={**headers, "Origin": origin}))
        assert refused.value.code == 403
    own = f"http://127.0.0.1:{jp_http_port}"
    connection = await websocket_connect(HTTPRequest(url, headers={**headers, "Origin": own}))
    connection.close()


async def test_another_pages_script_cannot_read_our_answers(jp_fetch: Any, browser: Any) -> None:
    headers = {**await browser(), "Origin": "https://evil.example"}
    response = await jp_fetch("overskill-nb", "api", "status", headers=headers, raise_error=False)
    assert response.code in (403, 404)
    assert "Access-Control-Allow-Origin" not in response.headers


# ---------------------------------------------------------------------------------------------------------- the code


@pytest.mark.parametrize(
    ("handler", "verb"),
    [(handler, verb) for _, handler, verb in handled()],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_every_verb_is_decorated_in_this_order(handler: type[JupyterHandler], verb: str) -> None:
    source = textwrap.dedent(inspect.getsource(handler))
    (kind,) = ast.parse(source).body
    assert isinstance(kind, ast.ClassDef)
    method = next(
        item for item in kind.body if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) and item.name == verb
    )
    names = [ast.unparse(decorator).split("(")[0] for decorator in method.decorator_list]
    first = "ws_authenticated" if issubclass(handler, WebSocketHandler) else "web.authenticated"
    assert names == [first, "authorized"]
    assert handler.auth_resource == "overskill_nb"


def test_no_handler_opens_itself_to_other_origins() -> None:
    for _, handler in HANDLERS:
        for name in ("check_origin", "check_xsrf_cookie", "get_current_user", "check_host", "current_user"):
            owner = next(base for base in handler.__mro__ if name in vars(base))
            assert owner.__module__.startswith(("jupyter_server.", "tornado.")), f"{handler.__name__}.{name}"


async def test_jupyter_finds_nothing_of_ours_without_authentication(
    jp_configurable_serverapp: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("JUPYTER_SERVER_ALLOW_UNAUTHENTICATED_ACCESS", "0")
    jp_configurable_serverapp()
    found = [record.getMessage() for record in caplog.records if "authentication" in record.getMessage().lower()]
    assert not [message for message in found if "overskill" in message]
