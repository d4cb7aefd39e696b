"""What was measured on this machine: ``ov.metrics()``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import session
from .protocol_metrics import LARGE_BYTES, GetMetrics
from .protocol_metrics import Metrics as Measured

if TYPE_CHECKING:
    from .app import App
    from .widgets.preview import Preview

CHART = Path(__file__).parent / "metrics_chart.tsx"
APP = "metrics"
"""Name of the app that plots are in, where none is given."""


class Metrics:
    """The four indicators, as they were measured here: how long preview deployments take, how long updates take until
    they are on screen, how many connections were lost, and how many apps have a first load of at most 1 MB.

    Of updates and connections it knows what was since the engine began, of the others all that is recorded in the
    workspace. ``print`` shows the table; ``pandas.DataFrame(metrics.rows)`` has it as data; ``plot()`` draws it.
    """

    def __init__(self, measured: Measured) -> None:
        self.update_ms: Sequence[float] = measured.update_ms
        """Milliseconds from a change, taken in by the engine, to a preview's answer that it is on screen."""
        self.deployment_ms: Sequence[float] = measured.deployment_ms
        """Milliseconds from each preview deployment's being asked for to its being seen at its address."""
        self.bundle_bytes: Sequence[int] = measured.bundle_bytes
        """First loads of what was built, compressed."""
        self.updates = measured.updates
        self.failed_updates = measured.failed_updates
        """Updates that previews could not show, for an error in them."""
        self.connections = measured.connections
        """Previews that came to follow an app, or came back."""
        self.dropped = measured.dropped
        """Those whose connection was lost, and that came back."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A dict for each figure: ``indicator``, ``figure``, ``value`` (None where nothing was measured), ``unit``,
        ``measured`` (how often) and ``plan`` (what OverSkill's plan says)."""
        small = sum(size <= LARGE_BYTES for size in self.bundle_bytes)
        deployments, bundles = len(self.deployment_ms), len(self.bundle_bytes)
        lost = self.dropped / self.connections if self.connections else None
        p50 = percentile(self.deployment_ms, 0.5)
        return [
            _row("preview deployment", "P50", None if p50 is None else p50 / 1000, "s", deployments, "5–8 s"),
            _row("update", "P50", percentile(self.update_ms, 0.5), "ms", self.updates, "50–100 ms"),
            _row("update", "P95", percentile(self.update_ms, 0.95), "ms", self.updates, ""),
            _row("connections", "dropped", lost, "share", self.connections, ""),
            _row("bundles", "under 1 MB", small / bundles if bundles else None, "share", bundles, "90 %"),
        ]

    def plot(self, app: App | None = None) -> Preview:
        """A preview that draws it: each deployment and update, and the sizes of what was built.

        The component is written into ``app``; without one into the app "metrics", which is made for it.
        """
        from .app import App

        source = CHART.read_text("utf-8")
        return (app or App(APP)).component("Metrics", source, props={"charts": self._charts()})

    def _charts(self) -> list[dict[str, Any]]:
        figures = [{"label": row["figure"], "text": _shown(row)} for row in self.rows]
        return [
            {
                "title": "Preview deployments",
                "figures": figures[:1],
                "values": [ms / 1000 for ms in self.deployment_ms],
                "unit": "s",
            },
            {"title": "Updates", "figures": figures[1:3], "values": list(self.update_ms), "unit": "ms"},
            {
                "title": "Connections",
                "figures": [*figures[3:4], {"label": "in all", "text": str(self.connections)}],
                "values": [],
                "unit": "",
            },
            {
                "title": "First loads",
                "figures": figures[4:],
                "values": [size / 1000 for size in self.bundle_bytes],
                "unit": "kB",
                "most": LARGE_BYTES / 1000,
            },
        ]

    def __repr__(self) -> str:
        """How often was measured, and no time that was: what is done again gives the same text."""
        counts = (
            _many(len(self.deployment_ms), "preview deployment"),
            _many(self.updates, "update"),
            f"{self.dropped} of {_many(self.connections, 'connection')} dropped",
            _many(len(self.bundle_bytes), "bundle"),
        )
        return f"Metrics({', '.join(counts)})"

    def __str__(self) -> str:
        lines = [f"{'':20}{'':12}{'here':>14}{'measured':>10}  plan"]
        lines += [
            f"{row['indicator']:20}{row['figure']:12}{_shown(row):>14}{row['measured']:>10}  {row['plan']}".rstrip()
            for row in self.rows
        ]
        return "\n".join(lines)

    def _repr_mimebundle_(self, **given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Times are in a widget: what a notebook is saved with stays the same."""
        import ipywidgets

        data, metadata = ipywidgets.HTML(self._table())._repr_mimebundle_(**given), {}
        if isinstance(data, tuple):
            data, metadata = data
        return {**data, "text/plain": repr(self)}, metadata

    def _table(self) -> str:
        right = "style='text-align:right'"
        rows = [
            f"<th style='text-align:left'>{escape(row['indicator'])}</th><td>{escape(row['figure'])}</td>"
            f"<td {right}>{escape(_shown(row))}</td><td {right}>{row['measured']}</td><td>{escape(row['plan'])}</td>"
            for row in self.rows
        ]
        heads = "".join(f"<th>{name}</th>" for name in ("", "", "here", "measured", "plan"))
        return f"<table style='border-spacing:12px 2px'><tr>{'</tr><tr>'.join([heads, *rows])}</tr></table>"


def metrics() -> Metrics:
    """What was measured in this workspace, by the engine that this process talks to."""
    return Metrics(session.current().call(GetMetrics(), Measured))


def percentile(values: Sequence[float], share: float) -> float | None:
    """Between the two values next to it, as numpy has it; None of none."""
    if not values:
        return None
    ordered = sorted(values)
    at = (len(ordered) - 1) * share
    low, high = ordered[math.floor(at)], ordered[math.ceil(at)]
    return low + (high - low) * (at - math.floor(at))


def _row(indicator: str, figure: str, value: float | None, unit: str, measured: int, plan: str) -> dict[str, Any]:
    keys = ("indicator", "figure", "value", "unit", "measured", "plan")
    return dict(zip(keys, (indicator, figure, value, unit, measured, plan), strict=True))


def _shown(row: dict[str, Any]) -> str:
    value, unit = row["value"], row["unit"]
    if value is None:
        return "not measured"
    if unit == "share":
        return f"{value:.0%}" if value in (0, 1) else f"{value:.1%}"
    return f"{value:.2f} {unit}" if unit == "s" else f"{value:.1f} {unit}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


__all__ = ["Metrics", "metrics"]
