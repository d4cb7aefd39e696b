"""Durable deployments: build, upload, put, verify, record. Heavy to import, so imported by whoever deploys first."""

from __future__ import annotations

from .deployments import Deployments
from .names import slug
from .ports import BuildPort

__all__ = ["BuildPort", "Deployments", "slug"]
