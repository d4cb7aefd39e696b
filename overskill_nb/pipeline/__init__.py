"""The engine of one workspace: apps on disk, the Node worker, numbered updates. Knows nothing of Jupyter."""

from __future__ import annotations

from .engine import Connection, Engine

__all__ = ["Connection", "Engine"]
