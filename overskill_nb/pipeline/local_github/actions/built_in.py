"""The actions that this machine's runner brings itself."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .checkout import CheckoutError, clone
from .request import RunRequest


class ActionError(ValueError):
    """An action cannot do what it is asked; one sentence."""


@dataclass(frozen=True)
class Done:
    """What an action leaves behind."""

    outputs: Mapping[str, str]
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What an action is asked to do."""

    inputs: Mapping[str, str]
    request: RunRequest
    workspace: Path
    on_line: Callable[[str], None]


Action = Callable[[Asked], Awaitable[Done]]
_REFERENCE = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)(?:/[^@]*)?@(?P<version>\S+)")


def find(uses: str) -> Action:
    """Raises ActionError for one that is not there."""
    found = _REFERENCE.fullmatch(uses)
    action = _ACTIONS.get(found["name"].lower()) if found else None
    if action is None:
        names = " and ".join(sorted(_ACTIONS))
        raise ActionError(f"This machine's runner has no action {uses}; it has {names}. Use 'run' with a command.")
    return action


async def _checkout(asked: Asked) -> Done:
    inputs, request = asked.inputs, asked.request
    for unknown in ("submodules", "lfs"):
        if inputs.get(unknown, "false").lower() != "false":
            raise ActionError(f"This machine's runner checks out without '{unknown}'.")
    wanted = inputs.get("repository") or request.repository
    if wanted.lower() != request.repository.lower():
        raise ActionError(f"This machine's runner checks out {request.repository} alone, not {wanted}.")
    target = (asked.workspace / inputs.get("path", "")).resolve()
    if not target.is_relative_to(asked.workspace.resolve()):
        raise ActionError(f"Repository path '{target}' is not under '{asked.workspace}'")
    try:
        depth = int(inputs.get("fetch-depth") or 1)
    except ValueError:
        raise ActionError(f"'{inputs['fetch-depth']}' is no number for 'fetch-depth'.") from None
    ref = inputs.get("ref") or (request.ref if not request.sha else request.sha)
    asked.on_line(f"Syncing repository: {request.repository}")
    url = f"{request.server_url}/{request.repository}.git"
    try:
        commit = await asyncio.to_thread(clone, request.bare, target, ref=ref, depth=depth, url=url)
    except CheckoutError as error:
        raise ActionError(str(error)) from None
    asked.on_line(f"HEAD is now at {commit[:7]}")
    return Done({"ref": inputs.get("ref") or request.ref, "commit": commit})


async def _setup_node(asked: Asked) -> Done:
    node, inputs = asked.request.node, asked.inputs
    wanted = inputs.get("node-version") or _version_in(asked.workspace, inputs.get("node-version-file", ""))
    major = re.match(r"[v^~>=\s]*(\d+)", wanted)
    if major and major[1] != node.version.split(".")[0]:
        asked.on_line(f"##[warning]Node {wanted} is wanted; this machine has {node.version}, which is used instead.")
    else:
        asked.on_line(f"Node {node.version}")
    cache = inputs.get("cache", "")
    if cache not in {"", "npm", "false"}:
        raise ActionError(f"This machine's runner keeps npm's cache and none of {cache}.")
    if cache == "npm":
        asked.on_line("npm's cache is kept on this machine from run to run.")
    return Done({"node-version": f"v{node.version}", "cache-hit": "true"}, (str(node.executable.parent),))


def _version_in(workspace: Path, name: str) -> str:
    if not name:
        return ""
    try:
        text = (workspace / name).read_text("utf-8").strip()
        if name.endswith("package.json"):
            return str((json.loads(text).get("engines") or {}).get("node", ""))
    except (OSError, ValueError, AttributeError) as error:
        raise ActionError(f"The specified node version file at: {name} cannot be read ({error})") from None
    return text


_ACTIONS: dict[str, Action] = {"actions/checkout": _checkout, "actions/setup-node": _setup_node}
