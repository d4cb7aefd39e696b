"""Where apps are, kept from one engine to the next: a page asks a restarted engine for its app by the id."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

from .. import config
from ..errors import AppError
from .origins import checked
from .project import Project


class KnownApp(NamedTuple):
    """What is kept of an app."""

    folder: Path
    allow: list[str]


def remember(project: Project, allow: list[str]) -> None:
    """Keep where an app is, and which origins it may reach."""
    folder = config.cache_folder() / "apps"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"folder": str(project.root), "allow": allow})
    scratch = folder / f".{project.id}.{os.getpid()}"
    scratch.write_text(text, "utf-8")
    os.replace(scratch, folder / f"{project.id}.json")


def remembered(app: str) -> KnownApp | None:
    """What was kept of the app with this id, where its folder is there still."""
    if "/" in app or "\\" in app or app.startswith("."):
        return None
    try:
        read = json.loads((config.cache_folder() / "apps" / f"{app}.json").read_text("utf-8"))
        known = KnownApp(Path(read["folder"]), checked(read["allow"]))
    except (OSError, ValueError, KeyError, TypeError, AppError):
        return None
    return known if known.folder.is_dir() and config.app_id(known.folder) == app else None
