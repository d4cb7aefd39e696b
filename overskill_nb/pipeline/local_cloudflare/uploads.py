"""Reads what a client uploads for a script: metadata, modules, bindings and the assets that a session collected."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from tornado.httputil import HTTPFile

from . import asset_rules, tokens
from .blobs import Blobs
from .database import Database, now
from .envelope import ApiError
from .versions import AssetFile, Assets, Module, Version

MAX_SCRIPT_BYTES = 64 * 1024 * 1024
MAX_VARIABLE_BYTES = 5 * 1024
MAX_VARIABLES = 128
MAX_TAGS = 8
_NAME = re.compile(r"^[a-z0-9_][a-z0-9-_]*$")
_TYPES = {
    "application/javascript+module": "js",
    "text/javascript+module": "js",
    "application/javascript": "cjs",
    "text/javascript": "cjs",
    "text/plain": "text",
    "text/html": "text",
    "application/octet-stream": "data",
    "application/json": "json",
    "application/wasm": "wasm",
}
_IGNORED = {"application/source-map"}
_VARIABLES = {"plain_text", "secret_text", "json"}
_BINDINGS = {*_VARIABLES, "assets", "version_metadata", "inherit"}


def check_name(name: str) -> None:
    """Cloudflare's rule for the names of scripts."""
    if len(name) > 255 or not _NAME.match(name):
        raise ApiError(
            400,
            10016,
            f"Invalid Worker name '{name}': it may have lower-case letters, digits, '-' and '_' and must not "
            "begin with '-'.",
        )


def check_tags(tags: object) -> list[str]:
    """The tags of a script, after Cloudflare's checks."""
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ApiError(400, 10026, "Tags must be a list of texts.")
    if len(tags) > MAX_TAGS:
        raise ApiError(400, 10021, f"A script has at most {MAX_TAGS} tags; {len(tags)} were given.")
    for tag in tags:
        if not tag or "," in tag or "&" in tag or len(tag) > 1024:
            raise ApiError(400, 10021, f"The tag '{tag[:100]}' is empty, too long, or has a ',' or '&' in it.")
    return list(dict.fromkeys(tags))


def check_date(date: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date):
        raise ApiError(400, 10021, f"The compatibility date '{date}' is no date such as 2026-01-31.")
    return date


def check_flags(flags: list[str]) -> list[str]:
    if "experimental" in flags:
        raise ApiError(400, 10021, "The compatibility flag 'experimental' cannot be used in production.")
    return flags


class Upload(msgspec.Struct):
    """A version that is complete but for its check, and what is to become of the script's tags."""

    version: Version
    tags: list[str] | None


def read_script(
    namespace: str,
    script: str,
    metadata: dict[str, Any],
    parts: Sequence[tuple[str, HTTPFile]],
    *,
    before: Version | None,
    database: Database,
    blobs: Blobs,
    key: bytes,
    strict: bool,
) -> Upload:
    """The version that an upload describes. ``strict``: what it inherits must be there."""
    main = metadata.get("main_module") or ""
    if metadata.get("body_part"):
        raise ApiError(
            400,
            10021,
            "Service-worker syntax ('body_part') is not served by the local Cloudflare; export a module with "
            "`export default { fetch }` and name it in 'main_module'.",
        )
    given = modules(parts, blobs)
    if main and main not in {module.name for module in given}:
        raise ApiError(400, 10021, f"No such module: the main module '{main}' was not uploaded.")
    assets = _assets(namespace, script, metadata, before, database, key)
    if not main and assets is None:
        raise ApiError(400, 10021, "The upload has neither a main module nor assets.")
    made = Version(
        id=str(uuid.uuid4()),
        namespace=namespace,
        script=script,
        created_on=now(),
        main=main,
        modules=given,
        bindings=bindings(metadata, before, strict=strict),
        compatibility_date=check_date(metadata.get("compatibility_date") or "2021-11-02"),
        compatibility_flags=check_flags(metadata.get("compatibility_flags") or []),
        assets=assets,
        metadata={name: metadata[name] for name in KEPT if name in metadata},
    )
    made.etag = made.id.replace("-", "") * 2
    tags = metadata.get("tags")
    return Upload(made, None if tags is None else check_tags(tags))


KEPT = (
    "limits",
    "observability",
    "annotations",
    "logpush",
    "placement",
    "tail_consumers",
    "usage_model",
    "migrations",
)


def modules(parts: Sequence[tuple[str, HTTPFile]], blobs: Blobs) -> list[Module]:
    """The modules of an upload."""
    found: dict[str, Module] = {}
    size = 0
    for field, part in parts:
        content_type = part["content_type"].split(";")[0].strip().lower()
        name = part["filename"] or field
        if content_type in _IGNORED:
            continue
        if content_type not in _TYPES:
            raise ApiError(
                400, 10021, f"The module '{name}' has the content type '{content_type}', which no Worker has."
            )
        size += len(part["body"])
        found[name] = Module(name, _TYPES[content_type], content_type, blobs.put(part["body"]))
    if size > MAX_SCRIPT_BYTES:
        raise ApiError(413, 10027, f"The script has {size} bytes; Workers have at most {MAX_SCRIPT_BYTES}.")
    return list(found.values())


def bindings(metadata: dict[str, Any], before: Version | None, *, strict: bool = False) -> list[dict[str, Any]]:
    """The bindings of an upload: those that it names, and those of the version before that it keeps or inherits."""
    given = metadata.get("bindings") or []
    old = {binding["name"]: binding for binding in before.bindings} if before else {}
    made: dict[str, dict[str, Any]] = {}
    for binding in given:
        name, kind = binding.get("name"), binding.get("type")
        if not isinstance(name, str) or not name:
            raise ApiError(400, 10052, "A binding has no name.")
        if not isinstance(kind, str) or kind not in _BINDINGS:
            raise ApiError(
                400,
                10021,
                f"The binding '{name}' is a '{kind}', which the local Cloudflare does not have; it has plain_text, "
                "secret_text, json, assets and version_metadata.",
            )
        if kind == "inherit":
            source = binding.get("old_name") or name
            if source not in old and not strict:
                continue
            if source not in old:
                raise ApiError(400, 10057, f"The binding '{name}' inherits '{source}', which the script does not have.")
            made[name] = {**old[source], "name": name}
            continue
        _check_variable(name, binding)
        made[name] = binding
    for name, binding in old.items():
        if binding["type"] in (metadata.get("keep_bindings") or []):
            made.setdefault(name, binding)
    if (count := sum(binding["type"] in _VARIABLES for binding in made.values())) > MAX_VARIABLES:
        raise ApiError(400, 10055, f"A script has at most {MAX_VARIABLES} variables; {count} were given.")
    return list(made.values())


def _check_variable(name: str, binding: dict[str, Any]) -> None:
    field = "json" if binding["type"] == "json" else "text"
    if binding["type"] not in _VARIABLES:
        return
    if field not in binding or (field == "text" and not isinstance(binding["text"], str)):
        raise ApiError(400, 10021, f"The binding '{name}' has no '{field}'.")
    value = binding[field]
    if len(value.encode() if isinstance(value, str) else msgspec.json.encode(value)) > MAX_VARIABLE_BYTES:
        raise ApiError(400, 10054, f"The variable '{name}' is larger than {MAX_VARIABLE_BYTES} bytes.")


def secret(binding: dict[str, Any]) -> dict[str, Any]:
    """A secret binding from the body of a secrets request."""
    name, text = binding.get("name"), binding.get("text")
    if not name or not isinstance(name, str):
        raise ApiError(400, 10052, "The secret has no name.")
    if not isinstance(text, str):
        raise ApiError(400, 10021, f"The secret '{name}' has no text.")
    made = {"type": "secret_text", "name": name, "text": text}
    _check_variable(name, made)
    return made


def _assets(
    namespace: str,
    script: str,
    metadata: dict[str, Any],
    before: Version | None,
    database: Database,
    key: bytes,
) -> Assets | None:
    given = metadata.get("assets")
    if given is None or not given.get("jwt"):
        kept = before.assets if before and (metadata.get("keep_assets") or given is not None) else None
        if kept is None or given is None:
            return kept
        return _configured(given.get("config") or kept.config, kept.files)
    claims = tokens.read(given["jwt"], key)
    session = database.session(claims.get("session", ""))
    if not claims.get("complete") or session is None or session[:2] != (namespace, script):
        raise ApiError(400, 10021, "The assets' token is no completion token of an upload session of this script.")
    manifest = session[2]
    there = database.assets(namespace, set(manifest.values()))
    if missing := [path for path, hash_ in manifest.items() if hash_ not in there]:
        raise ApiError(400, 10021, f"The asset '{missing[0]}' was not uploaded.")
    return _configured(
        given.get("config") or {},
        {path: AssetFile(hash_, *there[hash_]) for path, hash_ in manifest.items()},
    )


_HTML = {"auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"}
_NOT_FOUND = {"none", "404-page", "single-page-application"}


def _configured(config: dict[str, Any], files: dict[str, AssetFile]) -> Assets:
    if config.get("html_handling", "none") not in _HTML:
        raise ApiError(400, 10021, f"html_handling is one of {', '.join(sorted(_HTML))}.")
    if config.get("not_found_handling", "none") not in _NOT_FOUND:
        raise ApiError(400, 10021, f"not_found_handling is one of {', '.join(sorted(_NOT_FOUND))}.")
    first = config.get("run_worker_first", False)
    if isinstance(first, list):
        asset_rules.check_routes(first)
    elif not isinstance(first, bool):
        raise ApiError(400, 10021, "run_worker_first is true, false or a list of paths.")
    html_handling = config.get("html_handling", "auto-trailing-slash")
    return Assets(
        config,
        asset_rules.headers(config.get("_headers") or ""),
        asset_rules.redirects(config.get("_redirects") or "", html_handling),
        files,
    )
