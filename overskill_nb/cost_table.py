"""The table of costs as text and as HTML, and its plot as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import Protocol

Totals = Mapping[str, tuple["float | None", float]]


class ShownLine(Protocol):
    """One item of one case."""

    @property
    def case(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def stated(self) -> float | None: ...
    @property
    def published(self) -> float: ...
    @property
    def why(self) -> str: ...


class ShownPrice(Protocol):
    """A price with its source."""

    @property
    def what(self) -> str: ...
    @property
    def usd(self) -> float: ...
    @property
    def unit(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def as_of(self) -> str: ...


# Dark enough for white text on them, light enough for a dark page.
COLOURS = {
    "GitHub Actions": "#8250df",
    "Workers": "#bc4c00",
    "Workers for Platforms": "#bc4c00",
    "Server": "#0969da",
    "Builds": "#1a7f37",
}
WIDTH, LABEL, BAR, GAP = 760, 250, 22, 8


def _usd(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def _title(apps: int) -> str:
    return f"USD a month for {apps:,} app{'' if apps == 1 else 's'}"


def as_text(lines: Sequence[ShownLine], totals: Totals, prices: Iterable[ShownPrice], apps: int) -> str:
    """A table, the reasons below each line, and the prices with their sources."""
    shown = [f"{_title(apps):46}{'the plan':>10}{'published':>11}"]
    for case, (stated, published) in totals.items():
        shown += ["", f"{case:46}{_usd(stated):>10}{_usd(published):>11}"]
        for line in lines:
            if line.case == case:
                shown.append(f"  {line.item:44}{_usd(line.stated):>10}{_usd(line.published):>11}")
                shown += [f"      {part}" for part in wrap(line.why, 80)]
    shown += ["", "Prices"]
    shown += [f"  {price.usd:g} USD: {price.what} ({price.as_of}, {price.source})" for price in prices]
    return "\n".join(shown)


def as_html(lines: Sequence[ShownLine], totals: Totals, prices: Iterable[ShownPrice], apps: int) -> str:
    """The plot, the table and the prices. Colours are the notebook's."""
    rows = []
    for case, (stated, published) in totals.items():
        rows.append(
            f'<tr><th scope="rowgroup" style="text-align:left">{escape(case)}</th>'
            f"<th>{_usd(stated)}</th><th>{_usd(published)}</th><td></td></tr>"
        )
        rows += [
            f'<tr><td style="text-align:left;padding-left:1.6em">{escape(line.item)}</td><td>{_usd(line.stated)}</td>'
            f"<td>{_usd(line.published)}</td>"
            f'<td style="text-align:left;white-space:normal">{escape(line.why)}</td></tr>'
            for line in lines
            if line.case == case
        ]
    sources = "".join(
        f'<li>{price.usd:g} USD: {escape(price.what)} (<a href="{escape(price.source)}">{escape(price.as_of)}</a>)</li>'
        for price in prices
    )
    names = (("left", _title(apps)), ("right", "the plan"), ("right", "published"), ("left", "why"))
    head = "".join(f'<th scope="col" style="text-align:{side}">{escape(name)}</th>' for side, name in names)
    return (
        f'<div style="max-width:60em">{as_svg(lines, totals, apps)}'
        f'<table style="text-align:right"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        f"<details><summary>Prices and their sources</summary><ul>{sources}</ul></details></div>"
    )


def as_svg(lines: Sequence[ShownLine], totals: Totals, apps: int) -> str:
    """One bar a case and kind of figure, divided into items."""
    bars: list[tuple[str, float, list[tuple[str, float]]]] = []
    for case, (stated, published) in totals.items():
        own = [line for line in lines if line.case == case]
        if stated is not None:
            bars.append((f"{case}, the plan", stated, [(line.item, line.stated or 0.0) for line in own]))
        bars.append((f"{case}, published", published, [(line.item, line.published) for line in own]))
    height = len(bars) * (BAR + GAP) + 34
    scale = (WIDTH - LABEL - 80) / max(total for _, total, _ in bars)
    said = "; ".join(f"{name} {_usd(total)}" for name, total, _ in bars)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(f"{_title(apps)}: {said}")}" fill="currentColor" '
        'style="max-width:100%;height:auto;font:12px system-ui,sans-serif">'
    )
    parts = [head]
    for number, (name, total, items) in enumerate(bars):
        top = number * (BAR + GAP) + 4
        middle = top + BAR / 2 + 4
        parts.append(f'<text x="{LABEL - 10}" y="{middle:g}" text-anchor="end">{escape(name)}</text>')
        left = float(LABEL)
        for item, usd in items:
            width = usd * scale
            if width <= 0:
                continue
            parts.append(
                f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{BAR}" fill="{COLOURS[item]}">'
                f"<title>{escape(item)} {_usd(usd)}</title></rect>"
            )
            if width > 34:
                at = f'x="{left + width / 2:.1f}" y="{middle:g}" text-anchor="middle"'
                parts.append(f'<text {at} fill="#fff">{usd:,.0f}</text>')
            left += width
        parts.append(f'<text x="{left + 8:.1f}" y="{middle:g}" font-weight="600">{total:,.0f} USD</text>')
    left = float(LABEL)
    for item in dict.fromkeys(line.item for line in lines if line.item != "Workers"):
        y = height - 20
        name = "Cloudflare" if item == "Workers for Platforms" else item
        parts.append(f'<rect x="{left:g}" y="{y}" width="10" height="10" fill="{COLOURS[item]}"/>')
        parts.append(f'<text x="{left + 15:g}" y="{y + 9}">{escape(name)}</text>')
        left += 40 + 7 * len(name)
    return "".join([*parts, "</svg>"])
