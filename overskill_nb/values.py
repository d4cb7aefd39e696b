"""Python values as a component's props: plain JSON data."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import math
import pathlib
import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from .errors import PropError

MAX_DEPTH = 40


def as_props(props: Mapping[str, Any]) -> dict[str, Any]:
    """Props as JSON data. Frames become lists of records, arrays become lists, dates ISO text, NaN null.

    Raises PropError, a TypeError, that names the prop whose value has no such form.
    """
    if not isinstance(props, Mapping):
        raise PropError(f"props is a dict of names and values, not {_name(props)}: props={{'bill': 50}}")
    made = {}
    for name, value in props.items():
        if not isinstance(name, str):
            raise PropError(f"a prop's name is a str, not {_name(name)} ({name!r})")
        if callable(value) and not isinstance(value, type) and not hasattr(value, "tolist"):
            raise PropError(f"the prop '{name}' is a function; preview.on('{name}', function) calls Python back")
        made[name] = _plain(value, name, 0)
    return made


def _plain(value: Any, at: str, depth: int) -> Any:
    if isinstance(value, enum.Enum):  # first: an enum's member can be a str or an int as well
        return _plain(value.value, at, depth)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, (float, decimal.Decimal)):
        number = float(value)
        return number if math.isfinite(number) else None
    if depth > MAX_DEPTH:
        raise PropError(f"the prop '{at}' is nested deeper than {MAX_DEPTH} levels, or contains itself")
    if isinstance(value, (datetime.date, datetime.time)):
        # pandas has a date that is no date.
        return None if type(value).__name__ == "NaTType" else value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, (pathlib.PurePath, uuid.UUID)):
        return str(value)
    if isinstance(value, Mapping):
        return {_key(key, at): _plain(item, f"{at}.{key}", depth + 1) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name), f"{at}.{field.name}", depth + 1)
            for field in dataclasses.fields(value)
        }
    return _foreign(value, at, depth)


def _foreign(value: Any, at: str, depth: int) -> Any:
    """Values of other libraries, told by what they can do, so that none of them needs importing."""
    if isinstance(value, (type, bytes, bytearray, memoryview)):  # classes have the methods below as well
        raise _formless(value, at)
    if hasattr(value, "to_dicts"):  # polars.DataFrame
        return _plain(value.to_dicts(), at, depth + 1)
    if hasattr(value, "to_dict") and hasattr(value, "columns"):  # pandas.DataFrame
        return _plain(value.to_dict(orient="records"), at, depth + 1)
    if type(value).__module__ == "numpy" and value.dtype.str.endswith(("[ns]", "[ps]", "[fs]", "[as]")):
        # datetime has microseconds: what is finer, numpy would turn into bare integers.
        value = value.astype(f"{value.dtype.str[:3]}[us]")
    if hasattr(value, "tolist"):  # numpy arrays and scalars, pandas.Series and Index
        return _plain(value.tolist(), at, depth + 1)
    if hasattr(value, "to_list"):  # polars.Series
        return _plain(value.to_list(), at, depth + 1)
    if type(value).__name__ in {"NAType", "NaTType"}:  # pandas.NA has no truth value to compare by
        return None
    if isinstance(value, (Sequence, AbstractSet)):
        items = sorted(value, key=repr) if isinstance(value, AbstractSet) else value
        return [_plain(item, f"{at}[{position}]", depth + 1) for position, item in enumerate(items)]
    raise _formless(value, at)


def _formless(value: Any, at: str) -> PropError:
    return PropError(
        f"the prop '{at}' is a {_name(value)}, which has no JSON form; pass numbers, text, lists, dicts, "
        "dates, frames or arrays"
    )


def _key(key: Any, at: str) -> str:
    plain = None if isinstance(key, tuple) else _plain(key, at, 0)
    if isinstance(plain, (str, int, float)):
        return str(plain)
    raise PropError(f"the prop '{at}' has a key of type {_name(key)}; keys are text or numbers")


def _name(value: object) -> str:
    return type(value).__name__
