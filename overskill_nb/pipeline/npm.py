"""What npm's output means, in sentences."""

from __future__ import annotations

import re

QUIET = ("--no-audit", "--no-fund", "--no-progress", "--loglevel=error")

_CODE = re.compile(r"npm (?:error|ERR!) code (\w+)")
_NETWORK = {"ENOTFOUND", "ETIMEDOUT", "ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "ERR_SOCKET_TIMEOUT", "EIDLETIMEOUT"}


def code(output: str) -> str:
    """npm's error code, such as ``E404``; empty where it named none."""
    match = _CODE.search(output)
    return match[1] if match else ""


def reason(output: str) -> str:
    """Why npm failed, in one sentence without its log's noise."""
    failed = code(output)
    if failed == "E404":
        return "the npm registry has no such package."
    if failed == "ETARGET":
        return "the npm registry has no such version of it."
    if failed == "ERESOLVE":
        return "it does not go together with the versions of the other packages (ERESOLVE)."
    if failed in _NETWORK:
        return f"the npm registry cannot be reached ({failed}); check the network and the registry that npm is set to."
    if failed in {"E401", "E403"}:
        return f"the npm registry refused the request ({failed}); check npm's login."
    if failed == "ENOSPC":
        return "the disk is full."
    lines = [re.sub(r"^npm (error|ERR!)\s*", "", line) for line in output.splitlines()]
    lines = [line for line in lines if line.strip() and "complete log" not in line and not line.startswith("code ")]
    return f"npm said: {lines[0].strip()}" if lines else "npm gave no reason."
