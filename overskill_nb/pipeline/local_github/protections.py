"""Branch protection: what pushes to a branch may not do."""

from __future__ import annotations

from typing import Any

import msgspec

from .database import Database
from .receive import Rule
from .repositories import Repository


def rules(database: Database, repository: Repository) -> dict[str, Rule]:
    """By branch, for pushes."""
    found = database.all("SELECT branch, content FROM protections WHERE repository = ?", repository.id)
    return {row["branch"]: rule(msgspec.json.decode(row["content"])) for row in found}


def rule(content: dict[str, Any]) -> Rule:
    """What a protection means to a push."""
    return Rule(
        pull_request=content.get("required_pull_request_reviews") is not None,
        force=bool(content.get("allow_force_pushes")),
        deletion=bool(content.get("allow_deletions")),
    )
