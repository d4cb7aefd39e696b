"""What the parts of the local GitHub share."""

from __future__ import annotations

import copy
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
    api_url: str = ""
    """Where its API is, as the client at hand calls it."""

    def seen_as(self, host: str) -> State:
        """For a client that calls it ``host``: gh gives its token to addresses of the host that it knows, no other."""
        if not host.startswith("api."):
            return self
        seen = copy.copy(self)
        seen.api_url = f"http://{host}"
        return seen
