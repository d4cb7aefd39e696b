"""Which Chromium is taken of those that are on a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from overskill_nb import browser, config
from overskill_nb.errors import ToolsError


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(config.CHROMIUM, raising=False)
    return tmp_path


def install(folder: Path, name: str) -> Path:
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def test_one_that_draws_no_windows_is_taken_where_it_is_there(programs: Path) -> None:
    chrome = install(programs, "google-chrome")
    assert browser.find() == chrome
    shell = install(programs, "chromium-headless-shell")
    assert browser.find() == shell
    assert browser.find(whole=True) == chrome


def test_the_one_that_is_named_is_taken_and_none_where_none_is_wanted(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(programs, "chromium-headless-shell")
    mine = install(programs, "mine")
    monkeypatch.setenv(config.CHROMIUM, str(mine))
    assert browser.find() == mine
    monkeypatch.setenv(config.CHROMIUM, "none")
    assert browser.find() is None
    monkeypatch.setenv(config.CHROMIUM, str(programs / "away"))
    with pytest.raises(ToolsError, match="away"):
        browser.find()
