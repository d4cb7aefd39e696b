"""An app's GitHub as Python sees it: the real exchange, with the GitHub on this machine."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

import overskill_nb as ov
from overskill_nb import config, session
from overskill_nb.cli.folder import Opened
from overskill_nb.cli.github import _followed as followed
from overskill_nb.github import GithubStatus
from overskill_nb.pipeline.local_github.address import Address
from overskill_nb.protocol import AppInfo, OpenApp
from overskill_nb.protocol_github import GithubInfo, Repository, SyncInfo
from overskill_nb.protocol_github import Sync as Known
from overskill_nb.widgets import bundle

pytestmark = [
    pytest.mark.usefixtures("tools"),
    pytest.mark.skipif(not bundle.LOADER.is_file(), reason="run `node build.mjs` in js/ first"),
]
Push = Callable[[str, str], str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The notebook's folder. No account is configured."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(config.ENGINE, "kernel")
    for name in ("GH_TOKEN", config.GITHUB_TOKEN, config.GITHUB_APP, config.GITHUB_URL):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    session.close()


@pytest.fixture
def app() -> ov.App:
    return ov.App("tips")


@pytest.fixture
def connected(app: ov.App) -> ov.App:
    app.write("src/words.ts", "export const a = 1;\n\n\n\nexport const b = 1;\n")
    found = app.github.connect("me/tips").status.sync
    assert found is not None
    assert found.wait(60).status == "synced"
    return app


@pytest.fixture
def they_push(connected: ov.App, folder: Path) -> Push:
    """Somebody else, with a clone of their own."""
    found = Address.load(folder / config.STATE_FOLDER / "github")
    work = folder / "elsewhere"

    def git(*words: str) -> str:
        who = ["-c", "user.name=Them", "-c", "user.email=them@x"]
        return subprocess.run(["git", *who, *words], check=True, capture_output=True, text=True).stdout.strip()

    git("clone", "-q", f"http://me:{found.token}@127.0.0.1:{found.port}/me/tips.git", str(work))

    def push(path: str, text: str) -> str:
        (work / path).write_text(text)
        git("-C", str(work), "commit", "-qam", "Theirs")
        git("-C", str(work), "push", "-q", "origin", "main")
        return git("-C", str(work), "rev-parse", "HEAD")

    return push


def test_without_a_repository_it_says_what_to_do(app: ov.App) -> None:
    assert repr(app.github) == "Github(tips)"
    status = app.github.status
    assert repr(status) == "GithubStatus(not connected)"
    assert (status.repository, status.url, status.ahead, status.sync, status.account) == ("", "", 0, None, "")
    for attempt in (app.github.sync, app.github.pull, app.github.disconnect):
        with pytest.raises(ov.GithubError, match=r"connect it with app\.github\.connect"):
            attempt()
    with pytest.raises(ov.GithubError, match="cannot be a repository"):
        app.github.connect("me/a b")


def test_connecting_pushes_and_a_sync_pushes_what_is_new(connected: ov.App) -> None:
    app = connected
    status = app.github.status
    assert repr(status) == "GithubStatus(me/tips: synced)"
    assert (status.repository, status.ahead, status.account) == ("me/tips", 0, "")
    assert status.url.endswith("/me/tips")
    assert ".github/workflows/deploy.yml" in app.files
    app.write("src/words.ts", "export const a = 2;\n")
    assert app.history[0].files == ["src/words.ts"]
    assert app.github.status.ahead == 1
    sync = app.github.sync()
    assert repr(sync) == "Sync(me/tips)"
    assert sync.wait() is sync
    assert (sync.status, sync.pushed, sync.received, sync.commit) == ("synced", 1, 0, app.history[0].id)
    assert (sync.conflicts, sync.pull_request, sync.error, sync.hint) == ([], "", "", "")
    assert sync.log
    assert sync.id == sync.info.id
    assert app.github.status.ahead == 0


def test_what_others_push_comes_with_a_pull(connected: ov.App, they_push: Push) -> None:
    commit = they_push("src/words.ts", "export const a = 5;\n")
    pulled = connected.github.pull().wait(60)
    assert (pulled.status, pulled.received, pulled.pushed, pulled.commit) == ("synced", 1, 0, commit)
    assert connected.read("src/words.ts") == "export const a = 5;\n"
    assert connected.history[0].id == commit
    assert connected.history[0].author.startswith("Them")


def test_what_both_changed_in_different_places_is_merged(connected: ov.App, they_push: Push) -> None:
    they_push("src/words.ts", "export const a = 1;\n\n\n\nexport const b = 5;\n")
    connected.write("src/words.ts", "export const a = 2;\n\n\n\nexport const b = 1;\n")
    assert connected.github.sync().wait(60).status == "synced"
    assert connected.read("src/words.ts") == "export const a = 2;\n\n\n\nexport const b = 5;\n"


def test_a_conflict_is_shown_and_raises_nothing(connected: ov.App, they_push: Push) -> None:
    they_push("src/words.ts", "export const a = 5;\n")
    connected.write("src/words.ts", "export const a = 2;\n")
    sync = connected.github.sync().wait(60)
    assert sync.status == "conflict"
    (conflict,) = sync.conflicts
    assert (conflict.path, conflict.ours, conflict.theirs) == (
        "src/words.ts",
        "export const a = 2;\n",
        "export const a = 5;\n",
    )
    assert "/me/tips/pull/" in sync.pull_request
    assert connected.read("src/words.ts") == "export const a = 2;\n"
    assert repr(connected.github.status) == "GithubStatus(me/tips: conflict)"


def test_letting_go_leaves_both_as_they_are(connected: ov.App) -> None:
    connected.github.disconnect()
    assert repr(connected.github.status) == "GithubStatus(not connected)"
    assert "src/words.ts" in connected.files
    again = connected.github.connect("tips").status
    assert again.repository == "me/tips"
    assert again.sync is not None
    assert again.sync.wait(60).status == "synced"


@pytest.mark.slow
@pytest.mark.usefixtures("workerd")
def test_a_deployment_is_followed_by_a_sync_and_production_is_built_at_github(connected: ov.App) -> None:
    connected.write("src/words.ts", "export const a = 2;\n")
    made = connected.deploy().wait(120)
    assert made.commit == connected.history[0].id
    assert (made.repository, made.run_url) == ("", "")
    followed = made.sync
    assert followed is not None
    assert followed.wait(60).commit == made.commit
    connected.promote("staging").wait(120)
    live = connected.promote("production").wait(300)
    assert live.repository == "me/tips"
    assert "/me/tips/actions/runs/" in live.run_url
    assert live.commit == made.commit


# ------------------------------------------------------------------------------- what cannot be had of the real one


class Scripted:
    """A session whose one sync stays what the test says."""

    def __init__(self, **fields: object) -> None:
        self.sync = Known(id="s1", app="tips-1", repository="me/tips", **fields)  # type: ignore[arg-type]

    def call(self, request: object, expect: type) -> object:
        return SyncInfo(sync=self.sync)


def scripted(**fields: object) -> ov.Sync:
    made = Scripted(**fields)
    return ov.Sync(made, "tips", Known(id="s1", app="tips-1", repository="me/tips"))  # type: ignore[arg-type]


def test_waiting_for_what_fails_raises_with_the_hint() -> None:
    with pytest.raises(ov.GithubError, match=r"^The token ended\. Make another\.$"):
        scripted(status="failed", error="The token ended.", hint="Make another.").wait()
    assert scripted(status="cancelled").wait().status == "cancelled"


def test_waiting_ends_when_time_is_up() -> None:
    with pytest.raises(TimeoutError, match=r"me/tips is still syncing after 0\.1 s; it goes on"):
        scripted(status="syncing").wait(0.1)


def test_a_limit_is_a_time_and_not_a_hang(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 5, 1, 12, 30, tzinfo=timezone.utc)
    sync = scripted(status="syncing", waits_until=at.timestamp() * 1000)
    assert sync.waits_until == at
    clock = f"{at.astimezone():%H:%M}"
    with pytest.raises(TimeoutError, match=f"GitHub asked to wait until {clock}"):
        sync.wait(0.1)
    ended = Scripted(status="synced", commit="c" * 40)
    app = Opened("tips-1", "tips", ended)  # type: ignore[arg-type]
    assert followed(app, sync.info, as_json=False) == 0
    assert f"asks to wait until {clock}" in capsys.readouterr().err
    assert scripted(status="synced").waits_until is None


def test_an_account_is_named() -> None:
    repository = Repository(name="me/tips", url="https://github.com/me/tips", branch="main", local=False)
    known = GithubInfo(repository=repository, sync=None, ahead=3, account="me")
    status = GithubStatus(Scripted(), "tips-1", "tips", known)  # type: ignore[arg-type]
    assert (status.account, status.ahead, repr(status)) == ("me", 3, "GithubStatus(me/tips: connected)")


# -------------------------------------------------------------------------------------------------------- showing


def test_a_notebook_shows_how_it_goes(app: ov.App, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    app.github._ipython_display_()
    app.github.status._ipython_display_()
    ov.Sync(app._session, app.name, Known(id="s1", app=app.id, repository="me/tips"))._ipython_display_()
    assert [repr(one) for one in shown] == ["Github(tips)", "GithubStatus(not connected)", "Sync(me/tips)"]


def test_an_app_that_is_not_open_can_be_asked_for_too(folder: Path) -> None:
    info = session.current().call(OpenApp(folder="tips", create=True, live=False), AppInfo)
    assert ov.Github(session.current(), info.app, info.name).status.repository == ""
