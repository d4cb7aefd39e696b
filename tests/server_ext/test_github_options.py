from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from overskill_nb.pipeline.github import Settings
from overskill_nb.server_ext.app import OverskillExtension


@pytest.fixture
def jp_server_config(tmp_path: Path) -> Config:
    (tmp_path / "token").write_text("from-file")
    options = {
        "github_token_file": str(tmp_path / "token"),
        "github_api_url": "https://git.example.com/api/v3",
        "github_owner": "us",
    }
    return Config(
        {"ServerApp": {"jpserver_extensions": {"overskill_nb": True}}, "OverskillExtension": options},
    )


async def test_options_go_before_the_environment(extension: OverskillExtension) -> None:
    environment = {"GH_TOKEN": "env", "GITHUB_API_URL": "https://api.example"}
    settings = Settings.from_environment(environment, **extension.engine.github)
    assert settings == Settings("from-file", "https://git.example.com/api/v3", owner="us")


def test_an_app_may_act_in_place_of_a_token(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("a key")
    options = OverskillExtension(
        github_app_id="1234", github_installation_id="5678", github_key_file=str(tmp_path / "key.pem")
    ).github
    settings = Settings.from_environment({}, **options)
    assert (settings.app, settings.installation, settings.key) == ("1234", "5678", "a key")
    assert settings.configured
