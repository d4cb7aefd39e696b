from __future__ import annotations

import asyncio
import signal
import threading
import time

import pytest

from overskill_nb.background import Background
from overskill_nb.errors import Cancelled, EngineError


@pytest.fixture
def background() -> Background:
    return Background("test")


def test_a_coroutine_runs_on_a_thread_of_its_own(background: Background) -> None:
    async def where() -> str:
        return threading.current_thread().name

    assert background.run(where()) == "test"
    background.stop()


async def test_it_works_where_a_loop_runs_already(background: Background) -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    assert background.run(answer()) == 42
    background.stop()


def test_an_error_is_raised_where_it_was_asked_for(background: Background) -> None:
    async def fail() -> None:
        raise EngineError("no")

    with pytest.raises(EngineError, match="no"):
        background.run(fail())
    background.stop()


def test_interrupting_the_one_who_waits_cancels_the_work(background: Background) -> None:
    begun, ended = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.set()
            raise

    def interrupt() -> None:
        begun.wait(60)
        time.sleep(0.1)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    # A shell that started the tests in the background has them ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            background.run(work())
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended.wait(60)
    background.stop()


def test_who_waits_is_told_that_the_work_takes_long(background: Background) -> None:
    told: list[str] = []
    proceed = threading.Event()

    async def slow() -> int:
        await asyncio.to_thread(proceed.wait, 20)
        return 1

    def on_late() -> None:
        told.append(threading.current_thread().name)
        proceed.set()

    assert background.run(slow(), on_late) == 1
    assert told == [threading.current_thread().name]
    background.stop()


def test_who_waits_is_not_told_of_work_that_is_done(background: Background, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("overskill_nb.background.PROMPT_SECONDS", 20.0)
    told: list[str] = []

    async def quick() -> int:
        return 2

    assert background.run(quick(), lambda: told.append("late")) == 2
    assert told == []
    background.stop()


def test_a_fault_of_the_one_who_is_told_ends_the_work(background: Background) -> None:
    ended = threading.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    def on_late() -> None:
        raise EngineError("cannot be shown")

    with pytest.raises(EngineError, match="cannot be shown"):
        background.run(work(), on_late)
    assert ended.wait(5)
    background.stop()


def test_work_that_is_cancelled_from_elsewhere_says_so(background: Background) -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(Cancelled):
        background.run(work())
    background.stop()


def test_stopping_ends_the_thread_and_what_still_runs(background: Background) -> None:
    ended = threading.Event()

    async def linger() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    async def start() -> None:
        background.task = asyncio.ensure_future(linger())  # type: ignore[attr-defined]
        await asyncio.sleep(0)

    background.run(start())
    started = time.monotonic()
    background.stop()
    background.stop()
    assert time.monotonic() - started < 20
    assert ended.is_set()
    assert background.loop.is_closed()
    assert not any(thread.name == "test" for thread in threading.enumerate())
