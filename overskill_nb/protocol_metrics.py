"""The part of the protocol that is about what was measured; ``protocol.py`` puts it into the conversation."""

from __future__ import annotations

from .message import Message

LARGE_BYTES = 1_000_000
"""A first load beyond this, compressed, has a visitor wait."""


class GetMetrics(Message, tag="get_metrics"):
    """Ask what was measured in this workspace."""


class Metrics(Message, tag="metrics"):
    """What was measured: of updates and connections since the engine began, of deployments and builds all that is
    recorded; of each the newest, and at most a thousand."""

    since: float
    """Unix time in milliseconds at which the engine began."""
    update_ms: list[float]
    """From an update's change, taken in by the engine, to a preview's answer that it is on screen."""
    updates: int
    """How many of these there were in all."""
    failed_updates: int
    """Those that previews could not show, for an error in them."""
    connections: int
    """Previews that came to follow an app, or came back."""
    dropped: int
    """Those of them that came back: their connection was lost."""
    deployment_ms: list[float]
    """Preview deployments, from being asked for to being seen at their address."""
    bundle_bytes: list[int]
    """First loads of what was built for deployments, compressed."""


MetricsRequest = GetMetrics
MetricsResult = Metrics
