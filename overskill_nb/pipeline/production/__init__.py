"""Production builds: an app's sources to an artefact, in a process that is limited in time, memory and reach."""

from __future__ import annotations

from .production import Production

__all__ = ["Production"]
