"""Memory and CPU of the processes that a measurement watches, and how fast memory grows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

SETTLE = 120.0
"""Seconds after a process was first seen that do not count: it still loads what it will keep."""
SPAN = 120.0
"""Shorter pieces say nothing about growth."""


@dataclass(frozen=True)
class Sample:
    """A process's memory at one moment."""

    at: float
    pid: int
    mb: float


def memory(pid: int | None) -> float | None:
    """Resident memory in MB; None where the process is gone."""
    try:
        return None if pid is None else round(psutil.Process(pid).memory_info().rss / 2**20, 2)
    except psutil.Error:
        return None


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used, its own and the system's for it; 0 where it is gone."""
    try:
        used = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(used.user + used.system)


def renderers(browser_pid: int) -> list[int]:
    """The processes in which a Chromium runs its pages."""
    found = []
    for child in psutil.Process(browser_pid).children(recursive=True):
        try:
            if "--type=renderer" in child.cmdline():
                found.append(child.pid)
        except psutil.Error:
            continue
    return found


def chromium_below(pid: int) -> int | None:
    """The browser process that a program started."""
    for child in psutil.Process(pid).children(recursive=True):
        try:
            words = child.cmdline()
        except psutil.Error:
            continue
        if any(word.startswith("--remote-debugging") for word in words) and not any(
            "--type=" in word for word in words
        ):
            return int(child.pid)
    return None


def slope(samples: Iterable[Sample], settle: float = SETTLE) -> float | None:
    """MB an hour by least squares: one slope for a lineage of processes, each with a level of its own.

    None where the samples say nothing about growth.
    """
    by_pid: dict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_pid[sample.pid].append(sample)
    above = below = 0.0
    for own in by_pid.values():
        start = own[0].at + settle
        kept = [sample for sample in own if sample.at >= start]
        if len(kept) < 2 or kept[-1].at - kept[0].at < SPAN:
            continue
        middle = sum(sample.at for sample in kept) / len(kept)
        level = sum(sample.mb for sample in kept) / len(kept)
        above += sum((sample.at - middle) * (sample.mb - level) for sample in kept)
        below += sum((sample.at - middle) ** 2 for sample in kept)
    return above / below * 3600 if below else None
