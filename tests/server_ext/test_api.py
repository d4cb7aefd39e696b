from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tornado.httpclient import HTTPResponse

from overskill_nb.server_ext.app import OverskillExtension

pytestmark = pytest.mark.usefixtures("tools")


class Api:
    """The REST API, as a program uses it."""

    def __init__(self, fetch: Any) -> None:
        self._fetch = fetch

    async def __call__(self, verb: str, *parts: str, body: Any = None, code: int = 200) -> Any:
        data = body if isinstance(body, (bytes, str)) or body is None else json.dumps(body)
        response: HTTPResponse = await self._fetch(
            "overskill-nb", "api", *parts, method=verb, body=data, raise_error=False, allow_nonstandard_methods=True
        )
        assert response.code == code, response.body
        assert response.headers["Content-Type"].startswith("application/json")
        return json.loads(response.body)


@pytest_asyncio.fixture
async def api(jp_fetch: Any) -> Api:
    return Api(jp_fetch)


@pytest_asyncio.fixture
async def app(api: Api) -> str:
    return (await api("POST", "apps", body={"folder": "tips", "create": True}))["app"]


async def test_an_app_is_made_in_the_servers_root_folder(api: Api, workspace: Path) -> None:
    made = await api("POST", "apps", body={"folder": "tips", "create": True})
    assert made["created"]
    assert made["folder"] == str(workspace.resolve() / "tips")
    again = await api("POST", "apps", body={"folder": "tips"})
    assert (again["app"], again["created"]) == (made["app"], False)


async def test_an_app_that_is_not_there_is_404(api: Api) -> None:
    failed = await api("POST", "apps", body={"folder": "nope"}, code=404)
    assert failed["error"] == "AppError"
    assert "nope" in failed["message"]
    assert failed["diagnostics"] == []
    assert (await api("GET", "apps", "nope", "files", code=404))["error"] == "AppError"


async def test_origins_are_checked(api: Api) -> None:
    body = {"folder": "tips", "create": True, "allow": ["https://a.com/path"]}
    assert "is not an origin" in (await api("POST", "apps", body=body, code=404))["message"]


async def test_files_are_listed_read_written_renamed_and_deleted(api: Api, app: str, workspace: Path) -> None:
    assert "src/App.tsx" in (await api("GET", "apps", app, "files"))["paths"]
    written = await api("PUT", "apps", app, "files", "src/lib/größe.ts", body={"content": "export const größe = 1;"})
    assert written["changed"] == ["src/lib/größe.ts"]
    assert (workspace / "tips/src/lib/größe.ts").read_text("utf-8") == "export const größe = 1;"
    read = await api("GET", "apps", app, "files", "src/lib/größe.ts")
    assert read == {"type": "file_content", "path": "src/lib/größe.ts", "content": "export const größe = 1;"}
    moved = await api("POST", "apps", app, "rename", body={"path": "src/lib/größe.ts", "to": "src/size.ts"})
    assert moved["changed"] == ["src/lib/größe.ts", "src/size.ts"]
    assert not (workspace / "tips/src/lib").exists()
    await api("DELETE", "apps", app, "files", "src/size.ts")
    assert not (workspace / "tips/src/size.ts").exists()
    assert (await api("GET", "apps", app, "files", "src/size.ts", code=404))["error"] == "FileError"
    assert (await api("DELETE", "apps", app, "files", "src/size.ts", code=404))["error"] == "FileError"


async def test_a_source_that_is_handed_in_is_compiled(api: Api, app: str) -> None:
    await api("POST", "apps", app, "target", body={})
    good = await api(
        "POST", "apps", app, "files", body={"path": "src/App.tsx", "source": "export default () => <p>1</p>;"}
    )
    assert good["diagnostics"] == []
    bad = await api("POST", "apps", app, "files", body={"path": "src/App.tsx", "source": "export default ("})
    assert bad["seq"] == good["seq"] + 1
    (problem,) = bad["diagnostics"]
    assert problem["kind"] == "syntax"
    assert problem["location"]["file"] == "src/App.tsx"


async def test_a_target_is_prepared(api: Api, app: str) -> None:
    found = await api("POST", "apps", app, "target", body={"target": "App"})
    assert (found["module"], found["export"]) == ("src/App.tsx", "default")
    lost = await api("POST", "apps", app, "target", body={"target": "Nope"})
    assert lost["module"] == ""
    assert lost["diagnostics"]


async def test_a_body_that_is_none_is_400(api: Api) -> None:
    for body in (
        "",
        "{",
        "null",
        "[]",
        "{}",
        b"\xff",
        '{"folder": 5}',
        '{"folder": "a", "more": 1}',
        '{"folder":"\\ud800"}',
    ):
        assert "body" in (await api("POST", "apps", body=body, code=400))["message"]


PATHS = [
    "..%2F..%2Fsecret.txt",
    "%2e%2e/%2e%2e/secret.txt",
    "src/..%5c..%5csecret.txt",
    "%2Fetc%2Fpasswd",
    "~/secret.txt",
    "C:%5csecret.txt",
    "src/a%00b",
    "node_modules/x.js",
    ".git/config",
]


async def test_no_spelling_of_a_path_leads_out(
    http_server_client: Any, jp_auth_header: dict[str, str], app: str, workspace: Path
) -> None:
    (workspace.parent / "secret.txt").write_text("hunter2")
    for path in PATHS:
        for verb, body in (("GET", None), ("PUT", '{"content": "x"}'), ("DELETE", None)):
            # As written: jp_fetch would escape the escapes.
            response = await http_server_client.fetch(
                f"/a%40b/overskill-nb/api/apps/{app}/files/{path}",
                method=verb,
                body=body,
                headers=jp_auth_header,
                raise_error=False,
                allow_nonstandard_methods=True,
            )
            assert response.code == 400, (verb, path)
            assert json.loads(response.body)["error"] == "PathError"
    assert (workspace.parent / "secret.txt").read_text() == "hunter2"


async def test_a_fault_of_ours_says_nothing_of_its_inside(
    api: Api, extension: OverskillExtension, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(extension.engine, "handle", fail)
    failed = await api("GET", "status", code=500)
    assert "hunter2" not in json.dumps(failed)


async def test_answers_are_json_that_no_browser_renders(jp_fetch: Any, app: str) -> None:
    for parts in (["status"], ["apps", app, "files"], ["apps", "<script>alert(1)<script>", "files"]):
        response = await jp_fetch("overskill-nb", "api", *parts, raise_error=False)
        assert response.headers["Content-Type"].startswith("application/json")
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_changes_count_as_activity(api: Api, app: str, jp_serverapp: Any) -> None:
    assert "overskill_nb" in jp_serverapp.web_app.settings["last_activity_times"]
