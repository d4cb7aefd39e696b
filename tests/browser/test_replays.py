"""Recorded interactions: no false alarm after a harmless refactor, and every regression is caught."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import overskill_nb as ov
from overskill_nb import config, headless, session

from .refactored import CASES, Case

pytestmark = pytest.mark.usefixtures("tools")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One app for all: the engine and the browser are started once."""
    folder = tmp_path_factory.mktemp("replays")
    yield folder
    session.close()
    headless.close()


@pytest.fixture
def app(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> ov.App:
    monkeypatch.chdir(workspace)
    monkeypatch.setenv(config.ENGINE, "kernel")
    for name in (config.MODE, config.NOTEBOOK, config.REFRESH, config.OUTCOMES):
        monkeypatch.delenv(name, raising=False)
    return ov.App("shop")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_refactor_raises_no_alarm_and_a_regression_does(app: ov.App, case: Case) -> None:
    app.component(case.name, case.before, props=case.props)
    with app.record(f"uses {case.name}") as r:
        case.steps(r)
    recorded = app.interactions[f"uses {case.name}"]

    app.component(case.name, case.harmless)
    assert app.read(f"src/components/{case.name}.tsx") == case.harmless
    done = app.replay(f"uses {case.name}")
    assert not done.skipped
    assert str(len(recorded.steps)) in done.text

    assert case.broken != case.before
    app.component(case.name, case.broken)
    with pytest.raises(ov.ReplayError) as raised:
        app.replay(f"uses {case.name}")
    assert str(raised.value).startswith(f"'uses {case.name}'")
