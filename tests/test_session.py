"""Which engine is chosen. How one talks to a server is in server_ext/test_server_session.py."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from overskill_nb import config, session
from overskill_nb.errors import AppError, Unreachable
from overskill_nb.protocol import (
    AppInfo,
    EngineInfo,
    FileChange,
    Files,
    Inspect,
    ListFiles,
    OpenApp,
    Subscribe,
    WriteFiles,
    Written,
    encode,
)

NOBODY = "http://127.0.0.1:9/"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    (tmp_path / "runtime").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    yield
    session.close()


def test_where_no_server_is_known_the_engine_is_in_this_process(tmp_path: Path) -> None:
    chosen = session.current()
    assert chosen.host == "kernel"
    assert chosen.reason == "no Jupyter server is known to this kernel"
    info = chosen.call(Inspect(), EngineInfo)
    assert info.host == "kernel"
    assert info.workspace == str((tmp_path / "work").resolve())
    assert session.current() is chosen


def test_the_environment_can_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(config.ENGINE, "kernel")
    monkeypatch.setenv(config.URL, NOBODY)
    monkeypatch.setenv(config.TOKEN, "t")
    assert session.current().reason == f"{config.ENGINE}=kernel asks for it"


def test_the_environment_can_name_the_workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(config.WORKSPACE, str(tmp_path))
    assert session.current().call(Inspect(), EngineInfo).workspace == str(tmp_path.resolve())


def test_a_server_that_does_not_answer_is_passed_over_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(config.URL, NOBODY)
    monkeypatch.setenv(config.TOKEN, "secret-token")
    chosen = session.current()
    assert chosen.host == "kernel"
    assert NOBODY in chosen.reason
    assert "does not answer" in chosen.reason
    assert "secret-token" not in chosen.reason


def test_a_server_that_is_demanded_and_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(config.ENGINE, "server")
    with pytest.raises(Unreachable, match=f"{config.ENGINE}=server asks for one"):
        session.current()
    monkeypatch.setenv(config.URL, NOBODY)
    monkeypatch.setenv(config.TOKEN, "t")
    with pytest.raises(Unreachable, match="does not answer"):
        session.current()


def test_the_server_that_started_this_kernel_is_found_by_its_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JPY_PARENT_PID", "4711")
    file = tmp_path / "runtime/jpserver-4711.json"
    (tmp_path / "runtime/jpserver-4712.json").write_text(json.dumps({"url": "http://127.0.0.1:8/", "token": "x"}))
    assert session.current().reason == "no Jupyter server is known to this kernel"
    session.close()
    for broken in ("", "{", "{}"):
        file.write_text(broken)
        assert session.current().host == "kernel"
        session.close()
    file.write_text(json.dumps({"url": NOBODY, "token": "x"}))
    assert NOBODY in session.current().reason


@pytest.mark.parametrize(
    ("url", "socket"),
    [
        ("http://localhost:8888/", "ws://localhost:8888/overskill-nb/api/socket"),
        ("https://hub.example/user/http%20/", "wss://hub.example/user/http%20/overskill-nb/api/socket"),
        ("http://localhost:8888/a%40b", "ws://localhost:8888/a%40b/overskill-nb/api/socket"),
    ],
)
def test_the_address_of_the_socket(url: str, socket: str) -> None:
    assert session.Server(url, "t", "why").socket_url == socket


def test_an_error_comes_out_as_what_it_is() -> None:
    with pytest.raises(AppError):
        session.current().call(ListFiles(app="nope"), Files)


@pytest.mark.usefixtures("tools")
def test_a_preview_has_a_connection_of_its_own() -> None:
    chosen = session.current()
    app = chosen.call(OpenApp(folder="tips", create=True), AppInfo).app
    heard: list[dict[str, Any]] = []
    came = threading.Event()

    def hear(data: bytes) -> None:
        message = json.loads(data)
        if message["client"]:
            heard.append(message["event"])
            came.set()

    link = chosen.link(hear)
    link.receive(encode(Subscribe(client="p", app=app)).decode())
    assert came.wait(150)
    assert heard[0]["type"] == "snapshot"
    came.clear()
    change = FileChange(path="src/App.tsx", content="export default () => <p>new</p>;")
    written = chosen.call(WriteFiles(app=app, files=[change]), Written)
    assert came.wait(150)
    assert (heard[1]["type"], heard[1]["seq"]) == ("update", written.seq)
    link.close()
    chosen.call(Inspect(), EngineInfo)
    assert chosen.call(Inspect(), EngineInfo).apps == {"tips": 0}


def test_closing_twice_is_fine_and_the_next_call_chooses_anew() -> None:
    first = session.current()
    session.close()
    session.close()
    assert session.current() is not first
