"""What renders in a notebook: anywidget models whose heavy JavaScript is loaded once per page."""

from __future__ import annotations

from .preview import Preview

__all__ = ["Preview"]
