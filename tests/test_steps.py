"""Steps as lines of text."""

from __future__ import annotations

import pytest

from overskill_nb import CheckError
from overskill_nb.steps import checked, parse

LINES = [
    'click button "Add"',
    'click button "Delete" (2nd)',
    'click cell "3" (11th)',
    'click doc-noteref "1"',
    'double-click text "a \\"quoted\\" word"',
    'type "Grüße\\naus 東京" into textbox "New task"',
    'type "" into searchbox',
    'select "Large" in combobox "Size"',
    "press Escape",
    'press Control+a in textbox "New task"',
    'see "3 items left"',
    "wait 2.5 s",
]


@pytest.mark.parametrize("line", LINES)
def test_a_step_is_read_as_it_is_written(line: str) -> None:
    assert str(parse(line)) == line


@pytest.mark.parametrize(
    "line",
    [
        *(
            "",
            "jump",
            "click",
            'click "Add"',
            'type into textbox "a"',
            "press",
            "press two keys",
            "wait long",
            "wait 1e9 s",
        ),
        *('click button "Add', 'click button "Add" (0th) more', 'click Button "Add"', 'see "a" "b"'),
    ],
)
def test_what_is_no_step_is_refused(line: str) -> None:
    with pytest.raises(CheckError):
        parse(line)


@pytest.mark.parametrize(
    "said",
    [
        *(None, 3, {}, {"do": "run"}, {"do": "click"}, {"do": "click", "role": 3}, {"do": "press", "value": "a b"}),
        *(
            {"do": "click", "role": "button", "nth": -1},
            {"do": "click", "role": "b\n- step: x"},
            {"do": "wait", "seconds": 1e9},
        ),
        {"do": "click", "role": "button", "code": "x"},
    ],
)
def test_what_a_page_says_is_checked(said: object) -> None:
    with pytest.raises(CheckError):
        checked(said)
