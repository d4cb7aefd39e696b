"""Where deployments go: Cloudflare, or the stand-in on this machine. One class; only addresses differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from ...errors import NameTaken
from . import assets, worker_module
from .addresses import DEFAULT_PREFIX, ENVIRONMENTS, Addresses
from .asset_session import expired
from .client import Cloudflare
from .logs import LogLine
from .script import Script, ScriptState, Upload
from .verification import HEADER, Visitor

if TYPE_CHECKING:
    from ..artefacts import Artefact, ArtefactStore

_PLACEHOLDER = b"""export default { fetch() { return new Response("Not deployed yet", { status: 404 }); } };\n"""


class Target:
    """What a deployment needs of Cloudflare. Every method may be repeated: the second time changes nothing."""

    def __init__(
        self,
        cloudflare: Cloudflare,
        *,
        domain: str,
        kind: Literal["local", "cloudflare"] = "cloudflare",
        scheme: Literal["http", "https"] | None = None,
        port: int = 0,
        prefix: str = DEFAULT_PREFIX,
        by_path: bool = False,
        visitor: Visitor | None = None,
    ) -> None:
        self.kind = kind
        self.cloudflare = cloudflare
        self.addresses = Addresses(
            domain=domain,
            scheme=scheme or ("http" if kind == "local" else "https"),
            port=port,
            prefix=prefix or DEFAULT_PREFIX,
            by_path=by_path,
        )
        self._visitor = visitor or Visitor(clock=cloudflare.clock)
        self._namespaces: set[str] = set()

    @classmethod
    def local(cls, cloudflare: Cloudflare, port: int, prefix: str = DEFAULT_PREFIX) -> Target:
        """The stand-in on this machine, which serves apps at this port."""
        return cls(cloudflare, domain="localhost", kind="local", port=port, prefix=prefix)

    def __repr__(self) -> str:
        return f"Target({self.kind}, {self.addresses.domain!r})"

    def script(self, name: str, environment: str) -> Script:
        """Where an app's Worker is. Raises where the name cannot be one."""
        return self.addresses.script(name, environment)

    def url(self, name: str, environment: str) -> str:
        """Where an app is served."""
        return self.addresses.url(name, environment)

    async def check(self, name: str, environment: str, app: str) -> None:
        """Raises where another app has the name, or the namespace cannot be made. Makes the namespace."""
        script = self.script(name, environment)
        if script.namespace not in self._namespaces:
            await self.cloudflare.ensure_namespace(script.namespace)
            self._namespaces.add(script.namespace)
        there = await self.cloudflare.find(script)
        whose = there.tag("app") if there else ""
        if there is not None and f"app-{whose}" != app_tag(app):
            raise NameTaken(
                f"The name {name!r} is taken in {environment}: "
                + (f"the app {whose} is deployed there." if whose else "a script that overskill_nb did not make.")
                + " Deploy under another name."
            )

    async def upload(
        self,
        script: Script,
        artefact: Artefact,
        store: ArtefactStore,
        *,
        app: str,
        on_progress: assets.Progress | None = None,
    ) -> str:
        """Bring the files that Cloudflare lacks; the completion token for ``put``, which is good for an hour."""
        return await assets.upload(self.cloudflare, script, artefact, store, app=app, on_progress=on_progress)

    async def put(
        self,
        script: Script,
        artefact: Artefact,
        store: ArtefactStore,
        token: str,
        *,
        app: str,
        deployment: str,
        env: Mapping[str, str] | None = None,
        limits: Mapping[str, int] | None = None,
    ) -> ScriptState:
        """Make the artefact what the script serves. Secrets stay as they are."""
        if expired(token, self.cloudflare.clock.wall()):  # a run that slept since it uploaded
            token = await self.upload(script, artefact, store, app=app)
        module = worker_module.needed(artefact)
        return await self.cloudflare.put_script(
            script,
            Upload(
                compatibility_date=artefact.compatibility_date,
                modules=worker_module.modules(artefact, store),
                bindings=worker_module.bindings(artefact, dict(env or {})) if module else [],
                keep_bindings=["secret_text"],
                limits=dict(limits or {}),
                tags=[*self._tags(script, app), f"deployment-{deployment}", f"artefact-{artefact.id[:16]}"],
                assets={"jwt": token, "config": assets_config(artefact)},
                message=f"deployment {deployment}",
            ),
        )

    async def adopt(self, script: Script, *, app: str, deployment: str) -> None:
        """Give a script that somebody else put for this app the tags that ours have."""
        await self.cloudflare.set_tags(script, [*self._tags(script, app), f"deployment-{deployment}"])

    async def find(self, script: Script) -> ScriptState | None:
        """What is deployed under a name, or None."""
        return await self.cloudflare.find(script)

    async def verify(self, url: str, artefact: Artefact, *, deadline: float) -> None:
        """Returns once ``url`` serves the artefact; after ``deadline`` seconds raises what it serves instead."""
        await self._visitor.verify(url, artefact, deadline=deadline)

    async def delete(self, script: Script) -> None:
        await self.cloudflare.delete_script(script)

    async def delete_app(self, app: str) -> None:
        """Remove an app from every environment."""
        for namespace in await self.cloudflare.namespaces():
            if namespace in {self.addresses.namespace(environment) for environment in ENVIRONMENTS}:
                await self.cloudflare.delete_tagged(namespace, {app_tag(app): True})

    async def set_secret(self, script: Script, name: str, value: str, *, app: str) -> None:
        """Hand a secret to the app's Worker. Where nothing is deployed yet, a placeholder holds the name."""
        if await self.cloudflare.find(script) is None:
            await self.cloudflare.ensure_namespace(script.namespace)
            placeholder = Upload(
                compatibility_date="2026-01-01",
                modules={worker_module.MAIN: _PLACEHOLDER},
                tags=self._tags(script, app),
            )
            await self.cloudflare.put_script(script, placeholder)
        await self.cloudflare.set_secret(script, name, value)

    async def delete_secret(self, script: Script, name: str) -> None:
        await self.cloudflare.delete_secret(script, name)

    async def secrets(self, script: Script) -> list[str]:
        """The names of the secrets; values cannot be read. None where nothing is deployed."""
        if await self.cloudflare.find(script) is None:
            return []
        return await self.cloudflare.secrets(script)

    async def logs(self, script: Script, since: float) -> list[LogLine]:
        """What the Worker printed since then (seconds since 1970), oldest first."""
        return await self.cloudflare.logs(script, since)

    async def close(self) -> None:
        await self._visitor.close()
        await self.cloudflare.close()

    def _tags(self, script: Script, app: str) -> list[str]:
        environment = script.namespace.removeprefix(f"{self.addresses.prefix}-")
        return [app_tag(app), f"environment-{environment}"]


def app_tag(app: str) -> str:
    """The tag that says whose a script is. An app's id ends in a hash, so that none is mistaken for another."""
    return f"app-{re.sub(r'[^A-Za-z0-9._-]', '_', app)[-100:]}"


def assets_config(artefact: Artefact) -> dict[str, object]:
    """How files are served. Our header says which build answered; it comes last, so that no rule of the app ends it."""
    config: dict[str, object] = {
        "html_handling": "auto-trailing-slash",
        "not_found_handling": "single-page-application",
    }
    if worker_module.needed(artefact):
        config["run_worker_first"] = ["/api/*", worker_module.ENV_PATH]
    config["_headers"] = f"{artefact.headers.rstrip()}\n/*\n  {HEADER}: {artefact.id}\n".lstrip()
    if artefact.redirects.strip():
        config["_redirects"] = artefact.redirects
    return config
