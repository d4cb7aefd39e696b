"""Makes an account ready for apps, and says in plain words what it lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from ... import config
from ...errors import CloudflareError
from . import meanings
from .addresses import ENVIRONMENTS
from .client import Cloudflare
from .script import Script, Upload
from .settings import Settings

WORKER = Path(__file__).parent / "dispatch/worker.js"
COMPATIBILITY_DATE = "2026-01-01"
LIMITS = {"cpuMs": 50, "subRequests": 50}
"""What one request to an app may use."""


class Finding(msgspec.Struct):
    """One thing that was looked at: whether it is as it should be, and where not, what to do."""

    name: str
    good: bool
    text: str
    needed: bool = True

    def __str__(self) -> str:
        mark = "ok" if self.good else "missing" if self.needed else "note"
        return f"{mark:>8}  {self.name}: {self.text}"


class Report(msgspec.Struct):
    """What was found, in the order in which it matters."""

    findings: list[Finding] = []

    def add(self, name: str, good: bool, text: str, *, needed: bool = True) -> bool:
        self.findings.append(Finding(name, good, text, needed))
        return good

    @property
    def ready(self) -> bool:
        """Whether apps can be deployed."""
        return all(finding.good for finding in self.findings if finding.needed)

    def __str__(self) -> str:
        return "\n".join(map(str, self.findings))


async def check(settings: Settings) -> Report:
    """Look only; nothing is changed."""
    return await _go(settings, _Work(settings, change=False))


async def setup(settings: Settings) -> Report:
    """Make what is missing and can be made: namespaces, the dispatch Worker, its routes. May be repeated."""
    return await _go(settings, _Work(settings, change=True))


async def _go(settings: Settings, work: _Work) -> Report:
    if not settings.configured:
        work.report.add(
            "account",
            False,
            f"no account is configured; set {config.CLOUDFLARE_ACCOUNT} and {config.CLOUDFLARE_TOKEN}. "
            "Until then apps are deployed to this machine.",
        )
        return work.report
    if settings.stand_in:
        work.report.add("account", True, "the local Cloudflare, which needs no setup.")
        return work.report
    try:
        # Each step needs the one before: an account without the product has no namespaces to look at.
        if await work.token() and await work.namespaces():
            await work.logs()
            if await work.dispatcher():
                await work.address()
    finally:
        await work.cloudflare.close()
    return work.report


class _Work:
    def __init__(self, settings: Settings, *, change: bool) -> None:
        self.settings = settings
        self.change = change
        self.cloudflare: Cloudflare = settings.client()
        self.report = Report()

    async def token(self) -> bool:
        """Whether Cloudflare knows the token and takes it."""

        async def look() -> bool:
            status = await self.cloudflare.token_status()
            good = status == "active"
            text = "Cloudflare takes it." if good else f"it is {status or 'unknown'}; {meanings.TOKEN}."
            return self.report.add("token", good, text)

        return await self._try("token", look)

    async def namespaces(self) -> bool:
        """Whether the account has Workers for Platforms, and a namespace for each environment."""
        wanted = [f"{self.settings.prefix}-{environment}" for environment in ENVIRONMENTS]

        async def look() -> bool:
            there = await self.cloudflare.namespaces()
            missing = [name for name in wanted if name not in there]
            if missing and self.change:
                for name in missing:
                    await self.cloudflare.ensure_namespace(name)
                return self.report.add("namespaces", True, f"made {', '.join(missing)}.")
            if missing:
                text = f"{', '.join(missing)} not there; `overskill cloudflare setup` makes them."
                return self.report.add("namespaces", False, text)
            return self.report.add("namespaces", True, f"{', '.join(wanted)}.")

        return await self._try("Workers for Platforms", look)

    async def logs(self) -> bool:
        """Whether the token may read what apps print. Apps can be deployed without."""
        script = Script(f"{self.settings.prefix}-{ENVIRONMENTS[0]}", "overskill")
        try:
            await self.cloudflare.logs(script, self.cloudflare.clock.wall() - 60)
        except CloudflareError as error:
            return self.report.add("logs", False, str(error), needed=False)
        return self.report.add("logs", True, "the token may read them.", needed=False)

    async def dispatcher(self) -> bool:
        """Whether the Worker is there that leads requests to apps."""
        name = self.settings.dispatcher

        async def look() -> bool:
            if self.change:
                await self.cloudflare.put_account_script(name, dispatcher(self.settings))
                return self.report.add("dispatch Worker", True, f"deployed as {name}.")
            if name not in await self.cloudflare.account_scripts():
                text = f"{name} is not there; `overskill cloudflare setup` deploys it."
                return self.report.add("dispatch Worker", False, text)
            wanted = dispatcher(self.settings).tags
            if not set(wanted) <= set(await self.cloudflare.account_script_tags(name)):
                text = f"{name} is of another version or for another domain; `overskill cloudflare setup` replaces it."
                return self.report.add("dispatch Worker", False, text)
            return self.report.add("dispatch Worker", True, f"{name}.")

        return await self._try("dispatch Worker", look)

    async def address(self) -> bool:
        """Whether apps can be reached: below a domain, or else below the account's workers.dev address."""
        return await self._try("address", self._domain if self.settings.domain else self._workers_dev)

    async def _workers_dev(self) -> bool:
        name = self.settings.dispatcher
        subdomain = await self.cloudflare.subdomain()
        if not subdomain:
            text = (
                "the account has no workers.dev subdomain; open Workers & Pages in the dashboard once, which makes one"
            )
            return self.report.add("address", False, f"{text}, or set {config.DOMAIN} to a domain of the account.")
        if self.change:
            await self.cloudflare.enable_subdomain(name)
        self.report.add("address", True, f"https://{name}.{subdomain}.workers.dev/<environment>/<app>/")
        return self.report.add(
            "domain",
            False,
            "none is set, so all apps share one origin: their storage and cookies are not apart, and an app with a "
            f"router needs its path as base. Set {config.DOMAIN} to a domain whose subdomains can be apps.",
            needed=False,
        )

    async def _domain(self) -> bool:
        domain = self.settings.domain
        zone = await self.cloudflare.zone(domain)
        if not zone:
            return self.report.add(
                "domain",
                False,
                f"{domain} is in no zone that this token sees; add it to the account, and give the token `Zone: Read`, "
                "`DNS: Read` and `Workers Routes: Edit` for it.",
            )
        pattern = f"*.{domain}/*"
        routes = await self.cloudflare.routes(zone.id)
        leads = routes.get(pattern, "")
        if leads and leads != self.settings.dispatcher:
            text = f"the route {pattern} leads to the Worker {leads}; remove it, or take another domain."
            return self.report.add("route", False, text)
        if not leads and self.change:
            await self.cloudflare.add_route(zone.id, pattern, self.settings.dispatcher)
        elif not leads:
            text = f"{pattern} leads nowhere; `overskill cloudflare setup` makes the route."
            return self.report.add("route", False, text)
        self.report.add("route", True, f"{pattern} leads to {self.settings.dispatcher}.")
        await self._try("DNS", lambda: self._dns(zone.id, f"*.{domain}"))
        if domain != zone.name:
            self.report.add(
                "certificate",
                False,
                f"the free one covers *.{zone.name} and not *.{domain}; order an advanced one for that, or take "
                f"{zone.name} itself.",
                needed=False,
            )
        return True

    async def _dns(self, zone: str, name: str) -> bool:
        if await self.cloudflare.dns_names(zone, name):
            return self.report.add("DNS", True, f"{name} has a record.")
        text = f"{name} has no record; add a proxied AAAA record for it with the address 100::."
        return self.report.add("DNS", False, text)

    async def _try(self, name: str, step: Callable[[], Awaitable[bool]]) -> bool:
        """A step that Cloudflare refuses is a finding, not the end of the report."""
        try:
            return await step()
        except CloudflareError as error:
            return self.report.add(name, False, str(error))


def dispatcher(settings: Settings) -> Upload:
    """The dispatch Worker as it is uploaded. A tag says what it consists of, so that one that is outdated is found."""
    bindings: list[dict[str, Any]] = [
        {"type": "dispatch_namespace", "name": environment.upper(), "namespace": f"{settings.prefix}-{environment}"}
        for environment in ENVIRONMENTS
    ]
    bindings += [
        {"type": "plain_text", "name": "DOMAIN", "text": settings.domain},
        {"type": "json", "name": "LIMITS", "json": LIMITS},
    ]
    code = WORKER.read_bytes()
    version = hashlib.sha256(code + msgspec.json.encode(bindings)).hexdigest()[:12]
    return Upload(
        compatibility_date=COMPATIBILITY_DATE,
        modules={"worker.js": code},
        bindings=bindings,
        tags=["overskill", f"dispatch-{version}"],
    )
