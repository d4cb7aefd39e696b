"""The server extension: configuration, wiring, start and stop."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jupyter_server._tz import utcnow
from jupyter_server.extension.application import ExtensionApp
from traitlets import Unicode

from .. import config

if TYPE_CHECKING:
    from ..pipeline import Engine
    from .metrics import Metrics

EXPORTING = "overskill_nb.exporting.LivePreviews"
_LOOPBACK = {"", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "*"}


class OverskillExtension(ExtensionApp):
    """Compiles apps, sends their updates to previews, and serves the widgets' browser code."""

    name = "overskill_nb"
    extension_url = "/overskill-nb"
    load_other_extensions = True

    workspace = Unicode(
        "",
        help="Folder that relative app paths of the REST API start from; by default the server's root folder.",
    ).tag(config=True)

    cloudflare_account = Unicode(
        "",
        help="Cloudflare account that apps are deployed to; by default CLOUDFLARE_ACCOUNT_ID. Without one, deployments "
        "stay on this machine.",
    ).tag(config=True)
    cloudflare_token_file = Unicode(
        "",
        help="File that holds the account's API token; by default the token is CLOUDFLARE_API_TOKEN. There is no "
        "option for the token itself, since options are seen in process lists.",
    ).tag(config=True)
    cloudflare_api_base_url = Unicode(
        "", help="Where Cloudflare's API is, if not at Cloudflare; by default CLOUDFLARE_API_BASE_URL."
    ).tag(config=True)
    domain = Unicode(
        "", help="Domain whose subdomains are apps; by default OVERSKILL_DOMAIN, else paths at workers.dev."
    ).tag(config=True)
    namespace_prefix = Unicode(
        "", help="What names of dispatch namespaces begin with; by default OVERSKILL_NAMESPACE_PREFIX, else overskill."
    ).tag(config=True)

    github_token_file = Unicode(
        "",
        help="File that holds a token of GitHub's, fine-grained or classic; by default the token is GH_TOKEN or "
        "GITHUB_TOKEN. Without one, repositories stay on this machine.",
    ).tag(config=True)
    github_api_url = Unicode(
        "", help="Where GitHub's API is, if not at github.com; by default GITHUB_API_URL. Such as https://HOST/api/v3."
    ).tag(config=True)
    github_app_id = Unicode(
        "", help="GitHub App to act as, in place of a token; by default OVERSKILL_GITHUB_APP_ID."
    ).tag(config=True)
    github_installation_id = Unicode(
        "", help="Installation of the GitHub App; by default OVERSKILL_GITHUB_INSTALLATION_ID."
    ).tag(config=True)
    github_key_file = Unicode(
        "", help="File that holds the GitHub App's private key; by default OVERSKILL_GITHUB_KEY_FILE."
    ).tag(config=True)
    github_owner = Unicode(
        "", help="User or organisation whose repositories a name alone means; by default the account's own."
    ).tag(config=True)

    _engine: Engine | None = None
    _metrics: Metrics | None = None

    @property
    def engine(self) -> Engine:
        """The engine; made when it is first needed, so that a server's start does not pay for it."""
        if self._engine is None:
            from ..pipeline import Engine

            self._engine = Engine(self._folder, "server", self.cloudflare, self.github)
        return self._engine

    @property
    def _folder(self) -> Path:
        """The workspace."""
        assert self.serverapp is not None
        return Path(self.workspace or self.serverapp.root_dir).expanduser()

    @property
    def cloudflare(self) -> dict[str, str]:
        """What is configured of Cloudflare, as ``pipeline.cloudflare.Settings`` takes it."""
        return {
            "account": self.cloudflare_account,
            "token_file": self.cloudflare_token_file,
            "base_url": self.cloudflare_api_base_url,
            "domain": self.domain,
            "prefix": self.namespace_prefix,
        }

    @property
    def github(self) -> dict[str, str]:
        """What is configured of GitHub, as ``pipeline.github.Settings`` takes it."""
        return {
            "token_file": self.github_token_file,
            "base_url": self.github_api_url,
            "app": self.github_app_id,
            "installation": self.github_installation_id,
            "key_file": self.github_key_file,
            "owner": self.github_owner,
        }

    def initialize_settings(self) -> None:
        """Make the capability that kernels of this server use for our endpoints, and for nothing else."""
        self.capability = secrets.token_urlsafe(32)
        if self.serverapp is not None:
            # What is exported from the menu is to be as live as what `jupyter nbconvert` writes.
            self.serverapp.config.HTMLExporter.preprocessors.append(EXPORTING)

    def initialize_handlers(self) -> None:
        """Add the endpoints."""
        from . import (
            api_handlers,
            deployment_handlers,
            editor_handlers,
            generation_handlers,
            github_handlers,
            history_handlers,
            page_handlers,
            socket,
        )

        self.handlers.extend(api_handlers.handlers)
        self.handlers.extend(generation_handlers.handlers)
        self.handlers.extend(deployment_handlers.handlers)
        self.handlers.extend(history_handlers.handlers)
        self.handlers.extend(github_handlers.handlers)
        self.handlers.extend(editor_handlers.handlers)
        self.handlers.extend(page_handlers.handlers)
        self.handlers.extend(socket.handlers)

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Tell kernels where we are. Only here is the port known for certain."""
        self._measure()
        if serverapp.sock:
            return
        here = urlsplit(serverapp.local_url if serverapp.ip in _LOOPBACK else serverapp.connection_url)
        os.environ[config.URL] = f"{here.scheme}://{here.netloc}{serverapp.base_url}"
        os.environ[config.TOKEN] = self.capability

    def _measure(self) -> None:
        """Add to what the server tells Prometheus."""
        from .metrics import Metrics

        if self._metrics is not None:
            return
        self._metrics = Metrics(
            self._folder,
            os.environ.get(config.DATABASE_URL, ""),
            lambda: self._engine.measures if self._engine is not None else None,
        )
        self._metrics.register()

    def touch(self) -> None:
        """Count as activity, so that a hub does not stop the server in the middle of a build."""
        assert self.serverapp is not None
        self.serverapp.web_app.settings["last_activity_times"]["overskill_nb"] = utcnow()

    def current_activity(self) -> dict[str, int] | None:
        """Requests under way, for a server that shuts down when nothing is."""
        if self._engine is None or not self._engine.busy:
            return None
        self.touch()
        return {"requests": self._engine.busy}

    async def stop_extension(self) -> None:
        """End the engine and its worker."""
        if os.environ.get(config.TOKEN) == self.capability:
            del os.environ[config.TOKEN], os.environ[config.URL]
        if self._metrics is not None:
            self._metrics.close()
            self._metrics = None
        if self._engine is not None:
            await self._engine.close()
