from __future__ import annotations

import msgspec
import pytest

from overskill_nb.pipeline.updates import UpdateLog


def update(seq: int) -> msgspec.Raw:
    return msgspec.Raw(b'{"seq":%d}' % seq)


def filled(count: int, keep: int = 200, keep_bytes: int = 10_000, size: int = 10) -> UpdateLog:
    log = UpdateLog(keep, keep_bytes)
    for seq in range(1, count + 1):
        log.append(seq, update(seq), size)
    return log


def numbers(updates: list[msgspec.Raw] | None) -> list[int] | None:
    return None if updates is None else [msgspec.json.decode(raw)["seq"] for raw in updates]


def test_a_client_gets_just_what_it_missed() -> None:
    log = filled(5)
    assert numbers(log.since(3)) == [4, 5]
    assert numbers(log.since(0)) == [1, 2, 3, 4, 5]


def test_a_client_that_is_up_to_date_gets_nothing() -> None:
    assert filled(5).since(5) == []
    assert filled(0).since(0) == []


@pytest.mark.parametrize("seq", [6, 1_000_000, -1, -7])
def test_a_number_that_is_not_of_this_log_means_a_snapshot(seq: int) -> None:
    assert filled(5).since(seq) is None


def test_before_the_first_update_no_number_but_zero_is_known() -> None:
    assert filled(0).since(-1) is None
    assert filled(0).since(1) is None


@pytest.mark.parametrize("seq", [0, 3, 5, 7])
def test_a_gap_is_never_written(seq: int) -> None:
    log = filled(5)
    with pytest.raises(ValueError, match="does not follow 5"):
        log.append(seq, update(seq), 1)
    assert log.seq == 5
    assert numbers(log.since(4)) == [5]


def test_the_oldest_go_first_when_there_are_too_many() -> None:
    log = filled(10, keep=4)
    assert numbers(log.since(6)) == [7, 8, 9, 10]
    assert log.since(5) is None
    assert log.since(10) == []


def test_the_oldest_go_first_when_they_are_too_large() -> None:
    log = filled(10, keep_bytes=35, size=10)
    assert numbers(log.since(7)) == [8, 9, 10]
    assert log.since(6) is None


def test_one_huge_update_is_kept_for_those_who_just_missed_it() -> None:
    log = filled(3, keep_bytes=100)
    log.append(4, update(4), 1_000_000)
    assert numbers(log.since(3)) == [4]
    assert log.since(2) is None
    log.append(5, update(5), 10)
    assert numbers(log.since(4)) == [5]
    assert log.since(3) is None
