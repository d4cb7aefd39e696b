"""What is made of two recordings of one interaction."""

from __future__ import annotations

import pytest

from overskill_nb import ReplayError
from overskill_nb.recorded import Interaction, Taken
from overskill_nb.replaying import changes, compare
from overskill_nb.steps import parse
from overskill_nb.trees import Tree

PRESS = parse('click button "Add"')
ONE = Tree("- text: 1 item")
TWO = Tree("- text: 2 items")


def made(start: Tree | None, *after: Tree | None) -> Interaction:
    return Interaction("adds", "shop", start=start, steps=[Taken(PRESS, tree) for tree in after])


def test_what_is_the_same_passes() -> None:
    compare(made(ONE, TWO), made(ONE, TWO))
    assert changes(made(ONE, TWO), made(ONE, TWO)) == ""


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (made(TWO, TWO), "at the start something else is there"),
        (made(ONE, ONE), r"after step 1, click button \"Add\" something else is there"),
        (made(ONE, TWO, TWO), "The steps of 'adds' are others"),
    ],
)
def test_the_first_thing_that_is_otherwise_is_said(other: Interaction, says: str) -> None:
    with pytest.raises(ReplayError, match=says) as raised:
        compare(made(ONE, TWO), other)
    assert raised.value.diff


@pytest.mark.parametrize("known", [made(None, None), made(ONE, None)])
def test_what_no_browser_has_looked_at_passes_nothing(known: Interaction) -> None:
    with pytest.raises(ReplayError, match="nothing to compare with"):
        compare(known, made(ONE, TWO))
