from __future__ import annotations

from typing import Any

import msgspec

from overskill_nb.pipeline.built import Built, Kept, Shown
from overskill_nb.pipeline.chunk import Chunk


def module(name: str, version: str) -> dict[str, Any]:
    return {"id": name, "hash": version, "code": f"{name} {version}", "deps": {}, "css": None, "is_async": False}


def raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def built(*modules: dict[str, Any], vendor: tuple[str, ...] = (), **more: Any) -> Built:
    return Built(modules=raw(modules), vendor=raw([{"id": name, "code": name} for name in vendor]), **more)


def kept(
    *modules: dict[str, Any], vendor: tuple[str, ...] = (), page: str = "page", styles: tuple[str, ...] = ()
) -> Kept:
    return Kept(
        page=raw({"title": page}),
        entries=["main"],
        globals=list(styles),
        modules=raw(modules),
        vendor=[Chunk(id=name, code=name) for name in vendor],
        diagnostics=[],
    )


def ids(data: msgspec.Raw) -> list[str]:
    return [f"{item['id']} {item.get('hash', '')}".strip() for item in msgspec.json.decode(data)]


def test_what_was_built_twice_goes_out_once_and_as_it_was_last() -> None:
    first = built(module("a", "1"), module("b", "1"), vendor=("v1",), globals=["x.css"], removed=["c"], reload="why")
    later = built(module("b", "2"), module("c", "1"), vendor=("v2",), page=raw({"title": "t"}))
    both = first.then(later)
    assert ids(both.modules) == ["a 1", "b 2", "c 1"]
    assert ids(both.vendor) == ["v1", "v2"]
    assert both.removed == []
    assert both.globals == ["x.css"]
    assert both.reload == "why"
    assert bytes(both.page) == b'{"title":"t"}'


def test_nothing_and_then_something_is_something() -> None:
    something = built(module("a", "1"))
    assert Built().empty
    assert not something.empty
    assert ids(Built().then(something).modules) == ["a 1"]
    assert ids(something.then(Built()).modules) == ["a 1"]


def test_a_preview_that_has_everything_misses_nothing() -> None:
    shown = Shown()
    state = kept(module("a", "1"), vendor=("v1",), styles=("x.css",))
    shown.note_snapshot(state)
    assert shown.missed(state).empty


def test_a_preview_misses_what_is_new_changed_or_gone() -> None:
    shown = Shown()
    shown.note_snapshot(kept(module("a", "1"), module("b", "1"), module("c", "1"), vendor=("v1",)))
    shown.note(built(module("b", "2"), removed=["c"]))
    missed = shown.missed(kept(module("b", "2"), module("d", "1"), vendor=("v1",), page="new", styles=("x.css",)))
    assert ids(missed.modules) == ["d 1"]
    assert missed.removed == ["a"]
    assert missed.globals == ["x.css"]
    assert bytes(missed.page) == b'{"title":"new"}'
    assert missed.reload == ""


def test_other_packages_or_another_environment_mean_a_fresh_start() -> None:
    shown = Shown()
    shown.note_snapshot(kept(module("virtual:env", "1"), vendor=("v1",)))
    assert shown.missed(kept(module("virtual:env", "1"), vendor=("v2",))).reload
    assert shown.missed(kept(module("virtual:env", "2"), vendor=("v1",))).reload
    shown.note(built(vendor=("v2",)))
    assert not shown.missed(kept(module("virtual:env", "1"), vendor=("v1", "v2"))).reload
