"""What hot updates are held to: each bar with its figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """A figure that must not be above its bar."""

    name: str
    figure: float | None
    bar: float
    unit: str = "x"
    note: str = ""

    @property
    def met(self) -> bool:
        return self.figure is not None and self.figure <= self.bar

    def __str__(self) -> str:
        figure = "not measured" if self.figure is None else f"{self.figure:.2f} {self.unit}"
        word = "met" if self.met else "SHORT"
        return f"{self.name:44} {figure:>13}   <= {self.bar:.2f} {self.unit:2} {word:6}{self.note}".rstrip()


LEAF = (("vite", 0.30), ("bun", 0.75))
UTIL = (("vite", 0.25), ("vite-bundled", 0.75), ("bun", 1.05))
PEERS = ("vite", "vite-bundled", "bun")
FLAT = (1, 1000, 1.3)


class Latencies:
    """The rows of the harness, and the bars they are held to."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = {(row["kind"], row["n"], row["name"]): row for row in rows if "failed" not in row}

    def row(self, kind: str, n: int, name: str) -> Row | None:
        """What was measured of one contender."""
        return self._rows.get((kind, n, name))

    def ratio(self, kind: str, n: int, peer: str, of: str = "median") -> tuple[float | None, str]:
        """Ours against a peer, and the two figures."""
        ours, other = self.row(kind, n, "ours"), self.row(kind, n, peer)
        if not ours or not other or not ours[of] or not other[of]:
            return None, ""
        return ours[of] / other[of], f"{ours[of]:.1f} / {other[of]:.1f} ms"

    def bars(self, plan: dict[str, list[int]]) -> Iterator[Bar]:
        """The bars of what was to be measured."""
        for n in plan.get("leaf", []):
            for peer, bar in LEAF:
                figure, note = self.ratio("leaf", n, peer)
                yield Bar(f"leaf, {n} components, median / {peer}", figure, bar, note=note)
            figure, note = self.ratio("leaf", n, "bun", "p95")
            yield Bar(f"leaf, {n} components, p95 / bun", figure, 1.0, note=note)
            yield from self._kept("leaf", n)
        if set(FLAT[:2]) <= set(plan.get("leaf", [])):
            small, large = (self.row("leaf", n, "ours") for n in FLAT[:2])
            known = small and large and small["median"] and large["median"]
            yield Bar(
                f"leaf, {FLAT[1]} components / {FLAT[0]}",
                large["median"] / small["median"] if known and small and large else None,
                FLAT[2],
            )
        for n in plan.get("root", []):
            figure, note = self.ratio("root", n, "limit-py")
            yield Bar(f"root, {n} components, median / limit-py", figure, 1.1, note=note)
            for peer in PEERS:
                figure, note = self.ratio("root", n, peer)
                yield Bar(f"root, {n} components, median / {peer}", figure, 1.0, note=note)
            yield from self._kept("root", n)
        for n in plan.get("util", []):
            for peer, bar in UTIL:
                figure, note = self.ratio("util", n, peer)
                yield Bar(f"util, {n} components, median / {peer}", figure, bar, note=note)
            yield from self._kept("util", n)
        for n in plan.get("class", []):
            figure, note = self.ratio("class", n, "vite")
            yield Bar(f"new class, {n} components, median / vite", figure, 0.3, note=note)
            yield from self._kept("class", n)

    def _kept(self, kind: str, n: int) -> Iterator[Bar]:
        """That no update was lost and no state."""
        row = self.row(kind, n, "ours")
        lost = None if row is None else float(row["timeouts"] + row["count"] - row["state"])
        note = "" if row is None else f"state {row['state']}/{row['count']}, reloads {row['reloads']}"
        yield Bar(f"{kind}, {n} components, updates without state", lost, 0.0, "", note)


def table(rows: list[Row]) -> Iterator[str]:
    """All contenders side by side."""
    yield (
        f"{'edit':6} {'components':>10}  {'contender':13} {'median':>8} {'p95':>8} {'min':>8} {'paint':>8}"
        f" {'state':>7} {'reloads':>7} {'lost':>5} {'noisy':>6}"
    )
    for row in rows:
        if "failed" in row:
            yield f"{row['kind']:6} {row['n']:>10}  {row['name']:13} failed: {row['failed'].splitlines()[0][:90]}"
            continue
        kept = f"{row['state']}/{row['count']}"
        yield (
            f"{row['kind']:6} {row['n']:>10}  {row['name']:13} {_ms(row['median'])} {_ms(row['p95'])} {_ms(row['min'])}"
            f" {_ms(row['paint'])} {kept:>7} {row['reloads']:>7} {row['timeouts']:>5} {row['noisy']:>6}"
        )


def _ms(value: float | None) -> str:
    return f"{value:8.1f}" if value is not None else f"{'-':>8}"
