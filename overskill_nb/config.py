"""Names of environment variables, folders and limits, in one place."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

URL = "OVERSKILL_NB_URL"
"""Base URL of the Jupyter server that hosts the engine; set by the server extension for its kernels."""
TOKEN = "OVERSKILL_NB_TOKEN"  # noqa: S105
"""Capability for that server, good for this package's endpoints only."""
ENGINE = "OVERSKILL_NB_ENGINE"
"""``server``, ``kernel`` or ``auto`` (the default): where to look for an engine."""
WORKSPACE = "OVERSKILL_NB_WORKSPACE"
"""Folder that holds apps; by default the current one, in a notebook the notebook's."""
CACHE = "OVERSKILL_NB_CACHE"
"""Folder for tools and packages; by default the user's cache folder."""
CHROMIUM = "OVERSKILL_NB_CHROMIUM"
"""Path of the Chromium executable for headless runs; ``none`` where there shall be none."""
NODE = "OVERSKILL_NB_NODE"
"""Path of the Node executable to use."""
CLOUDFLARE_ACCOUNT = "CLOUDFLARE_ACCOUNT_ID"
"""The Cloudflare account that apps are deployed to; without one, deployments stay on this machine. wrangler's name."""
CLOUDFLARE_TOKEN = "CLOUDFLARE_API_TOKEN"  # noqa: S105
"""The token for that account. wrangler's name."""
CLOUDFLARE_URL = "CLOUDFLARE_API_BASE_URL"
"""Where the API is, if not at Cloudflare. wrangler's name."""
DOMAIN = "OVERSKILL_DOMAIN"
"""The domain whose subdomains are apps; without one they are paths below the account's workers.dev address."""
GITHUB_TOKEN = "GITHUB_TOKEN"  # noqa: S105
"""A fine-grained personal access token for GitHub; without one, repositories are on this machine. ``GH_TOKEN``, as gh
reads it, goes before it."""
GITHUB_URL = "GITHUB_API_URL"
"""Where GitHub's API is, if not at github.com."""
GITHUB_APP = "OVERSKILL_GITHUB_APP_ID"
"""Id of a GitHub App to act as, in place of a token; with the two below."""
GITHUB_INSTALLATION = "OVERSKILL_GITHUB_INSTALLATION_ID"
"""Id of that app's installation in the account or organisation."""
GITHUB_KEY_FILE = "OVERSKILL_GITHUB_KEY_FILE"
"""File that holds that app's private key."""
NAMESPACE_PREFIX = "OVERSKILL_NAMESPACE_PREFIX"
"""What the names of dispatch namespaces and of the dispatch Worker begin with; by default ``overskill``."""
DATABASE_URL = "OVERSKILL_DATABASE_URL"
"""Postgres for the record of deployments, where several machines share it; by default SQLite in the workspace."""
MODEL = "OVERSKILL_MODEL"
"""The model that components are asked of, where a request names none, such as ``anthropic:…``."""
MODEL_KEY = "OVERSKILL_MODEL_KEY"
"""Key for a model that is named by its address. Keys of other services are not sent there."""
MODE = "OVERSKILL_MODE"
"""``auto``, ``record``, ``replay`` or ``live``: whether recordings answer in place of models."""
REFRESH = "OVERSKILL_REFRESH"
"""``1``: what recorded interactions come to is taken anew, in place of being compared; set by ``overskill refresh``."""
OUTCOMES = "OVERSKILL_OUTCOMES"
"""Folder where a notebook says what became of its recorded interactions; set by the pytest plugin for its kernels."""
PASSWORD = "OVERSKILL_PASSWORD"  # noqa: S105
"""What replays type into fields for passwords; what a person typed there is not recorded."""
NOTEBOOK = "OVERSKILL_NOTEBOOK"
"""Path of the notebook that runs, where Jupyter does not say; recordings are kept beside it."""
MODEL_ENVIRONMENT = (
    *("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
    *("OLLAMA_BASE_URL", "OLLAMA_API_KEY", MODEL, MODEL_KEY),
)
"""What a notebook's environment says of models goes with its requests: the engine may run in another process."""

STATE_FOLDER = ".overskill"
MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_PAGE_DATA_BYTES = 8 * 1024 * 1024
"""Data of a page beyond this are not written: what reads them serves all apps, and no source is as large."""
NODE_MAJOR = 20
"""Lowest Node release that the tools run on."""


def cache_folder() -> Path:
    """Where tools and packages are kept, once per user."""
    if named := os.environ.get(CACHE):
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("overskill-nb", appauthor=False)


def find_workspace(start: Path) -> Path:
    """The folder that holds apps: named by the environment, else ``start``, which is the notebook's folder."""
    named = os.environ.get(WORKSPACE)
    return (Path(named).expanduser() if named else start).resolve()


def app_id(folder: Path) -> str:
    """An app's id: the folder's name and a hash of its real path, the same in every process of this machine."""
    path = folder.resolve()
    return f"{path.name}-{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
