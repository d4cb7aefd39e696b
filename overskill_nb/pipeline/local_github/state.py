"""What the parts of the local GitHub share."""

from __future__ import annotations

from dataclasses import dataclass

from .database import Database
from .repositories import Repositories


@dataclass
class State:
    """One local GitHub."""

    database: Database
    repositories: Repositories
    token: str
    box_key: bytes
    web_url: str = ""
    """Where it listens: ``http://127.0.0.1:PORT``."""

    @property
    def api_url(self) -> str:
        return f"{self.web_url}/api/v3"
