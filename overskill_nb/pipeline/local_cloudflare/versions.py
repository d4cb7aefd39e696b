"""What a script is made of. A version never changes; each change of a script makes the next one."""

from __future__ import annotations

from typing import Any

import msgspec

SUPPORTED_DATE = "2026-10-23"
"""The newest compatibility date that the pinned workerd knows."""


class Module(msgspec.Struct):
    name: str
    type: str
    """How workerd loads it: js, cjs, text, data, json, wasm."""
    content_type: str
    blob: str


class AssetFile(msgspec.Struct, array_like=True):
    hash: str
    blob: str
    content_type: str


class Assets(msgspec.Struct):
    config: dict[str, Any]
    """As it was uploaded."""
    headers: dict[str, Any]
    redirects: dict[str, Any]
    files: dict[str, AssetFile]


class Version(msgspec.Struct):
    id: str
    namespace: str
    script: str
    created_on: str
    etag: str = ""
    main: str = ""
    modules: list[Module] = []
    bindings: list[dict[str, Any]] = []
    """As they were uploaded, with the texts of secrets."""
    compatibility_date: str = "2021-11-02"
    compatibility_flags: list[str] = []
    assets: Assets | None = None
    handlers: list[str] = []
    named_handlers: list[str] = []
    startup_time_ms: int = 0
    metadata: dict[str, Any] = {}
    """What else was uploaded and has no effect here: limits, observability, annotations."""

    def blobs(self) -> set[str]:
        files = self.assets.files.values() if self.assets else ()
        return {module.blob for module in self.modules} | {file.blob for file in files}

    def for_workerd(self) -> dict[str, Any]:
        """What the dispatcher asks for."""
        assets = None
        if self.assets:
            config = self.assets.config
            assets = {
                "config": {
                    "html_handling": config.get("html_handling"),
                    "not_found_handling": config.get("not_found_handling"),
                    "headers": self.assets.headers,
                    "redirects": self.assets.redirects,
                    "compatibility_date": self.compatibility_date,
                    "compatibility_flags": self.compatibility_flags,
                },
                "workerFirst": config.get("run_worker_first", False),
                "files": self.assets.files,
            }
        return {
            "id": self.id,
            "main": self.main,
            "modules": self.modules,
            "compatibilityDate": min(self.compatibility_date, SUPPORTED_DATE),
            "compatibilityFlags": [flag for flag in self.compatibility_flags if not flag.startswith("assets_")],
            "env": self._env(),
            "assetsBinding": next((b["name"] for b in self.bindings if b["type"] == "assets"), ""),
            "assets": assets,
        }

    def _env(self) -> dict[str, Any]:
        env: dict[str, Any] = {}
        for binding in self.bindings:
            kind = binding["type"]
            if kind in {"plain_text", "secret_text"}:
                env[binding["name"]] = binding["text"]
            elif kind == "json":
                env[binding["name"]] = binding["json"]
            elif kind == "version_metadata":
                env[binding["name"]] = {"id": self.id, "tag": "", "timestamp": self.created_on}
        return env
