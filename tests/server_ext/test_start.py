from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scripted_deployments import ScriptedDeployments
from traitlets.config import Config

import overskill_nb
from overskill_nb import config
from overskill_nb.protocol import AppInfo, OpenApp
from overskill_nb.protocol_deployments import Deploy, GetDeployment
from overskill_nb.server_ext.app import OverskillExtension


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test publishes goes with it."""
    for name in (config.URL, config.TOKEN):
        monkeypatch.setenv(name, "before")
        monkeypatch.delenv(name)


def test_the_package_is_an_extension_by_its_own_name() -> None:
    (point,) = overskill_nb._jupyter_server_extension_points()
    assert point == {"module": "overskill_nb", "app": OverskillExtension}


def test_the_drop_in_enables_it() -> None:
    file = Path(__file__).parents[2] / "jupyter-config/jupyter_server_config.d/overskill_nb.json"
    assert json.loads(file.read_text()) == {"ServerApp": {"jpserver_extensions": {"overskill_nb": True}}}


async def test_the_start_hook_publishes_address_and_capability(
    extension: OverskillExtension, jp_serverapp: Any
) -> None:
    assert config.URL not in os.environ
    await extension._start_jupyter_server_extension(jp_serverapp)
    assert os.environ[config.URL] == f"http://127.0.0.1:{jp_serverapp.port}/a%40b/"
    assert os.environ[config.TOKEN] == extension.capability
    assert jp_serverapp.identity_provider.token not in os.environ[config.URL]


async def test_stopping_takes_them_back(extension: OverskillExtension, jp_serverapp: Any) -> None:
    await extension._start_jupyter_server_extension(jp_serverapp)
    await extension.stop_extension()
    assert config.URL not in os.environ
    assert config.TOKEN not in os.environ
    await extension.stop_extension()


async def test_stopping_leaves_what_another_server_published(extension: OverskillExtension, jp_serverapp: Any) -> None:
    await extension._start_jupyter_server_extension(jp_serverapp)
    os.environ[config.URL], os.environ[config.TOKEN] = "http://other/", "theirs"
    await extension.stop_extension()
    assert os.environ[config.TOKEN] == "theirs"


async def test_a_server_on_a_unix_socket_publishes_nothing(extension: OverskillExtension, jp_serverapp: Any) -> None:
    class OnSocket:
        sock = "/run/jupyter.sock"

    await extension._start_jupyter_server_extension(OnSocket())
    assert config.URL not in os.environ


async def test_a_kernel_that_is_started_afterwards_gets_them(extension: OverskillExtension, jp_serverapp: Any) -> None:
    await extension._start_jupyter_server_extension(jp_serverapp)
    program = f"import os; print(os.environ[{config.URL!r}], os.environ[{config.TOKEN!r}])"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.split() == [f"http://127.0.0.1:{jp_serverapp.port}/a%40b/", extension.capability]


def test_each_server_has_a_capability_of_its_own_that_cannot_be_guessed(extension: OverskillExtension) -> None:
    other = OverskillExtension()
    other.initialize_settings()
    assert other.capability != extension.capability
    assert len(extension.capability) >= 43


async def test_no_engine_is_made_before_it_is_needed(extension: OverskillExtension, workspace: Path) -> None:
    assert extension._engine is None
    assert extension.current_activity() is None
    assert extension._engine is None
    assert extension.engine.workspace == workspace.resolve()
    assert extension.engine.host == "server"


async def test_the_workspace_can_be_configured(jp_configurable_serverapp: Any, tmp_path: Path) -> None:
    (tmp_path / "apps").mkdir()
    settings = Config(
        {
            "ServerApp": {"jpserver_extensions": {"overskill_nb": True}},
            "OverskillExtension": {"workspace": str(tmp_path / "apps")},
        }
    )
    serverapp = jp_configurable_serverapp(config=settings)
    (extension,) = serverapp.extension_manager.extension_apps["overskill_nb"]
    assert extension.engine.workspace == (tmp_path / "apps").resolve()


async def test_requests_and_deployments_under_way_count_as_activity(
    extension: OverskillExtension, jp_serverapp: Any
) -> None:
    times = jp_serverapp.web_app.settings["last_activity_times"]
    assert "overskill_nb" not in times
    assert extension.current_activity() is None
    engine, scripted = extension.engine, ScriptedDeployments()
    scripted.use_in(engine)
    info = await engine.handle(OpenApp(folder="tips", create=True, live=False))
    assert isinstance(info, AppInfo)
    assert extension.current_activity() is None
    await engine.handle(Deploy(app=info.app))
    waiting = asyncio.ensure_future(engine.handle(GetDeployment(app=info.app, deployment="d1", seen=1, seconds=30)))
    await asyncio.sleep(0)
    assert extension.current_activity() == {"requests": 2}
    assert "overskill_nb" in times
    scripted.step("d1", "deployed")
    await waiting
    assert extension.current_activity() is None


async def test_looking_at_the_status_is_no_activity(jp_fetch: Any, jp_serverapp: Any) -> None:
    times = jp_serverapp.web_app.settings["last_activity_times"]
    api = jp_serverapp.web_app.settings.get("api_last_activity")
    await jp_fetch("overskill-nb", "api", "status")
    assert "overskill_nb" not in times
    assert jp_serverapp.web_app.settings.get("api_last_activity") == api


@pytest.mark.usefixtures("tools")
async def test_stopping_ends_the_worker(extension: OverskillExtension, jp_fetch: Any) -> None:
    body = json.dumps({"folder": "tips", "create": True})
    await jp_fetch("overskill-nb", "api", "apps", method="POST", body=body)
    await jp_fetch("overskill-nb", "api", "apps", "tips", "target", method="POST", body="{}")
    pid = extension.engine._worker.pid if extension.engine._worker else None
    assert pid
    await asyncio.wait_for(extension.stop_extension(), 60)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_servers_start_does_not_pay_for_us() -> None:
    program = """
import time
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
import sys, tornado.web
import jupyter_server.auth.authorizer, jupyter_server.services.api.handlers
started = time.process_time()
import overskill_nb
(point,) = overskill_nb._jupyter_server_extension_points()
extension = point["app"]()
extension.initialize_settings()
extension.initialize_handlers()
print(time.process_time() - started, *sorted({name.partition(".")[0] for name in sys.modules}))
"""
    fastest = float("inf")
    for _ in range(4):
        printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        seconds, *loaded = printed.split()
        fastest = min(fastest, float(seconds))
        if fastest <= 0.15:
            break
    assert fastest <= 0.15
    assert {"anywidget", "ipywidgets", "watchfiles", "pandas", "numpy", "github", "httpx"}.isdisjoint(loaded)
