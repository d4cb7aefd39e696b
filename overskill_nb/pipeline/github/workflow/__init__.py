"""The files that let GitHub Actions build an app and deploy it; the app stays an ordinary project without them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ...artefacts import COMPATIBILITY_DATE, NOT_FOUND_HANDLING

WORKFLOW = ".github/workflows/deploy.yml"
CONFIGURATION = "wrangler.jsonc"
SCRIPTS = ".github/overskill"
ENTRY = "worker/index.ts"
"""An app's Worker code, where nothing else is said."""

_HERE = Path(__file__).parent
_ABOUT = """\
// How Cloudflare serves what `npm run build` leaves in dist/. The workflow in .github/workflows/deploy.yml says under
// which name and in which namespace.
"""


def files(app_name: str, has_worker: bool | str) -> dict[str, str]:
    """Each file's text by its path in the app. ``has_worker``: whether the app has Worker code, or where it begins."""
    entry = has_worker if isinstance(has_worker, str) else ENTRY if has_worker else ""
    return {
        WORKFLOW: (_HERE / "deploy.yml").read_text("utf-8"),
        f"{SCRIPTS}/take-values.mjs": (_HERE / "take-values.mjs").read_text("utf-8"),
        f"{SCRIPTS}/name-build.mjs": (_HERE / "name-build.mjs").read_text("utf-8"),
        CONFIGURATION: _configuration(app_name, entry),
    }


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
