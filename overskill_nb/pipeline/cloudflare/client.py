"""Cloudflare's API, as far as we use it: every call stands here."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from ...errors import CloudflareError
from . import logs, meanings
from .asset_session import Asset, AssetSession, is_session
from .clock import Clock
from .exchange import PATIENCE, TIMEOUT, Envelope, Exchange
from .logs import LogLine
from .rate import RateLimit
from .script import Part, Script, ScriptState, Upload, modules, multipart

BASE_URL = "https://api.cloudflare.com/client/v4"


class Zone(msgspec.Struct, frozen=True):
    """A domain that is managed at Cloudflare."""

    id: str
    name: str


class Cloudflare:
    """The API with one account and one token, which is kept in memory only and never shown."""

    def __init__(
        self,
        account: str,
        token: str,
        base_url: str = BASE_URL,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        limit: RateLimit | None = None,
        clock: Clock | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        patience: float = PATIENCE,
    ) -> None:
        self.account = account
        self.clock = clock or Clock()
        self._exchange = Exchange(
            base_url or BASE_URL,
            token,
            transport=transport,
            limit=limit,
            clock=self.clock,
            timeout=timeout,
            patience=patience,
        )

    def __repr__(self) -> str:
        return f"Cloudflare(account={self.account!r}, base_url={self.base_url!r})"

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return self._exchange.base_url

    @property
    def token(self) -> str:
        """For another program that is to act as this account."""
        return self._exchange.token

    async def close(self) -> None:
        """Close the connections."""
        await self._exchange.close()

    # -- who we are -----------------------------------------------------------------------------------------------

    async def token_status(self) -> str:
        """``active`` where the token is good; it may be the user's or the account's own."""
        try:
            found = await self._call("GET", "/user/tokens/verify", "the check of the token")
        except CloudflareError as error:
            if not error.code or error.temporary:
                raise
            found = await self._call("GET", f"{self._base}/tokens/verify", "the check of the token")
        return str(_record(found.result).get("status", ""))

    async def subdomain(self) -> str:
        """The account's part of its workers.dev addresses; empty where it has none yet."""
        try:
            found = await self._call("GET", f"{self._base}/workers/subdomain", "the look for the workers.dev subdomain")
        except CloudflareError as error:
            if error.status == 404 or error.code in {10007, 10063}:
                return ""
            raise
        return str(_record(found.result).get("subdomain") or "")

    async def zone(self, domain: str) -> Zone | None:
        """The zone of the account that serves ``domain``; None where it has none."""
        labels = domain.split(".")
        for start in range(len(labels) - 1):
            name = ".".join(labels[start:])
            found = await self._call(
                "GET", "/zones", f"the look for the zone {name}", params={"name": name, "account.id": self.account}
            )
            for zone in _records(found.result):
                return Zone(str(zone.get("id", "")), name)
        return None

    async def routes(self, zone: str) -> dict[str, str]:
        """Each route's pattern and the script that it leads to."""
        found = await self._call("GET", f"/zones/{zone}/workers/routes", "the look for routes")
        return {str(route.get("pattern")): str(route.get("script") or "") for route in _records(found.result)}

    async def add_route(self, zone: str, pattern: str, script: str) -> None:
        """Lead a pattern of addresses to a script of the account."""
        told = {"pattern": pattern, "script": script}
        try:
            await self._call("POST", f"/zones/{zone}/workers/routes", f"the route {pattern}", json=told)
        except CloudflareError as error:
            # Made by our own call whose answer was lost.
            if error.temporary or (await self.routes(zone)).get(pattern) != script:
                raise

    async def dns_names(self, zone: str, name: str) -> list[str]:
        """The types of the DNS records of that name."""
        found = await self._call(
            "GET", f"/zones/{zone}/dns_records", f"the look for the DNS record of {name}", params={"name": name}
        )
        return [str(record.get("type")) for record in _records(found.result)]

    # -- namespaces -----------------------------------------------------------------------------------------------

    async def namespaces(self) -> list[str]:
        """The names of the account's dispatch namespaces."""
        found = await self._call("GET", f"{self._base}/workers/dispatch/namespaces", "the look for namespaces")
        return [str(space.get("namespace_name")) for space in _records(found.result)]

    async def ensure_namespace(self, name: str) -> bool:
        """Make a dispatch namespace where it is missing; whether it was."""
        if name in await self.namespaces():
            return False
        try:
            await self._call(
                "POST",
                f"{self._base}/workers/dispatch/namespaces",
                f"making the namespace {name}",
                json={"name": name},
            )
        except CloudflareError as error:
            # Made by somebody else meanwhile, or by our own call whose answer was lost.
            if error.temporary or name not in await self.namespaces():
                raise
        return True

    # -- scripts in namespaces ------------------------------------------------------------------------------------

    async def find(self, script: Script) -> ScriptState | None:
        """What is there under this name, or None."""
        try:
            found = _record((await self._scripts("GET", script, "", f"the look for {script.name}")).result)
        except CloudflareError as error:
            if error.status == 404 or error.code in meanings.NOT_FOUND:
                return None
            raise
        about = _record(found.get("script")) or found
        tags = about.get("tags")
        if not isinstance(tags, list):
            tags = await self.tags(script)
        return _state(about, [str(tag) for tag in tags])

    async def list_scripts(self, namespace: str, tags: Mapping[str, bool] | None = None) -> list[str]:
        """The names of the scripts that have (True) and have not (False) these tags; without any, of all."""
        names = [name async for name in self._listed(namespace, tags)]
        return sorted(names)

    async def _listed(self, namespace: str, tags: Mapping[str, bool] | None) -> AsyncIterator[str]:
        params = {"limit": "1000"}
        if tags:
            params["tags"] = _tag_filter(tags)
        while True:
            found = await self._call(
                "GET",
                f"{self._base}/workers/dispatch/namespaces/{namespace}/scripts",
                f"the list of {namespace}",
                params=params,
            )
            for entry in _records(found.result):
                about = _record(entry.get("script")) or entry
                yield str(entry.get("id") or about.get("id") or "")
            cursor = (found.result_info or {}).get("cursor")
            if not cursor or cursor == params.get("cursor"):
                return
            params["cursor"] = str(cursor)

    async def put_script(self, script: Script, upload: Upload) -> ScriptState:
        """Upload a script under its name; what was there is replaced at once."""
        content, content_type = multipart(upload.parts())
        found = await self._scripts(
            "PUT",
            script,
            "",
            f"the upload of {script.name}",
            params={"excludeScript": "true", "bindings_inherit": "strict"},
            content=content,
            content_type=content_type,
        )
        return _state(_record(found.result), upload.tags)

    async def delete_script(self, script: Script) -> None:
        """Remove a script; that it is not there is no error."""
        try:
            await self._scripts("DELETE", script, "", f"the removal of {script.name}", params={"force": "true"})
        except CloudflareError as error:
            if error.status != 404 and error.code not in meanings.NOT_FOUND:
                raise

    async def delete_tagged(self, namespace: str, tags: Mapping[str, bool]) -> None:
        """Remove all scripts of a namespace that have (True) and have not (False) these tags. Refuses to take all."""
        if not any(tags.values()):
            raise CloudflareError("The removal by tag failed: name at least one tag that the scripts have.")
        await self._call(
            "DELETE",
            f"{self._base}/workers/dispatch/namespaces/{namespace}/scripts",
            f"the removal by tag in {namespace}",
            params={"tags": _tag_filter(tags)},
        )

    async def settings(self, script: Script) -> dict[str, Any]:
        """A script's bindings (without values of secrets), compatibility date, limits, tags."""
        return _record((await self._scripts("GET", script, "/settings", f"the settings of {script.name}")).result)

    async def bindings(self, script: Script) -> dict[str, Any]:
        """A script's bindings as the API lists them."""
        found = await self._scripts("GET", script, "/bindings", f"the bindings of {script.name}")
        return {str(binding.get("name")): binding for binding in _records(found.result)}

    async def modules(self, script: Script) -> dict[str, bytes]:
        """A script's modules, main one first; none where it is assets alone."""
        found = await self._scripts("GET", script, "/content", f"the content of {script.name}", wrapped=False)
        response: httpx.Response = found.result
        return modules(
            response.headers.get("Content-Type", ""), response.headers.get("CF-Entrypoint", ""), response.content
        )

    async def tags(self, script: Script) -> list[str]:
        found = await self._scripts("GET", script, "/tags", f"the tags of {script.name}")
        return [str(tag) for tag in found.result or []]

    async def set_tags(self, script: Script, tags: Sequence[str]) -> None:
        """Replace all tags."""
        await self._scripts("PUT", script, "/tags", f"the tags of {script.name}", json=list(tags))

    # -- secrets --------------------------------------------------------------------------------------------------

    async def secrets(self, script: Script) -> list[str]:
        """The names of a script's secrets. Nobody can read their values."""
        found = await self._scripts("GET", script, "/secrets", f"the secrets of {script.name}")
        return sorted(str(secret.get("name")) for secret in _records(found.result))

    async def set_secret(self, script: Script, name: str, value: str) -> None:
        await self._scripts(
            "PUT",
            script,
            "/secrets",
            f"the secret {name} of {script.name}",
            json={"name": name, "text": value, "type": "secret_text"},
            hide=value,
        )

    async def delete_secret(self, script: Script, name: str) -> None:
        """Remove a secret; that it is not there is no error."""
        try:
            await self._scripts(
                "DELETE", script, f"/secrets/{quote(name, safe='')}", f"the removal of {name} from {script.name}"
            )
        except CloudflareError as error:
            if error.status != 404:
                raise

    # -- assets ---------------------------------------------------------------------------------------------------

    async def asset_session(self, script: Script, manifest: Mapping[str, Asset]) -> AssetSession:
        """Begin the upload of files; the answer says which are missing."""
        found = await self._scripts(
            "POST",
            script,
            "/assets-upload-session",
            f"the upload session of {script.name}",
            json={"manifest": manifest},
            accept=is_session,  # success with null for a result has been seen at Cloudflare
        )
        return msgspec.convert(found.result, AssetSession)

    async def upload_bucket(self, parts: Sequence[Part], jwt: str) -> str:
        """Hand in the files of one bucket, each a part named by its hash; the completion token, where it came."""
        encoded = [msgspec.structs.replace(part, content=base64.b64encode(part.content)) for part in parts]
        content, content_type = multipart(encoded)
        found = await self._call(
            "POST",
            f"{self._base}/workers/assets/upload",
            f"the upload of {len(parts)} file{'' if len(parts) == 1 else 's'}",
            params={"base64": "true"},
            content=content,
            content_type=content_type,
            bearer=jwt,
        )
        return str(_record(found.result).get("jwt") or "")

    async def upload_asset(self, part: Part, jwt: str) -> str:
        """Hand in one file, where the session asks for them singly; the completion token, where it came."""
        found = await self._call(
            "POST",
            f"{self._base}/workers/assets/upload/{part.name}",
            "the upload of a file",
            content=part.content,
            content_type=part.content_type,
            bearer=jwt,
        )
        return str(_record(found.result).get("jwt") or "")

    # -- scripts of the account itself ----------------------------------------------------------------------------

    async def put_account_script(self, name: str, upload: Upload) -> None:
        """Upload a script that is in no namespace: the dispatch Worker."""
        content, content_type = multipart(upload.parts())
        await self._call(
            "PUT",
            f"{self._base}/workers/scripts/{name}",
            f"the upload of {name}",
            params={"excludeScript": "true", "bindings_inherit": "strict"},
            content=content,
            content_type=content_type,
        )

    async def account_scripts(self) -> list[str]:
        """The names of the scripts that are in no namespace."""
        found = await self._call("GET", f"{self._base}/workers/scripts", "the look for scripts")
        return [str(script.get("id")) for script in _records(found.result)]

    async def account_script_tags(self, name: str) -> list[str]:
        """The tags of a script that is in no namespace."""
        found = await self._call("GET", f"{self._base}/workers/scripts/{name}/settings", f"the settings of {name}")
        tags = _record(found.result).get("tags")
        return [str(tag) for tag in tags] if isinstance(tags, list) else []

    async def enable_subdomain(self, name: str) -> None:
        """Serve a script of the account at its workers.dev address."""
        await self._call(
            "POST",
            f"{self._base}/workers/scripts/{name}/subdomain",
            f"the workers.dev address of {name}",
            json={"enabled": True, "previews_enabled": False},
        )

    # -- logs -----------------------------------------------------------------------------------------------------

    async def logs(self, script: Script, since: float, limit: int = 2000) -> list[LogLine]:
        """What a script printed and died of, oldest first. ``since``: seconds since 1970.

        Cloudflare has no tail for a script in a namespace; this asks Workers Logs, which is some seconds behind.
        """
        try:
            found = await self._call(
                "POST",
                f"{self._base}/workers/observability/telemetry/query",
                f"the logs of {script.name}",
                json=logs.query(script, since, self.clock.wall(), limit),
            )
        except CloudflareError as error:
            if error.status not in {401, 403} or not error.code:
                raise
            raise CloudflareError(
                f"The logs of {script.name} cannot be read: the token lacks `Workers Observability: Read`; add it to "
                "the token's permissions.",
                code=error.code,
                status=error.status,
            ) from None
        return logs.lines(found.result, script)

    # -- one call -------------------------------------------------------------------------------------------------

    @property
    def _base(self) -> str:
        return f"/accounts/{quote(self.account, safe='')}"

    async def _call(self, method: str, path: str, what: str, **rest: Any) -> Envelope:
        return await self._exchange.call(method, path, what=what, **rest)

    async def _scripts(self, method: str, script: Script, below: str, what: str, **rest: Any) -> Envelope:
        return await self._exchange.call(method, f"{self._base}{script.path}{below}", what=what, **rest)


def _record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _records(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _state(about: dict[str, Any], tags: Sequence[str]) -> ScriptState:
    return ScriptState(list(tags), str(about.get("etag") or ""), str(about.get("modified_on") or ""))


def _tag_filter(tags: Mapping[str, bool]) -> str:
    return ",".join(f"{tag}:{'yes' if wanted else 'no'}" for tag, wanted in tags.items())
