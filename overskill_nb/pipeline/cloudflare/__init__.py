"""Cloudflare Workers for Platforms, over its API. Loaded when something is deployed, not before."""

from .client import Cloudflare
from .logs import LogLine
from .script import Script, ScriptState
from .settings import Settings, connect
from .target import Target
from .waiting import reporting

__all__ = ["Cloudflare", "LogLine", "Script", "ScriptState", "Settings", "Target", "connect", "reporting"]
