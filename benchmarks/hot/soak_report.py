"""What a soak saw, from its events: those in memory, or the lines of a file that a killed soak left behind."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import Sample, slope

PREVIEWS = ("notebook", "tab")
GRACE = 5.0
"""Seconds after a recovery in which a change may still have been overtaken by the next one."""

Event = dict[str, Any]


@dataclass(frozen=True)
class Kill:
    """A process that was killed, and when all previews showed a change made after that."""

    kind: str
    at: float
    recovered: float | None

    @property
    def seconds(self) -> float | None:
        return None if self.recovered is None else self.recovered - self.at


def read(file: Path) -> list[Event]:
    """The events of a progress file. Its last line may be cut off."""
    events = []
    for line in file.read_text("utf-8").splitlines():
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return events


class Report:
    """Figures of a soak."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events
        self.edits = [event for event in events if event["event"] == "edit"]
        self.handed_in = {edit["rev"]: float(edit["at"]) for edit in self.edits}
        self.shown: dict[str, dict[int, float]] = {name: {} for name in PREVIEWS}
        for event in self._of("shown"):
            self.shown[event["preview"]].setdefault(event["rev"], event["at"])
        self.kills = [Kill(event["kind"], event["at"], self._recovery(event)) for event in self._of("kill")]

    def _of(self, kind: str) -> Iterator[Event]:
        return (event for event in self._events if event["event"] == kind)

    def _recovery(self, kill: Event) -> float | None:
        """When the slowest preview showed a change that was handed in after the kill."""
        after = {rev for rev, at in self.handed_in.items() if at > kill["at"]}
        firsts = []
        for name in PREVIEWS:
            times = [at for rev, at in self.shown[name].items() if rev in after]
            if not times:
                return None
            firsts.append(min(times))
        return max(firsts)

    def _during_outage(self, at: float) -> bool:
        # A change handed in just before a kill goes down with it.
        return any(
            kill.at - 1 <= at and (kill.recovered is None or at <= kill.recovered + GRACE) for kill in self.kills
        )

    def preview(self, name: str) -> dict[str, Any]:
        """How one preview did."""
        shown = self.shown[name]
        newest = max(shown, default=0)
        missing = [rev for rev in self.handed_in if rev not in shown]
        superseded = [rev for rev in missing if rev < newest]
        waits = {rev: 1000 * (shown[rev] - at) for rev, at in self.handed_in.items() if rev in shown}
        calm = sorted(wait for rev, wait in waits.items() if not self._during_outage(self.handed_in[rev]))
        seen = [event for event in self._of("shown") if event["preview"] == name]
        counted = [event for event in seen if not event["counting"]]
        return {
            "shown": len(self.handed_in) - len(missing),
            "superseded": len(superseded),
            "skipped_without_outage": [rev for rev in superseded if not self._during_outage(self.handed_in[rev])],
            "not_shown": [rev for rev in missing if rev >= newest],
            "last_shown": seen[-1]["rev"] if seen else 0,
            "reloads": Counter(event["after"] for event in self._of("reload") if event["preview"] == name),
            "state_kept": sum(event["count"] == "3" for event in counted),
            "state_of": len(counted),
            # Outside outages; the slowest of all.
            "median_ms": round(calm[len(calm) // 2], 1) if calm else None,
            "p95_ms": round(calm[int(0.95 * (len(calm) - 1))], 1) if calm else None,
            "slowest_ms": round(max(waits.values()), 1) if waits else None,
        }

    def memory(self) -> dict[str, dict[str, Any]]:
        """Levels and growth per lineage of processes."""
        samples: dict[str, list[Sample]] = defaultdict(list)
        for event in self._of("memory"):
            for name, (pid, mb) in event["processes"].items():
                samples[name].append(Sample(event["at"], pid, mb))
        found = {}
        for name, own in samples.items():
            growth = slope(own)
            found[name] = {
                "processes": len({sample.pid for sample in own}),
                "first_mb": own[0].mb,
                "last_mb": own[-1].mb,
                "highest_mb": max(sample.mb for sample in own),
                "mb_per_hour": None if growth is None else round(growth, 1),
            }
        return found

    def figures(self) -> dict[str, Any]:
        """All of it, as JSON takes it."""
        last = max(self.handed_in, default=0)
        previews = {name: self.preview(name) for name in PREVIEWS}
        cells_back = defaultdict(list)
        for event in self._of("kernel"):
            cells_back[event["after"]].append(event["seconds"])
        kinds = sorted({kill.kind for kill in self.kills})
        return {
            "seconds": round(self._events[-1]["at"] - self._events[0]["at"]) if self._events else 0,
            "edits": len(self.edits),
            "by_source": Counter(edit["source"] for edit in self.edits),
            "fell_back_to_disk": sum(bool(edit.get("instead_of")) for edit in self.edits),
            "last_edit": last,
            "kills": {
                kind: {
                    "count": sum(kill.kind == kind for kill in self.kills),
                    "slowest_recovery_s": _slowest([kill.seconds for kill in self.kills if kill.kind == kind]),
                    "cells_back_s": _slowest(cells_back.get(kind, [])),
                }
                for kind in kinds
            },
            "not_recovered": [kill.kind for kill in self.kills if kill.recovered is None],
            "previews": previews,
            "memory": self.memory(),
            "problems": [
                *(event["text"] for event in self._of("problem")),
                *(
                    f"{name} skipped changes although nothing was killed: {own['skipped_without_outage']}"
                    for name, own in previews.items()
                    if own["skipped_without_outage"]
                ),
            ],
            "all_shown": bool(last) and all(own["last_shown"] == last for own in previews.values()),
        }


def _slowest(seconds: list[float | None]) -> float | None:
    known = [value for value in seconds if value is not None]
    return round(max(known), 2) if known else None


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """The figures for a reader."""
    sources = ", ".join(f"{count} by {name}" for name, count in figures["by_source"].items())
    yield f"soak      {figures['seconds'] / 60:.1f} min, {figures['edits']} edits ({sources})"
    yield f"          {figures['fell_back_to_disk']} of them written to disk because their source was away"
    if figures["kills"]:
        yield "          recovery: from the kill until every preview shows a change that was made after it"
    for kind, own in figures["kills"].items():
        back = f", cells run again after at most {own['cells_back_s']} s" if own["cells_back_s"] is not None else ""
        yield f"kills     {kind:14} {own['count']:3}, slowest recovery {own['slowest_recovery_s']} s{back}"
    for name, own in figures["previews"].items():
        reloads = ", ".join(f"{count} after {kind}" for kind, count in own["reloads"].items()) or "none"
        yield (
            f"preview   {name:9} {own['shown']} shown, {own['superseded']} superseded, {len(own['not_shown'])} not"
            f" shown; median {own['median_ms']} ms, p95 {own['p95_ms']} ms, slowest {own['slowest_ms']} ms"
        )
        yield f"          {'':9} state kept {own['state_kept']}/{own['state_of']}; reloads: {reloads}"
    for name, own in figures["memory"].items():
        growth = "too short to say" if own["mb_per_hour"] is None else f"{own['mb_per_hour']:+.1f} MB/h"
        yield (
            f"memory    {name:14} {own['first_mb']:.0f} -> {own['last_mb']:.0f} MB, highest {own['highest_mb']:.0f},"
            f" {own['processes']} processes, {growth}"
        )
    for text in figures["problems"]:
        yield f"problem   {text}"
    if figures["not_recovered"]:
        yield f"problem   no preview change was seen after a kill of: {', '.join(figures['not_recovered'])}"
    end = "all previews show the last edit" if figures["all_shown"] else "NOT all previews show the last edit"
    yield f"end       {end} ({figures['last_edit']})"
