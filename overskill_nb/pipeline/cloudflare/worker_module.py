"""The Worker of an app that has code of its own, or takes values from its environment when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import DeploymentError

if TYPE_CHECKING:
    from ..artefacts import Artefact, ArtefactStore

ENV_PATH = "/_overskill/env.js"
ENV_BINDING = "OVERSKILL_ENV"
ASSETS_BINDING = "ASSETS"
MAIN = "index.js"
APP = "app.js"

# Values reach the browser as a script of their own, so that one build serves every environment.
_SERVE = """
function environment(env) {
  const body = "globalThis.__overskill_env = " + JSON.stringify(env.OVERSKILL_ENV ?? {}) + ";\\n";
  const headers = {
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  return new Response(body, { headers });
}
"""

_ALONE = """export default {
  async fetch(request, env) {
    return new URL(request.url).pathname === "/_overskill/env.js" ? environment(env) : env.ASSETS.fetch(request);
  },
};
"""

_AROUND = """import app from "./app.js";
export * from "./app.js";
export default {
  ...app,
  async fetch(request, env, context) {
    const path = new URL(request.url).pathname;
    if (path === "/_overskill/env.js") return environment(env);
    if (path === "/api" || path.startsWith("/api/")) return app.fetch(request, env, context);
    return env.ASSETS.fetch(request);
  },
};
"""


def needed(artefact: Artefact) -> bool:
    """Whether the script has a module at all; else it is assets only."""
    return bool(artefact.worker or artefact.uses_env)


def modules(artefact: Artefact, store: ArtefactStore) -> dict[str, bytes]:
    """The script's modules, main one first; empty where the app needs none."""
    if not needed(artefact):
        return {}
    if not artefact.worker:
        return {MAIN: (_SERVE + _ALONE).encode()}
    return {MAIN: (_AROUND + _SERVE).encode(), APP: store.read(artefact.worker)}


def bindings(artefact: Artefact, env: dict[str, str]) -> list[dict[str, Any]]:
    """What the module is given: the assets, the public values at once, and for the app's own code each by its name."""
    if taken := sorted({ASSETS_BINDING, ENV_BINDING} & env.keys()):
        raise DeploymentError(f"A variable cannot be named {taken[0]}: overskill_nb uses that name; take another.")
    given: list[dict[str, Any]] = [
        {"type": "assets", "name": ASSETS_BINDING},
        {"type": "json", "name": ENV_BINDING, "json": env},
    ]
    if artefact.worker:
        given += [{"type": "plain_text", "name": name, "text": value} for name, value in sorted(env.items())]
    return given
