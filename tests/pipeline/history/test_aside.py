from __future__ import annotations

import asyncio
import sys
import time

from overskill_nb.pipeline.history import aside


async def test_the_loop_goes_first_while_work_is_done_and_as_ever_after() -> None:
    usual = sys.getswitchinterval()

    def work() -> float:
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until:
            pass
        return sys.getswitchinterval()

    assert await asyncio.gather(*(aside.run(work) for _ in range(3))) == [min(aside.SWITCH_SECONDS, usual)] * 3
    assert sys.getswitchinterval() == usual
