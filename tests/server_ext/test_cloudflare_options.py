from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from overskill_nb.pipeline.cloudflare import Settings
from overskill_nb.server_ext.app import OverskillExtension


@pytest.fixture
def jp_server_config(tmp_path: Path) -> Config:
    (tmp_path / "token").write_text("from-file")
    options = {
        "cloudflare_account": "configured",
        "cloudflare_token_file": str(tmp_path / "token"),
        "domain": "apps.example.com",
    }
    return Config(
        {"ServerApp": {"jpserver_extensions": {"overskill_nb": True}}, "OverskillExtension": options},
    )


async def test_options_go_before_the_environment(extension: OverskillExtension) -> None:
    environment = {
        "CLOUDFLARE_ACCOUNT_ID": "env",
        "CLOUDFLARE_API_TOKEN": "env",
        "CLOUDFLARE_API_BASE_URL": "https://api.example",
    }
    settings = Settings.from_environment(environment, **extension.engine.cloudflare)
    assert settings == Settings("configured", "from-file", "https://api.example", "apps.example.com", "overskill")


def test_no_option_holds_a_token() -> None:
    """``jupyter server --show-config`` and a process list show options."""
    assert [name for name in OverskillExtension.class_trait_names(config=True) if name.endswith("token")] == []
