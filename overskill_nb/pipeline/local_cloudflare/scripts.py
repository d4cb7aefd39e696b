"""The calls on the scripts of a namespace."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from tornado.httputil import HTTPFile

from . import metadata as shape
from . import uploads
from .api import Handler
from .database import Script, now
from .envelope import ApiError
from .state import State
from .versions import Version


def current(state: State, namespace: str, name: str) -> tuple[Script, Version]:
    """A script and its version."""
    script = state.database.script(state.database.namespace(namespace).name, name)
    version = state.database.version(script.version)
    assert version is not None, "a script's version is kept"
    return script, version


def shown(script: Script, version: Version) -> dict[str, Any]:
    return {
        "id": script.name,
        "tag": script.id,
        "tags": script.tags,
        "etag": version.etag,
        "handlers": version.handlers,
        "named_handlers": [{"name": name, "handlers": []} for name in version.named_handlers],
        "has_assets": version.assets is not None,
        "has_modules": bool(version.main),
        "compatibility_date": version.compatibility_date,
        "compatibility_flags": version.compatibility_flags,
        "created_on": script.created_on,
        "modified_on": script.modified_on,
        "deployment_id": version.id.replace("-", ""),
        "logpush": bool(version.metadata.get("logpush", False)),
        "usage_model": "standard",
        "tail_consumers": None,
        "observability": version.metadata.get("observability") or {"enabled": False, "head_sampling_rate": 1},
        "startup_time_ms": version.startup_time_ms,
        "dispatch_namespace": script.namespace,
    }


async def publish(state: State, version: Version, tags: list[str]) -> Script:
    """Make a version current after its code was loaded once."""
    if version.main:
        state.runtime.pending[version.id] = version
        try:
            found = await state.runtime.probe(version.id)
        finally:
            del state.runtime.pending[version.id]
        if not found.ok:
            raise ApiError(400, 10021, found.error)
        if not found.handlers and not found.named:
            raise ApiError(
                400,
                10068,
                "The uploaded script has no registered event handlers. Export a module with "
                "`export default { fetch(request, env) { … } }`.",
            )
        version.handlers, version.named_handlers = found.handlers, found.named
        version.startup_time_ms = found.ms
    return state.database.put_script(version, tags)


def changed(version: Version, **changes: Any) -> Version:
    """The next version of a script."""
    made = msgspec.structs.replace(version, id=str(uuid.uuid4()), created_on=now(), **changes)
    made.etag = made.id.replace("-", "") * 2
    return made


def replace(state: State, script: Script, version: Version, **changes: Any) -> Version:
    """Make the next version of a script current without a check: its code is the same."""
    made = changed(version, **changes)
    state.database.put_script(made, script.tags)
    return made


def metadata(handler: Handler) -> tuple[dict[str, Any], list[tuple[str, HTTPFile]]]:
    """The metadata of an upload and its other parts."""
    parts = [(name, part) for name, part in handler.parts() if name != "metadata"]
    files = [part["body"] for name, part in handler.parts() if name == "metadata"]
    texts = handler.request.body_arguments.get("metadata", [])
    return shape.read((files or texts or [b"{}"])[-1], "part 'metadata' of the upload"), parts


class Scripts(Handler):
    """All scripts of a namespace, or those with certain tags."""

    def get(self, account: str, namespace: str) -> None:
        del account
        found = self._chosen(namespace)
        limit = self.number("limit", 1000)
        after = self.get_query_argument("cursor", "")
        page = [script for script in found if script.name > after][: limit + 1]
        more = len(page) > limit
        shown_ = [shown(*current(self.state, namespace, script.name)) for script in page[:limit]]
        self.answer(
            shown_,
            count=len(shown_),
            total_count=len(found),
            cursor=page[limit - 1].name if more else "",
        )

    def delete(self, account: str, namespace: str) -> None:
        del account
        if not self.get_query_argument("tags", ""):
            raise ApiError(400, 10021, "Which scripts? Name tags, such as ?tags=customer:yes")
        doomed = self._chosen(namespace)
        for script in doomed:
            self.state.database.delete_script(script.namespace, script.name)
        self.answer({"deleted_scripts": [script.name for script in doomed]})

    def _chosen(self, namespace: str) -> list[Script]:
        wanted: set[str] = set()
        unwanted: set[str] = set()
        for term in filter(None, self.get_query_argument("tags", "").split(",")):
            tag, _, choice = term.rpartition(":")
            if choice not in {"yes", "no"} or not tag:
                raise ApiError(400, 10021, f"'{term}' is not of the form tag:yes or tag:no.")
            (wanted if choice == "yes" else unwanted).add(tag)
        known = self.state.database.namespace(namespace).name
        return [
            script
            for script in self.state.database.scripts(known)
            if wanted <= set(script.tags) and not unwanted & set(script.tags)
        ]


class OneScript(Handler):
    """One script as a whole."""

    def get(self, account: str, namespace: str, script: str) -> None:
        del account
        found, version = current(self.state, namespace, script)
        self.answer(
            {
                "created_on": found.created_on,
                "dispatch_namespace": found.namespace,
                "modified_on": found.modified_on,
                "script": shown(found, version),
            }
        )

    async def put(self, account: str, namespace: str, script: str) -> None:
        del account
        uploads.check_name(script)
        known = self.state.database.namespace(namespace).name
        there = self.state.database.find_script(known, script)
        before = self.state.database.version(there.version) if there else None
        given, parts = metadata(self)
        upload = uploads.read_script(
            known,
            script,
            given,
            parts,
            before=before,
            database=self.state.database,
            blobs=self.state.blobs,
            key=self.state.signing_key,
            strict=self.get_query_argument("bindings_inherit", "") == "strict",
        )
        tags = upload.tags if upload.tags is not None else there.tags if there else []
        made = await publish(self.state, upload.version, tags)
        self.answer(shown(made, upload.version))

    def delete(self, account: str, namespace: str, script: str) -> None:
        del account
        found = self.state.database.script(self.state.database.namespace(namespace).name, script)
        self.state.database.delete_script(found.namespace, found.name)
        self.answer({"id": found.name})
