"""What clients ask of an account before they deploy. The local one has a user, a subdomain, and no zones."""

from __future__ import annotations

from .address import ACCOUNT
from .api import Handler
from .envelope import NOT_FOUND, ApiError, no_script

NAME = "Local Cloudflare"
SUBDOMAIN = "localhost"


class User(Handler):
    def get(self) -> None:
        self.answer({"id": ACCOUNT, "email": "local@localhost", "first_name": None, "last_name": None})


class TokenStatus(Handler):
    def get(self, account: str = "") -> None:
        del account
        self.answer({"id": ACCOUNT, "status": "active"})


class Memberships(Handler):
    def get(self) -> None:
        membership = {
            "id": ACCOUNT,
            "account": {"id": ACCOUNT, "name": NAME, "type": "standard"},
            "roles": ["Administrator"],
            "status": "accepted",
        }
        self.one_page([membership])


class Accounts(Handler):
    def get(self) -> None:
        self.one_page([{"id": ACCOUNT, "name": NAME, "type": "standard"}])


class OneAccount(Handler):
    def get(self, account: str) -> None:
        self.answer({"id": account, "name": NAME, "type": "standard"})


class Zones(Handler):
    def get(self) -> None:
        self.one_page([])


class Subdomain(Handler):
    """Where workers.dev addresses would be; apps are at ``<name>.localhost``."""

    def get(self, account: str) -> None:
        del account
        self.answer({"subdomain": SUBDOMAIN})


class AccountScripts(Handler):
    """Scripts outside namespaces: there are none."""

    def get(self, account: str) -> None:
        del account
        self.answer([])


class AccountScript(Handler):
    """A script outside namespaces, which the local Cloudflare does not serve."""

    def get(self, account: str, script: str) -> None:
        del account
        raise no_script(script)

    def put(self, account: str, script: str) -> None:
        del account
        raise ApiError(
            400,
            10021,
            f"The local Cloudflare serves scripts in dispatch namespaces only; deploy '{script}' with "
            "`--dispatch-namespace <name>`.",
        )

    post = patch = put

    def delete(self, account: str, script: str) -> None:
        del account
        raise ApiError(404, NOT_FOUND, f"This Worker does not exist on your account: '{script}'.")
