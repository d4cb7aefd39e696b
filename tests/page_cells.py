"""The code of a documentation page, as the cells of a notebook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Cell:
    """One cell of a page, and what the page says that it prints."""

    source: str
    line: int
    output: str | None = None
    runs: bool = True


def cells(page: str) -> list[Cell]:
    """A page's cells in order: blocks of Python, and others that are marked ``.cell``."""
    text = (DOCS / page).read_text("utf-8")
    found: list[Cell] = []
    for fence in FENCE.finditer(text):
        words = fence["info"].strip(" {}").replace(".", " ").split()
        code = fence["code"].rstrip("\n")
        if "output" in words:
            found[-1].output = code
        elif words[:1] == ["python"] or "cell" in words:
            found.append(Cell(code, text.count("\n", 0, fence.start()) + 1, runs="not-run" not in words))
    return found
