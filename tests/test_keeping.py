"""When a recording takes the place of what is kept."""

from __future__ import annotations

import pytest

from overskill_nb import config
from overskill_nb.recorder import keeps


@pytest.mark.parametrize(
    ("environment", "kept"),
    [
        ({}, True),
        ({config.MODE: "live"}, True),
        ({config.MODE: "replay"}, False),
        ({config.MODE: "Replay "}, False),
        ({config.OUTCOMES: "/somewhere"}, False),
        ({config.OUTCOMES: "/somewhere", config.MODE: "live"}, False),
        ({config.OUTCOMES: "/somewhere", config.MODE: "record"}, False),
        ({config.OUTCOMES: "/somewhere", config.MODE: "replay", config.REFRESH: "1"}, True),
    ],
)
def test_a_test_never_takes_anew_what_it_compares_with(
    environment: dict[str, str], kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (config.MODE, config.OUTCOMES, config.REFRESH):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert keeps() is kept
