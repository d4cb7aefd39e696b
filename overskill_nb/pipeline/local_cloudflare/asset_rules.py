"""Reads the texts of ``_headers`` and ``_redirects`` by Cloudflare's rules; lines that break them are passed over."""

from __future__ import annotations

import posixpath
import re
from typing import Any
from urllib.parse import quote, urlsplit

from .envelope import ApiError

MAX_LINE = 2000
MAX_HEADER_RULES = 100
MAX_STATIC_REDIRECTS = 2000
MAX_DYNAMIC_REDIRECTS = 100
MAX_ROUTES = 100
_STATUSES = {200, 301, 302, 303, 307, 308}
_PATH_LINE = re.compile(r"^([^\s]+://|/)")
_HOST = re.compile(r"^https://+(?P<host>[^/]+)/?(?P<path>.*)")
_DYNAMIC = re.compile(r"\*|:[A-Za-z]\w*")
_SAFE = "%/:@!$&'()*+,;=-._~[]|^"


def headers(text: str) -> dict[str, Any]:
    """The rules of a ``_headers`` text, as the asset Worker takes them."""
    rules: dict[str, dict[str, Any]] = {}
    current: dict[str, Any] | None = None
    for line in map(str.strip, text.split("\n")):
        if not line or line.startswith("#") or len(line) > MAX_LINE:
            continue
        if _PATH_LINE.match(line):
            path = _address(line, ports=False)
            if path is None or (path not in rules and len(rules) >= MAX_HEADER_RULES):
                current = None
                continue
            current = rules.setdefault(path, {"set": {}, "unset": []})
            continue
        name, colon, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        if current is None:
            continue
        if not colon:
            if line.startswith("! "):
                current["unset"].append(line[2:].strip())
        elif name and value and " " not in name:
            before = current["set"].get(name)
            current["set"][name] = f"{before}, {value}" if before else value
    return {"version": 2, "rules": {path: rule for path, rule in rules.items() if rule["set"] or rule["unset"]}}


def redirects(text: str, html_handling: str = "auto-trailing-slash") -> dict[str, Any]:
    """The rules of a ``_redirects`` text, as the asset Worker takes them."""
    static: dict[str, Any] = {}
    dynamic: dict[str, Any] = {}
    seen: set[str] = set()
    for number, line in enumerate(map(str.strip, text.split("\n")), 1):
        if not line or line.startswith("#") or len(line) > MAX_LINE:
            continue
        tokens = re.sub(r"\s+#.*$", "", line).split()
        if len(tokens) not in {2, 3}:
            continue
        source = _address(tokens[0], relative=True, ports=False)
        target = _address(tokens[1], rest=True)
        status = int(tokens[2]) if len(tokens) == 3 and tokens[2].isdigit() else 302 if len(tokens) == 2 else 0
        if source is None or target is None or status not in _STATUSES or source in seen:
            continue
        to_index = not _HOST.match(target) and re.search(r"/index(.html)?$", target)
        if to_index and (source.endswith("/*") or (source.endswith("/") and html_handling != "none")):
            continue  # such a rule would lead to itself for ever
        if status == 200 and _HOST.match(target):
            continue
        is_static = not dynamic and not _DYNAMIC.search(source)
        if len(static if is_static else dynamic) >= (MAX_STATIC_REDIRECTS if is_static else MAX_DYNAMIC_REDIRECTS):
            continue
        seen.add(source)
        if is_static:
            static[source] = {"status": status, "to": target, "lineNumber": number}
        else:
            dynamic[source] = {"status": status, "to": target}
    return {"version": 1, "staticRules": static, "rules": dynamic}


def check_routes(rules: list[Any]) -> None:
    """The paths of ``run_worker_first``: each begins with a slash, or with ``!/`` where assets come first."""
    if not rules or len(rules) > MAX_ROUTES:
        raise ApiError(400, 10021, f"run_worker_first has between 1 and {MAX_ROUTES} rules.")
    for rule in rules:
        if not isinstance(rule, str) or not re.match(r"^!?/", rule) or len(rule) > 100:
            raise ApiError(
                400,
                10021,
                f"The rule '{rule}' of run_worker_first must begin with '/' or '!/' and have at most 100 characters.",
            )
    if all(rule.startswith("!") for rule in rules):
        raise ApiError(400, 10021, "run_worker_first needs a rule that does not begin with '!'.")


def _address(token: str, *, relative: bool = False, ports: bool = True, rest: bool = False) -> str | None:
    host = _HOST.match(token)
    if host:
        if relative or (not ports and re.match(r".*:\d+$", host["host"])):
            return None
        return f"https://{host['host']}{_path(host['path'], rest)}"
    if relative and not token.startswith("/"):
        token = f"/{token}"
    return _path(token, rest) if token.startswith("/") else None


def _path(token: str, rest: bool) -> str:
    """A path as a URL writes it: encoded, without dots; with query and fragment where ``rest``."""
    split = urlsplit(f"//host/{token.lstrip('/')}")
    path = posixpath.normpath(split.path) if re.search(r"/\.\.?(/|$)", split.path) else split.path
    if split.path.endswith("/") and not path.endswith("/"):
        path += "/"
    path = quote(path, safe=_SAFE)
    if rest:
        path += f"?{split.query}" if split.query else ""
        path += f"#{split.fragment}" if split.fragment else ""
    return path
