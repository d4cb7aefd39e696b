"""The files that let GitHub Actions build an app and deploy it; the app stays an ordinary project without them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ...artefacts import COMPATIBILITY_DATE, NOT_FOUND_HANDLING

WORKFLOW = ".github/workflows/deploy.yml"
CONFIGURATION = "wrangler.jsonc"
SCRIPTS = ".github/overskill"
ENTRIES = tuple(f"worker/index.{ending}" for ending in ("ts", "mts", "tsx", "js", "mjs", "jsx"))
"""Where an app's Worker code begins; the first of them that is there."""

_HERE = Path(__file__).parent
_ABOUT = """\
// How Cloudflare serves what `npm run build` leaves in dist/. The workflow in .github/workflows/deploy.yml says under
// which name and in which namespace.
"""


def files(app_name: str, entry: str = "") -> dict[str, str]:
    """Each file's text by its path in the app. ``entry``: where its Worker code begins; empty where it has none."""
    return {
        WORKFLOW: (_HERE / "deploy.yml").read_text("utf-8"),
        f"{SCRIPTS}/take-values.mjs": (_HERE / "take-values.mjs").read_text("utf-8"),
        f"{SCRIPTS}/name-build.mjs": (_HERE / "name-build.mjs").read_text("utf-8"),
        CONFIGURATION: _configuration(app_name, entry),
    }


def replaceable(app_name: str, path: str, text: str) -> bool:
    """Whether a file that is there already is ours to write anew; Cloudflare's is, until somebody changed it."""
    if path != CONFIGURATION:
        return path == WORKFLOW or path.startswith(f"{SCRIPTS}/")
    return any(text == _configuration(app_name, entry) for entry in ("", *ENTRIES))


def _configuration(app_name: str, entry: str) -> str:
    assets: dict[str, object] = {
        "directory": "./dist",
        "html_handling": "auto-trailing-slash",
        "not_found_handling": NOT_FOUND_HANDLING,
    }
    told: dict[str, object] = {
        "name": re.sub(r"[^a-z0-9]+", "-", app_name.lower()).strip("-")[:54].strip("-") or "app",
        "compatibility_date": COMPATIBILITY_DATE,
    }
    if entry:
        told["main"] = f"./{entry}"
        assets |= {"binding": "ASSETS", "run_worker_first": ["/api/*"]}
    return _ABOUT + json.dumps(told | {"assets": assets}, indent=2) + "\n"
