"""History and export over REST."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("tools")
API = "overskill-nb/api/apps"


async def asked(jp_fetch: Any, *path: str, body: Any = None, params: dict[str, str] | None = None) -> Any:
    method = "GET" if body is None else "POST"
    sent = None if body is None else json.dumps(body)
    response = await jp_fetch(API, *path, method=method, body=sent, params=params or {})
    return json.loads(response.body)


async def test_checkpoints_are_made_compared_and_gone_back_to(jp_fetch: Any, workspace: Path) -> None:
    app = (await asked(jp_fetch, body={"folder": "tips", "create": True}))["app"]
    file = workspace / "tips/src/App.tsx"
    before = file.read_text()
    first = (await asked(jp_fetch, app, "history", body={"message": "As it began"}))["checkpoint"]
    source = {"path": "src/App.tsx", "source": "export default () => <h1>two</h1>;\n", "origin": "editor"}
    await asked(jp_fetch, app, "files", body=source)
    newest, *older = (await asked(jp_fetch, app, "history"))["checkpoints"]
    assert (newest["origin"], newest["files"], older[0]["id"]) == ("editor", ["src/App.tsx"], first["id"])
    assert len((await asked(jp_fetch, app, "history", params={"limit": "1"}))["checkpoints"]) == 1
    assert (await asked(jp_fetch, app, "history", params={"before": newest["id"]}))["checkpoints"] == older
    (changed,) = (await asked(jp_fetch, app, "history", newest["id"][:7], "diff"))["files"]
    assert "+export default () => <h1>two</h1>;" in changed["text"]
    between = await asked(jp_fetch, app, "history", newest["id"], "diff", params={"since": newest["id"]})
    assert between["files"] == []
    restored = (await asked(jp_fetch, app, "history", first["id"][:7], "restore", body={}))["checkpoint"]
    assert restored["origin"] == "history"
    assert file.read_text() == before


@pytest.mark.slow
async def test_the_export_is_a_download(jp_fetch: Any) -> None:
    app = (await asked(jp_fetch, body={"folder": "tips für zwei", "create": True}))["app"]
    response = await jp_fetch(API, app, "export")
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''tips%20f%C3%BCr%20zwei.zip"
    assert int(response.headers["Content-Length"]) == len(response.body)
    with zipfile.ZipFile(io.BytesIO(response.body)) as archive:
        assert archive.testzip() is None
        assert any(name.endswith("package-lock.json") for name in archive.namelist())
