"""An app's history: its git repository, checkpoints by themselves, and what is made of them.

``History`` and ``Merge`` are imported when they are first asked for: dulwich is not loaded before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .histories import Histories
from .recorder import Recorder

if TYPE_CHECKING:
    from .history import History
    from .merge import Merge


def __getattr__(name: str) -> Any:
    if name == "History":
        from .history import History

        return History
    if name == "Merge":
        from .merge import Merge

        return Merge
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Histories", "History", "Merge", "Recorder"]
