"""Which account apps go to, and under which addresses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

from ... import config
from ...errors import DeploymentError
from .addresses import DEFAULT_PREFIX
from .client import Cloudflare
from .target import Target


class Settings(msgspec.Struct, frozen=True):
    """What is configured. ``repr`` does not show the token."""

    account: str = ""
    token: str = ""
    base_url: str = ""
    domain: str = ""
    prefix: str = DEFAULT_PREFIX

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **given: str) -> Settings:
        """What is ``given`` goes before the environment's variables; ``token_file`` names a file that holds a token."""
        if given.get("token_file"):
            given["token"] = _read(Path(given["token_file"]).expanduser())
        named = {
            "account": config.CLOUDFLARE_ACCOUNT,
            "token": config.CLOUDFLARE_TOKEN,
            "base_url": config.CLOUDFLARE_URL,
            "domain": config.DOMAIN,
            "prefix": config.NAMESPACE_PREFIX,
        }
        found = {field: given.get(field) or environment.get(name, "").strip() for field, name in named.items()}
        found["domain"] = found["domain"].lower().strip(".").removeprefix("*.")
        return cls(**{field: value for field, value in found.items() if value})

    def __repr__(self) -> str:
        return f"Settings(account={self.account!r}, domain={self.domain!r}, prefix={self.prefix!r})"

    @property
    def configured(self) -> bool:
        """Whether there is an account to deploy to. Raises where only half of it is named."""
        if bool(self.account) != bool(self.token):
            there, missing = config.CLOUDFLARE_ACCOUNT, config.CLOUDFLARE_TOKEN
            if self.token:
                there, missing = missing, there
            raise DeploymentError(
                f"{there} is set and {missing} is not; set both to deploy to Cloudflare, or neither to deploy to this "
                "machine."
            )
        return bool(self.account)

    @property
    def stand_in(self) -> int:
        """The port of a local Cloudflare, where one is configured as if it were an account; else 0."""
        parts = urlsplit(self.base_url)
        if parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            return 0
        from ..local_cloudflare import ACCOUNT

        return (parts.port or 80) if self.account == ACCOUNT else 0

    @property
    def dispatcher(self) -> str:
        """The name of the dispatch Worker."""
        return f"{self.prefix}-dispatch"

    def client(self, transport: httpx.AsyncBaseTransport | None = None) -> Cloudflare:
        return Cloudflare(self.account, self.token, self.base_url, transport)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DeploymentError(f"Cloudflare's token cannot be read from '{file}': {error}.") from error


async def connect(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> Target:
    """The target that is configured. Without a domain, apps are paths below the dispatch Worker's own address."""
    cloudflare = settings.client(transport)
    if settings.stand_in:
        return Target.local(cloudflare, settings.stand_in, settings.prefix)
    if settings.domain:
        return Target(cloudflare, domain=settings.domain, prefix=settings.prefix)
    try:
        subdomain = await cloudflare.subdomain()
    except BaseException:
        await cloudflare.close()
        raise
    if not subdomain:
        await cloudflare.close()
        raise DeploymentError(
            f"There is no address for apps: set {config.DOMAIN} to a domain of the account, or open Workers & Pages in "
            "Cloudflare's dashboard once, which makes a workers.dev subdomain."
        )
    host = f"{settings.dispatcher}.{subdomain}.workers.dev"
    return Target(cloudflare, domain=host, prefix=settings.prefix, by_path=True)
