"""The pages that say why there is no app to see."""

from __future__ import annotations

import html


def page(title: str, text: str, code: str = "") -> bytes:
    """A small page without scripts."""
    number = f"<p>Error {code}</p>" if code else ""
    return (
        '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title>"
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem}</style>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{number}"
    ).encode()
