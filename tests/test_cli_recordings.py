"""``overskill replay``."""

from __future__ import annotations

from pathlib import Path

import pytest

import overskill_nb as ov
from overskill_nb import config, session
from overskill_nb.cli import main
from overskill_nb.recorded import Interaction, Shelf, Taken
from overskill_nb.steps import parse

pytestmark = pytest.mark.usefixtures("tools")


def test_what_is_not_tried_is_no_success_wherever_it_is_called_from(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ov.App("shop")
    session.close()
    for app in ("shop", "other"):
        Shelf(folder / "recordings" / app).keep(Interaction("presses", app, steps=[Taken(parse("press Escape"))]))
    monkeypatch.setenv(config.CHROMIUM, "none")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    assert main(["replay", str(folder / "shop")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "Skipped: 'presses' was not replayed, since" in said.err
