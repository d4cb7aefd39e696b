from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import json
import math
import pathlib
import uuid
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from overskill_nb.values import MAX_DEPTH, as_props


def plain(value: Any) -> Any:
    """The value as a prop, after checking that it is JSON as browsers read it."""
    made = as_props({"value": value})["value"]
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    return made


class Colour(enum.Enum):
    RED = "red"


class Size(enum.IntEnum):
    BIG = 3


class Name(str, enum.Enum):
    ANNA = "Anna"


@dataclasses.dataclass(frozen=True)
class Point:
    x: float
    when: dt.date
    tags: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (0, 0),
        (-3.5, -3.5),
        ("Grüße 🎉", "Grüße 🎉"),
        (math.nan, None),
        (math.inf, None),
        (-math.inf, None),
        (decimal.Decimal("12.50"), 12.5),
        (decimal.Decimal("NaN"), None),
        (dt.date(2024, 2, 29), "2024-02-29"),
        (dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.timezone.utc), "2024-02-29T12:30:00+00:00"),
        (dt.time(9, 5), "09:05:00"),
        (dt.timedelta(minutes=1.5), 90.0),
        (pathlib.PurePosixPath("a/b"), "a/b"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "red"),
        (Size.BIG, 3),
        ((1, (2, 3)), [1, [2, 3]]),
        (range(3), [0, 1, 2]),
        (collections.deque([1, 2]), [1, 2]),
        ({"b", "a"}, ["a", "b"]),
        (frozenset({2, 1}), [1, 2]),
        ({1: "a", False: "b", 2.5: "c"}, {"1": "a", "False": "b", "2.5": "c"}),
        ({dt.date(2024, 1, 1): 1, Colour.RED: 2}, {"2024-01-01": 1, "red": 2}),
        (MappingProxyType({"a": {1}}), {"a": [1]}),
        ([], []),
        ({}, {}),
        (Point(1.5, dt.date(2024, 1, 1), ("a",)), {"x": 1.5, "when": "2024-01-01", "tags": ["a"]}),
        ([{"at": Point(math.nan, dt.date(2024, 1, 1))}], [{"at": {"x": None, "when": "2024-01-01", "tags": []}}]),
    ],
    # The same in every process of a parallel run: a set's repr is not.
    ids=lambda value: type(value).__name__,
)
def test_python_values(value: Any, expected: Any) -> None:
    assert plain(value) == expected


def test_an_enum_of_text_becomes_plain_text() -> None:
    assert type(plain(Name.ANNA)) is str


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.float64("nan"), None),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.array([1, 2]), [1, 2]),
        (np.array([[1.0, np.nan], [np.inf, 2.0]]), [[1.0, None], [None, 2.0]]),
        (np.array(5), 5),
        (np.array([], dtype=float), []),
        (np.array(["a", None], dtype=object), ["a", None]),
        (np.datetime64("2024-01-02"), "2024-01-02"),
        (np.datetime64("2024-01-02T03:04:05"), "2024-01-02T03:04:05"),
        # Nanoseconds are what pandas hands out; numpy itself turns them into bare integers.
        (np.array(["2024-01-02T03:04:05", "NaT"], dtype="datetime64[ns]"), ["2024-01-02T03:04:05", None]),
        (np.datetime64("2024-01-02T03:04:05", "ns"), "2024-01-02T03:04:05"),
        (np.array([1_500_000_000, "NaT"], dtype="timedelta64[ns]"), [1.5, None]),
        ({np.int64(1): np.int64(2)}, {"1": 2}),
    ],
    ids=lambda value: str(getattr(value, "dtype", "")) or None,
)
def test_numpy(value: Any, expected: Any) -> None:
    assert plain(value) == expected


def test_a_frame_becomes_records() -> None:
    frame = pd.DataFrame(
        {
            "n": [1, 2],
            "x": [0.5, np.nan],
            "when": [pd.Timestamp("2024-01-02"), pd.NaT],
            "took": [pd.Timedelta(seconds=2), pd.NaT],
            "maybe": pd.array([1, None], dtype="Int64"),
            "text": ["a", None],
            "kind": pd.Categorical(["u", "v"]),
        }
    )
    assert plain(frame) == [
        {"n": 1, "x": 0.5, "when": "2024-01-02T00:00:00", "took": 2.0, "maybe": 1, "text": "a", "kind": "u"},
        {"n": 2, "x": None, "when": None, "took": None, "maybe": None, "text": None, "kind": "v"},
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (pd.Series([1.5, np.nan]), [1.5, None]),
        (pd.Index(["a", "b"]), ["a", "b"]),
        (pd.Series(pd.to_datetime(["2024-01-02", None])), ["2024-01-02T00:00:00", None]),
        (pd.to_datetime(["2024-01-02"]).tz_localize("UTC"), ["2024-01-02T00:00:00+00:00"]),
        (pd.Timestamp("2024-01-02"), "2024-01-02T00:00:00"),
        (pd.NaT, None),
        (pd.NA, None),
        (pd.DataFrame(), []),
        (pd.Series(["a"], index=[7]).to_dict(), {"7": "a"}),
        (pd.Period("2024-01", "M").start_time, "2024-01-01T00:00:00"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_pandas(value: Any, expected: Any) -> None:
    assert plain(value) == expected


@pytest.mark.parametrize(
    "value",
    [b"raw", bytearray(b"raw"), memoryview(b"raw"), 1j, object(), iter([1]), int, np.ndarray, pd.DataFrame, math],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_what_has_no_json_form_is_refused_by_the_props_name(value: Any) -> None:
    with pytest.raises(TypeError, match=r"the prop 'photo'"):
        as_props({"ok": 1, "photo": value})


def test_a_fault_inside_names_the_way_to_it() -> None:
    with pytest.raises(TypeError, match=r"'rows\[1\]\.photo' is a bytes"):
        as_props({"rows": [{}, {"photo": b"raw"}]})


def test_a_function_is_refused_with_the_way_to_hand_one_in() -> None:
    with pytest.raises(TypeError, match=r"'onSave' is a function; preview\.on\('onSave', function\)"):
        as_props({"onSave": lambda: None})


def test_a_function_further_in_is_refused_too() -> None:
    with pytest.raises(TypeError, match=r"'options\.onSave'"):
        as_props({"options": {"onSave": print}})


@pytest.mark.parametrize("make", [list, dict])
def test_a_value_that_contains_itself_is_refused(make: Any) -> None:
    value = make()
    value.append(value) if isinstance(value, list) else value.update(self=value)
    with pytest.raises(TypeError, match="contains itself"):
        as_props({"loop": value})


def test_deep_nesting_is_fine_to_a_limit() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH):
        value = [value]
    assert plain(value) == value
    with pytest.raises(TypeError, match="nested deeper"):
        as_props({"deep": [[value]]})


@pytest.mark.parametrize("props", [[("bill", 1)], "bill", 5, None])
def test_props_are_a_mapping(props: Any) -> None:
    with pytest.raises(TypeError, match="props is a dict"):
        as_props(props)


@pytest.mark.parametrize("key", [1, None, ("a",)])
def test_the_name_of_a_prop_is_text(key: Any) -> None:
    with pytest.raises(TypeError, match="name is a str"):
        as_props({key: 1})


@pytest.mark.parametrize("key", [None, ("a", "b"), math.nan])
def test_a_key_without_a_text_form_is_refused(key: Any) -> None:
    with pytest.raises(TypeError, match="the prop 'by' has a key"):
        as_props({"by": {key: 1}})


def test_the_values_handed_in_are_left_alone() -> None:
    given = {"rows": [{"x": math.nan}]}
    as_props(given)
    assert math.isnan(given["rows"][0]["x"])
