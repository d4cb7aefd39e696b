"""What goes into files without keys."""

from __future__ import annotations

from overskill_nb.redaction import of_environment, redacted


def test_what_looks_like_a_key_goes_wherever_it_stands() -> None:
    key = "ghp_" + "a1" * 12
    assert redacted({"a": [f"x {key} y", 3], "b": None}) == {"a": ["x … y", 3], "b": None}


def test_values_of_variables_named_like_keys_go_and_short_ones_stay() -> None:
    secrets = of_environment({"MY_API_KEY": "correct-horse-battery", "PIN_TOKEN": "1234", "HOME": "/home/somebody"})
    assert redacted("correct-horse-battery 1234 /home/somebody", secrets) == "… 1234 /home/somebody"


def test_folders_of_this_machine_have_names() -> None:
    assert redacted("/home/somebody/app/src", folders=[("/home/somebody/app", "<app>"), ("/", "~")]) == "<app>/src"
