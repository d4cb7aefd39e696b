"""What is told of an interaction to whoever runs a notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from overskill_nb import BuildError, ReplayError, config
from overskill_nb.outcome import Outcome, noted, outcome_of


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(config.OUTCOMES, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ReplayError("something else is there", diff="- a\n+ b"), "something else is there"),
        (BuildError("It does not compile"), "It does not compile"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    ],
)
def test_whatever_ended_it_is_told(told: Path, error: Exception, text: str) -> None:
    with pytest.raises(type(error)), noted("adds a task"):
        raise error
    said = outcome_of(told, "adds a task")
    assert said is not None
    assert (said["status"], said["text"]) == ("failed", text)


def test_what_went_well_or_was_not_tried_is_told_as_such(told: Path) -> None:
    for outcome, status in ((Outcome("went"), "passed"), (Outcome("Skipped.", skipped="no browser"), "skipped")):
        with noted("adds a task") as made:
            made.append(outcome)
        said = outcome_of(told, "adds a task")
        assert said is not None
        assert said["status"] == status
    assert outcome_of(told, "another") is None
