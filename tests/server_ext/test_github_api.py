"""GitHub over REST: the one on this machine, and what is configured of another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from overskill_nb import config, errors
from overskill_nb.server_ext.github_handlers import GithubHandler, SyncHandler

API = "overskill-nb/api/apps"


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GH_TOKEN", config.GITHUB_TOKEN, config.GITHUB_APP, config.GITHUB_URL):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("tools")
async def test_an_app_is_connected_and_exchanges_its_history(jp_fetch: Any) -> None:
    async def asked(method: str, *path: str, body: Any = None, code: int = 200, **params: str) -> Any:
        sent = None if body is None else json.dumps(body)
        response = await jp_fetch(API, *path, method=method, body=sent, params=params, raise_error=False)
        assert response.code == code, response.body
        return json.loads(response.body)

    async def ended(app: str, sync: dict[str, Any]) -> Any:
        while sync["status"] in {"pending", "syncing"}:
            seen = str(len(sync["transitions"]))
            sync = (await asked("GET", app, "github", "syncs", sync["id"], seen=seen, seconds="20"))["sync"]
        return sync

    app = (await asked("POST", body={"folder": "tips", "create": True}))["app"]
    assert (await asked("GET", app, "github"))["repository"] is None
    assert "connect it first" in (await asked("POST", app, "github", "syncs", body={}, code=409))["message"]
    assert "cannot be a repository" in (await asked("PUT", app, "github", body={"name": "me/a b"}, code=422))["message"]
    info = await asked("PUT", app, "github", body={"name": "me/tips", "private": False})
    assert (info["repository"]["name"], info["repository"]["private"], info["account"]) == ("me/tips", False, "")
    assert (await ended(app, info["sync"]))["status"] == "synced"
    begun = (await asked("POST", app, "github", "syncs", body={"pull": True}))["sync"]
    assert begun["reason"] == "pull"
    assert (await ended(app, begun))["status"] == "synced"
    assert (await asked("GET", app, "github"))["ahead"] == 0
    await asked("GET", app, "github", "syncs", "nope", code=404)
    await asked("GET", app, "github", "syncs", begun["id"], seconds="soon", code=400)
    await asked("DELETE", app, "github")
    assert (await asked("GET", app, "github"))["repository"] is None
    await asked("DELETE", app, "github")


def test_what_github_refused_is_not_what_was_refused_here() -> None:
    connection, exchange = GithubHandler.__new__(GithubHandler), SyncHandler.__new__(SyncHandler)
    assert connection.status_of(errors.GithubError("Refused.", status=403)) == 502
    assert connection.status_of(errors.GithubError("No answer.", temporary=True)) == 502
    assert connection.status_of(errors.GithubError("No name.")) == 422
    assert connection.status_of(errors.AppError("No app.")) == 404
    assert exchange.status_of(errors.GithubError("None.")) == 404
