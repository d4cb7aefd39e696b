"""What renders in a notebook: anywidget models whose heavy JavaScript is loaded once per page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .editor import Editor
    from .preview import Preview

__all__ = ["Editor", "Preview"]


# A Jupyter server serves the bundle at its start without paying for ipywidgets.
def __getattr__(name: str) -> Any:
    if name == "Editor":
        from .editor import Editor

        return Editor
    if name == "Preview":
        from .preview import Preview

        return Preview
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
