from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from saved_notebook import counter, saved

import overskill_nb as ov
from overskill_nb import config, headless, session
from overskill_nb.cli import main
from overskill_nb.widgets import bundle


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(config.ENGINE, "kernel")
    monkeypatch.setattr(ov.App, "current", None)
    yield tmp_path
    headless.close()
    session.close()


def test_a_notebook_without_previews_stays_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "plain.ipynb"
    file.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    before = file.stat().st_mtime_ns
    assert main(["pictures", str(folder)]) == 0
    assert capsys.readouterr().out == f"{file}: 0 pictures\n"
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("content", [None, "no JSON", "[]"])
def test_what_is_no_notebook_is_named(folder: Path, capsys: pytest.CaptureFixture[str], content: str | None) -> None:
    file = folder / "nb.ipynb"
    if content is not None:
        file.write_text(content)
    assert main(["pictures", str(file)]) == 1
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.usefixtures("tools")
@pytest.mark.skipif(not bundle.HANDOVER.is_file(), reason="run `node build.mjs` in js/ first")
def test_without_a_browser_it_says_so_and_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat.write(saved(counter(ov.App("tips"))), folder / "nb.ipynb")
    session.close()
    before = (folder / "nb.ipynb").read_bytes()
    monkeypatch.setenv(config.CHROMIUM, "none")
    assert main(["pictures", "nb.ipynb"]) == 1
    assert "there can be no pictures" in capsys.readouterr().err
    assert (folder / "nb.ipynb").read_bytes() == before
