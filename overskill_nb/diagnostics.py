"""Print diagnostics as text. The error card in the notebook is the other printer."""

from __future__ import annotations

from collections.abc import Sequence

from .protocol import Diagnostic


def place(diagnostic: Diagnostic) -> str:
    """``file:line:column``, or nothing where the diagnostic has no location."""
    at = diagnostic.location
    return f"{at.file}:{at.line}:{at.column}" if at else ""


def as_text(diagnostic: Diagnostic) -> str:
    """One diagnostic: where and what, the code frame, and what to do."""
    where = place(diagnostic)
    lines = [f"{where}: {diagnostic.message}" if where else diagnostic.message]
    if diagnostic.frame:
        lines.append(diagnostic.frame.rstrip())
    if diagnostic.hint:
        lines.append(diagnostic.hint)
    return "\n".join(lines)


def errors(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Those that stop an update; warnings do not."""
    return [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]


def summary(diagnostics: Sequence[Diagnostic], limit: int = 3) -> str:
    """The first few diagnostics as text, and how many more there are."""
    shown = "\n\n".join(as_text(diagnostic) for diagnostic in diagnostics[:limit])
    more = len(diagnostics) - limit
    return f"{shown}\n\n… and {more} more" if more > 0 else shown
