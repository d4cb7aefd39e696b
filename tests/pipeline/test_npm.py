from __future__ import annotations

import pytest

from overskill_nb.pipeline import npm

NOISE = "npm error A complete log of this run can be found in: /root/.npm/_logs/2024-01-01-debug-0.log"


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("npm error code E404\nnpm error 404 Not Found", "E404"),
        ("npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree", "ERESOLVE"),
        ("added 3 packages in 1s", ""),
        ("", ""),
        ("the code E404 is mentioned by a package", ""),
    ],
)
def test_the_code_of_both_spellings_of_npm_is_found(output: str, code: str) -> None:
    assert npm.code(output) == code


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("E404", "no such package"),
        ("ETARGET", "no such version"),
        ("ERESOLVE", "does not go together"),
        ("ENOTFOUND", "cannot be reached"),
        ("ECONNREFUSED", "cannot be reached"),
        ("ETIMEDOUT", "cannot be reached"),
        ("E401", "login"),
        ("E403", "login"),
        ("ENOSPC", "disk is full"),
    ],
)
def test_each_common_failure_is_one_sentence(code: str, says: str) -> None:
    said = npm.reason(f"npm error code {code}\nnpm error something long\n{NOISE}")
    assert says in said
    assert "\n" not in said
    assert said.endswith(".")
    assert "npm error" not in said


def test_any_other_failure_is_the_first_line_that_says_something() -> None:
    output = f"npm error code EBADENGINE\nnpm error engine Unsupported engine\nnpm error more\n{NOISE}"
    assert npm.reason(output) == "npm said: engine Unsupported engine"


@pytest.mark.parametrize("output", ["", "\n\n", NOISE])
def test_silence_is_said_to_be_silence(output: str) -> None:
    assert npm.reason(output) == "npm gave no reason."
