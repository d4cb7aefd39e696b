"""How the pages look: plain, without scripts, in light and dark."""

from __future__ import annotations

import html
from collections.abc import Iterable

_STYLE = """
:root{color-scheme:light dark;--line:#d0d7de;--soft:#f6f8fa;--ink:#1f2328;--dim:#59636e;--link:#0969da;--plus:#dafbe1;
--minus:#ffebe9;--good:#1a7f37;--bad:#d1242f}
@media(prefers-color-scheme:dark){:root{--line:#3d444d;--soft:#151b23;--ink:#f0f6fc;--dim:#9198a1;--link:#4493f8;
--plus:#12261e;--minus:#25171c;--good:#3fb950;--bad:#f85149}body{background:#0d1117}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);max-width:62rem;margin:1.5rem auto;padding:0 1rem}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
h1{font-size:1.35rem;font-weight:600;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}
table{border-collapse:collapse;width:100%}td{padding:.35rem .6rem;border-bottom:1px solid var(--line)}
td:last-child{text-align:right;color:var(--dim);white-space:nowrap}
pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.7rem;overflow:auto;
font:12.5px/1.5 ui-monospace,monospace;margin:.3rem 0}
.dim{color:var(--dim)}.success{color:var(--good)}.failure,.cancelled{color:var(--bad)}
.plus{background:var(--plus)}.minus{background:var(--minus)}.plus,.minus{display:block}
summary{cursor:pointer;padding:.3rem 0}
"""


def escape(text: object) -> str:
    return html.escape(str(text))


def link(address: str, text: object) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def page(title: str, *parts: str, refresh: bool = False) -> bytes:
    """A whole page. ``refresh``: it loads itself again every two seconds."""
    again = '<meta http-equiv="refresh" content="2">' if refresh else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"{again}<title>{escape(title)}</title><style>{_STYLE}</style><body>{''.join(parts)}"
    ).encode()


def table(rows: Iterable[Iterable[str]]) -> str:
    """Rows of cells that are HTML already."""
    return (
        "<table>" + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows) + "</table>"
    )


def patch(text: str) -> str:
    """A unified diff in colours."""
    kinds = {"+": "plus", "-": "minus"}
    lines = [
        f'<span class="{kinds[line[0]]}">{escape(line)}</span>' if line[:1] in kinds else escape(line) + "\n"
        for line in text.splitlines()
    ]
    return f"<pre>{''.join(lines)}</pre>"
