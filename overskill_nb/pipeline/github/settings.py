"""Which GitHub repositories are on, and who calls it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from ... import config
from ...errors import GithubError
from .names import check_owner

if TYPE_CHECKING:
    from github.Auth import Auth

GH_TOKEN = "GH_TOKEN"  # noqa: S105
"""gh's name for a token; it goes before ``GITHUB_TOKEN``, as gh has it."""
PUBLIC = "https://api.github.com"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Settings(msgspec.Struct, frozen=True):
    """What is configured. ``repr`` shows neither the token nor the key."""

    token: str = ""
    base_url: str = PUBLIC
    app: str = ""
    """Id of the GitHub App to act as, in place of a token."""
    installation: str = ""
    key: str = ""
    """That app's private key, as PEM."""
    owner: str = ""
    """Whose repositories a name alone means; by default the account's own."""
    local: bool = False
    """Whether it is this machine's stand-in."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **given: str) -> Settings:
        """What is ``given`` goes before the environment's variables; ``token_file`` names a file that holds a token,
        ``key_file`` one that holds an app's key."""
        if given.get("token_file"):
            given["token"] = _read(given["token_file"], "token")
        apart = {"app": config.GITHUB_APP, "installation": config.GITHUB_INSTALLATION}
        found: dict[str, Any] = {
            field: given.get(field) or environment.get(name, "").strip() for field, name in apart.items()
        }
        found["token"] = given.get("token") or next(
            (text for name in (GH_TOKEN, config.GITHUB_TOKEN) if (text := environment.get(name, "").strip())), ""
        )
        found["base_url"] = (given.get("base_url") or environment.get(config.GITHUB_URL, "").strip()).rstrip("/")
        key_file = given.get("key_file") or environment.get(config.GITHUB_KEY_FILE, "").strip()
        if key_file:
            found["key"] = _read(key_file, "key")
        if given.get("owner"):
            found["owner"] = check_owner(given["owner"])
        settings = cls(**{field: value for field, value in found.items() if value})
        settings.check()
        return settings

    def __repr__(self) -> str:
        who = f"app={self.app!r}" if self.app else f"token={'set' if self.token else 'missing'}"
        return f"Settings({self.base_url!r}, {who})"

    def check(self) -> None:
        """Raises where only half of it is named, or the address is none."""
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise GithubError(f"{config.GITHUB_URL} is no address of an API; give one such as {PUBLIC}.")
        if parts.username or parts.password:
            raise GithubError(f"{config.GITHUB_URL} holds a user or a password; give the token in {GH_TOKEN}.")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise GithubError(f"{config.GITHUB_URL} is not encrypted, and would show the token; give it with https://.")
        named = {
            config.GITHUB_APP: self.app,
            config.GITHUB_INSTALLATION: self.installation,
            config.GITHUB_KEY_FILE: self.key,
        }
        missing = [name for name, value in named.items() if not value]
        if 0 < len(missing) < len(named):
            there = " and ".join(name for name, value in named.items() if value)
            be = "is" if len(missing) == 2 else "are"
            raise GithubError(
                f"{there} {be} set and {' and '.join(missing)} {'are' if len(missing) == 2 else 'is'} not; set all "
                f"three to act as a GitHub App, or none."
            )
        if self.app and not (self.app.isdigit() or self.app.startswith("Iv")):
            raise GithubError(f"{config.GITHUB_APP} is no id of an app; it stands on the app's page under 'About'.")
        if self.installation and not self.installation.isdigit():
            raise GithubError(f"{config.GITHUB_INSTALLATION} is no number; it ends the address of the installation.")
        if any(character.isspace() or not character.isprintable() for character in self.token):
            raise GithubError(f"The token for GitHub has blanks or lines in it; copy it again into {GH_TOKEN}.")

    @property
    def configured(self) -> bool:
        """Whether there is somebody to call GitHub as. Raises where only half of it is named."""
        self.check()
        return bool(self.token or self.app)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may show."""
        lines = tuple(line for line in self.key.splitlines() if len(line) >= 16 and not line.startswith("-----"))
        return tuple(filter(None, (self.token, *lines)))

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https:")

    @property
    def web_url(self) -> str:
        """Where pages and repositories are: github.com, or the Enterprise server whose API ends in ``/api/v3``."""
        parts = urlsplit(self.base_url)
        host = parts.netloc
        path = parts.path.rstrip("/").removesuffix("/api/v3").removesuffix("/api")
        if host.startswith("api."):  # github.com, and data residency at api.NAME.ghe.com
            host = host.removeprefix("api.")
        return f"{parts.scheme}://{host}{path}"

    def auth(self) -> Auth:
        """Who calls, as PyGithub wants it. An app's tokens last an hour; PyGithub asks for the next one."""
        import github

        if self.app:
            app: Any = int(self.app) if self.app.isdigit() else self.app
            return github.Auth.AppAuth(app, self.key).get_installation_auth(int(self.installation))
        return github.Auth.Token(self.token)


def _read(named: str, what: str) -> str:
    file = Path(named).expanduser()
    try:
        text = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise GithubError(f"GitHub's {what} cannot be read from '{file}': {error}.") from error
    if not text:
        raise GithubError(f"The file '{file}', which is to hold GitHub's {what}, is empty.")
    return text
