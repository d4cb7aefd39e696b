"""What our handlers share: the engine, and the capability that kernels authenticate with."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.auth import User
from jupyter_server.extension.handler import ExtensionHandlerMixin

if TYPE_CHECKING:
    from ..pipeline import Engine
    from .app import OverskillExtension

AUTH_RESOURCE = "overskill_nb"


class OverskillMixin(ExtensionHandlerMixin):
    """Typed access to the extension, for handlers that also inherit from JupyterHandler."""

    auth_resource = AUTH_RESOURCE
    _jupyter_current_user: User | None
    _token_authenticated: bool | None

    @property
    def extension(self) -> OverskillExtension:
        return cast("OverskillExtension", self.extensionapp)

    @property
    def engine(self) -> Engine:
        return self.extension.engine

    def prepare(self, *args: Any, **kwargs: Any) -> Any:
        """Accept the capability in place of the user's token; everything else is Jupyter's own authentication."""
        request = self.request  # type: ignore[attr-defined]
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme == "token" and secrets.compare_digest(given.strip().encode(), self.extension.capability.encode()):
            # What the identity provider finds here it takes as authenticated already.
            self._jupyter_current_user = User(username="overskill-kernel", name="kernel")
            self._token_authenticated = True
        return super().prepare(*args, **kwargs)  # type: ignore[misc]
