"""What the parts of the local GitHub share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .database import Database
from .repositories import Repositories
from .runs import Runs

if TYPE_CHECKING:
    from .machine import Machine


@dataclass
class State:
    """One local GitHub."""

    database: Database
    repositories: Repositories
    runs: Runs
    token: str
    box_key: bytes
    machine: Machine = field(init=False)
    """Executes runs; put in once the rest is there."""
    web_url: str = ""
    """Where it listens: ``http://127.0.0.1:PORT``."""

    @property
    def api_url(self) -> str:
        return f"{self.web_url}/api/v3"
