"""The calls on parts of a script: settings, bindings, secrets, tags, content."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import msgspec

from . import metadata, scripts, uploads
from .api import Handler
from .database import Script
from .envelope import ApiError
from .versions import Version


class OfScript(Handler):
    """Base of the calls on a script that exists."""

    def prepare(self) -> None:
        super().prepare()
        found = scripts.current(self.state, self.path_kwargs["namespace"], self.path_kwargs["script"])
        self.script: Script = found[0]
        self.version: Version = found[1]


def public(binding: dict[str, Any]) -> dict[str, Any]:
    """A binding as it may be shown: without a secret's text."""
    if binding["type"] == "secret_text":
        return {"type": "secret_text", "name": binding["name"]}
    return binding


class Settings(OfScript):
    """What a script was uploaded with."""

    def get(self, **_: str) -> None:
        self._show(self.version)

    async def patch(self, **_: str) -> None:
        """Change some of it; what is not named stays."""
        given = self._given()
        kept = {**self.version.metadata, **{name: given[name] for name in uploads.KEPT if name in given}}
        changes: dict[str, Any] = {"metadata": kept}
        if "bindings" in given:
            changes["bindings"] = uploads.bindings({"keep_bindings": ["secret_text"], **given}, self.version)
        if "compatibility_date" in given:
            changes["compatibility_date"] = uploads.check_date(given["compatibility_date"])
        if "compatibility_flags" in given:
            changes["compatibility_flags"] = uploads.check_flags(given["compatibility_flags"])
        if given.get("tags") is not None:
            self.script.tags = uploads.check_tags(given["tags"])
        made = scripts.changed(self.version, **changes)
        self.script = await scripts.publish(self.state, made, self.script.tags)
        self._show(made)

    def _given(self) -> dict[str, Any]:
        raw = next((part["body"] for name, part in self.parts() if name == "settings"), None)
        if raw is None and "settings" in self.request.body_arguments:
            raw = self.request.body_arguments["settings"][-1]
        found = raw if raw is not None else self.request.body
        if raw is None and isinstance(wrapped := self.fields().get("settings"), dict):
            found = msgspec.json.encode(wrapped)
        return metadata.read(found, "settings")

    def _show(self, version: Version) -> None:
        self.answer(
            {
                "bindings": [public(binding) for binding in version.bindings],
                "compatibility_date": version.compatibility_date,
                "compatibility_flags": version.compatibility_flags,
                "limits": version.metadata.get("limits"),
                "logpush": bool(version.metadata.get("logpush", False)),
                "migration_tag": "",
                "observability": version.metadata.get("observability"),
                "tags": self.script.tags,
                "tail_consumers": None,
                "usage_model": "standard",
            }
        )


class Bindings(OfScript):
    """What a script's code finds in ``env``."""

    def get(self, **_: str) -> None:
        self.answer([public(binding) for binding in self.version.bindings])


class Secrets(OfScript):
    """A script's secrets, whose texts nobody gets back."""

    def get(self, **_: str) -> None:
        self.answer([public(binding) for binding in self.version.bindings if binding["type"] == "secret_text"])

    def put(self, **_: str) -> None:
        made = uploads.secret(self.fields())
        self._replace({made["name"]: made})
        self.answer(public(made))

    def patch(self, **_: str) -> None:
        """Several at once: ``null`` removes one."""
        given = self.fields()
        given = given.get("secrets", given)
        if not isinstance(given, dict) or not all(value is None or isinstance(value, dict) for value in given.values()):
            raise ApiError(400, 10026, "The body must have an object, or null, for the name of each secret.")
        found = {
            name: None if value is None else uploads.secret({"name": name, **value}) for name, value in given.items()
        }
        self._replace(found)
        self.get()

    def _replace(self, secrets: dict[str, dict[str, Any] | None]) -> None:
        kept = [binding for binding in self.version.bindings if binding["name"] not in secrets]
        made = [*kept, *filter(None, secrets.values())]
        self.version = scripts.replace(self.state, self.script, self.version, bindings=made)


class OneSecret(OfScript):
    """One secret."""

    def get(self, secret: str, **_: str) -> None:
        self.answer(public(self._find(secret)))

    def delete(self, secret: str, **_: str) -> None:
        self._find(secret)
        kept = [binding for binding in self.version.bindings if binding["name"] != secret]
        scripts.replace(self.state, self.script, self.version, bindings=kept)
        self.answer(None)

    def _find(self, secret: str) -> dict[str, Any]:
        for binding in self.version.bindings:
            if binding["name"] == secret and binding["type"] == "secret_text":
                return binding
        raise ApiError(404, 10056, f"The script '{self.script.name}' has no secret '{secret}'.")


class Tags(OfScript):
    """All tags of a script."""

    def get(self, **_: str) -> None:
        self.answer(self.script.tags)

    def put(self, **_: str) -> None:
        self._set(uploads.check_tags(self.json()))

    def _set(self, tags: list[str]) -> None:
        self.state.database.set_tags(self.script.namespace, self.script.name, tags)
        self.answer(tags)


class OneTag(Tags):
    """One tag of a script."""

    def put(self, tag: str = "", **_: str) -> None:
        self._set(uploads.check_tags([*self.script.tags, tag]))

    def delete(self, tag: str, **_: str) -> None:
        self._set([known for known in self.script.tags if known != tag])


class Content(OfScript):
    """A script's modules, without its settings."""

    def get(self, **_: str) -> None:
        boundary = uuid.uuid4().hex
        parts: list[bytes] = []
        for module in self.version.modules:
            name = quote(module.name, safe="/._- ")
            head = (
                f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
                f"Content-Type: {module.content_type}\r\n\r\n"
            )
            parts += [head.encode(), self.state.blobs.get(module.blob), b"\r\n"]
        parts.append(f"--{boundary}--\r\n".encode())
        self.set_header("Content-Type", f"multipart/form-data; boundary={boundary}")
        self.set_header("CF-Entrypoint", self.version.main)
        self.finish(b"".join(parts))

    async def put(self, **_: str) -> None:
        given, parts = scripts.metadata(self)
        main = self.request.headers.get("CF-WORKER-MAIN-MODULE-PART") or given.get("main_module") or ""
        modules = uploads.modules(parts, self.state.blobs)
        if main not in {module.name for module in modules}:
            raise ApiError(400, 10021, f"No such module: the main module '{main}' was not uploaded.")
        made = scripts.changed(self.version, main=main, modules=modules)
        script = await scripts.publish(self.state, made, self.script.tags)
        self.answer(scripts.shown(script, made))
